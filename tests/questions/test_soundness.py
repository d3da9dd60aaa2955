"""False or empty claims that once looked provable: each is refused, and sentences say no more than is proved."""

import dataclasses
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, NamedTuple

import pytest
from support import one_sentence, uniform, with_ends

import efpep
from efpep.component import Component
from efpep.compressors import COMPRESSORS, BoundedMoments
from efpep.errors import CertificateError, InputError
from efpep.functions import FUNCTIONS, Quadratic
from efpep.methods import Method
from efpep.model.compressor_class import Compressor, Loss
from efpep.model.form import square
from efpep.model.function_class import Convexity, FunctionClass
from efpep.model.gaussian import Gaussian
from efpep.model.vector import Part
from efpep.questions.averaging.inequalities import averaging_inequalities
from efpep.questions.base import Certificate, Verdict
from efpep.questions.common.step_inequalities import Weights
from efpep.questions.cycle.check import ClosedTrajectory, Exclusion
from efpep.questions.cycle.inequalities import cycle_inequalities
from efpep.questions.cycle.question import CycleQuestion, proved
from efpep.questions.improvement.question import Choice, Examined, Improvement, ImprovementQuestion
from efpep.questions.potential.inequalities import potential_inequalities
from efpep.questions.quadratic.eigen_instance import EigenInstance, check_eigen_instance
from efpep.questions.quadratic.question import QuadraticInstance, QuadraticQuestion
from efpep.questions.quadratic.search import eigen_instance
from efpep.questions.quadratic.slowest import slowest_quadratic
from efpep.questions.switching.inequalities import pattern_inequalities
from efpep.questions.worst_case.check import AttainedRun, Bound, check_lower
from efpep.questions.worst_case.inequalities import worst_case_inequalities
from efpep.questions.worst_case.question import WorstCaseQuestion
from efpep.studies.laws.law import rate_proof

ONE = Fraction(1)


def at_rest(question, point="x"):
    """One period in which nothing happens at ``x = 1``: all gradients, losses and values are zero."""
    grams = tuple(
        tuple(tuple(ONE if point == u.name == v.name else 0 * ONE for v in columns) for u in columns)
        for columns in (question.columns(block) for block in question.blocks)
    )
    return ClosedTrajectory(grams, (0 * ONE,) * len(question.values))


# --- closed trajectories ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("functions", [efpep.SmoothConvex(1), efpep.BoundedSubgradients(1)])
def test_resting_at_another_minimiser_is_no_cycle(functions):
    setting = efpep.Setting(functions)
    question = cycle_inequalities(efpep.GD(1), setting, 1)
    values = tuple(Fraction(k == question.trace.unity) for k in question.values)
    witness = dataclasses.replace(at_rest(question), values=values)
    with pytest.raises(CertificateError, match="may rest at another minimiser"):
        proved(CycleQuestion(efpep.GD(1), setting, 1, ONE), witness).check()


def test_cycles_of_convex_functions_are_still_proved():
    # f = x^2/2 with step size 2: x alternates between 1 and -1
    found = efpep.cycle(efpep.GD(2), efpep.Setting(efpep.SmoothConvex(1)), 2)
    assert found.certificate.lower is not None
    assert "does not rest at the minimiser" in found.certificate.check()


def test_the_exclusion_of_one_multiple_says_nothing_about_its_opposite():
    # GD with step size 1 maps x to (1 - a) x, 1/10 <= a <= 1: never to -x/2, but to x/2 where a = 1/2
    method, setting = efpep.GD(1), uniform(10, 0)
    question = cycle_inequalities(method, setting, 1, Fraction(-1, 2))
    assert [row.name for row in question.rows][:2] == ["interpolation(*,0)", "interpolation(0,*)"]
    excluded = proved(CycleQuestion(method, setting, 1, Fraction(-1, 2)), Exclusion((Fraction(0),) * len(question.rows)))
    assert "multiplied by -0.5 every step" in excluded.sentence()
    assert "distance" not in excluded.sentence()


