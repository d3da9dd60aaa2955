"""EF21 with momentum."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, NamedTuple

from efpep.methods.base import Memory, Method, Range, Run, Vec
from efpep.model.field import Scalar


class State(NamedTuple):
    """The iterate, each client's momentum and its gradient estimate."""

    x: Vec
    m: Vec
    v: Vec


@dataclass(frozen=True)
class EF21Momentum(Method):
    """EF21 with Polyak momentum on the clients (EF21-SGDM of 2305.15155, with exact gradients).

        x+ = x - step_size * mean_i v_i,   m_i+ = (1 - theta) m_i + theta grad f_i(x+),   v_i+ = v_i + C(m_i+ - v_i).

    ``theta = 1`` is EF21. 2305.15155 treats smooth nonconvex functions; no tight linear rate is known in closed
    form. The agents' minimisers may differ.

    Attributes:
        theta: the weight of the new gradient, in (0, 1].

    Raises:
        InputError: ``theta`` outside (0, 1].
    """

    key: ClassVar[str] = "ef21-momentum"
    title: ClassVar[str] = "EF21 with momentum"
    reference: ClassVar[str] = "2305.15155"
    memories: ClassVar[tuple[Memory, ...]] = (Memory.tracker("m"), Memory.tracker("v"))
    compresses_at_server: ClassVar[bool | None] = False
    State: ClassVar[type] = State
    ranges: ClassVar[dict[str, Range]] = {"theta": Range(above=0, most=1)}

    theta: Scalar = Fraction(1)

    def start(self, x: Vec, run: Run) -> State:
        """Begin at ``x`` with the gradients as momentum, compressed."""
        g = run.gradient(x)
        return State(x, g, run.compress(g))

    def step(self, state: State, run: Run) -> State:
        """Step along the mean estimate, then update momentum and estimates."""
        x = state.x - self.step_size * run.mean(state.v)
        m = (1 - self.theta) * state.m + self.theta * run.gradient(x)
        return State(x, m, state.v + run.compress(m - state.v))
