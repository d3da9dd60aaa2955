"""The step size with which stochastic gradients reach a target accuracy in the fewest iterations.

For a step size and a factor rho a Lyapunov function ``V >= m`` with ``E V+ <= rho E V + c sigma^2`` (:func:`efpep.noise`, of the
last iterate) bounds the metric m after T iterations by

    E m_T <= rho^T V_0 + c sigma^2/(1 - rho),        E V_0 <= B  from  ||x^0 - x*|| <= R,

where B is that of :mod:`efpep.questions.target.start`.

Large steps are fast and end high, small ones are slow and end low. V, c and B are proved in exact arithmetic, and T is the least
number with ``rho^T B + c sigma^2/(1 - rho) <= target``; that no other step size needs fewer is what was found by trying.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import cast

from efpep.conic.solver import DEFAULT, Solver, find_solver
from efpep.errors import InputError
from efpep.methods.base import OPTIMAL, Method
from efpep.model.field import positive, rational, rounded, shown
from efpep.model.text import exact
from efpep.questions.common.magnitude import within_doubles
from efpep.questions.common.minimum import Minimum
from efpep.questions.common.required import require
from efpep.questions.noise.answer import NoiseConstant
from efpep.questions.noise.question import LAST, NoiseQuestion
from efpep.questions.noise.search import approximate_witness
from efpep.questions.rate.answer import ask as ask_rate
from efpep.questions.rate.lyapunov import Lyapunov
from efpep.questions.rate.question import RateQuestion
from efpep.questions.target.answer import TargetAnswer, iterations_needed, start_value
from efpep.questions.target.answer import ask as ask_target
from efpep.questions.target.question import Reached, TargetCertificate, TargetQuestion, claimed
from efpep.questions.tune.deadline import Deadline
from efpep.questions.tune.step import first_step
from efpep.report.display import Display, Displayed
from efpep.setting import Setting

SECONDS = 120.0
_NEARNESS = (0.999, 0.97, 0.9, 0.8, 0.65, 0.5, 0.3)
"""The gaps ``1 - rho`` that are tried, over that of the best rate with exact gradients."""
_HALVINGS = 24
_CLOSE = 0.1
"""How wide the logarithms are at most between which the best step size is searched for."""
_DIGITS = 4
_STALLED = 0.99
_PROOFS = 3
"""How many of the best step sizes are proved, until one is."""


@dataclass(frozen=True, slots=True, repr=False)
class TargetStep(Displayed):
    """The answer of :func:`reach`.

    Attributes:
        answer: what is proved with the best step size found and a factor rho, with the certificate.
        tried: how many step sizes were tried.
    """

    answer: TargetAnswer
    tried: int

    @property
    def certificate(self) -> TargetCertificate | None:
        """The certificate: V with the constant of the noise, the bound of the start, and the number of iterations."""
        return self.answer.certificate

    @property
    def proof(self) -> Reached:
        """What proves that the target is reached.

        Raises:
            CertificateError: nothing does.
        """
        return claimed(None if self.certificate is None else self.certificate.upper)

    @property
    def constant(self) -> NoiseConstant:
        """The constant of the noise."""
        return self.answer.constant

    @property
    def method(self) -> Method:
        """The method with the best step size found."""
        return self.answer.method

    @property
    def value(self) -> Fraction:
        """The best step size found."""
        return self.method.step_size

    @property
    def target(self) -> Fraction:
        """What the metric has to come down to, in expectation."""
        return self.answer.question.target

    @property
    def radius(self) -> Fraction:
        """The bound R of ``||x^0 - x*||``."""
        return self.answer.question.radius

    @property
    def heterogeneity(self) -> Fraction | None:
        """The bound of the agents' gradients at x* that the start takes into account, or None."""
        return self.answer.setting.heterogeneity

    @property
    def rho(self) -> Fraction:
        """The factor of the Lyapunov function a step."""
        return self.answer.question.rho

    @property
    def start(self) -> Fraction:
        """The proved bound of ``E V_0``."""
        return self.proof.start.theta

    @property
    def iterations(self) -> int:
        """The least T that is proved to reach the target, with this step size and rho."""
        return self.proof.iterations

    @property
    def floor(self) -> Fraction:
        """What is left in the limit, ``c sigma^2/(1 - rho)``."""
        return self.answer.question.floor(self.proof.constant)

    @property
    def bound(self) -> Fraction:
        """``rho^T B`` plus the floor, which is at most the target."""
        return self.answer.question.bound(self.proof)

    @property
    def seconds(self) -> float:
        """How long the answer took."""
        return self.answer.seconds

    def display(self) -> Display:
        """Return what notebooks and prompts show."""
        from efpep.questions.tune.target_report import target_rows

        return Display("proved", f"after {self.iterations} iterations", target_rows(self))