@dataclass(frozen=True)
class Drift(efpep.CGD):
    """Compressed gradient descent for agents whose own gradients do not vanish at the minimiser."""

    title: ClassVar[str] = "Drift"
    common_minimiser: ClassVar[bool] = False


@pytest.mark.parametrize("zeta", [0, "1/2"])
def test_a_bound_of_the_gradients_at_the_minimiser_is_not_ignored(zeta):
    setting = dataclasses.replace(uniform(10, "1/2", 3), heterogeneity=zeta)
    for ask in (lambda: efpep.rate(Drift("1/2"), setting), lambda: cycle_inequalities(Drift("1/2"), setting, 1)):
        with pytest.raises(InputError, match="heterogeneity bounds") as refused:
            ask()
        assert one_sentence(refused.value)
    assert cycle_inequalities(efpep.EF21("1/10"), setting, 1).rows  # where they do not take part the bound does not matter


@pytest.mark.parametrize("method", [efpep.EF("1/10"), efpep.CGD("1/10")])
def test_a_bound_that_contradicts_the_shared_minimiser_is_refused(method):
    several, alone = (dataclasses.replace(uniform(10, "1/2", n), heterogeneity="1/2") for n in (3, 1))
    for ask in (lambda: efpep.rate(method, several), lambda: cycle_inequalities(method, several, 1)):
        with pytest.raises(
            InputError, match="heterogeneity is 1/2, but this question is about agents that share one minimiser"
        ) as refused:
            ask()
        assert one_sentence(refused.value)
    assert cycle_inequalities(method, dataclasses.replace(several, heterogeneity=0), 1).rows
    assert cycle_inequalities(method, alone, 1).rows


# --- improvements ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reference():
    return efpep.rate(efpep.EF21("1/10"), uniform(10, "1/2"), width="1/1000").certificate


def improvement(reference, proof):
    return examined(reference, Choice((Fraction(proof.method.step_size),), proof))


def examined(reference, choice):
    question = ImprovementQuestion.of(reference.question, Improvement(Fraction(1, 100)), ("step_size",))
    return Certificate(question, None, Examined(reference, (choice,)))


def test_a_smaller_class_of_functions_excludes_nothing_for_the_whole_class(reference):
    # V = |x - x*|^2 never contracts, so that it would "exclude" a step size that is better than the reference
    better = efpep.EF21("3/10")
    assert efpep.rate(better, uniform(10, "1/2"), width="1/100").upper < reference.lower.theta - Fraction(1, 100)
    narrow = efpep.rate(better, uniform(10, "1/2"), features=["x"]).certificate
    assert narrow.lower.theta >= 1
    with pytest.raises(CertificateError, match="another class of Lyapunov functions"):
        improvement(reference, narrow).check()
    assert narrow.check().endswith("that contracts, for Lyapunov functions made of x alone.")


def test_a_reference_that_does_not_contract_cannot_be_improved(reference):
    slack = dataclasses.replace(reference, upper=dataclasses.replace(reference.upper, theta=Fraction(3, 2)), lower=None)
    slack.check()
    slack = dataclasses.replace(slack, lower=reference.lower)
    with pytest.raises(CertificateError, match="does not contract"):
        improvement(slack, dataclasses.replace(slack, lower=None)).check()


def test_parameters_outside_their_range_are_refused(reference):
    choice = Choice((Fraction(-1),), EigenInstance(ONE, (ONE,), (ONE,), ONE, ((ONE,),)))
    with pytest.raises(CertificateError, match="step_size is -1"):
        examined(reference, choice).check()


# --- what sentences say ----------------------------------------------------------------------------------------------


def test_sentences_name_the_class_and_what_lower_ends_rest_on():
    past = efpep.rate(efpep.EF21("3/10"), uniform(2, "1/4"), memory=1, positivity="interpolation", width="1/10").certificate
    assert "for Lyapunov functions of one past state too and with weights of any sign" in past.sentence()
    random = efpep.Setting(efpep.SmoothStronglyConvex("1/2", 1), efpep.Randomized("1/2"), 2)
    found = efpep.rate(efpep.EF21("3/10"), random, width="1/10").certificate
    assert "by the recorded inequalities, which are necessary and need not be sufficient" in found.sentence()
    assert "recorded inequalities" not in dataclasses.replace(found, lower=None).sentence()


