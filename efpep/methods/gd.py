"""Gradient descent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from efpep.methods.base import Method, Run, Vec
from efpep.theory import gd as theory

if TYPE_CHECKING:
    from efpep.questions.worst_case.question import WorstCaseQuestion
    from efpep.setting import Setting
    from efpep.theory.closed_form import ClosedForm


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
    State: ClassVar[type] = State

    def start(self, x: Vec, run: Run) -> State:
        """Begin at ``x``."""
        del run
        return State(x)

    def step(self, state: State, run: Run) -> State:
        """Take one gradient step."""
        return State(state.x - self.step_size * run.mean(run.gradient(state.x)))

    def optimal_step_size(self, setting: Setting) -> ClosedForm:
        """Return ``2/(L + mu)`` with the averages of L and mu over the agents."""
        return theory.optimal_step_size(setting)

    def theoretical_rate(self, setting: Setting) -> ClosedForm | None:
        """Return ``((L - mu)/(L + mu))^2`` for agents of one kind."""
        return theory.rate(setting)

    def stability_limit(self, setting: Setting) -> ClosedForm | None:
        """Return ``2/L`` for agents of one kind."""
        return theory.stability_limit(setting)

    def horizon_bound(self, asked: WorstCaseQuestion) -> ClosedForm | None:
        """Return the bound of gradient descent or of the subgradient method."""
        from efpep.theory import finite_horizon

        return finite_horizon.gradient_descent(asked)
