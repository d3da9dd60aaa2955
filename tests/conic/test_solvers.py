"""Solvers that lie, and solvers that are weak: nothing false is ever proved, an answer only gets wider or undecided."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from support import uniform

import efpep
from efpep.conic.clarabel_solver import ClarabelSolver
from efpep.conic.scs_solver import ScsSolver
from efpep.conic.status import Solution, SolverStatus
from efpep.proof.conditions import check_lower, check_upper
from efpep.questions.rate.enclosure import WIDTH
from efpep.questions.rate.inequalities import rate_inequalities
from efpep.questions.rate.search import search


def closed_forms():
    """The literature's rates at kappa = 10, epsilon = 1/2, to 30 digits."""
    with mpmath.workdps(40):
        s, k = mpmath.sqrt(mpmath.mpf(1) / 2), mpmath.mpf(10)
        psi = 1 - s + mpmath.sqrt((1 + s) ** 2 + 16 * s * k / (k - 1) ** 2)
        c = k * (1 + s) / (1 - s)
        values = {"ef21": s + (1 - s) / 2 * ((k - 1) / (k + 1)) ** 2 * psi, "cgd": ((c - 1) / (c + 1)) ** 2}
        return {name: Fraction(mpmath.nstr(value, 30)) for name, value in values.items()}


RHO = closed_forms()
METHODS = {"ef21": (efpep.EF21(), uniform(10, "1/2", 2)), "cgd": (efpep.CGD(), uniform(10, "1/2"))}


def question_of(name):
    method, setting = METHODS[name]
    return rate_inequalities(method.resolved(setting), setting, "distance")


class Liar:
    """A backend that spoils Clarabel's answers, or makes its own up."""

    name = "liar"

    def __init__(self, lie):
        self.lie = lie
        self.draw = np.random.default_rng(0)
        self.honest = ClarabelSolver()
        self.calls = 0
        self.last = None

    def solve(self, program, tolerance):
        self.calls += 1
        return self.lie(self, program, tolerance)


def honest(liar, program, tolerance):
    return liar.honest.solve(program, tolerance)


def garbage(liar, program, tolerance):
    return Solution(SolverStatus.SOLVED, liar.draw.normal(size=program.variables), liar.draw.normal(size=program.cones.rows))


def huge(liar, program, tolerance):
    return Solution(SolverStatus.SOLVED, np.full(program.variables, 1e308), np.full(program.cones.rows, -1e308))


def tiny(liar, program, tolerance):
    return Solution(SolverStatus.SOLVED, np.full(program.variables, 5e-324), np.full(program.cones.rows, 5e-324))


def zeros(liar, program, tolerance):
    return Solution(SolverStatus.SOLVED, np.zeros(program.variables), np.zeros(program.cones.rows))


def ones(liar, program, tolerance):
    return Solution(SolverStatus.SOLVED, np.ones(program.variables), np.ones(program.cones.rows))


def not_numbers(liar, program, tolerance):
    return Solution(SolverStatus.SOLVED, np.full(program.variables, np.nan), np.full(program.cones.rows, np.nan))


def infinite(liar, program, tolerance):
    return Solution(SolverStatus.SOLVED, np.full(program.variables, np.inf), np.full(program.cones.rows, -np.inf))


def one_nan(liar, program, tolerance):
    found = liar.honest.solve(program, tolerance)
    found.primal[-1] = np.nan
    return found


def too_short(liar, program, tolerance):
    found = liar.honest.solve(program, tolerance)
    return Solution(SolverStatus.SOLVED, found.primal[:-1], found.dual[:-1])


def too_long(liar, program, tolerance):
    found = liar.honest.solve(program, tolerance)
    return Solution(SolverStatus.SOLVED, np.append(found.primal, 1.0), np.append(found.dual, 1.0))


def empty(liar, program, tolerance):
    return Solution(SolverStatus.SOLVED, np.zeros(0), np.zeros(0))


def matrices(liar, program, tolerance):
    return Solution(SolverStatus.SOLVED, np.zeros((program.variables, 1)), np.zeros((program.cones.rows, 1)))


def nothing(liar, program, tolerance):
    return Solution(SolverStatus.SOLVED)


def only_primal(liar, program, tolerance):
    return Solution(SolverStatus.SOLVED, liar.honest.solve(program, tolerance).primal, None)