def test_a_given_function_that_vanishes_is_not_said_not_to_contract():
    # V = 0 contracts by any factor, without controlling anything
    setting = uniform(2, "1/4")
    certificate = efpep.rate(efpep.EF21("3/10"), setting, width="1/10").certificate
    zero = Weights(tuple(tuple((0 * ONE,) * len(m) for _ in m) for m in certificate.upper.weights), (0 * ONE,) * 1)
    zero = dataclasses.replace(zero, gaps=(0 * ONE,) * len(certificate.upper.gaps))
    claim = dataclasses.replace(certificate, upper=None, question=certificate.question.about(zero))
    assert "in a way that controls the distance" in claim.check()


# --- potentials ------------------------------------------------------------------------------------------------------

TWO_WAYS = {"compressor": efpep.Contractive("1/2"), "server_compressor": efpep.Contractive("1/2")}


@pytest.mark.parametrize("functions", [efpep.GradientDominated(1, 2), efpep.SmoothWeaklyConvex(-1, 1)])
def test_one_step_potentials_are_about_convex_functions(functions):
    with pytest.raises(InputError, match="convex functions with bounded subgradients"):
        averaging_inequalities(efpep.SafeEF(1), efpep.Setting(functions, **TWO_WAYS))


@dataclass(frozen=True)
class Hasty(efpep.ParallelCRPO):
    """Makes a longer step where the constraint is violated."""

    def step(self, state, run):
        """Step along f's subgradient, or twice along the constraint's."""
        inside = run.at_most(run.constraint_value(state.x), self.threshold)
        h = run.gradient(state.x) if inside else 2 * run.constraint_gradient(state.x)
        return self.State(state.x - self.step_size * run.mean(h))


def test_one_step_potentials_look_at_both_ways_a_method_switches():
    setting = efpep.Setting(efpep.BoundedSubgradients(1), **TWO_WAYS)
    assert averaging_inequalities(efpep.ParallelCRPO(1, threshold="1/10"), setting).blocks
    with pytest.raises(InputError, match="something else where the constraint is violated") as refused:
        averaging_inequalities(Hasty(1, threshold="1/10"), setting)
    assert one_sentence(refused.value)


@pytest.mark.parametrize(
    ("method", "constraint"), [(efpep.ProjectedEF21("1/10"), None), (efpep.GD("1/10"), efpep.BoundedSubgradients(1))]
)
def test_growing_potentials_are_about_minimisers_over_the_whole_space(method, constraint):
    setting = efpep.Setting(efpep.SmoothConvex(1), efpep.Contractive("1/2"), constraint=constraint)
    with pytest.raises(InputError, match="over the whole space") as refused:
        potential_inequalities(method, setting, 2)
    assert one_sentence(refused.value)


# --- worst cases -----------------------------------------------------------------------------------------------------


def test_patterns_need_deterministic_compressors_and_a_comparison_a_round():
    nonsmooth = efpep.BoundedSubgradients(1)
    random = efpep.Setting(nonsmooth, efpep.Randomized("1/2"), 1, efpep.Contractive("1/2"), nonsmooth)
    with pytest.raises(InputError, match="random compressor") as refused:
        efpep.switching_worst_case(efpep.SafeEF("1/10", threshold="1/10"), random, 2)
    assert one_sentence(refused.value)
    setting = dataclasses.replace(random, compressor=efpep.Contractive("1/2"))
    for method, said in ((efpep.GD("1/10"), "does not compare"), (efpep.EF21("1/10"), "does not compare")):
        with pytest.raises(InputError, match=said) as refused:
            pattern_inequalities(method, setting, (False, True), "average", ONE)
        assert one_sentence(refused.value)
    assert pattern_inequalities(efpep.SafeEF("1/10", threshold="1/10"), setting, (False, True), "average", ONE).rows


