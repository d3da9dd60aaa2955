"""Certificates written by an earlier version (commit b106dcd) are read and prove the same for ever."""

import json
from fractions import Fraction
from pathlib import Path

import pytest
from support import one_sentence

import efpep
from efpep.questions.base import Certificate, SystemQuestion
from efpep.questions.kinds import KINDS

FILES = sorted((Path(__file__).parents[1] / "earlier").glob("*.json"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_a_file_of_an_earlier_version_is_accepted_and_written_as_it_was(path):
    verdict = efpep.verify(path)
    assert verdict.accepted is True, verdict.reason
    assert one_sentence(verdict.reason)
    assert verdict.certificate.describe() == json.loads(path.read_text())


def test_their_ends_are_those_that_they_name():
    seen = 0
    for path in FILES:
        described = json.loads(path.read_text())
        found = Certificate.restore(described)
        if isinstance(found.question, SystemQuestion):
            for end, number in described["claim"][type(found.question).ENDS].items():
                assert (None if number is None else Fraction(number)) == getattr(getattr(found, end), "theta", None)
                seen += number is not None
    assert seen > 10


ELSEWHERE = {
    "efpep-improvement-1",
    "efpep-noise-1",
    "efpep-nonconvex-1",
    "efpep-nonconvex-noise-1",
    "efpep-quadratic-1",
    "efpep-target-1",
}
"""The format of choices, whose files are in problems/laws, and those that the earlier version did not have."""


def test_there_is_a_file_of_every_format_that_there_was():
    written = {json.loads(path.read_text())["claim"]["format"] for path in FILES}
    assert written == {kind.format for kind in KINDS.values()} - ELSEWHERE
