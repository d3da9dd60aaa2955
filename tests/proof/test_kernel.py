"""The two conditions of the kernel on systems written out by hand, and false claims that an audit made it accept."""

import json
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, ClassVar, NamedTuple

import pytest
from support import uniform

import efpep
from efpep.model.form import Form
from efpep.model.linear import column
from efpep.model.row import Origin, Row
from efpep.model.system import Block, Multiple, Relation, Share, Square, System, Unknown
from efpep.proof.conditions import check_lower, check_upper
from efpep.proof.witness import LowerWitness, UpperWitness
from efpep.questions.common.prefilled import with_inequalities
from efpep.questions.switching.question import SwitchingQuestion
from efpep.theory import safe_ef as theory

ONE, ZERO = Fraction(1), Fraction(0)


def values(**numbers):
    """Return the form with these coefficients of the values v0, v1, ..."""
    return Form({}, {int(name[1:]): Fraction(a) for name, a in numbers.items()})


def block(**entries):
    """Return the form with these entries ``aij`` in the mean block."""
    return Form({0: {(int(name[1]), int(name[2])): Fraction(a) for name, a in entries.items()}})


def system(*relations, matrices=(), multiples=(), separated=True):
    return System(
        relations, tuple(matrices), tuple(multiples), separated, None, "number", "nothing is excluded.", "it is allowed."
    )


# --- the conditions --------------------------------------------------------------------------------------------------------

# the greatest eigenvalue of [[2, 1], [1, 2]] is 3: theta (a00 + a11) - (2 a00 + 2 a11 + 2 a01) >= 0
PLANE = Block(0, "mean", (0, 1))
EIGENVALUE = system(Relation((PLANE,), (), (), (), constant=block(a00=-2, a01=-1, a11=-2), slope=block(a00=1, a11=1)))


def test_the_least_theta_of_an_eigenvalue_is_the_eigenvalue():
    check_upper(EIGENVALUE, UpperWitness(Fraction(3), (), (), ((),)))
    ones = ((ONE, ONE), (ONE, ONE))
    check_lower(EIGENVALUE, LowerWitness(Fraction(3), ((ones,),), ((),)))
    with pytest.raises(efpep.CertificateError, match="positive semidefinite in the mean block"):
        check_upper(EIGENVALUE, UpperWitness(Fraction(299, 100), (), (), ((),)))
    with pytest.raises(efpep.CertificateError, match="it is allowed"):
        check_lower(EIGENVALUE, LowerWitness(Fraction(301, 100), ((ones,),), ((),)))
    with pytest.raises(efpep.CertificateError, match="nothing is excluded"):
        check_lower(EIGENVALUE, LowerWitness(Fraction(3), ((((ZERO,) * 2,) * 2,),), ((),)))


# with the row a01 <= 0 the greatest value of the quadratic form is 2
ROW = Row("acute(0)", block(a01=1), False, Origin("acute", ("0",)))
BOUNDED = system(Relation((PLANE,), (), (), (ROW,), constant=block(a00=-2, a01=-1, a11=-2), slope=block(a00=1, a11=1)))


def test_rows_help_by_nonnegative_multipliers_only():
    check_upper(BOUNDED, UpperWitness(Fraction(2), (), (), ((ONE,),)))
    with pytest.raises(efpep.CertificateError, match=r"multiplier of the inequality acute\(0\) is negative"):
        check_upper(BOUNDED, UpperWitness(Fraction(5), (), (), ((-ONE,),)))
    check_lower(BOUNDED, LowerWitness(Fraction(2), ((((ONE, ZERO), (ZERO, ZERO)),),), ((),)))
    with pytest.raises(efpep.CertificateError, match=r"violates acute\(0\)"):
        check_lower(BOUNDED, LowerWitness(Fraction(3), ((((ONE, ONE), (ONE, ONE)),),), ((),)))
    equality = replace(ROW, equality=True)
    check_upper(system(replace(BOUNDED.relations[0], rows=(equality,))), UpperWitness(Fraction(4), (), (), ((-ONE,),)))


# x+ = x/2 contracts |x|^2 by 1/4: the margin is |x|^2
HALVED = system(
    Relation(
        (Block(0, "mean", (0,)),),
        (),
        (),
        (),
        (Square(0, 0, (column(0, ONE),), 0, 1), Square(0, 0, (column(0, Fraction(1, 2)),), -1, 0)),
        margin=block(a00=1),
    ),
    matrices=[Unknown("the weights", ("x",), "the weight could help.")],
)


