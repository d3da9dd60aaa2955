"""Files for Coq of certificates: coqc accepts them, and refuses them after a number is changed."""

import re
import shutil
import subprocess
from fractions import Fraction

import pytest
from support import one_sentence, uniform, with_ends

import efpep
from efpep.cli import main
from efpep.errors import CertificateError, InputError
from efpep.questions.rate.script.coq import write_coq
from efpep.questions.rate.script.coq_squares import eliminated, squares

needs_coq = pytest.mark.skipif(shutil.which("coqc") is None, reason="coqc is not installed")
CASES = {"ef21": (efpep.EF21("3/10"), 10), "ef": (efpep.EF("3/10"), 1), "cgd": (efpep.CGD(1), 1)}


def certificate(key):
    method, agents = CASES[key]
    return efpep.rate(method, uniform(10, Fraction(1, 2), agents)).certificate


def judged(text, directory):
    file = directory / "certificate.v"
    file.write_text(text, encoding="utf-8")
    return subprocess.run(["coqc", file.name], cwd=directory, capture_output=True, text=True, timeout=600, check=False)


def summed(found, size):
    total = [[Fraction(0)] * size for _ in range(size)]
    for number, line in found:
        assert number > 0
        total = [[a + number * line[i] * line[j] for j, a in enumerate(row)] for i, row in enumerate(total)]
    return total


@pytest.mark.parametrize(
    "matrix",
    [
        [[2, 1, 0], [1, 2, Fraction(1, 3)], [0, Fraction(1, 3), 1]],
        [[10**9, 1], [1, Fraction(1, 10**6)]],
        [[1, 1, 1], [1, 1, 1], [1, 1, 1]],  # singular: no small multiple of the diagonal can be taken off
        [[0, 0], [0, 3]],
        [],
    ],
)
def test_squares_add_up(matrix):
    matrix = [[Fraction(a) for a in row] for row in matrix]
    assert summed(squares(matrix), len(matrix)) == matrix


def test_squares_are_short():
    size = 8
    matrix = [[Fraction(1, i + j + 1) + (i == j) for j in range(size)] for i in range(size)]
    assert summed(squares(matrix), size) == matrix
    longest = max(len(str(a)) for number, line in squares(matrix) for a in (number, *line))
    assert longest < max(len(str(a)) for number, line in eliminated(matrix) for a in (number, *line)) * 10


@pytest.mark.parametrize("matrix", [[[1, 2], [2, 1]], [[0, 1], [1, 5]], [[-1]]])
def test_indefinite_matrices_have_no_squares(matrix):
    with pytest.raises(CertificateError, match="not positive semidefinite"):
        squares([[Fraction(a) for a in row] for row in matrix])


@pytest.mark.parametrize("key", CASES)
def test_nothing_is_assumed(key):
    text = write_coq(certificate(key))
    assert text == write_coq(certificate(key))
    assert not re.search(r"\b(Admitted|Axiom|Parameter|Hypothesis|admit)\b", text)
    rows = re.findall(r"^Definition step_row_\d+ : quantity := (\S+)", text, re.MULTILINE)
    assert set(rows) == {"interpolation", "compression"}
    comments = [line for line in text.splitlines() if line.startswith("(* interpolation")]
    assert all("( *" in line for line in comments if "*," in line)  # no comment opens another one


def test_no_lower_end_is_written():
    answer = efpep.rate(*[CASES["cgd"][0], uniform(10, Fraction(1, 2), 1)])
    with pytest.raises(InputError, match="no upper end") as caught:
        write_coq(with_ends(answer, lower=answer.lower).certificate)
    assert one_sentence(caught.value)


def test_the_command_writes_it(tmp_path, capsys):
    file, out = tmp_path / "cgd.json", tmp_path / "cgd.v"
    found = certificate("cgd")
    found.save(file)
    assert main(["verify", str(file), "--coq", str(out)]) == 0
    assert out.read_text(encoding="utf-8") == write_coq(found)
    file.write_text(file.read_text(encoding="utf-8").replace('"0.1"', '"0.09"'), encoding="utf-8")
    capsys.readouterr()
    main(["verify", str(file), "--coq", str(tmp_path / "other.v")])
    assert not (tmp_path / "other.v").exists()


def test_other_kinds_have_no_file(tmp_path, capsys):
    file = tmp_path / "horizon.json"
    efpep.worst_case(efpep.GD("1/2"), uniform(10, 0, 1), 1).certificate.save(file)
    assert main(["verify", str(file), "--coq", str(tmp_path / "no.v")]) == 2
    assert "--coq writes the proof of a rate" in capsys.readouterr().err


@needs_coq
@pytest.mark.slow
@pytest.mark.parametrize("key", CASES)
def test_coq_accepts_certificates(key, tmp_path):
    done = judged(write_coq(certificate(key)), tmp_path)
    assert done.returncode == 0, done.stderr
    # what is assumed: the real numbers of the standard library
    axioms = re.findall(r"^(\S+)$|^(\S+) *:", done.stdout.partition("Axioms:")[2], re.MULTILINE)
    names = {name for pair in axioms for name in pair if "." in name and name[0].isupper()}
    assert names
    assert all(name.startswith(("ClassicalDedekindReals.", "FunctionalExtensionality.")) for name in names)


def changed(text, pattern, change):
    """Return a text with the first rational after a pattern changed."""
    place = re.compile(rf"({pattern}.*?)\((-?\d+)#(\d+)\)", re.DOTALL)
    new, count = place.subn(lambda m: m[1] + change(Fraction(int(m[2]), int(m[3]))), text, count=1)
    assert count == 1
    assert new != text
    return new


def written(number):
    return f"({number.numerator}#{number.denominator})"


@needs_coq
@pytest.mark.slow
@pytest.mark.parametrize("key", CASES)
@pytest.mark.parametrize(
    ("pattern", "change"),
    [
        ("Definition rate : Q := ", lambda a: written(a - Fraction(1, 10**7))),
        ("Definition step_row_0 : quantity := interpolation [^(]*", lambda a: written(a * Fraction(99, 100))),
        ("Definition step_row_multiplier_0 : Q := ", lambda a: written(a + Fraction(1, 10**9))),
        ("Definition step_row_multiplier_1 : Q := ", lambda a: written(-a)),
        ("Definition step_squares[^(]*", lambda a: written(a + Fraction(1, 10**9))),
        ("Definition weights_0[^(]*", lambda a: written(a + Fraction(1, 10**3))),
    ],
)
def test_coq_refuses_other_numbers(key, pattern, change, tmp_path):
    assert judged(changed(write_coq(certificate(key)), pattern, change), tmp_path).returncode != 0
