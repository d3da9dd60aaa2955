"""A little fuzzing in every run of the suite; ``make fuzz`` does much more."""

from fuzz import FULL, fuzz

COUNTS = {"certificates": 180, "rows": 50, "files": 50, "methods": 20, "words": 100}


def test_changed_inputs_bring_no_fault_and_no_false_claim(tmp_path):
    assert sum(COUNTS.values()) == 400
    assert COUNTS.keys() == FULL.keys()
    report = fuzz(7, COUNTS, 120, tmp_path)
    assert report.counts["certificate: refused"] > 50
    assert report.counts["certificate: accepted"] > 0