@within_doubles
def reach(
    method: Method | type[Method],
    setting: Setting,
    target: object,
    *,
    radius: object = 1,
    metric: str = "distance",
    solver: str = DEFAULT,
    seconds: float = SECONDS,
) -> TargetStep:
    """Find the step size with which a target is reached in the fewest iterations, and prove how many it takes.

    Args:
        method: the class, or a method whose step size, where it is a number, is kept.
        setting: functions, compressor and agents, with ``noise=GradientNoise(sigma)``; a ``heterogeneity`` bounds the agents'
            gradients at x* where the start depends on them.
        target: what the metric has to come down to, in expectation.
        radius: a bound of ``||x^0 - x*||``.
        metric: ``"distance"``, ``"gradient"`` or ``"gap"``.
        solver: the solver that proposes; see :func:`efpep.noise`.
        seconds: how long the search may take, to about one step size more.

    Raises:
        InputError: the question is not well posed, or no step size that was tried is proved to reach the target.
    """
    begin = time.perf_counter()
    made = method() if isinstance(method, type) else method
    require(made, setting)
    if setting.noise is None:
        raise InputError(
            "sigma is missing: how fast a target is reached depends on the noise of the gradients; give the setting "
            "noise=GradientNoise(sigma=1), or leave the target out for exact gradients.",
            argument="sigma",
        )
    goal, R = positive(target, "target"), positive(radius, "radius")
    if not rational(seconds, "seconds") > 0:
        raise InputError(f"seconds is {shown(seconds)}, the time for the answer; give a positive number.", argument="seconds")
    search = _Search(made, setting, metric, goal, R, find_solver(solver), Deadline.after(float(seconds)))
    best = search.best()
    return TargetStep(replace(best.answer, seconds=time.perf_counter() - begin), len(search.tried))


@dataclass(frozen=True, slots=True)
class Proposed:
    """What a solver's numbers say of a step size and a factor: how many iterations they take, infinity where none are enough."""

    needed: float
    question: NoiseQuestion | None = None


