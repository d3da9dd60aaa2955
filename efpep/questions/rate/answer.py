"""``efpep.rate``: the proved worst-case rate of a method in a setting."""

from __future__ import annotations

import contextlib
import functools
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.conic.lmi import Lmi
from efpep.conic.solver import AUTOMATIC, DEFAULT, Solver, find_solver
from efpep.errors import InputError
from efpep.methods.base import LITERATURE, OPTIMAL, Method
from efpep.model.definite import is_semidefinite, is_symmetric
from efpep.model.field import rational, shown
from efpep.proof.witness import LowerWitness, UpperWitness
from efpep.questions.answer import Interval, proved
from efpep.questions.base import Verdict
from efpep.questions.common.claim_assumptions import sufficient
from efpep.questions.common.magnitude import within_doubles
from efpep.questions.common.prefilled import with_inequalities
from efpep.questions.common.required import require
from efpep.questions.common.step_inequalities import StepInequalities, Weights
from efpep.questions.rate.boundary import refutation
from efpep.questions.rate.contained import contained, embedded
from efpep.questions.rate.digits import checked_digits, sharpened, shortfall
from efpep.questions.rate.enclosure import WIDTH, Enclosure
from efpep.questions.rate.formula import weights
from efpep.questions.rate.inequalities import check_curvature, recorded
from efpep.questions.rate.lmi import rate_lmi
from efpep.questions.rate.lyapunov import Lyapunov
from efpep.questions.rate.lyapunov_class import LyapunovClass
from efpep.questions.rate.question import RateQuestion
from efpep.questions.rate.search import Estimate, newton, search
from efpep.questions.rate.theorem_path import THEOREM, by_theorem
from efpep.questions.rate.witness_path import attained
from efpep.setting import Setting
from efpep.theory.closed_form import ClosedForm

if TYPE_CHECKING:
    from efpep.model.trace import Trace

EXACT = "exact"
"""The solver's name where none was asked."""


@dataclass(frozen=True, slots=True, repr=False)
class Rate(Interval[RateQuestion, LowerWitness, UpperWitness]):
    """The answer of :func:`rate`.

    No Lyapunov function of the class proves a rate smaller than ``lower``, and one contracts at the rate ``upper`` a step; an end
    is None where it is undecided, or where the other end refutes it.

    Attributes:
        lyapunov: the Lyapunov function of the upper end, or None.
        step_size_source: the closed form of an ``"optimal"`` step size, or None where a number was given.
        theory: the closed form of the rate at an ``"optimal"`` step size, where there is one.
        shortfall: why the interval has fewer digits than were asked for, or None.
        method_lower: a factor a step that the method itself is no faster than, proved by an instance; None where none was
            searched (:func:`efpep.asymptotic_lower_bound`).
    """

    lyapunov: Lyapunov | None = None
    step_size_source: ClosedForm | None = None
    theory: ClosedForm | None = None
    shortfall: str | None = None
    method_lower: Fraction | None = None

    @property
    def metric(self) -> str:
        """The metric that the Lyapunov function controls."""
        return self.question.metric

    @property
    def theorem(self) -> ClosedForm | None:
        """The closed form of the rate at exactly this step size, whatever it is, where one is known."""
        return self.method.literature.known_rate(self.method, self.setting)

    @property
    def stability_limit(self) -> ClosedForm | None:
        """The step size from which on the method need not converge, in closed form, where one is known."""
        return self.method.literature.known_limit(self.method, self.setting)

    @property
    def by_theorem(self) -> bool:
        """Whether both ends come from a theorem's formulas, which can be as close as is asked."""
        return self.solver == THEOREM

    @property
    def finding(self) -> str:
        """The verdict as words: what is proved about a contraction."""
        if self.verdict is Verdict.PROVED:
            return "a contraction is proved"
        if self.verdict is Verdict.UNDECIDED:
            return "undecided"
        if sufficient(self.method, self.setting):
            return "no Lyapunov function of the class contracts, proved"
        return "no Lyapunov function of the class contracts by the recorded inequalities, which need not be sufficient, proved"

    @property
    def certified(self) -> bool:
        """Whether nothing is left undecided: both ends are proved, or that there is no contraction."""
        return self.verdict is Verdict.REFUTED or (self.upper is not None and self.lower is not None)


