"""EF21 with projections onto a convex set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from efpep.methods.base import Memory, Method, Run, Vec
from efpep.theory import finite_horizon
from efpep.theory.literature import Literature


class State(NamedTuple):
    """The iterate and each client's gradient estimate."""

    x: Vec
    d: Vec


@dataclass(frozen=True)
class ProjectedEF21(Method):
    """Projected EF21 (2505.06053): EF21 on a closed convex set X.

        x+ = P_X(x - step_size mean_i d_i),   d_i+ = d_i + C(grad f_i(x+) - d_i),   d_i^0 = C(grad f_i(x^0)).

    ``x*`` is the minimiser over X, so ``-grad f(x*)`` lies in the normal cone there and need not vanish. For L-smooth convex
    functions and X of diameter D, with ``theta = 1 - sqrt(1 - delta)``, ``beta = (1 - delta)/theta``, ``Lt^2 = mean L_i^2`` and
    ``step_size <= 1/(L + Lt sqrt(2 beta/theta))``, the gap decreases like ``max(4 Lam_0/theta, 2 D^2/step_size)/(T + 4/theta)``
    (docs/safe_ef.md).
    """

    key: ClassVar[str] = "projected-ef21"
    title: ClassVar[str] = "Projected EF21"
    reference: ClassVar[str] = "2505.06053"
    memories: ClassVar[tuple[Memory, ...]] = (Memory.tracker("d"),)
    projects: ClassVar[bool] = True
    compresses_at_server: ClassVar[bool | None] = False
    literature: ClassVar[Literature] = Literature(
        theorem="2505.06053, without its logarithm as in docs/safe_ef.md (convex, T steps)",
        horizon_bound=finite_horizon.projected_ef21,
    )
    State: ClassVar[type] = State

    def start(self, x: Vec, run: Run) -> State:
        """Begin at the projection of ``x`` with compressed gradients."""
        x = run.project(x)
        return State(x, run.compress(run.gradient(x)))

    def step(self, state: State, run: Run) -> State:
        """Take a projected step along the mean estimate, then correct the estimates."""
        x = run.project(state.x - self.step_size * run.mean(state.d))
        return State(x, state.d + run.compress(run.gradient(x) - state.d))
