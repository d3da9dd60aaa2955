"""``efpep.rate``: the proved worst-case rate of a method in a setting."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from efpep.conic.solver import DEFAULT, find_solver
from efpep.conic.tried import unproved
from efpep.errors import InputError
from efpep.methods.base import LITERATURE, OPTIMAL, Method
from efpep.model.definite import is_semidefinite, is_symmetric
from efpep.model.field import rational
from efpep.questions.base import Certificate, Verdict
from efpep.questions.common.required import require
from efpep.questions.rate.contraction import Contraction, Weights, check_curvature
from efpep.questions.rate.enclosure import WIDTH
from efpep.questions.rate.formula import weights
from efpep.questions.rate.lyapunov import Lyapunov
from efpep.questions.rate.lyapunov_class import WEIGHTS, Shape
from efpep.questions.rate.question import RateCertificate, RateQuestion
from efpep.questions.rate.search import search
from efpep.setting import Setting
from efpep.theory.closed_form import ClosedForm


@dataclass(frozen=True, slots=True)
class Rate:
    """The answer of :func:`rate`.

    Attributes:
        method: the method, with the exact step size that the claims are about.
        setting: the setting.
        metric: the metric that the Lyapunov function controls.
        lower: no Lyapunov function of the class proves a smaller rate; None where undecided.
        upper: a Lyapunov function contracts at this rate a step; None where undecided or refuted.
        lyapunov: the Lyapunov function of the upper end, or None.
        certificate: the claims with their exact proofs, or None where both ends are undecided.
        solver: whose proposals became certificates.
        seconds: how long the answer took.
        step_size_source: the closed form of an ``"optimal"`` step size, or None where a number was given.
        theory: the literature's rate at the optimal step size, where there is one.
    """

    method: Method
    setting: Setting
    metric: str
    lower: Fraction | None
    upper: Fraction | None
    lyapunov: Lyapunov | None
    certificate: RateCertificate | None
    solver: str
    seconds: float
    step_size_source: ClosedForm | None
    theory: ClosedForm | None

    @property
    def verdict(self) -> Verdict:
        """Proved, refuted or undecided."""
        if self.upper is not None and self.upper < 1:
            return Verdict.PROVED
        return Verdict.REFUTED if self.lower is not None and self.lower >= 1 else Verdict.UNDECIDED

    @property
    def finding(self) -> str:
        """The verdict as words: what is proved about a contraction."""
        if self.verdict is Verdict.PROVED:
            return "a contraction is proved"
        if self.verdict is Verdict.UNDECIDED:
            return "undecided"
        if self.setting.sufficient:
            return "no Lyapunov function of the class contracts, proved"
        return "no Lyapunov function of the class contracts by the recorded inequalities, which need not be sufficient, proved"

    @property
    def certified(self) -> bool:
        """Whether nothing is left undecided: both ends are proved, or that there is no contraction."""
        return self.verdict is Verdict.REFUTED or (self.upper is not None and self.lower is not None)

    def __str__(self) -> str:
        """Say what is proved."""
        if self.certificate is None:
            return f"{self.method.title or type(self.method).__name__}: undecided, for {unproved(self.solver)}."
        return self.certificate.sentence()


def rate(
    method: Method,
    setting: Setting,
    metric: str = "distance",
    solver: str = DEFAULT,
    *,
    lyapunov: str | Lyapunov | None = None,
    memory: int = 0,
    features: Sequence[str] | None = None,
    positivity: str = WEIGHTS,
    width: object = WIDTH,
) -> Rate:
    """Compute and prove the best worst-case contraction factor rho of a method, ``V_{k+1} <= rho V_k``.

    V ranges over quadratics in the method's features (positive semidefinite weights) plus nonnegative multiples of the
    function gap, and dominates the metric. The interval is certified at both ends in exact arithmetic: ``upper`` is a
    convergence guarantee, ``lower`` says that no such V does better (it is not a lower bound on the method itself).

    Args:
        method: the method with its parameters; ``step_size="optimal"`` takes the literature's closed form, rounded to 17 digits.
        setting: functions, compressor and agents.
        metric: ``"distance"`` (``||x - x*||^2``), ``"gradient"`` (``||grad f(x)||^2``) or ``"gap"`` (``f(x) - f*``).
        solver: ``"clarabel"`` (with extended precision where it does not suffice), ``"extended"``, ``"scs"`` or ``"cvxpy:NAME"``.
        lyapunov: a Lyapunov function to take instead of the best one: a formula (see :mod:`efpep.questions.rate.formula`), one
        found
            by another call, or ``"literature"`` for the literature's. Then ``lower`` says that this V does no better.
        memory: how many past states V may depend on besides the current one.
        features: the features and gaps that V may be made of (``"x"``, ``"g"``, the method's own, ``"f"``), or None for all.
        positivity: ``"weights"`` for positive semidefinite weights and nonnegative multiples of the gap; ``"interpolation"`` for
            weights of any sign with which V is nonnegative because of the interpolation inequalities between the points of its
            features and the minimiser (a larger class, so that the best rate is never worse).
        width: how wide the interval may be; 9e-9 unless told. It is also at most 9e-5 of ``1 - rho``.

    Raises:
        InputError: the question is not well posed, for instance because a linear rate needs mu > 0.
    """
    require(method, setting)
    backend = find_solver(solver)
    begin = time.perf_counter()
    check_curvature(setting)
    optimal = method.step_size == OPTIMAL
    source = method.literature.optimal_step_size(method, setting) if optimal else None
    method = method.resolved(setting)
    room = rational(width, "width")
    if not Fraction(1, 10**15) <= room <= 1:
        raise InputError(
            f"width is {float(room):g}, and certificates of rates are at least 1e-15 wide; give 1e-15 to 1.", argument="width"
        )
    shape = Shape(memory, None if features is None else tuple(features), positivity)
    asked = RateQuestion(method, setting, metric, None, shape)
    if lyapunov is not None:
        asked = asked.about(given_weights(asked.built, method, setting, lyapunov))
    question = asked.built
    try:
        found = search(question, backend, extended=backend.name == DEFAULT, width=room)
    except OverflowError as error:
        raise InputError(
            "the numbers of the question span too many orders of magnitude for a solver; rescale the problem."
        ) from error
    certificate = Certificate(asked, found.lower, found.upper)
    return Rate(
        method=method,
        setting=setting,
        metric=metric,
        lower=None if found.lower is None else found.lower.theta,
        upper=None if found.upper is None else found.upper.theta,
        lyapunov=None if found.upper is None else Lyapunov.of(question, found.upper),
        certificate=certificate if found.lower is not None or found.upper is not None else None,
        solver=found.solver,
        seconds=time.perf_counter() - begin,
        step_size_source=source,
        theory=method.literature.rate(method, setting) if optimal else None,
    )


def given_weights(question: Contraction, method: Method, setting: Setting, lyapunov: str | Lyapunov) -> Weights:
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
    if signs and question.settled is None:
        raise InputError(
            "the given Lyapunov function is not a positive semidefinite quadratic plus nonnegative gaps, the class of functions "
            "that is searched; change its coefficients, or ask with positivity 'interpolation'.",
            argument=("lyapunov", "positivity"),
        )
    return given
