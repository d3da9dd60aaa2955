"""Local gradient descent with compressed differences."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, NamedTuple

from efpep.methods.base import Method, Range, Run, Vec
from efpep.model.field import Scalar


class State(NamedTuple):
    """The iterate."""

    x: Vec


@dataclass(frozen=True)
class LocalGD(Method):
    """Local gradient descent: clients take some steps by themselves, and send how far they came, compressed.

        p_i = x,   local_steps times:  p_i <- p_i - step_size * grad f_i(p_i),   x+ = x + mean_i C(p_i - x).

    One local step without compression is gradient descent. With more of them the clients drift towards their own minimisers, so
    that it converges to the minimiser of the average only where they share one, as all rates assume; worst cases over finite
    horizons know how far ``grad f_i(x*)`` differ (the setting's heterogeneity).

    Attributes:
        step_size: of the local steps; a number.
        local_steps: how many of them a client takes between messages, a whole number from 1 to 64 (1 is CGD).

    Raises:
        InputError: ``local_steps`` is no whole number from 1 to 64.
    """

    key: ClassVar[str] = "local-gd"
    title: ClassVar[str] = "Local GD"
    reference: ClassVar[str] = "1909.04715, 1909.13014"
    common_minimiser: ClassVar[bool] = True
    compresses_at_server: ClassVar[bool | None] = False
    State: ClassVar[type] = State
    ranges: ClassVar[dict[str, Range]] = {"local_steps": Range(least=1, most=64, whole=True)}

    local_steps: Scalar = Fraction(1)

    def start(self, x: Vec, run: Run) -> State:
        """Begin at ``x``."""
        del run
        return State(x)

    def step(self, state: State, run: Run) -> State:
        """Take the local steps, and add the mean of the compressed differences."""
        p = run.local(state.x)
        for _ in range(int(self.local_steps)):
            p = p - self.step_size * run.gradient(p)
        return State(state.x + run.mean(run.compress(p - state.x)))
