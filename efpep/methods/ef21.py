"""EF21."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from efpep.methods.base import Memory, Method, Run, Vec
from efpep.theory import error_feedback as theory

if TYPE_CHECKING:
    from efpep.questions.worst_case.question import WorstCaseQuestion
    from efpep.setting import Setting
    from efpep.theory.closed_form import ClosedForm


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
    State: ClassVar[type] = State

    def start(self, x: Vec, run: Run) -> State:
        """Begin at ``x`` with compressed gradients."""
        return State(x, run.compress(run.gradient(x)))

    def step(self, state: State, run: Run) -> State:
        """Step along the mean estimate, then correct the estimates."""
        x = state.x - self.step_size * run.mean(state.d)
        return State(x, state.d + run.compress(run.gradient(x) - state.d))

    def optimal_step_size(self, setting: Setting) -> ClosedForm:
        """Return ``2/(L + mu) (1 - s)/(1 + s)``."""
        return theory.optimal_step_size(setting)

    def theoretical_rate(self, setting: Setting) -> ClosedForm | None:
        """Return the tight rate for agents of one kind."""
        return theory.rate(setting)

    def stability_limit(self, setting: Setting) -> ClosedForm | None:
        """Return ``(2/L) (1 - s)/(1 + s)`` for agents of one kind."""
        return theory.stability_limit(setting)

    def literature_lyapunov(self, setting: Setting) -> str:
        """Return the Lyapunov function of the theorem."""
        return theory.ef21_lyapunov(setting)

    def horizon_bound(self, asked: WorstCaseQuestion) -> ClosedForm | None:
        """Return the bound for smooth nonconvex functions."""
        from efpep.theory import finite_horizon

        return finite_horizon.ef21(asked)
