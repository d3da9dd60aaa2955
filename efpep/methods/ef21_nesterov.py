"""EF21 with Nesterov's extrapolation at the server."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, NamedTuple

from efpep.methods.base import Memory, Method, Range, Run, Vec
from efpep.model.field import Scalar


class State(NamedTuple):
    """The extrapolated point, at which clients evaluate, the point before extrapolation, and each client's gradient estimate."""

    x: Vec
    w: Vec
    d: Vec


@dataclass(frozen=True)
class EF21Nesterov(Method):
    """EF21 whose clients evaluate at Nesterov's extrapolated point x, w the point before extrapolation.

        w+ = x - step_size * mean_i d_i,   x+ = w+ + beta (w+ - w),   d_i+ = d_i + C(grad f_i(x+) - d_i).

    ``beta = 0`` is EF21, and without compression this is Nesterov's method with constant parameters (Nesterov 2004, section
    2.2). The combination has no reference of its own and no theorem that is known here; rates of it are what is computed. The
    agents' minimisers may differ.

    Attributes:
        beta: how far the last displacement is extrapolated, in (-1, 1); below zero back towards w.

    Raises:
        InputError: ``beta`` outside (-1, 1).
    """

    key: ClassVar[str] = "ef21-nesterov"
    title: ClassVar[str] = "EF21 with Nesterov"
    reference: ClassVar[str] = "none"
    memories: ClassVar[tuple[Memory, ...]] = (Memory.point("w"), Memory.tracker("d"))
    compresses_at_server: ClassVar[bool | None] = False
    State: ClassVar[type] = State
    ranges: ClassVar[dict[str, Range]] = {"beta": Range(above=-1, below=1)}

    beta: Scalar = Fraction(0)

    def start(self, x: Vec, run: Run) -> State:
        """Begin at rest at ``x`` with compressed gradients."""
        return State(x, x, run.compress(run.gradient(x)))

    def step(self, state: State, run: Run) -> State:
        """Step along the mean estimate, extrapolate, then correct the estimates at the new point."""
        w = state.x - self.step_size * run.mean(state.d)
        x = w + self.beta * (w - state.w)
        return State(x, w, state.d + run.compress(run.gradient(x) - state.d))