def rate(
    method: Method,
    setting: Setting,
    metric: str = "distance",
    solver: str = AUTOMATIC,
    *,
    lyapunov: str | Lyapunov | None = None,
    memory: int = 0,
    features: Sequence[str] | None = None,
    positivity: str | None = None,
    width: object = WIDTH,
    digits: int | None = None,
) -> Rate:
    """Compute and prove the best worst-case contraction factor rho of a method, ``V_{k+1} <= rho V_k``.

    V ranges over quadratics in the method's features (positive semidefinite weights) plus nonnegative multiples of the
    function gap, and dominates the metric. The interval is certified at both ends in exact arithmetic: ``upper`` is a
    convergence guarantee, ``lower`` says that no such V does better (it is not a lower bound on the method itself).

    Where the search of a class leaves the interval wide, contained ones (fewer past states, semidefinite weights, the
    literature's function) are asked for their upper ends, which are ends of the larger class too.
    Measured for EF, EF21 (10 agents) and CGD (1) at the literature's step size and delta .01, .5, .99: both ends within 9e-5 of
    ``1 - rho`` for condition numbers up to 1e10, in 1 to 15 s; at 1e12 some upper ends are wide.

    Args:
        method: the method with its parameters; ``step_size="optimal"`` takes the literature's closed form, rounded to 17 digits.
        setting: functions, compressor and agents.
        metric: ``"distance"`` (``||x - x*||^2``), ``"gradient"`` (``||grad f(x)||^2``) or ``"gap"`` (``f(x) - f*``).
        solver: ``"automatic"``, which is Clarabel, and at rates that a linear instance attains without a search; or who searches:
            ``"clarabel"`` (with extended precision where it does not suffice), ``"extended"``, ``"scs"`` or ``"cvxpy:NAME"``.
        lyapunov: a Lyapunov function to take instead of the best one: a formula (see :mod:`efpep.questions.rate.formula`), one
            found by another call, or ``"literature"`` for the literature's. Then ``lower`` says that this V does no better.
        memory: how many past states V may depend on besides the current one.
        features: the features and gaps that V may be made of (``"x"``, ``"g"``, the method's own, ``"f"``), or None for all.
        positivity: ``"weights"`` for positive semidefinite weights and nonnegative multiples of the gap; ``"interpolation"`` for
            weights of any sign with which V is nonnegative because of the interpolation inequalities between the points of its
            features and the minimiser (a larger class, so that the best rate is never worse); without it what the method says
            (:attr:`efpep.Method.positivity`), ``"weights"`` but for :class:`~efpep.methods.AcceleratedEF21` and
            :class:`~efpep.methods.TripleMomentum`.
        width: how wide the interval may be; 9e-9 unless told. It is also at most 9e-5 of ``1 - rho``.
        digits: how many digits the interval is to have: then it is at most ``10**-digits`` wide, at most 200, which takes some
            seconds; where it is wider, :attr:`Rate.shortfall` says why.

    Raises:
        InputError: the question is not well posed, for instance because a linear rate needs mu > 0.
    """
    require(method, setting)
    backend = find_solver(solver)
    begin = time.perf_counter()
    check_curvature(setting, metric)
    optimal = method.step_size == OPTIMAL
    source = method.literature.optimal_step_size(method, setting) if optimal else None
    theory = method.literature.rate(method, setting) if optimal else None
    method = method.resolved(setting, source)
    room = checked_width(width)
    wanted = None if digits is None else checked_digits(digits)
    if wanted is not None and room != WIDTH:
        raise InputError(
            "digits and width both say how narrow the interval of the rate has to be; give one of them.", argument="digits"
        )
    if isinstance(features, str):
        raise InputError(
            f"features is {shown(features)}, which is no list; give names such as ['g', 'g-d'].", argument="features"
        )
    lyapunov_class = LyapunovClass(memory, None if features is None else tuple(features), positivity or method.positivity)
    question = RateQuestion(method, setting, metric, None, lyapunov_class)
    if lyapunov is not None:
        question = question.about(given_weights(question.inequalities, method, setting, lyapunov))
    found = ask(question, backend, width=room, digits=wanted, instances=solver == AUTOMATIC)
    return replace(found, step_size_source=source, theory=theory, seconds=time.perf_counter() - begin)


