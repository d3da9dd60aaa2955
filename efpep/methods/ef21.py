"""EF21."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from efpep.methods.base import Memory, Method, Run, Vec
from efpep.theory import error_feedback as theory
from efpep.theory import error_feedback_proof, finite_horizon, nonconvex
from efpep.theory.literature import Literature, of_setting, of_step


class State(NamedTuple):
    """The iterate and each client's gradient estimate."""

    x: Vec
    d: Vec


@dataclass(frozen=True)
class EF21(Method):
    """EF21 (2106.05203).

    Clients send compressed corrections of their gradient estimates ``d_i``,

        x+ = x - step_size * mean_i d_i,   d_i+ = d_i + C(grad f_i(x+) - d_i),   d_i^0 = C(grad f_i(x^0)).

    Theorem (2506.05271 for one agent, 2605.31594 for any number; tight): optimal step size and rate as in
    :mod:`efpep.theory.error_feedback`, with the Lyapunov function
    ``||mean g - mean d||^2 + dev(g - d, g - d) + s ||mean g||^2``. The agents' minimisers may differ.
    """

    key: ClassVar[str] = "ef21"
    title: ClassVar[str] = "EF21"
    reference: ClassVar[str] = "2106.05203, 2506.05271, 2605.31594"
    memories: ClassVar[tuple[Memory, ...]] = (Memory.tracker("d"),)
    compresses_at_server: ClassVar[bool | None] = False
    literature: ClassVar[Literature] = Literature(
        theorem="2506.05271 (one agent, tight), 2605.31594 (n agents of one kind, tight); "
        "2106.05203, Theorem 1 (nonconvex, T steps)",
        optimal_step_size=of_setting(theory.optimal_step_size),
        rate=of_setting(theory.rate),
        rate_at=of_step(theory.rate_at),
        stability_limit=of_setting(theory.stability_limit),
        lyapunov=of_setting(theory.ef21_lyapunov),
        horizon_bound=finite_horizon.ef21,
        decrease=of_step(nonconvex.decrease),
        half_decrease_step=of_setting(nonconvex.half),
        decrease_limit=of_setting(nonconvex.limit),
        rate_proof=error_feedback_proof.EF21,
    )
    State: ClassVar[type] = State

    def start(self, x: Vec, run: Run) -> State:
        """Begin at ``x`` with compressed gradients."""
        return State(x, run.compress(run.gradient(x)))

    def step(self, state: State, run: Run) -> State:
        """Step along the mean estimate, then correct the estimates."""
        x = state.x - self.step_size * run.mean(state.d)
        return State(x, state.d + run.compress(run.gradient(x) - state.d))
