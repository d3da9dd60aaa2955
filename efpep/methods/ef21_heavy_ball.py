"""EF21 with heavy-ball momentum at the server."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, NamedTuple

from efpep.methods.base import Memory, Method, Range, Run, Vec
from efpep.model.field import Scalar


class State(NamedTuple):
    """The iterate, the one before, and each client's gradient estimate."""

    x: Vec
    y: Vec
    d: Vec


@dataclass(frozen=True)
class EF21HeavyBall(Method):
    """EF21 with heavy-ball momentum at the server (EF21-HB of 2110.03294), y the iterate before x.

        x+ = x - step_size * mean_i d_i + beta (x - y),   y+ = x,   d_i+ = d_i + C(grad f_i(x+) - d_i).

    ``beta = 0`` is EF21. 2110.03294 treats smooth nonconvex functions; no tight linear rate is known in closed form.
    The agents' minimisers may differ.

    Attributes:
        beta: the weight of the last displacement, in (-1, 1); below zero it is taken back in part.

    Raises:
        InputError: ``beta`` outside (-1, 1).
    """

    key: ClassVar[str] = "ef21-hb"
    title: ClassVar[str] = "EF21-HB"
    reference: ClassVar[str] = "2110.03294"
    memories: ClassVar[tuple[Memory, ...]] = (Memory.point("y"), Memory.tracker("d"))
    compresses_at_server: ClassVar[bool | None] = False
    State: ClassVar[type] = State
    ranges: ClassVar[dict[str, Range]] = {"beta": Range(above=-1, below=1)}

    beta: Scalar = Fraction(0)

    def start(self, x: Vec, run: Run) -> State:
        """Begin at rest at ``x`` with compressed gradients."""
        return State(x, x, run.compress(run.gradient(x)))

    def step(self, state: State, run: Run) -> State:
        """Step along the mean estimate and the last displacement, then correct the estimates."""
        x = state.x - self.step_size * run.mean(state.d) + self.beta * (state.x - state.y)
        return State(x, state.x, state.d + run.compress(run.gradient(x) - state.d))