def test_an_unknown_is_shared_and_its_margin_is_positive():
    check_upper(HALVED, UpperWitness(Fraction(1, 3), (((ONE,),),), (), ((),), Fraction(1, 12)))
    with pytest.raises(efpep.CertificateError, match="margin"):
        check_upper(HALVED, UpperWitness(Fraction(1, 3), (((ONE,),),), (), ((),), ZERO))
    with pytest.raises(efpep.CertificateError, match="not positive semidefinite"):
        check_upper(HALVED, UpperWitness(Fraction(1, 5), (((-ONE,),),), (), ((),), Fraction(1, 100)))
    check_lower(HALVED, LowerWitness(Fraction(1, 4), ((((ONE,),),),), ((),)))
    with pytest.raises(efpep.CertificateError, match="could help"):
        check_lower(HALVED, LowerWitness(Fraction(26, 100), ((((ONE,),),),), ((),)))


def test_what_is_not_separated_excludes_nothing():
    with pytest.raises(efpep.CertificateError, match="coincide"):
        check_lower(replace(EIGENVALUE, separated=False), LowerWitness(ZERO, ((((ONE, ZERO), (ZERO, ONE)),),), ((),)))


# --- false claims that an audit found ---------------------------------------------------------------------------------------


def test_smaller_numbers_are_excluded_only_where_nothing_else_grows():
    step = Relation((), (0, 1), ("v0", "v1"), (), shares=(Share(0, values(v1=-1), values(v0=1)),), margin=values(v1=1))
    state = Relation((), (0, 1), ("v0", "v1"), (), shares=(Share(0, values(v0=1), Form()),), slope=values(v0=-1))
    both = system(step, state, multiples=[Multiple("w", "w", "w helps.", nonnegative=False)])
    check_upper(both, UpperWitness(-ONE, (), (-ONE,), ((), ()), ONE))
    with pytest.raises(efpep.CertificateError, match="not known that smaller numbers"):
        check_lower(both, LowerWitness(ONE, ((), ()), ((ONE, ONE), (ZERO, ZERO))))


def test_what_is_given_counts_where_the_number_has_to_grow():
    relation = Relation((), (0,), ("v0",), (), shares=(Share(0, Form(), values(v0=-1)),), slope=values(v0=1))
    given = system(relation, multiples=[Multiple("w", "w", "w helps.", given=ONE)])
    check_upper(given, UpperWitness(Fraction(-100), (), (ONE,), ((),)))
    with pytest.raises(efpep.CertificateError, match="nothing is excluded"):
        check_lower(given, LowerWitness(Fraction(5), ((),), ((ONE,),)))


@pytest.mark.parametrize("number", [float("nan"), 0.5, 1.0, "1", None, True])
def test_numbers_that_are_not_rational_prove_nothing(number):
    with pytest.raises(efpep.CertificateError, match="not rational"):
        check_upper(BOUNDED, UpperWitness(Fraction(2), (), (), ((number,),)))
    with pytest.raises(efpep.CertificateError, match="not rational"):
        check_lower(EIGENVALUE, LowerWitness(Fraction(3), ((((ONE, ONE), (ONE, number)),),), ((),)))
    with pytest.raises(efpep.CertificateError, match="not rational"):
        check_lower(EIGENVALUE, LowerWitness(number, ((((ONE, ONE), (ONE, ONE)),),), ((),)))


@pytest.mark.parametrize("gram", [((ONE, ONE, ONE), (ONE, ONE)), ((ONE, ONE), (ZERO, ONE)), ((ONE,),)])
def test_matrices_of_another_shape_are_refused(gram):
    with pytest.raises(efpep.CertificateError, match=r"symmetric|shape"):
        check_lower(EIGENVALUE, LowerWitness(ZERO, ((gram,),), ((),)))


def test_a_given_function_with_weights_that_are_not_symmetric_is_refused(tmp_path):
    """The formula would show one side of the diagonal, and the proof would be about the mean of both."""
    found = efpep.rate(
        efpep.GD("3/2"), efpep.Setting(efpep.SmoothStronglyConvex("1/10", 1)), lyapunov="|x-x*|^2 + |g|^2 + 1.5 <x-x*, g>"
    )
    described = found.certificate.describe()
    described["claim"]["rate"]["upper"] = None
    del described["witnesses"]["upper"]
    weights = described["claim"]["lyapunov"]["weights"]["mean"]
    weights[0][1], weights[1][0] = "0", "3/2"
    path = tmp_path / "c.json"
    path.write_text(json.dumps(described))
    verdict = efpep.verify(path)
    assert verdict.accepted is False
    assert "not symmetric" in verdict.reason
    given = found.certificate.question.given
    moved = replace(given, blocks=(((given.blocks[0][0][0], ZERO), (2 * given.blocks[0][0][1], given.blocks[0][1][1])),))
    with pytest.raises(efpep.CertificateError, match="not symmetric"):
        replace(found.certificate, upper=None, question=found.certificate.question.about(moved)).check()


