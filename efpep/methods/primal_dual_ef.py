"""Primal-dual error feedback, numeric only."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar, NamedTuple

from efpep.methods.base import Memory, Method, Range, Run, Vec
from efpep.model.column import Unit
from efpep.model.field import Scalar


class State(NamedTuple):
    """The clients' point, the server's iterate, each client's error in units of gradients, and the dual variable."""

    x: Vec
    w: Vec
    e: Vec
    dual: Scalar = 0


@dataclass(frozen=True)
class PrimalDualEF(Method):
    """Primal-dual error feedback (a baseline of 2505.06053).

        h_i = f_i'(x) + dual g_i'(x),   v_i = C(e_i + h_i),   e_i+ = e_i + h_i - v_i,
        w+ = w - step_size mean_i v_i,   x+ = x + C_0(w+ - x),   dual+ = max(0, dual + dual_step_size mean_i g_i(x)).

    The dual variable is a number that multiplies subgradients, so the method is not a fixed linear recursion: it runs
    numerically, and no worst-case analysis of it is made.

    Attributes:
        step_size: the primal step size, in units of points over gradients.
        dual_step_size: the dual step size, ``>= 0``.
        dual_start: the dual variable at the start, ``>= 0``.
    """

    key: ClassVar[str] = "primal-dual-ef"
    title: ClassVar[str] = "primal-dual EF"
    reference: ClassVar[str] = "2505.06053"
    memories: ClassVar[tuple[Memory, ...]] = (Memory.point("w"), Memory.error("e", Unit.GRADIENT))
    compresses_at_server: ClassVar[bool | None] = True
    numeric_only: ClassVar[bool | str] = "multiplies vectors by a number that only a run knows,"
    State: ClassVar[type] = State
    ranges: ClassVar[dict[str, Range]] = {"dual_step_size": Range(least=0), "dual_start": Range(least=0)}

    dual_step_size: Scalar = Fraction(1)
    dual_start: Scalar = Fraction(0)

    def start(self, x: Vec, run: Run) -> State:
        """Begin with server and clients at ``x``, no error and the dual variable at ``dual_start``."""
        g = run.gradient(x)
        return State(x, x, g - g, self.dual_start)

    def step(self, state: State, run: Run) -> State:
        """Step along the compressed subgradients of the Lagrangian, then raise or lower the dual variable."""
        dual = run.positive_part(state.dual + self.dual_step_size * run.constraint_value(state.x))
        v = state.e + run.gradient(state.x) + state.dual * run.constraint_gradient(state.x)
        sent = run.compress(v)
        w = state.w - self.step_size * run.mean(sent)
        return State(state.x + run.compress_at_server(w - state.x), w, v - sent, dual)