def no_solution_at_all(liar, program, tolerance):
    return None


def scaled(liar, program, tolerance):
    found = liar.honest.solve(program, tolerance)
    return Solution(SolverStatus.SOLVED, 1000 * found.primal, 1e-3 * found.dual)


def negated(liar, program, tolerance):
    found = liar.honest.solve(program, tolerance)
    return Solution(SolverStatus.SOLVED, -found.primal, -found.dual)


def permuted(liar, program, tolerance):
    found = liar.honest.solve(program, tolerance)
    return Solution(SolverStatus.SOLVED, liar.draw.permutation(found.primal), liar.draw.permutation(found.dual))


def noisy(liar, program, tolerance):
    found = liar.honest.solve(program, tolerance)
    return Solution(SolverStatus.SOLVED, *(v * (1 + 1e-4 * liar.draw.normal(size=v.shape)) for v in (found.primal, found.dual)))


def optimistic(liar, program, tolerance):
    """Claim a large margin, as a solver that ignores its constraints would."""
    found = liar.honest.solve(program, tolerance)
    found.primal[0] = abs(found.primal[0]) + 1
    return found


def pessimistic(liar, program, tolerance):
    found = liar.honest.solve(program, tolerance)
    found.primal[0] = -abs(found.primal[0]) - 1
    return found


def stale(liar, program, tolerance):
    """Answer every question with the first answer of the same shape."""
    if liar.last is None or liar.last.primal.shape != (program.variables,):
        liar.last = liar.honest.solve(program, tolerance)
    return liar.last


def of_another_problem(liar, program, tolerance):
    """The solution of a milder problem of the same shape."""
    from efpep.questions.rate.lmi import rate_lmi

    other = rate_lmi(rate_inequalities(efpep.EF21("1/20"), uniform(5, "1/10", 2), "distance")).pencil.at(Fraction(1, 3))
    found = liar.honest.solve(other, tolerance)
    if found.primal.shape != (program.variables,):
        return Solution(SolverStatus.FAILED)
    return found


def random_half_of_the_time(liar, program, tolerance):
    return garbage(liar, program, tolerance) if liar.calls % 2 else honest(liar, program, tolerance)


def careless(liar, program, tolerance):
    return liar.honest.solve(program, 1e-2)


def wrong_status(liar, program, tolerance):
    found = liar.honest.solve(program, tolerance)
    return Solution(SolverStatus.INFEASIBLE, found.primal, found.dual)


def false_precision(liar, program, tolerance):
    """Rationals that have nothing to do with the floating-point answer, and do not fit it."""
    found = liar.honest.solve(program, tolerance)
    return Solution(SolverStatus.SOLVED, found.primal, found.dual, ((Fraction(1),) * 3, (Fraction(1),) * 2))


def single_precision(liar, program, tolerance):
    found = liar.honest.solve(program, tolerance)
    return Solution(SolverStatus.SOLVED, found.primal.astype(np.float32), found.dual.astype(np.float32))


LIES = [
    honest, garbage, huge, tiny, zeros, ones, not_numbers, infinite, one_nan, too_short, too_long, empty, matrices, nothing,
    only_primal, no_solution_at_all, scaled, negated, permuted, noisy, optimistic, pessimistic, stale, of_another_problem,
    random_half_of_the_time, careless, wrong_status, false_precision, single_precision,
]  # fmt: skip


def check_truth(question, found, rho):
    """Whatever came back is proved and true."""
    if found.upper is not None:
        check_upper(question.system, found.upper)
        assert found.upper.theta >= rho
    if found.lower is not None:
        check_lower(question.system, found.lower)
        assert found.lower.theta <= rho


@pytest.mark.fast_cases(34)
@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__)
def test_a_lying_backend_proves_nothing_false(lie, name):
    question = question_of(name)
    liar = Liar(lie)
    found = search(question, liar, extended=False)
    assert liar.calls > 0
    check_truth(question, found, RHO[name])
    if lie is honest:
        assert found.lower is not None
        assert found.upper is not None
        assert found.upper.theta - found.lower.theta <= Fraction(1, 10**8)