def test_an_instance_of_patterns_is_of_the_group_s_own_classes():
    """The setting's classes are those of groups without any; a run of theirs once stood beside a bound that it exceeds."""
    bounded = efpep.BoundedSubgradients(1)
    groups = [efpep.Group(bounded, efpep.Contractive("1/2"), count=2)]
    whole = efpep.Contractive(1)
    setting = efpep.Setting(
        efpep.BoundedSubgradients(100), efpep.Contractive("1/1000"), groups, server_compressor=whole, constraint=bounded
    )
    found = efpep.switching_worst_case(efpep.SafeEF("1/2"), setting, 3)
    assert found.lower is None or found.lower <= found.upper
    assert "M = 1" in found.certificate.check()


def test_a_run_above_the_bound_is_refused():
    known = theory.guarantee(theory.transient_constant(3, "1/2", 1), 3)
    bounded = efpep.BoundedSubgradients(1)
    setting = efpep.Setting(bounded, efpep.Contractive("1/2"), 2, constraint=bounded)
    found = efpep.switching_worst_case(efpep.SafeEF(known.step_size), setting, 3).certificate
    found.check()
    with pytest.raises(efpep.CertificateError):
        replace(found, upper=replace(found.upper, theta=found.lower.theta / 2)).check()


class State(NamedTuple):
    x: Any


@dataclass(frozen=True)
class Cutting(efpep.Method):
    """A switching method of a user's whose threshold has another name."""

    title: ClassVar[str] = "Cutting"
    State: ClassVar[type] = State
    cutoff: Any = 0

    def start(self, x, run):
        return State(x)

    def step(self, state, run):
        below = run.at_most(run.constraint_value(state.x), Fraction(0))
        g = run.gradient(state.x) if below else run.constraint_gradient(state.x)
        return State(state.x - self.step_size * run.mean(g))


def test_whether_a_method_switches_is_seen_in_its_steps():
    bounded = efpep.BoundedSubgradients(1)
    setting = efpep.Setting(bounded, efpep.Contractive(1), 1, constraint=bounded)
    mine = efpep.switching_worst_case(Cutting("1/2"), setting, 2, every=True)
    known = efpep.switching_worst_case(efpep.SafeEF("1/2", "0"), setting, 2, every=True)
    assert set(mine.bounds) == set(known.bounds) == {"ff", "fg", "gf"}
    assert float(mine.upper) == pytest.approx(float(known.upper), rel=1e-5)
    assert (mine.empty, known.empty) == (True, True)
    alone = {"ff": mine.certificate.upper.proofs["ff"]}
    forged = replace(mine.certificate, upper=replace(mine.certificate.upper, proofs=alone, theta=mine.bounds["ff"]))
    with pytest.raises(efpep.CertificateError, match="the pattern fg has no proof"):
        forged.check()
    assert isinstance(forged.question, SwitchingQuestion)


def test_extreme_numbers_are_refused_and_not_undecided(tmp_path):
    found = efpep.worst_case(efpep.GD(1), efpep.Setting(efpep.SmoothConvex(1)), 2)
    described = found.certificate.describe()
    gram = described["witnesses"]["lower"]["grams"]["mean"]
    gram[0][1] = gram[1][0] = "1" + "0" * 400
    path = tmp_path / "c.json"
    path.write_text(json.dumps(described))
    assert efpep.verify(path).accepted is False


def test_lower_ends_of_inequalities_that_need_not_be_sufficient_say_so():
    random = efpep.potential(efpep.ADEF("1/40"), efpep.Setting(efpep.SmoothConvex(1), efpep.Unbiased(1), 3), 2)
    assert "which are necessary and need not be sufficient" in random.certificate.check()
    known = efpep.potential(efpep.ADEF("1/40"), efpep.Setting(efpep.SmoothConvex(1), efpep.Contractive("1/2"), 3), 2)
    assert "need not be sufficient" not in known.certificate.check()


def test_weights_that_are_no_list_are_bad_input():
    with pytest.raises(efpep.InputError, match="no list of numbers"):
        efpep.ADEF("1/40", weights=3)


def test_the_rate_of_a_given_function_is_that_of_its_symmetric_weights():
    found = efpep.rate(efpep.EF21("1/5"), uniform(10, "1/2"), lyapunov="|g-d|^2 + |g|^2")
    assert all(m[i][j] == m[j][i] for m in found.certificate.question.given.blocks for i in range(len(m)) for j in range(len(m)))


def test_step_sizes_are_not_excluded_where_messages_may_coincide():
    found = efpep.tune(efpep.EF21, uniform(10, "1/2"), tolerance="1/4").certificate
    found.check()
    assert found.upper.outside
    question = replace(found.question)
    with_inequalities(question.rate, replace(found.question.rate.inequalities, separated=False))
    with pytest.raises(efpep.CertificateError, match="coincide"):
        replace(found, question=question).check()
