"""MARINA: compressed changes of gradients, and now and then everybody's gradient."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, NamedTuple

from efpep.methods.base import Memory, Method, Range, Run, Vec
from efpep.model.field import Scalar
from efpep.theory import marina as theory
from efpep.theory.literature import Literature


class State(NamedTuple):
    """The iterate and the server's estimate of the gradient."""

    x: Vec
    v: Vec


@dataclass(frozen=True)
class MARINA(Method):
    """MARINA (2102.07845): by one coin for all, clients send their gradients, or unbiased messages about how these changed.

        x+ = x - step_size * v,
        v+ = mean_i grad f_i(x+)                                  with probability p,
        v+ = v + mean_i C(grad f_i(x+) - grad f_i(x))             else,           v^0 = mean_i grad f_i(x^0).

    Theorem (2102.07845, under the PL condition; an upper bound): for ``E C(u) = u``, ``E ||C(u) - u||^2 <= omega ||u||^2``, n
    agents who draw independently, f with the constant mu, ``L^2 = mean_i L_i^2`` and
    ``gamma = min{1/(L (1 + sqrt(2 (1 - p) omega/(p n)))), p/(2 mu)}``,

        E V+ <= (1 - gamma mu) V,   V = f(x) - f* + (gamma/p) ||v - grad f(x)||^2.

    Without the PL condition the same holds with mu = 0 and ``gamma/(2 p)`` in V, and without the 2 under the root. With ``p = 1``
    it is gradient descent. The agents' minimisers may differ.

    Attributes:
        p: the probability with which clients send their whole gradients, ``0 < p <= 1``; 1 is gradient descent.
    """

    key: ClassVar[str] = "marina"
    title: ClassVar[str] = "MARINA"
    reference: ClassVar[str] = "2102.07845"
    memories: ClassVar[tuple[Memory, ...]] = (Memory.error("v", "gradient", server=True),)
    compresses_at_server: ClassVar[bool | None] = False
    literature: ClassVar[Literature] = theory.KNOWN
    State: ClassVar[type] = State
    ranges: ClassVar[dict[str, Range]] = {"p": Range(above=0, most=1)}

    p: Scalar = Fraction(1, 2)

    @property
    def draws(self) -> bool:
        """Whether p is less than 1."""
        return bool(self.p != 1)

    def start(self, x: Vec, run: Run) -> State:
        """Begin at ``x`` with everybody's gradient."""
        return State(x, run.mean(run.gradient(x)))

    def step(self, state: State, run: Run) -> State:
        """Step along the estimate, then let the coin say what clients send."""
        x = state.x - self.step_size * state.v
        before, after = run.gradient(state.x), run.gradient(x)
        everybody = run.participate(self.p, together=True)
        sent = everybody.others.compress(after - before)
        return State(x, state.v + run.mean(sent) + everybody.mean(after - state.v))
