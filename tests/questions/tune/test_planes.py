"""Instances in a plane that exclude a rate on boxes of parameters: what they prove, changed ones, and brackets by them."""

import copy
import itertools
import json
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from support import one_sentence, uniform

import efpep
from efpep.conic.solver import find_solver
from efpep.errors import CertificateError
from efpep.model.box import Box, Side
from efpep.proof.conditions import check_lower
from efpep.proof.witness import LowerWitness
from efpep.questions.base import Certificate
from efpep.questions.rate.inequalities import rate_inequalities
from efpep.questions.tune.deadline import Deadline
from efpep.questions.tune.enclosed import enclosed
from efpep.questions.tune.line import check_line
from efpep.questions.tune.planes import Planes
from efpep.questions.tune.ranges import around
from efpep.questions.tune.search import Excluder

NAMES = ("step_size", "theta")
SETTING = uniform(10, "1/2")
RATE = Fraction(94, 100)
REAL = Box((Side(Fraction(1, 10), Fraction(1, 5)), Side(Fraction(1, 2), Fraction(19, 20))))
TURNING = Box((Side(Fraction(1, 2), Fraction(11, 20)), Side(Fraction(1, 2), Fraction(11, 20))))


@pytest.fixture(scope="module")
def excluder():
    rate = efpep.rate(efpep.EF21Momentum("5/16", theta="197/200"), SETTING)
    return Excluder(rate.question, NAMES, find_solver("clarabel")), rate


@pytest.fixture(scope="module", params=[REAL, TURNING], ids=["real", "turning"])
def found(request, excluder):
    witness = excluder[0].planes.over(request.param, RATE)
    check_line(excluder[0].polynomial, RATE, witness)
    return witness


def at(coefficients, degrees, point):
    indices = Box.indices(degrees)
    return sum(
        (a * point[0] ** i * point[1] ** j for a, (i, j) in zip(coefficients, indices, strict=True)),
        Fraction(0),
    )


def test_a_witness_is_one_at_each_point_of_its_box(found):
    """A box's witness, evaluated at single parameters, is a lower witness of the rate there, which another check decides."""
    assert bool(found.turned) is (found.box == TURNING)
    for point in itertools.product(*((side.lower, side.middle, side.upper) for side in found.box.sides)):
        question = rate_inequalities(efpep.EF21Momentum(point[0], theta=point[1]), SETTING, "distance")
        parts = [[at(own, found.degrees, point) for own in part] for part in (found.state, found.turned) if part]
        gram = tuple(tuple(sum(p[i] * p[j] for p in parts) for j in range(len(parts[0]))) for i in range(len(parts[0])))
        values = tuple(at(own, tuple(2 * d for d in found.degrees), point) for own in found.values)
        check_lower(question.system, LowerWitness(RATE, ((gram,),), (values,)))


def moved(rows, by=Fraction(1, 100)):
    return (*rows[:-1], tuple(a + by for a in rows[-1]))


@pytest.mark.parametrize("change", ["turned", "turn", "no turn", "state", "growth", "few", "wide", "value"])
def test_changed_witnesses_are_refused(excluder, change):
    witness = excluder[0].planes.over(TURNING, RATE)
    changed = {
        "turned": {"turned": moved(witness.turned)},
        "turn": {"turn": (witness.turn[0] * Fraction(101, 100), *witness.turn[1:])},
        "no turn": {"turned": (), "turn": ()},
        "state": {"state": moved(witness.state)},
        "growth": {"growth": (witness.growth[0] - Fraction(1, 10), *witness.growth[1:])},
        "few": {"turned": witness.turned[:-1]},
        "wide": {"box": Box((Side(Fraction(1, 100), Fraction(1)), TURNING.sides[1]))},
        "value": {"values": tuple(tuple(-a for a in own) for own in witness.values)},
    }[change]
    with pytest.raises(CertificateError) as error:
        check_line(excluder[0].polynomial, RATE, replace(witness, **changed))
    assert one_sentence(str(error.value))


@pytest.mark.parametrize(("step", "theta"), [(0.3, 0.9), (0.4, 0.9), (0.72, 0.55)])
def test_the_rate_is_that_of_matrices(excluder, step, theta):
    """The momentum's step on a parabola, written down by hand: x, m and v, with every compression error of the largest size."""
    most = 0.0
    for a, angle in itertools.product((0.1, 1.0), np.linspace(0, np.pi, 721)):
        c = 1 + np.sqrt(0.5) * np.exp(1j * angle)
        x = np.array([1, 0, -step], complex)
        m = np.array([0, 1 - theta, 0]) + theta * a * x
        v = np.array([0, 0, 1 - c]) + c * m
        most = max(most, np.max(np.abs(np.linalg.eigvals(np.array([x, m, v])))) ** 2)
    assert excluder[0].planes.rate((step, theta)) == pytest.approx(most, rel=1e-3)
    assert excluder[0].planes.rate((step, theta)) <= most + 1e-5


def test_nobody_without_such_instances_has_planes():
    for setting in (uniform(1, "1/2"), efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1), efpep.Unbiased(omega=1), 2)):
        method = efpep.CGD("1/4") if setting.agents == 2 else efpep.EF21Momentum("1/4")
        question = efpep.rate(method, setting).question
        assert Planes.of(question, ("step_size",)) is None


@pytest.fixture(scope="module")
def bracket(excluder):
    own, rate = excluder
    values = {"step_size": Fraction(5, 16), "theta": Fraction(197, 200)}
    near = around(rate.method, values, Fraction(1, 1000))
    return enclosed(own, rate.certificate.upper, list(values.values()), near, Deadline.after(600))


@pytest.mark.slow
def test_brackets_and_their_files(bracket, tmp_path):
    sides = bracket.best.bracket.sides
    assert Fraction(1, 4) < sides[0].lower < Fraction(5, 16) < sides[0].upper < Fraction(2, 5)
    assert bracket.everywhere.theta > Fraction(92, 100)
    path = tmp_path / "bracket.json"
    certificate = Certificate(bracket.question, bracket.everywhere, bracket.best)
    certificate.save(path)
    assert efpep.verify(path).accepted is True
    assert Certificate.load(path) == certificate
    described = copy.deepcopy(certificate.describe())
    turning = next(one for one in described["witnesses"]["outside"] if "turned" in one)
    turning["turned"][0][0] = str(Fraction(turning["turned"][0][0]) + 1)
    path.write_text(json.dumps(described), encoding="utf-8")
    assert efpep.verify(path).accepted is False
    del described["witnesses"]["outside"][0]
    path.write_text(json.dumps(described), encoding="utf-8")
    assert efpep.verify(path).accepted is False


@pytest.mark.slow
def test_two_parameters_of_momentum():
    found = efpep.tune(efpep.EF21Momentum, SETTING, seconds=600)
    assert found.rate.upper < efpep.EF21.literature.rate(efpep.EF21(), found.setting).value
    assert found.rate.upper - found.rate.lower < Fraction(2, 100)
    assert found.upper - found.lower < Fraction(1, 4) * found.value * 2
    for step, theta in ((Fraction(1, 5), Fraction(1, 2)), (Fraction(1, 2), Fraction(9, 10))):  # outside of the bracket
        assert efpep.rate(efpep.EF21Momentum(step, theta=theta), SETTING).lower > found.rate.upper
