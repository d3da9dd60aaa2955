"""Constrained compressed gradient descent: the switching subgradient method with compressed messages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from efpep.methods.base import Run, Vec
from efpep.methods.switching import SwitchingMethod


class State(NamedTuple):
    """The iterate."""

    x: Vec


@dataclass(frozen=True)
class ConstrainedCGD(SwitchingMethod):
    """Constrained CGD (a baseline of 2505.06053): the switching subgradient method with compressed messages.

        h_i = f_i'(x) if mean_i g_i(x) <= threshold, else g_i'(x),   x+ = x - step_size mean_i C(h_i).

    What a message loses is lost: there is no error feedback. So it has no virtual iterate, no constant of averages, and no
    guarantee: on ``|x_1| + |x_2|`` with Top-1 it visits two points for ever (docs/safe_ef.md, section 9). Worst cases over a
    number of rounds it has; in the first two they are those of :class:`~efpep.methods.safe_ef.SafeEF` without a compressor at
    the server, whose messages are the same until the first error is fed back.

    Attributes:
        step_size: the step size gamma, in units of points over gradients.
        threshold: the c up to which a constraint value counts as satisfied, or ``"none"`` without a constraint.
    """

    key: ClassVar[str] = "constrained-cgd"
    title: ClassVar[str] = "constrained CGD"
    reference: ClassVar[str] = "2505.06053"
    compresses_at_server: ClassVar[bool | None] = False
    State: ClassVar[type] = State

    def start(self, x: Vec, run: Run) -> State:
        """Begin at ``x``."""
        del run
        return State(x)

    def step(self, state: State, run: Run) -> State:
        """Step along the mean of the compressed active subgradients."""
        sent = run.compress(self.active_subgradient(state.x, run))
        return State(state.x - self.step_size * run.mean(sent))
