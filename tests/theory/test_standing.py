"""Every closed form says what stands behind it, and is stated once."""

import json
from fractions import Fraction

import mpmath
import pytest
from support import uniform

import efpep
from efpep.cli import main
from efpep.questions.worst_case.question import WorstCaseQuestion
from efpep.theorems.catalogue import THEOREMS, theorems_about
from efpep.theory import cgd, earlier_ef21, error_feedback, gd, safe_ef
from efpep.theory.closed_form import ClosedForm, Standing, root_of_complement
from efpep.theory.lower_bound import lower_bound

MIXED = efpep.Setting(
    None,
    efpep.Contractive("1/2"),
    [efpep.Group(efpep.SmoothStronglyConvex(1, 2), count=1), efpep.Group(efpep.SmoothStronglyConvex(1, 6), count=1)],
)
WHERE = uniform(10, "1/2")

FORMS = {
    "the rate of EF21": (error_feedback.rate(WHERE), Standing.PROVED, "ef21"),
    "the rate of EF": (error_feedback.rate(WHERE, error_feedback.EF), Standing.PROVED, "ef"),
    "the step size of EF21": (error_feedback.optimal_step_size(WHERE), Standing.PROVED, "ef21"),
    "the limit of EF21": (error_feedback.stability_limit(WHERE), Standing.PROVED, "ef21"),
    "the cubic": (error_feedback.cubic_rate(MIXED), Standing.PROVED, "ef21"),
    "the step-size law": (error_feedback.optimal_step_size(MIXED), Standing.CONJECTURE, ""),
    "the rate of CGD": (cgd.rate(WHERE), Standing.PROVED, "cgd"),
    "gradient descent": (gd.rate(WHERE), Standing.LITERATURE, ""),
    "the earlier rate": (earlier_ef21.rate(WHERE), Standing.LITERATURE, ""),
    "the constant of Safe-EF": (safe_ef.constant("1/2", "1/3"), Standing.PROVED, "safe-ef"),
    "that of projections": (safe_ef.projection_constant("1/2"), Standing.DERIVED, ""),
    "that of T rounds": (safe_ef.transient_constant(10, "1/2"), Standing.DERIVED, ""),
    "EControl without control": (efpep.EControl.literature.rate(efpep.EControl(), WHERE), Standing.PROVED, "ef21"),
    "EControl's step size": (
        efpep.EControl.literature.optimal_step_size(efpep.EControl(eta="1/10"), WHERE),
        Standing.CONJECTURE,
        "",
    ),
}


@pytest.mark.parametrize("name", FORMS)
def test_what_stands_behind_a_closed_form(name):
    form, standing, theorem = FORMS[name]
    assert (form.standing, form.theorem) == (standing, theorem)
    assert (form.check is not None) == (standing is Standing.PROVED)
    assert standing is not Standing.PROVED or theorems_about(theorem)


def test_bounds_after_some_steps_and_lower_bounds_say_it_too():
    assert lower_bound("1/2", 10).standing is Standing.DERIVED
    question = WorstCaseQuestion(
        efpep.GD("1/2"), efpep.Setting(efpep.SmoothConvex(1)), 3, "gap", initial={"distance": Fraction(1)}
    )
    bound = efpep.GD.literature.horizon_bound(question)
    assert (bound.standing, bound.value) == (Standing.LITERATURE, Fraction(1, 8))


def test_users_closed_forms_are_of_the_literature_unless_they_say_otherwise():
    assert ClosedForm(1, "1", "mine").standing is Standing.LITERATURE