@pytest.mark.fast_cases(8)
@pytest.mark.parametrize("name", ["cgd", pytest.param("ef21", marks=pytest.mark.slow)])
@pytest.mark.parametrize("lie", LIES, ids=lambda lie: lie.__name__)
def test_a_lying_backend_is_made_good_by_extended_precision(lie, name):
    question = question_of(name)
    found = search(question, Liar(lie), extended=True)
    check_truth(question, found, RHO[name])
    assert found.sharp(WIDTH)


@pytest.mark.parametrize("seed", range(8))
def test_random_spoiling_proves_nothing_false(seed):
    """Answers with a few entries replaced, in random calls."""

    def spoil(liar, program, tolerance):
        found = liar.honest.solve(program, tolerance)
        draw = np.random.default_rng((seed, liar.calls))
        for vector in (found.primal, found.dual):
            if draw.random() < 0.5:
                places = draw.integers(0, len(vector), 2)
                vector[places] = draw.choice([0.0, -1.0, 1e-8, 1e8, vector[places[0]], -vector[places[1]]])
        return found

    question = question_of("ef21")
    check_truth(question, search(question, Liar(spoil), extended=False), RHO["ef21"])


def test_a_liar_about_a_method_that_does_not_contract():
    question = rate_inequalities(efpep.EF("1/2"), uniform(10, "1/2"), "distance")
    for lie in LIES:
        found = search(question, Liar(lie), extended=False)
        assert found.upper is None, lie.__name__
        if found.lower is not None:
            check_lower(question.system, found.lower)


# --- the weaker backends -------------------------------------------------------------------------------------------------


@pytest.mark.fast_cases(2)
@pytest.mark.parametrize("solver", [pytest.param("scs", marks=pytest.mark.slow), "cvxpy:CLARABEL", "cvxpy:SCS", "extended"])
@pytest.mark.parametrize("name", METHODS)
def test_other_backends_contain_the_truth_or_are_undecided(name, solver):
    method, setting = METHODS[name]
    rate = efpep.rate(method, setting, solver=solver)
    assert rate.lower is None or rate.lower <= RHO[name]
    assert rate.upper is None or RHO[name] <= rate.upper
    assert rate.verdict is not efpep.Verdict.REFUTED
    if rate.certificate is not None:
        rate.certificate.check()
        assert rate.solver == solver
    if solver == "extended":
        assert rate.upper - rate.lower <= Fraction(1, 10**8)


def test_cvxpy_with_clarabel_decides_an_easy_case():
    rate = efpep.rate(*METHODS["ef21"], solver="cvxpy:CLARABEL")
    assert rate.certified
    assert rate.upper - rate.lower < Fraction(1, 10**3)


@pytest.mark.slow
def test_scs_on_a_hard_case_is_wide_or_undecided_but_never_wrong():
    setting = uniform(1000, "9/10", 2)
    rate = efpep.rate(efpep.EF21(), setting, solver="scs")
    truth = rate.theory.value
    assert rate.lower is None or rate.lower <= truth
    assert rate.upper is None or truth <= rate.upper
    assert rate.verdict is not efpep.Verdict.REFUTED


@pytest.mark.slow
@pytest.mark.parametrize("epsilon", ["0.01", "0.1", "0.5", "0.9", "0.99"])
@pytest.mark.parametrize("kappa", [2, 10, 100, 1000, 10**4])
@pytest.mark.parametrize("solver", ["scs", "cvxpy:CLARABEL"])
@pytest.mark.parametrize("method", [efpep.EF, efpep.EF21])
def test_weak_backends_on_the_grid(method, solver, kappa, epsilon):
    rate = efpep.rate(method(), uniform(kappa, epsilon, 2), solver=solver)
    assert rate.lower is None or rate.lower <= rate.theory.value
    assert rate.upper is None or rate.theory.value <= rate.upper
    if rate.certificate is not None:
        rate.certificate.check()


@pytest.mark.parametrize("method", [efpep.GD(), efpep.EF21()], ids=["GD", "EF21"])
def test_scs_on_an_easy_case_contains_the_truth_or_is_undecided(method):
    assert ScsSolver().name == "scs"
    rate = efpep.rate(method, uniform(2, "1/4" if isinstance(method, efpep.EF21) else 0), solver="scs")
    assert rate.solver == "scs"
    truth = Fraction(1, 9) if isinstance(method, efpep.GD) else rate.theory.value
    assert rate.lower is None or rate.lower <= truth
    assert rate.upper is None or rate.upper >= truth