@dataclass(frozen=True)
class Twice(efpep.CGD):
    """Sends two messages that coincide where ``f'(x) = x``, as if the second answer could differ from the first."""

    title: ClassVar[str] = "Twice"

    def step(self, state, run):
        """Step along the mean of both answers."""
        g = run.gradient(state.x)
        again = g + run.gradient(state.x - run.mean(g))
        return self.State(state.x - self.step_size / 2 * run.mean(run.compress(g) + run.compress(again)))


@pytest.mark.parametrize(("losses", "accepted"), [((1, 1), True), ((1, -1), False)])
def test_a_compressor_gives_one_answer_to_one_message(losses, accepted):
    # f = x^2/2 from x = 1, and C(v) = v - r with r = v/2 or -v/2, which satisfies |r|^2 <= |v|^2/2
    question = worst_case_inequalities(WorstCaseQuestion(Twice("3/2"), uniform(10, "1/2"), 1, "gap"))
    first, second = (Fraction(a, 2) for a in losses)
    after = 1 - Fraction(3, 4) * ((1 - first) + (1 - second))
    shape = Fraction(9, 10)  # u = f'(x) - x/10
    at = {"x_0": ONE, "u0": shape, "r0": first, "u1": 0 * ONE, "r1": second, "u2": shape * after}
    names = question.blocks[0].names
    grams = (tuple(tuple(at[a] * at[b] for b in names) for a in names),)
    values = {"1": ONE, "F0": shape / 2, "F1": 0 * ONE, "F2": shape * after**2 / 2}
    instance = AttainedRun(grams, tuple(values[name] for name in question.values))
    attained = instance.moments(question).value(question.objective)
    assert attained == after**2 / 2
    if accepted:
        check_lower(question, instance, attained)
    else:
        with pytest.raises(CertificateError, match="messages 0 and 1 coincide"):
            check_lower(question, instance, attained)


def test_worst_cases_have_a_run_for_a_lower_end_and_no_constraint():
    asked = WorstCaseQuestion(efpep.GD(1), uniform(10, 0), 1)
    described = Certificate(asked, None, Bound(Fraction(1), {})).describe()
    described["claim"]["value"]["lower"] = "1000000"
    with pytest.raises(CertificateError, match="the witnesses has no 'lower'"):
        Certificate.restore(described)
    constrained = dataclasses.replace(uniform(10, 0), constraint=efpep.BoundedSubgradients(1))
    with pytest.raises(InputError, match="leave the constraint out") as refused:
        efpep.worst_case(efpep.GD(1), constrained, 1)
    assert one_sentence(refused.value)


def test_classes_claim_to_be_sufficient_only_where_they_say_so():
    assert not FunctionClass.exact
    exact = {efpep.SmoothStronglyConvex, efpep.SmoothConvex, efpep.SmoothWeaklyConvex, efpep.BoundedSubgradients}
    assert all(functions.exact for functions in exact)
    assert not efpep.GradientDominated.exact


# --- what belongs to a class ------------------------------------------------------------------------------------------

CLASSES: list[Component] = [
    efpep.SmoothStronglyConvex("1/10", 1),
    efpep.SmoothConvex(1),
    efpep.GradientDominated("1/10", 1),
    efpep.SmoothWeaklyConvex("-1/10", 1),
    efpep.BoundedSubgradients(2),
    Quadratic("1/10", 1),
    *(cls("1/4") for cls in (efpep.Contractive, efpep.Projection, efpep.LinearContractive, efpep.CommonLinear, efpep.Randomized)),
    efpep.Unbiased(3),
    BoundedMoments("1/2", 3),
]
FREE = {
    "smooth-strongly-convex": {"free_curvatures": (Fraction(1, 10), 1)},
    "bounded-subgradients": {"free_subgradients": 2},
    "contractive": {"free_losses": Fraction(3, 4)},
}