@dataclass
class _Search:
    """One search: step sizes that were tried, each with the best of its factors."""

    method: Method
    setting: Setting
    metric: str
    target: Fraction
    radius: Fraction
    solver: Solver
    deadline: Deadline
    tried: dict[Fraction, Proposed] = field(default_factory=dict[Fraction, Proposed])
    lowest: tuple[float, Fraction] | None = None
    unbounded: bool = False
    near: int = 0

    def best(self) -> TargetStep:
        """Return the answer of the fewest iterations.

        Raises:
            InputError: the target is not proved for any step size tried.
        """
        if self.method.step_size != OPTIMAL:
            self.at(self.method.step_size)
            return self._chosen()
        search = Minimum(self.at, digits=_DIGITS, over=lambda: self.deadline.over)
        step = first_step(self.method, self.setting)
        least, floor = math.inf, None
        for _ in range(_HALVINGS):
            found = search.at(step)
            low = None if self.lowest is None else self.lowest[0]
            stalled = floor is not None and low is not None and low > _STALLED * floor and low > self.target
            if (found > least and math.isfinite(least)) or stalled or self.deadline.over:
                break
            least, floor = min(least, found), low
            step = step / 2 if floor is None or floor < 4 * self.target else step * Fraction(float(self.target) / floor)
        if math.isfinite(least):
            middle = math.log(search.best)
            search.close_in(middle - math.log(2), middle + math.log(2), _CLOSE)
        return self._chosen()

    def at(self, step: Fraction) -> float:
        """Return how many iterations a step size takes, infinity where none are enough."""
        self.tried[step] = self.deadline.timed(
            lambda: self._over_factors(replace(self.method, step_size=step).resolved(self.setting))
        )
        return self.tried[step].needed

    def _chosen(self) -> TargetStep:
        ranked = sorted((found for found in self.tried.values() if found.question is not None), key=lambda found: found.needed)
        for found in ranked[:_PROOFS]:
            answer = self._proved(cast("NoiseQuestion", found.question))
            if answer is not None:
                return answer
        if self.unbounded:
            raise InputError(
                f"the Lyapunov functions of {self.method.called()} at the start are not bounded by ||x^0 - x*|| alone, as the "
                "agents' gradients at x* enter them; give the setting's heterogeneity too.",
                argument="heterogeneity",
            )
        if self.lowest is None:
            raise InputError(
                f"no step size that was tried is proved to contract, so that no target is reached; give another step size or "
                f"another method than {self.method.called()}.",
                argument="step_size",
            )
        floor, step = self.lowest
        raise InputError(
            f"target is {exact(self.target)}, and the lowest floor that was found for {self.method.called()} is {floor:.6g}, "
            f"at the step size {exact(step)}; give a larger target, less noise, or more agents where these average it out.",
            argument="target",
        )

    def _over_factors(self, method: Method) -> Proposed:
        """Return the fewest iterations of the factors that are tried, starting from that of the step size before."""
        exact = replace(self.setting, noise=None, heterogeneity=None)
        rate = ask_rate(RateQuestion(method, exact, self.metric), self.solver).upper
        if rate is None or rate >= 1:
            return Proposed(math.inf)
        found: dict[int, Proposed] = {}

        def at(k: int) -> float:
            if k not in found:
                found[k] = self._with_factor(method, 1 - rounded(Fraction(_NEARNESS[k]) * (1 - rate), _DIGITS))
            return found[k].needed

        k = self.near
        while k + 1 < len(_NEARNESS) and (at(k + 1) < at(k) or not math.isfinite(at(k))):
            k += 1
        while k > 0 and at(k - 1) < at(k):
            k -= 1
        self.near = k if math.isfinite(at(k)) else self.near
        return found[k]

    def _with_factor(self, method: Method, rho: Fraction) -> Proposed:
        """Return what the solver's numbers without any margin say; nothing of it is proved."""
        question = NoiseQuestion(method, replace(self.setting, heterogeneity=None), rho, LAST, self.metric)
        witness = approximate_witness(question, self.solver)
        if witness is None:
            return Proposed(math.inf)
        floor = float(witness.theta * question.sigma**2 / (1 - rho))
        if self.lowest is None or floor < self.lowest[0]:
            self.lowest = floor, method.step_size
        if floor >= self.target:
            return Proposed(math.inf)
        start = self._start(method, Lyapunov.of(question.inequalities, witness))
        return (
            Proposed(math.inf)
            if start is None
            else Proposed(iterations_needed(rho, start, Fraction(floor), self.target), question)
        )

    def _start(self, method: Method, function: Lyapunov) -> Fraction | None:
        """Return the proved bound of ``E V_0``, or None."""
        found = start_value(method, self.setting, function, self.radius, self.solver)
        self.unbounded = self.unbounded or found is None
        return None if found is None else found.theta

    def _proved(self, question: NoiseQuestion) -> TargetStep | None:
        """Return what is proved with a step size and a factor, None where that does not reach the target."""
        asked = TargetQuestion(question.method, self.setting, question.rho, self.metric, self.target, self.radius)
        answer = ask_target(asked, self.solver)
        return None if answer.certificate is None else TargetStep(answer, 0)