@pytest.mark.parametrize("eta", ["1/100", "1/10", "3/10", "34/100"])
@pytest.mark.parametrize("agents", [1, 5])
def test_error_feedback_at_other_steps(eta, agents):
    """The spectral radius of the two linear instances, in another arithmetic."""
    found = error_feedback.rate_at(uniform(10, "1/2", agents), Fraction(eta))
    with mpmath.workdps(40):
        s, step = mpmath.sqrt(mpmath.mpf(1) / 2), mpmath.mpf(Fraction(eta).numerator) / Fraction(eta).denominator
        worst = max(
            abs(z)
            for curvature in (mpmath.mpf(1) / 10, mpmath.mpf(1))
            for z in mpmath.polyroots([1, -(1 - s - (1 + s) * step * curvature), -s], maxsteps=200)
        )
        assert abs(mpmath.mpf(found.value.numerator) / found.value.denominator - worst**2) < mpmath.mpf(10) ** -35


@pytest.mark.parametrize("theory", [error_feedback, cgd, gd])
def test_no_rate_is_claimed_from_the_limit_on(theory):
    limit = theory.stability_limit(WHERE).value
    assert theory.rate_at(WHERE, limit * Fraction(999, 1000)).value < 1
    assert theory.rate_at(WHERE, limit) is None
    assert theory.rate_at(WHERE, 0) is None


def test_the_rate_at_the_best_step_is_the_least():
    for theory in (error_feedback, cgd, gd):
        best = theory.optimal_step_size(WHERE).value
        at = [theory.rate_at(WHERE, best * Fraction(k, 1000)).value for k in (950, 990, 1000, 1005, 1010)]
        assert min(at) == at[2] == theory.rate(WHERE).value
        assert at == sorted(at[:3], reverse=True) + sorted(at[3:])


@pytest.mark.parametrize("delta", ["1/2", "1e-30", "3/4", 1])
def test_roots_close_to_one_keep_their_digits(delta):
    delta = Fraction(delta)
    q = root_of_complement(delta)
    assert abs((1 - q) * (1 + q) - delta) < delta * Fraction(1, 10**55)


def test_the_same_claim_stands_behind_theorem_and_answer():
    claims = {theorem.key: theorem.claim for theorem in THEOREMS if hasattr(theorem, "claim")}
    assert claims == {"ef": error_feedback.CLAIM, "ef21": error_feedback.CLAIM, "cgd": cgd.CLAIM}
    assert all(theorem.proof.cubic is error_feedback.CUBIC for theorem in THEOREMS if hasattr(theorem, "proof"))


@pytest.mark.parametrize("key", ["ef", "ef21", "cgd"])
def test_the_answer_has_the_theorem_at_any_step(key, capsys):
    words = ["rate", key, "--mu", "0.1", "--L", "1", "--delta", "0.5", "--step-size", "0.2"]
    assert main([*words, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    theory = found["theorem"]
    assert found["theory"] is None
    assert (theory["standing"], theory["check"]) == ("proved", f"efpep prove {key}")
    assert Fraction(found["rate"]["lower"]) <= Fraction(theory["rate"]) <= Fraction(found["rate"]["upper"])
    assert found["stability_limit"]["standing"] == "proved"
    assert main(words) == 0
    shown = " ".join(capsys.readouterr().out.split())
    assert f"proved for all parameters: efpep prove {key}" in shown
    assert f"theory {theory['rate']}" in shown
    assert f"stable below {found['stability_limit']['step_size']}" in shown


def test_beyond_the_limit_the_answer_has_no_rate_but_the_limit():
    found = efpep.rate(efpep.EF21("2/5"), WHERE)
    assert found.theorem is None
    assert found.verdict is efpep.Verdict.REFUTED
    assert found.stability_limit.value < Fraction(2, 5)
    assert "stable" in dict(found.display().rows)


def test_projections_have_an_upper_bound(capsys):
    words = ["rate", "ef21", "--mu", "0.1", "--L", "1", "--compressor", "projection", "--delta", "0.5"]
    assert main(words) == 0
    assert "theory     at most 0.9393681960283" in capsys.readouterr().out


def test_functions_without_a_theorem_have_no_theory():
    setting = efpep.Setting(efpep.GradientDominated("1/10", 1), efpep.Contractive("1/2"))
    found = efpep.rate(efpep.EF21("1/10"), setting, "gap")
    assert (found.theorem, found.stability_limit) == (None, None)