def free(component):
    """What a class says of the functions or maps that belong to it."""
    found = {name: getattr(component, name) for name in dir(component) if name.startswith("free_")}
    assert found
    return {name: number for name, number in found.items() if number is not None}


def narrowed(component):
    """The same component of a subclass, which may have inequalities of its own."""
    return type("Narrowed", (type(component),), {"__module__": __name__})(**component.parameters())


def test_all_classes_are_here():
    assert {type(component) for component in CLASSES} == {*FUNCTIONS.members.values(), *COMPRESSORS.members.values()}


@pytest.mark.parametrize("component", CLASSES, ids=lambda component: component.key)
def test_what_belongs_to_a_class_is_said_of_the_class_itself(component):
    narrow = narrowed(component)
    assert free(component) == FREE.get(component.key, {})
    assert free(narrow) == {}
    assert component.catalogued()
    assert not narrow.catalogued()
    for told in ("convexity", "subgradient_bound", "loss", "contraction", "lossless"):  # holds for some of the members as for all
        assert getattr(narrow, told, None) == getattr(component, told, None)


def test_a_class_that_says_nothing_has_no_known_members():
    for base, told in ((FunctionClass, ("convexity", "subgradient_bound")), (Compressor, ("loss", "contraction"))):
        names = [name for name in dir(base) if name.startswith("free_")]
        silent = type("Silent", (base,), dict.fromkeys(base.missing(), None))()
        assert [getattr(silent, name) for name in (*names, *told)] == [None] * (len(names) + len(told))


def test_the_kinds_of_the_classes():
    kinds = {component.key: getattr(component, "convexity", None) or getattr(component, "loss", None) for component in CLASSES}
    assert kinds == {
        "smooth-strongly-convex": Convexity.STRONG,
        "smooth-convex": Convexity.PLAIN,
        "gradient-dominated": None,
        "smooth-weakly-convex": Convexity.WEAK,
        "bounded-subgradients": None,
        "quadratic": None,
        "contractive": Loss.ANY,
        "projection": Loss.ORTHOGONAL,
        "linear": Loss.LINEAR,
        "common-linear": Loss.LINEAR,
        "randomized": Loss.EXPECTED,
        "unbiased": None,
        "bounded-moments": None,
    }


@pytest.mark.parametrize(
    ("part", "whole", "known"),
    [
        (efpep.Contractive("1/2"), efpep.Contractive("1/4"), True),
        (efpep.Contractive("1/4"), efpep.Contractive("1/2"), False),
        (efpep.Projection("1/2"), efpep.Contractive("1/4"), True),
        (efpep.Projection("1/4"), efpep.Contractive("1/2"), False),
        (efpep.Projection("1/2"), narrowed(efpep.Contractive("1/4")), False),
        (efpep.Contractive("1/2"), efpep.Projection("1/4"), False),
        (efpep.Randomized("1/2"), efpep.Contractive("1/4"), False),
        (efpep.Randomized("1/2", shared="yes"), efpep.Randomized("1/4", shared="yes"), True),
        (efpep.Randomized("1/2", shared="yes"), efpep.Randomized("1/4"), False),
        (efpep.Unbiased(1), efpep.Unbiased(2), True),
        (efpep.Unbiased(2), efpep.Unbiased(1), False),
        (efpep.Unbiased(1, shared="yes"), efpep.Unbiased(2), False),
        (efpep.Unbiased(0), efpep.Contractive(1), False),
    ],
)
def test_one_class_of_compressors_within_another(part, whole, known):
    assert part.within(whole) is known
    assert part.within(part)


@pytest.mark.parametrize("part", ["functions", "compressor"])
def test_an_instance_of_a_class_is_none_of_its_subclasses(part):
    method, setting, rate = efpep.EF21("1/2"), uniform(10, "1/2"), Fraction(9, 10)
    witness = eigen_instance(method, setting, rate)
    check_eigen_instance(method, setting, rate, witness)
    narrow = dataclasses.replace(setting, **{part: narrowed(getattr(setting, part))})
    assert eigen_instance(method, narrow, rate) is None
    with pytest.raises(CertificateError, match="is not in its group's") as refused:
        check_eigen_instance(method, narrow, rate, witness)
    assert one_sentence(refused.value)


