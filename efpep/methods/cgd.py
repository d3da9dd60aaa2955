"""Compressed gradient descent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from efpep.methods.base import Method, Run, Vec
from efpep.theory import cgd as theory
from efpep.theory import cgd_proof
from efpep.theory.literature import Literature, of_setting, of_step


class State(NamedTuple):
    """The iterate."""

    x: Vec


@dataclass(frozen=True)
class CGD(Method):
    """Compressed gradient descent: ``x+ = x - step_size * mean_i C(grad f_i(x))``.

    Theorem (2506.05271, one agent; tight): with ``s = sqrt(1 - delta)`` and ``k = (L/mu) (1 + s)/(1 - s)`` the optimal step size
    is ``2/((1 - s) mu + (1 + s) L)``, with ``f(x+) - f* <= ((k - 1)/(k + 1))^2 (f(x) - f*)``. With several agents it needs
    a common minimiser, and even then it converges only for mild compression.
    """

    key: ClassVar[str] = "cgd"
    title: ClassVar[str] = "CGD"
    reference: ClassVar[str] = "2506.05271"
    common_minimiser: ClassVar[bool] = True
    compresses_at_server: ClassVar[bool | None] = False
    literature: ClassVar[Literature] = Literature(
        theorem="2506.05271, theorem on CGD (one agent, tight)",
        optimal_step_size=of_setting(theory.optimal_step_size),
        rate=of_setting(theory.rate),
        rate_at=of_step(theory.rate_at),
        stability_limit=of_setting(theory.stability_limit),
        rate_proof=cgd_proof.CGD,
    )
    State: ClassVar[type] = State

    def start(self, x: Vec, run: Run) -> State:
        """Begin at ``x``."""
        del run
        return State(x)

    def step(self, state: State, run: Run) -> State:
        """Step along the mean of the compressed gradients."""
        return State(state.x - self.step_size * run.mean(run.compress(run.gradient(state.x))))