@within_doubles
def ask(
    question: RateQuestion, solver: Solver, *, width: Fraction = WIDTH, digits: int | None = None, instances: bool = True
) -> Rate:
    """Return the answer to a question; see :func:`rate`.

    Where a linear instance attains the rate (:mod:`efpep.questions.rate.witness_path`) there is no search, unless ``instances``
    is false.

    Raises:
        InputError: the question is not well posed.
    """
    begin = time.perf_counter()

    @functools.cache
    def recording() -> tuple[StepInequalities, Trace]:
        return recorded(question.method, question.setting, question.metric, lyapunov_class=question.lyapunov_class)

    quick = instances and solver.name == DEFAULT
    found = by_theorem(question, recording, width) if quick else None
    if found is None:
        built, trace = recording()
        with_inequalities(question, replace(built, given=question.given))
        lmi = rate_lmi(question.inequalities)
        found = attained(question, trace, lmi, solver, width) if quick else None
        if found is None:
            refuted = refutation(question, trace)
            if refuted is not None:
                return Rate(question, proved(question, refuted, None, None), EXACT, time.perf_counter() - begin)
            found = _searched(question, solver, width, lmi)
    if not found.sharp(width):
        found = _at_most_contained(question, solver, width, found)
    missing = None
    if digits is not None:
        found = sharpened(question.inequalities, found, solver, digits)
        missing = shortfall(found, digits)
    certificate = proved(question, found.lower, found.upper, found.solver)
    function = None if found.upper is None else Lyapunov.of(question.inequalities, found.upper)
    return Rate(question, certificate, found.solver, time.perf_counter() - begin, function, shortfall=missing)


@within_doubles
def estimated(question: RateQuestion, solver: Solver) -> Estimate:
    """Return a solver's opinion of the least rate, which proves nothing: for searches that ask about many parameters.

    Raises:
        InputError: the question is not well posed.
    """
    return newton(rate_lmi(question.inequalities), solver, Fraction(0))


def checked_width(width: object) -> Fraction:
    """Return the width of an interval as a number.

    Raises:
        InputError: it is none, or out of range.
    """
    room = rational(width, "width")
    if not Fraction(1, 10**15) <= room <= 1:
        raise InputError(
            f"width is {float(room):g}, and intervals of rates are from 1e-15 to 1 wide; give a number between.", argument="width"
        )
    return room


def _searched(question: RateQuestion, solver: Solver, width: Fraction, lmi: Lmi | None = None) -> Enclosure:
    return search(question.inequalities, solver, extended=solver.name == DEFAULT, width=width, lmi=lmi)


def _at_most_contained(question: RateQuestion, solver: Solver, width: Fraction, found: Enclosure) -> Enclosure:
    """Return an enclosure whose upper end is at most what contained classes prove, and at the last the literature's function."""
    smaller = list(contained(question))
    for other in smaller:
        certificate = ask(other, solver, width=width).certificate
        proof = None if certificate is None or certificate.upper is None else embedded(certificate.upper, other, question)
        found = found.better_of(Enclosure(None, proof, solver.name))
    if not smaller and question.given is None:
        with contextlib.suppress(InputError, OverflowError):  # the literature has none, or it is no member here
            weights = given_weights(question.inequalities, question.method, question.setting, LITERATURE)
            found = found.better_of(replace(_searched(question.about(weights), solver, width), lower=None))
    return found


def given_weights(question: StepInequalities, method: Method, setting: Setting, lyapunov: str | Lyapunov) -> Weights:
    """Return the weights of a given Lyapunov function in a question's features.

    Raises:
        InputError: it is malformed, or not of the class that is searched.
    """
    if isinstance(lyapunov, Lyapunov):
        given = lyapunov.in_features(question)
    elif isinstance(lyapunov, str):  # pyright: ignore[reportUnnecessaryIsInstance]
        text = method.literature.lyapunov(method, setting) if lyapunov == LITERATURE else lyapunov
        given = weights(question, [group.share for group in setting.populations()], text)
    else:
        raise InputError(
            f"lyapunov is {lyapunov!r}, which is no Lyapunov function; give a formula such as '|g|^2', or 'literature'.",
            argument="lyapunov",
        )
    if not all(is_symmetric(block) for block in given.blocks):
        raise InputError(
            "the given Lyapunov function has weights that are not symmetric; give symmetric matrices.", argument="lyapunov"
        )
    signs = not all(is_semidefinite(block) for block in given.blocks) or any(gap < 0 for gap in given.gaps)
    if signs and question.state_row_count is None:
        raise InputError(
            "the given Lyapunov function is not a positive semidefinite quadratic plus nonnegative gaps, the class of functions "
            "that is searched; change its coefficients, or ask with positivity 'interpolation'.",
            argument=("lyapunov", "positivity"),
        )
    return given
