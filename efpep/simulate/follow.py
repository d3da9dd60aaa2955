"""A certified Lyapunov function along a numeric run, and the check that the run keeps what is proved."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from efpep.errors import ContradictionError, InputError
from efpep.model.argument import require_kind
from efpep.optional import optional
from efpep.questions.rate.answer import Rate
from efpep.questions.rate.lyapunov import Lyapunov
from efpep.questions.rate.lyapunov_value import feature_vectors, lyapunov_value
from efpep.simulate.prepare import (
    CLIENTS,
    check_whole,
    declared_class,
    described,
    proved_curvatures,
    seeded,
    starting_point,
)
from efpep.simulate.problem import Constrained, Problem, Valued, minimiser_of, require_problem
from efpep.simulate.run import NumericRun, iterate

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike, NDArray

    from efpep.compressors.operator import CompressionOperator
    from efpep.methods.base import Method

SLACK = 1e-9
"""How much slower than proved, relative to V, a step may seem because of rounding."""
FLOOR = 1e-12
"""Below this part of its first value, V is rounding error (minimisers are known to 1e-12)."""
SEEN = 1e-9
"""Contraction factors are measured while V is above this part of its first value."""
UNLIKELY = 1e9
"""Random compressors: ``V_k <= UNLIKELY rho^k V_0`` for all k, except with probability ``1/UNLIKELY`` (Ville's inequality)."""
_REST = 1e-9
_EPS = float(np.finfo(np.float64).eps)


@dataclass(frozen=True, eq=False)
class Comparison:
    """A run beside what is proved about it.

    Attributes:
        rate: the certified rate, with the method and the setting that contains problem and operator.
        problem: the problem, as text.
        compressor: the operator, as text.
        seed: of the operator and the run.
        energies: the certified V along the run, divided by its largest coefficient, shape ``(T + 1,)``.
        distances: ``||x_k - x*||^2`` along the run, shape ``(T + 1,)``.
        first: the step from which on the certificate speaks: 1 where nothing is lost in messages, because memories are then
            tied to gradients from the first step on; else 0.
        level: below this V is rounding error.
    """

    rate: Rate
    problem: str
    compressor: str
    seed: int
    energies: NDArray[np.float64]
    distances: NDArray[np.float64]
    first: int
    level: float

    @property
    def proved(self) -> float:
        """The proved rate rho: ``V_{k+1} <= rho V_k`` (in expectation for random compressors)."""
        return float(_upper(self.rate))

    @property
    def factors(self) -> NDArray[np.float64]:
        """The measured ``V_{k+1} / V_k`` of the steps in which V is far above rounding error."""
        before, after = self._pairs()
        seen = before > max(SEEN * float(self.energies[self.first]), 100 * self.level)
        return after[seen] / before[seen]

    @property
    def worst(self) -> float:
        """The largest measured factor of one step; nan where there is none."""
        return float(self.factors.max()) if len(self.factors) else float("nan")

    @property
    def observed(self) -> float:
        """The measured rate: the geometric mean of the factors; nan where there is none."""
        if not len(self.factors):
            return float("nan")
        return 0.0 if np.any(self.factors == 0) else float(np.exp(np.mean(np.log(self.factors))))

    @property
    def bound(self) -> NDArray[np.float64]:
        """What is proved: ``rho^k V_0``, shape ``(T + 1,)``."""
        steps = np.maximum(np.arange(len(self.energies)) - self.first, 0)
        return float(self.energies[self.first]) * self.proved**steps

    @property
    def in_expectation(self) -> bool:
        """Whether the proof is about expectations."""
        return self.rate.setting.random or self.rate.method.draws

    def check(self) -> None:
        """Check that no step contracts V slower than proved, up to :data:`SLACK` and rounding error.

        With random compressors the proof is about expectations, and ``V_k / rho^k`` is a supermartingale: the run is checked
        against :data:`UNLIKELY` times the bound.

        Raises:
            ContradictionError: a step does.
        """
        before, after = self._pairs()
        if self.in_expectation:
            allowed = UNLIKELY * self.bound[self.first + 1 :] + self.level
        else:
            allowed = (self.proved + SLACK) * before + self.level
        broken = np.flatnonzero(~(after <= allowed))
        if len(broken):
            k = int(broken[0])
            raise ContradictionError(
                f"step {self.first + k + 1} of {self.rate.method.title or type(self.rate.method).__name__} took V from "
                f"{before[k]:.6g} to {after[k]:.6g}, and the proved rate is {self.proved:.6g}, so that problem or operator "
                "do not belong to their classes or efpep is wrong; check mu, L and the operator's class."
            )

    def _pairs(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        return self.energies[self.first : -1], self.energies[self.first + 1 :]

    def plot(self, ax: Axes | None = None) -> Axes:
        """Draw V along the run and the proved bound, relative to the first V; a new figure without ``ax``.

        Raises:
            UnavailableError: matplotlib is not installed.
        """
        from efpep.simulate.comparison_figure import draw

        if ax is None:
            return draw(self, optional("matplotlib.pyplot", "figures").subplots()[1])
        return draw(self, ax)

    def __str__(self) -> str:
        """Return the outcome in a few lines."""
        lines = {
            "method": described(self.rate.method),
            "problem": self.problem,
            "compressor": self.compressor,
            "proved": f"V contracts by {self.proved:.9g} a step{' in expectation' if self.in_expectation else ''}",
            "measured": f"{self.observed:.9g} a step on average, {self.worst:.9g} at worst, over {len(self.factors)} steps",
            "check": "the run keeps the proved bound",
        }
        return "\n".join(f"{name:<11}{text}" for name, text in lines.items())

    def to_object(self) -> dict[str, object]:
        """Return the comparison as a JSON object."""
        return {
            "method": self.rate.method.describe(),
            "setting": self.rate.setting.describe(),
            "metric": self.rate.metric,
            "problem": self.problem,
            "compressor": self.compressor,
            "seed": self.seed,
            "proved": self.proved,
            "proved_exact": str(_upper(self.rate)),
            "in_expectation": self.in_expectation,
            "observed": _finite(self.observed),
            "worst": _finite(self.worst),
            "energies": [float(v) for v in self.energies],
            "distances": [float(v) for v in self.distances],
            "bound": [float(v) for v in self.bound],
        }


def follow(
    rate: Rate,
    problem: Problem,
    iterations: int = 200,
    compressor: CompressionOperator | None = None,
    *,
    seed: int = 0,
    start: ArrayLike | None = None,
) -> Comparison:
    """Run the method of a certified rate on a problem of its setting, evaluate the certified V along the run, and check it.

    Args:
        rate: a rate with a proved upper end, for one group of agents and no compressor at the server.
        problem: a problem whose ``mu``, ``L``, ``values`` and ``minimiser`` are known.
        iterations: how many steps are made.
        compressor: the clients' operator.
        seed: of the operator.
        start: the starting point, shape ``(d,)``; without it the problem's ``start``, else zeros.

    Raises:
        InputError: there is no proved rate, or problem or operator do not belong to the setting.
        ContradictionError: the run contracts V slower than proved.
    """
    check_whole("iterations", iterations, least=2)
    require_kind(rate, Rate, "rate", "an answer of efpep.rate")
    require_problem(problem)
    _upper(rate)
    x0 = starting_point(problem, start)
    energy = Energy(rate, problem)
    lossless = check_belongs(rate, problem, compressor, energy)
    run = NumericRun(problem, seeded(compressor, seed, CLIENTS))
    energies, distances = np.empty(iterations + 1), np.empty(iterations + 1)
    with np.errstate(all="ignore"):
        for k, state in enumerate(iterate(rate.method, run, x0, iterations)):
            energies[k] = energy(state)
            distances[k] = float(np.sum((state.x - energy.best) ** 2))
    first = 1 if lossless else 0
    level = FLOOR * float(energies[first]) + energy.rounding(x0)
    found = Comparison(rate, described(problem), described(compressor), seed, energies, distances, first, level)
    found.check()
    return found


class Energy:
    """The certified V, from a state and a problem alone.

    Attributes:
        best: the minimiser.
        rest: the clients' gradients there.
        least: the clients' values there.
    """

    def __init__(self, rate: Rate, problem: Problem) -> None:
        """Evaluate the Lyapunov function of ``rate`` on ``problem``.

        Raises:
            InputError: the problem does not know its values or its minimiser, or has a constraint.
        """
        best = minimiser_of(problem)
        if best is None or not isinstance(problem, Valued) or isinstance(problem, Constrained):
            raise InputError(
                f"V is measured from the unconstrained minimiser and the values of {described(problem)}, which lacks one; take "
                "another problem.",
                argument="problem",
            )
        if rate.lyapunov is None:
            raise InputError(
                "the rate has no Lyapunov function, so there is nothing to measure; ask for another step size.", argument="rate"
            )
        self.method: Method = rate.method
        self.lyapunov: Lyapunov = rate.lyapunov
        self.best = best
        self.rest = problem.gradients(best)
        self.least = problem.values(best)
        self._gradients = problem.gradients
        self._values = problem.values

    def __call__(self, state: Any) -> float:
        """Return V of a state, divided by its largest coefficient."""
        gradient = self._gradients(state.x)
        vectors = feature_vectors(
            self.method,
            state,
            [len(gradient)],
            x=state.x - self.best,
            gradient=gradient,
            gradient_at_minimiser=self.rest,
            queried=lambda: self._gradients(self.method.query(state)),
        )
        points = {"f": state.x, **({f"f({self.method.queried})": self.method.query(state)} if self.method.queried else {})}
        gaps = {name: float((self._values(at) - self.least).mean()) for name, at in points.items() if self.lyapunov.gaps}
        return float(lyapunov_value(self.lyapunov, vectors, gaps, np.dot, self.lyapunov.scale()))

    def rounding(self, x0: NDArray[np.float64]) -> float:
        """Return how large the rounding error of V near the minimiser may be: that of the values in the gap."""
        weight = float(sum(map(abs, self.lyapunov.gaps.values()), Fraction(0)) / self.lyapunov.scale())
        return 64 * _EPS * weight * float(np.abs(self.least).mean() + np.abs(self._values(x0)).mean())


def check_belongs(rate: Rate, problem: Problem, compressor: object, energy: Energy) -> bool:
    """Refuse problems and operators that the setting of a rate does not contain; return whether nothing is lost in messages.

    Raises:
        InputError: naming what does not belong.
    """
    setting, method = rate.setting, rate.method
    groups = setting.populations()
    curvatures = groups[0].functions.free_curvatures
    if len(groups) != 1 or curvatures is None or setting.server_compressor is not None or setting.mean is not None:
        raise InputError(
            "runs are compared with rates of agents of one kind with smooth strongly convex functions and no compressor at the "
            "server; ask for such a rate.",
            argument="rate",
        )
    mu, smoothness = proved_curvatures(problem)
    least, most = curvatures
    if mu < float(least) * (1 - FLOOR) or smoothness > float(most) * (1 + FLOOR):
        raise InputError(
            f"the problem has mu = {mu:.6g} and L = {smoothness:.6g}, outside the rate's class; ask for another.",
            argument="problem",
        )
    clients = len(energy.rest)
    if groups[0].count != clients:
        raise InputError(
            f"the problem has {clients} clients and the rate is about {groups[0].count}; ask for its own rate.",
            argument="problem",
        )
    apart = float(np.max(np.linalg.norm(energy.rest, axis=1)))
    if method.common_minimiser and apart > _REST * smoothness * max(1.0, float(np.linalg.norm(energy.best))):
        raise InputError(
            f"the clients' gradients at x* are up to {apart:.3g}, and rates of {method.title} are about agents that share one "
            "minimiser; take such a problem, or EF21.",
            argument="problem",
        )
    if not method.compresses:
        return True
    declared, asked = declared_class(compressor, len(energy.best)), groups[0].compressor
    if asked is None or not declared.within(asked):
        raise InputError(
            f"{described(compressor)} is outside the rate's class of compressors; ask for its own rate.", argument="compressor"
        )
    return asked.lossless


def _upper(rate: Rate) -> Any:
    if rate.upper is None:
        raise InputError(
            f"no contraction is proved for {described(rate.method)} here, so there is nothing to compare with.", argument="rate"
        )
    return rate.upper


def _finite(number: float) -> float | None:
    return number if np.isfinite(number) else None
