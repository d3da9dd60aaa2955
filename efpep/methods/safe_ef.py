"""Safe-EF, and nonsmooth EF14 as its case without a constraint."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from efpep.methods.base import AVERAGING, Analysis, Memory, Run, Vec
from efpep.methods.switching import SwitchingMethod
from efpep.model.column import Unit
from efpep.theory import safe_ef as theory
from efpep.theory.literature import Literature


class State(NamedTuple):
    """The point that the clients hold, the server's own iterate, and each client's error in units of gradients."""

    x: Vec
    w: Vec
    e: Vec


@dataclass(frozen=True)
class SafeEF(SwitchingMethod):
    """Safe-EF (2505.06053): error feedback in both directions for nonsmooth problems with a constraint.

    To minimise ``f = mean f_i`` subject to ``g = mean g_i <= 0``, all convex with subgradients bounded by M:

        h_i = f_i'(x) if g(x) <= threshold, else g_i'(x),
        v_i = C(e_i + h_i),   e_i+ = e_i + h_i - v_i,   w+ = w - step_size mean_i v_i,   x+ = x + C_0(w+ - x).

    The error is kept in units of gradients, so that the virtual iterate ``w - step_size mean_i e_i`` moves by exactly
    ``-step_size mean_i h_i``. The output is the average of the iterates with ``g(x) <= threshold``. Without a threshold this is
    EF14 (error feedback, bidirectional); with ``Contractive(1)`` at the server messages to the clients are not compressed, and
    with ``Contractive(1)`` everywhere it is the switching subgradient method.

    Theorem (:mod:`efpep.theory.safe_ef`; proof in docs/safe_ef.md), for compressors that contract almost surely: with
    ``||x^0 - x*|| <= R``, ``K = (1+q)^2 (1+q_s)^2/(delta delta_s)``, ``step_size = R/(M sqrt(K T))`` and
    ``threshold = R M sqrt(K/T)`` some iterate of the first T satisfies ``g(x) <= threshold``, and the output is
    threshold-optimal and threshold-feasible.

    Attributes:
        step_size: the step size gamma, in units of points over gradients.
        threshold: the c up to which a constraint value counts as satisfied, or ``"none"`` without a constraint.
    """

    key: ClassVar[str] = "safe-ef"
    title: ClassVar[str] = "Safe-EF"
    reference: ClassVar[str] = "2505.06053"
    memories: ClassVar[tuple[Memory, ...]] = (Memory.point("w"), Memory.error("e", Unit.GRADIENT))
    potential: ClassVar[Analysis] = AVERAGING
    compresses_at_server: ClassVar[bool | None] = True
    literature: ClassVar[Literature] = Literature(
        theorem="docs/safe_ef.md (averages of T steps, almost surely contractive compressors)",
        averaging_constant=theory.averaging_constant,
    )
    State: ClassVar[type] = State

    def start(self, x: Vec, run: Run) -> State:
        """Begin with server and clients at ``x`` and no error."""
        g = run.gradient(x)
        return State(x, x, g - g)

    def step(self, state: State, run: Run) -> State:
        """Send the compressed active subgradients, step at the server, broadcast the compressed difference."""
        v = state.e + self.active_subgradient(state.x, run)
        sent = run.compress(v)
        w = state.w - self.step_size * run.mean(sent)
        return State(state.x + run.compress_at_server(w - state.x), w, v - sent)

    def virtual(self, state: State, run: Run) -> Vec:
        """Return ``w - step_size mean_i e_i``, which moves by ``-step_size mean_i h_i``."""
        return state.w - self.step_size * run.mean(state.e)