@pytest.mark.parametrize("part", ["functions", "compressor"])
def test_a_run_of_a_class_is_no_lower_end_of_its_subclasses(part):
    one = efpep.Contractive(1)
    setting = efpep.Setting(efpep.BoundedSubgradients(1), efpep.Contractive("1/2"), 1, one, efpep.BoundedSubgradients(1))
    method = efpep.SafeEF("1/10", threshold="1/10")
    assert efpep.switching_worst_case(method, setting, 1).lower is not None
    narrow = dataclasses.replace(setting, **{part: narrowed(getattr(setting, part))})
    assert efpep.switching_worst_case(method, narrow, 1).lower is None


def test_quadratics_take_no_maps_that_a_subclass_may_exclude():
    setting = uniform(10, "1/2")
    narrow = dataclasses.replace(setting, compressor=narrowed(setting.compressor))
    with pytest.raises(InputError, match="linear maps of contractive classes") as refused:
        slowest_quadratic(efpep.EF21("1/10"), narrow)
    assert one_sentence(refused.value)


# --- laws ------------------------------------------------------------------------------------------------------------


def test_proofs_of_laws_are_about_the_whole_class_and_the_distance():
    method, setting = efpep.EF21("3/10"), uniform(10, "1/2")
    whole = efpep.rate(method, setting, width="1/10").certificate
    assert rate_proof({"rate": whole}, "rate", method, setting) is whole
    narrow = efpep.rate(method, setting, features=["x"]).certificate
    gap = efpep.rate(method, setting, "gap", width="1/10").certificate
    for other in (narrow, gap):
        with pytest.raises(CertificateError, match="another question"):
            rate_proof({"rate": other}, "rate", method, setting)


def test_a_factor_above_one_is_no_contraction(reference):
    weak = dataclasses.replace(reference, upper=dataclasses.replace(reference.upper, theta=Fraction(3, 2)), lower=None)
    assert "multiplies, at most, a Lyapunov function" in weak.check()
    found = efpep.rate(efpep.EF21("1/10"), uniform(10, "1/2"), width="1/10")
    found = with_ends(found, found.lower, Fraction(3, 2))
    assert found.verdict is Verdict.UNDECIDED


def test_a_concave_quadratic_is_bounded_below_nowhere():
    setting = efpep.Setting(efpep.SmoothWeaklyConvex(-1, 1))
    concave = QuadraticInstance((-ONE,), ((Gaussian(0 * ONE),),), Fraction(3, 2))
    with pytest.raises(CertificateError, match="does not belong to its function class"):
        Certificate(QuadraticQuestion(efpep.GD("1/2"), setting), concave, None).check()


HETEROGENEOUS_QUESTIONS = {
    "growing potential": lambda s: efpep.potential(
        efpep.ADEF("1/10"), dataclasses.replace(s, functions=efpep.SmoothConvex(1), constraint=None), 2
    ),
    "patterns": lambda s: efpep.switching_worst_case(efpep.SafeEF("1/10", threshold="1/10"), s, 2),
    "one step": lambda s: efpep.potential(efpep.SafeEF(), s),
}


@pytest.mark.parametrize("ask", HETEROGENEOUS_QUESTIONS.values(), ids=HETEROGENEOUS_QUESTIONS)
def test_a_heterogeneity_that_would_be_ignored_is_refused(ask):
    setting = efpep.Setting(
        efpep.BoundedSubgradients(1), efpep.Contractive("1/2"), 2, efpep.Contractive(1), efpep.BoundedSubgradients(1), "1/2"
    )
    with pytest.raises(efpep.InputError, match="heterogeneity") as refused:
        ask(setting)
    assert one_sentence(refused.value)


# --- what is fixed, projected and assumed ----------------------------------------------------------------------------


