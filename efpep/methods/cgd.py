"""Compressed gradient descent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from efpep.methods.base import Method, Run, Vec
from efpep.theory import cgd as theory

if TYPE_CHECKING:
    from efpep.setting import Setting
    from efpep.theory.closed_form import ClosedForm


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
    State: ClassVar[type] = State

    def start(self, x: Vec, run: Run) -> State:
        """Begin at ``x``."""
        del run
        return State(x)

    def step(self, state: State, run: Run) -> State:
        """Step along the mean of the compressed gradients."""
        return State(state.x - self.step_size * run.mean(run.compress(run.gradient(state.x))))

    def optimal_step_size(self, setting: Setting) -> ClosedForm:
        """Return ``2/((1 - s) mu + (1 + s) L)``, for one agent."""
        return theory.optimal_step_size(setting)

    def theoretical_rate(self, setting: Setting) -> ClosedForm | None:
        """Return ``((k - 1)/(k + 1))^2``, for one agent."""
        return theory.rate(setting)

    def stability_limit(self, setting: Setting) -> ClosedForm | None:
        """Return ``2/((1 + s) L)``, for one agent."""
        return theory.stability_limit(setting)
