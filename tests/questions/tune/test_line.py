"""Instances on a line that exclude a rate on whole ranges of step sizes: what they prove, changed ones, and answers by them."""

import copy
import json
import math
from dataclasses import replace
from fractions import Fraction
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import one_sentence, uniform

import efpep
from efpep.conic.solver import find_solver
from efpep.errors import CertificateError
from efpep.model.box import Box, Side
from efpep.model.polynomial import Polynomial, polynomial
from efpep.proof.conditions import check_lower
from efpep.proof.witness import LowerWitness
from efpep.questions.base import Certificate, Verdict
from efpep.questions.rate.inequalities import rate_inequalities
from efpep.questions.tune.deadline import Deadline
from efpep.questions.tune.line import LineWitness, check_line
from efpep.questions.tune.lines import Lines
from efpep.questions.tune.search import Excluder
from efpep.questions.tune.settled import settled

numbers = st.fractions(min_value=-3, max_value=3, max_denominator=6)
side = st.builds(
    lambda lower, width, ray: Side(lower, None if ray else lower + width),
    st.fractions(min_value=0, max_value=3, max_denominator=6),
    st.fractions(min_value=Fraction(1, 6), max_value=2, max_denominator=6),
    st.booleans(),
)
boxes = st.builds(lambda *sides: Box(sides), side, side)
tables = st.dictionaries(st.tuples(st.integers(0, 2), st.integers(0, 1)), numbers, min_size=1)


@settings(max_examples=40)
@given(boxes, tables)
def test_controls_of_parameters_are_those_of_coordinates(box, terms):
    """A polynomial in the parameters is one in the coordinates, once these are put in."""
    value = polynomial(terms)
    first, second = box.parameters()
    composed = sum((a * first**i * second**j for (i, j), a in terms.items()), Fraction(0))
    expected = box.controls(composed, (2, 1))
    found = box.scaled_controls(value, (2, 1))
    scales = {found[index] / a for index, a in expected.items() if a}
    assert len(scales) <= 1
    assert all(scale > 0 for scale in scales)
    assert all((found[index] == 0) == (a == 0) for index, a in expected.items())


@settings(max_examples=40)
@given(boxes, tables)
def test_controls_and_back(box, terms):
    value = polynomial(terms)
    assert box.polynomial(list(box.controls(value, (2, 1)).values()), (2, 1)) == value


# witnesses


@pytest.fixture(scope="module", params=[efpep.EF21, efpep.EF, efpep.CGD], ids=lambda method: method.__name__)
def line(request):
    """The settled answer of a method."""
    found = efpep.tune(request.param, uniform(10, "1/2", 1 if request.param is efpep.CGD else 3))
    assert all(isinstance(witness, LineWitness) for witness in found.certificate.upper.outside)
    return found


def at(coefficients, step):
    return sum((a * step**k for k, a in enumerate(coefficients)), Fraction(0))


def points(side):
    """Step sizes of a range: its ends, and two inside; of a ray its end and some beyond it."""
    if side.upper is None:
        return [side.lower, 2 * side.lower, 100 * side.lower]
    width = side.upper - side.lower
    return [side.lower or width / 1000, side.lower + width / 7, side.lower + 6 * width / 7, side.upper]


def test_a_witness_is_one_at_each_point_of_its_box(line):
    certificate = line.certificate
    ends = [(witness, line.rate.upper) for witness in certificate.upper.outside]
    for witness, rate in [*ends, *((witness, line.rate.lower) for witness in certificate.lower.inside)]:
        for step in points(witness.box.sides[0]):
            question = rate_inequalities(replace(line.method, step_size=step), line.setting, "distance")
            state = [at(own, step) for own in witness.state]
            grams = [tuple(tuple(a * b for b in state) for a in state)]
            grams += [tuple((Fraction(0),) * len(b.columns) for _ in b.columns) for b in question.blocks[1:]]
            values = tuple(at(own, step) for own in witness.values)
            check_lower(question.system, LowerWitness(rate, (tuple(grams),), (values,)))
            assert at(witness.growth, step) ** 2 >= rate


