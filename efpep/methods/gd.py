"""Gradient descent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from efpep.methods.base import Method, Run, Vec
from efpep.theory import finite_horizon
from efpep.theory import gd as theory
from efpep.theory.literature import Literature, of_setting, of_step


class State(NamedTuple):
    """The iterate."""

    x: Vec


@dataclass(frozen=True)
class GD(Method):
    """Gradient descent without compression: ``x+ = x - step_size * mean_i grad f_i(x)``.

    Theorem (Nesterov, Introductory Lectures on Convex Optimization, 2004, Theorem 2.1.15; tight): on L-smooth mu-strongly
    convex functions the optimal step size is ``2/(L + mu)``, with ``||x+ - x*||^2 <= ((L - mu)/(L + mu))^2 ||x - x*||^2``.
    """

    key: ClassVar[str] = "gd"
    title: ClassVar[str] = "GD"
    reference: ClassVar[str] = "Nesterov 2004, Theorem 2.1.15"
    compresses: ClassVar[bool] = False
    compresses_at_server: ClassVar[bool | None] = False
    literature: ClassVar[Literature] = Literature(
        theorem="Nesterov 2004, Theorem 2.1.15 (linear rate, tight); 1206.3209, Theorem 3.1 (convex, T steps, tight)",
        optimal_step_size=of_setting(theory.optimal_step_size),
        rate=of_setting(theory.rate),
        rate_at=of_step(theory.rate_at),
        stability_limit=of_setting(theory.stability_limit),
        horizon_bound=finite_horizon.gradient_descent,
    )
    State: ClassVar[type] = State

    def start(self, x: Vec, run: Run) -> State:
        """Begin at ``x``."""
        del run
        return State(x)

    def step(self, state: State, run: Run) -> State:
        """Take one gradient step."""
        return State(state.x - self.step_size * run.mean(run.gradient(state.x)))
