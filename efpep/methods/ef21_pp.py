"""EF21 with partial participation."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, NamedTuple

from efpep.methods.base import Memory, Method, Range, Run, Vec
from efpep.model.field import Scalar


class State(NamedTuple):
    """The iterate and each client's gradient estimate."""

    x: Vec
    d: Vec


@dataclass(frozen=True)
class EF21PP(Method):
    """EF21-PP (2110.03294): in every round each client takes part with probability p, independently.

    Those who take part send compressed corrections of their gradient estimates; the others' estimates stay,

        x+ = x - step_size * mean_i d_i,   d_i+ = d_i + b_i C(grad f_i(x+) - d_i),   d_i^0 = C(grad f_i(x^0)),

    with ``b_i = 1`` for those who take part and 0 for the others. Rates are in expectation. With ``p = 1`` it is EF21. The
    agents' minimisers may differ.

    Attributes:
        step_size: the step size, a number.
        p: the probability with which a client takes part, ``0 < p <= 1``; 1 is EF21.
    """

    key: ClassVar[str] = "ef21-pp"
    title: ClassVar[str] = "EF21-PP"
    reference: ClassVar[str] = "2110.03294"
    memories: ClassVar[tuple[Memory, ...]] = (Memory.tracker("d"),)
    compresses_at_server: ClassVar[bool | None] = False
    State: ClassVar[type] = State
    ranges: ClassVar[dict[str, Range]] = {"p": Range(above=0, most=1)}

    p: Scalar = Fraction(1)

    @property
    def draws(self) -> bool:
        """Whether p is less than 1."""
        return bool(self.p != 1)

    def start(self, x: Vec, run: Run) -> State:
        """Begin at ``x`` with everybody's compressed gradients."""
        return State(x, run.compress(run.gradient(x)))

    def step(self, state: State, run: Run) -> State:
        """Step along the mean estimate, then correct the estimates of those who take part."""
        x = state.x - self.step_size * run.mean(state.d)
        who = run.participate(self.p)
        return State(x, state.d + who.compress(run.gradient(x) - state.d))