@dataclass(frozen=True)
class Diverse(efpep.SmoothWeaklyConvex):
    """Agents whose gradients differ at least as much as they agree, which a common shift of the deviations changes."""

    exact: ClassVar[bool] = False

    def interpolation(self, trace, group, a, b):
        if a.label == "*":
            mean = Part(b.gradient.mean)
            return 2 * square(mean, group) - square(b.gradient, group)
        return super().interpolation(trace, group, a, b)


@dataclass(frozen=True)
class Distant(efpep.SmoothWeaklyConvex):
    """As before, but by the inequality of one pair of samples that are no neighbours."""

    exact: ClassVar[bool] = False

    def interpolation(self, trace, group, a, b):
        found = super().interpolation(trace, group, a, b)
        return found + square(b.gradient, group) if (a.label, b.label) == ("0", "2") else found


def test_a_shift_that_inequalities_between_samples_see_is_not_fixed():
    # |mean g|^2 <= dev(g, g) excludes nothing about the mean, so that the worst case is that of all weakly convex functions
    found, every = (
        efpep.worst_case(efpep.GD("1/2"), efpep.Setting(cls(-1, 1), agents=2), 1, "gradient", {"gap": 1})
        for cls in (Diverse, efpep.SmoothWeaklyConvex)
    )
    assert found.upper is None or found.upper > every.upper * Fraction(99, 100)
    deviations = [worst_case_inequalities(answer.question).blocks[1].names for answer in (found, every)]
    assert deviations == [("g0", "g1"), ("g0",)]


def test_an_inequality_of_distant_samples_may_not_see_what_was_fixed():
    asked = WorstCaseQuestion(efpep.GD("1/2"), efpep.Setting(Distant(-1, 1), agents=2), 3, "gradient", "last", {"gap": 1})
    question = worst_case_inequalities(asked)
    pairs = question.named_pairs()
    assert question.pair(pairs["interpolation(1,2)"]).form.nonzero
    with pytest.raises(InputError, match="between the samples 0 and 2 depends on more") as refused:
        question.pair(pairs["interpolation(0,2)"])
    assert one_sentence(refused.value)


class Free(NamedTuple):
    x: Any


@dataclass(frozen=True)
class Leaving(Method):
    """Projected gradient descent that goes on from ten times its distance to the set: from outside it diverges."""

    title: ClassVar[str] = "Leaving"
    projects: ClassVar[bool] = True
    compresses: ClassVar[bool] = False
    State: ClassVar[type] = Free

    def start(self, x, run):
        return Free(x)

    def step(self, state, run):
        back = run.project(state.x - self.step_size * run.mean(run.gradient(state.x)))
        return Free(back + 10 * (state.x - run.project(state.x)))


def test_a_method_that_may_leave_its_set_is_not_analysed_as_if_it_stayed_there():
    setting = efpep.Setting(efpep.SmoothStronglyConvex("1/2", 1))
    for ask in (lambda: efpep.rate(Leaving("1/2"), setting), lambda: cycle_inequalities(Leaving("1/2"), setting, 1)):
        with pytest.raises(InputError, match="iterate x after a step is not what was projected") as refused:
            ask()
        assert one_sentence(refused.value)


def test_a_start_in_the_set_is_in_the_set():
    setting = efpep.Setting(efpep.SmoothConvex(1), heterogeneity=1)
    question = worst_case_inequalities(WorstCaseQuestion(Leaving("1/2"), setting, 1, "distance", "last", {"diameter": 1}))
    assert question.states[0].x.mean in [point.mean for point in question.trace.feasible_points]
    assert any(row.name.startswith("diameter(0,") and not row.equality for row in question.fixed)


def test_a_bound_of_the_gradient_at_the_minimiser_over_a_set_is_named():
    setting = efpep.Setting(efpep.SmoothConvex(1), efpep.Contractive("1/2"), heterogeneity="1/10")
    found = efpep.worst_case(efpep.ProjectedEF21("1/10"), setting, 1)
    assert found.certificate.check().endswith(", for a gradient at x* whose square is at most 0.01.")