def test_the_bracket_is_that_of_the_literature(line):
    best = line.method.literature.optimal_step_size(line.method, line.setting).value
    rate = line.method.literature.rate(line.method, line.setting).value
    assert line.lower <= best <= line.upper
    assert line.upper - line.lower <= best / 10**5
    assert line.rate.lower <= rate <= line.rate.upper
    assert line.rate.upper - line.rate.lower < Fraction(1, 10**8)
    assert line.covered == {"step_size": (0, None)}
    assert line.certified
    assert line.narrow
    assert line.tested.verdict is Verdict.PROVED


def test_files_are_verified(line, tmp_path):
    path = tmp_path / "line.json"
    line.certificate.save(path)
    assert efpep.verify(path).accepted is True
    assert Certificate.load(path) == line.certificate


@pytest.mark.parametrize(
    "change",
    [
        "rate",
        "wider",
        "lower",
        "ray",
        "state",
        "value",
        "growth",
        "zero",
        "short",
        "degrees",
        "few values",
        "few columns",
        "steep",
    ],
)
def test_changed_witnesses_are_refused(line, change):
    question = line.certificate.question.polynomial
    witness = line.certificate.upper.outside[0]
    rate, low, high = line.rate.upper, witness.box.sides[0].lower, witness.box.sides[0].upper
    check_line(question, rate, witness)
    first, *others = witness.values
    nothing = [tuple(Fraction(0) for _ in own) for own in witness.state]
    changed = {
        "rate": witness,
        "wider": replace(witness, box=Box((Side(low, high * Fraction(1001, 1000)),))),
        "lower": replace(witness, box=Box((Side(low * Fraction(999, 1000), high),))),
        "ray": replace(witness, box=Box((Side(low, None),))),
        "state": replace(witness, state=(*witness.state[:-1], tuple(a + Fraction(1, 100) for a in witness.state[-1]))),
        "value": replace(witness, values=(tuple(-a for a in first), *others)),
        "growth": replace(witness, growth=(witness.growth[0] * Fraction(1001, 1000), *witness.growth[1:])),
        "zero": replace(witness, state=tuple(nothing), values=tuple((Fraction(0),) * 3 for _ in witness.values)),
        "short": replace(witness, state=(witness.state[0][:1], *witness.state[1:])),
        "degrees": replace(witness, degrees=(0,)),
        "few values": replace(witness, values=witness.values[:-1]),
        "few columns": replace(witness, state=witness.state[:-1]),
        "steep": replace(witness, growth=(Fraction(2), *witness.growth[1:])),
    }[change]
    with pytest.raises(CertificateError) as error:
        check_line(question, rate + Fraction(1, 10**6) if change == "rate" else rate, changed)
    assert one_sentence(str(error.value))


def shifted(text, by):
    return str(Fraction(text) + Fraction(by))


def doctored():
    def change(name, place, *where):
        def apply(described):
            *path, last = where
            target = described["witnesses"][name][place]
            for key in path:
                target = target[key]
            target[last] = shifted(target[last], "1/1000") if isinstance(target[last], str) else target[last] + 1

        return apply

    def drop(key):
        return lambda described: described["witnesses"]["outside"][0].pop(key)

    return {
        "a column": change("outside", 0, "state", 0, 1),
        "a value": change("outside", 0, "values", 1, 2),
        "z": change("inside", 0, "growth", 0),
        "the still one's z": change("outside", 1, "growth", 1),
        "the degree": change("outside", 0, "degrees", 0),
        "the range": change("outside", 0, "box", "step_size", 1),
        "no z": drop("growth"),
        "no values": drop("values"),
        "no state": drop("state"),
        "an instance less": lambda described: described["witnesses"]["outside"].pop(),
        "none inside": lambda described: described["witnesses"]["inside"].clear(),
        "a number as a float": lambda described: described["witnesses"]["outside"][0]["growth"].__setitem__(0, 0.5),
    }


@pytest.mark.parametrize("name", doctored())
def test_doctored_files_are_refused(line, tmp_path, name):
    described = copy.deepcopy(line.certificate.describe())
    doctored()[name](described)
    path = tmp_path / "doctored.json"
    path.write_text(json.dumps(described), encoding="utf-8")
    verdict = efpep.verify(path)
    assert verdict.accepted is False
    assert one_sentence(verdict.reason.removeprefix("Refused: "))


# answers


@pytest.fixture
def unsearched(monkeypatch):
    """Where every search fails."""
    from efpep.questions.tune import bracket, search, tuning

    def refuse(*question, **options):
        raise AssertionError("nothing is searched")

    monkeypatch.setattr(tuning, "candidates", refuse)
    monkeypatch.setattr(bracket, "cover", refuse)
    monkeypatch.setattr(search, "BoxSdp", refuse)


@pytest.mark.parametrize("method", [efpep.EF21, efpep.EF, efpep.CGD])
@pytest.mark.parametrize(
    ("kappa", "delta", "metric"),
    [(2, "1/20", "gap"), (Fraction(10, 9), "99/100", "distance"), (10**5, "1/100", "distance"), (10, "3/4", "gradient")],
)
def test_nothing_is_searched(unsearched, method, kappa, delta, metric):
    found = efpep.tune(method, uniform(kappa, 1 - Fraction(delta), 1), metric)
    best = method.literature.optimal_step_size(method(), found.setting).value
    assert found.certified
    assert found.lower <= best <= found.upper
    assert found.upper - found.lower <= best / 10**5
    assert len(found.certificate.upper.outside) <= 6


def test_a_given_function_is_settled(unsearched):
    found = efpep.tune(efpep.EF21, uniform(10, "1/2"), lyapunov="literature")
    assert found.certified
    assert found.upper - found.lower <= found.value / 10**5


def test_a_question_about_a_step_size_takes_them_too(unsearched):
    """The bracket is what was asked about, as the answer says that nothing outside of it is better."""
    easy = efpep.tune(efpep.EF21, uniform(2, "1/2"))
    found = efpep.tune(efpep.EF21, easy.setting, verify=easy.value * Fraction(10004, 10000))
    assert found.tested.verdict is Verdict.PROVED
    assert found.lower < easy.lower < easy.upper < found.upper
    assert found.rate.upper - found.rate.lower < Fraction(1, 10**8)
    found.certificate.check()


def test_a_step_size_that_is_not_the_best_is_not_settled():
    setting = uniform(10, "1/2")
    rate = efpep.rate(efpep.EF21("1/4"), setting)
    excluder = Excluder(rate.question, ("step_size",), find_solver("clarabel"))
    assert settled(rate, Fraction(1, 100), excluder, Deadline.after(10)) is None


def test_nobody_without_such_instances_has_lines():
    pair = efpep.Setting(
        None, efpep.Contractive("1/2"), [efpep.Group(efpep.SmoothStronglyConvex(mu, 1), count=1) for mu in ("1/2", "1/4")]
    )
    for setting in (pair, uniform(1, "1/2")):
        question = SimpleNamespace(setting=setting)
        assert Lines.of(question) is None


def test_factors_are_of_the_class():
    """The compression errors of the instances are just below sqrt(1 - delta), and their curvature at the ends is mu and L."""
    found = efpep.rate(efpep.EF21("optimal"), uniform(10, "1/2"))
    lines = Lines.of(found.question)
    for one in lines._lines(found.upper):
        error = abs(float(one.numbers.clients[0]) - 1)
        assert error == pytest.approx(math.sqrt(1 / 2), abs=1e-13)
        assert float(one.curvature(one.side.lower)) == pytest.approx(1, rel=1e-12)
        assert float(one.curvature(one.end)) == pytest.approx(1 / 10, rel=1e-12)


def test_a_polynomial_is_what_varies(line):
    """The question that is checked is polynomial in the step size itself."""
    found = line.certificate.question.polynomial
    assert any(isinstance(a, Polynomial) for row in found.rows for entries in row.form.blocks.values() for a in entries.values())


def test_instances_meet_at_the_literatures_step_size(line):
    """Which is a theorem of the literature; here it is found from the recorded step alone."""
    best = line.method.literature.optimal_step_size(line.method, line.setting).value
    lines = Lines.of(line.certificate.question.rate)
    assert float(lines.meeting()) == pytest.approx(float(best), rel=1e-9)


def test_a_method_without_a_closed_form_is_settled(monkeypatch):
    """EControl's best step size is found where instances on a line meet, and they attain the rate there."""
    from efpep.questions.tune import tuning

    monkeypatch.setattr(tuning, "candidates", None)
    found = efpep.tune(efpep.EControl(eta="1/3"), uniform(10, "1/2"), parameters=["step_size"])
    assert found.certified
    assert found.upper - found.lower < found.value / 10**5
    for step in (found.value * Fraction(99, 100), found.value * Fraction(101, 100)):
        assert efpep.rate(efpep.EControl(step, eta="1/3"), found.setting).lower > found.rate.upper
