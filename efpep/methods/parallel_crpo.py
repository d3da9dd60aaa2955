"""Parallel-CRPO: the switching subgradient method with several clients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from efpep.methods.base import AVERAGING, Analysis, Run, Vec
from efpep.methods.switching import SwitchingMethod
from efpep.theory import safe_ef as theory
from efpep.theory.literature import Literature


class State(NamedTuple):
    """The iterate."""

    x: Vec


@dataclass(frozen=True)
class ParallelCRPO(SwitchingMethod):
    """Parallel-CRPO (the uncompressed baseline of 2505.06053): the switching subgradient method.

        h_i = f_i'(x) if mean_i g_i(x) <= threshold, else g_i'(x),   x+ = x - step_size mean_i h_i.

    The theorem of :class:`~efpep.methods.safe_ef.SafeEF` holds with ``K = 1``: ``step_size = R/(M sqrt T)``,
    ``threshold = R M/sqrt T``.

    Attributes:
        step_size: the step size gamma, in units of points over gradients.
        threshold: the c up to which a constraint value counts as satisfied, or ``"none"`` without a constraint.
    """

    key: ClassVar[str] = "parallel-crpo"
    title: ClassVar[str] = "Parallel-CRPO"
    reference: ClassVar[str] = "2505.06053"
    compresses: ClassVar[bool] = False
    potential: ClassVar[Analysis] = AVERAGING
    compresses_at_server: ClassVar[bool | None] = False
    literature: ClassVar[Literature] = Literature(
        theorem="docs/safe_ef.md (averages of T steps, no compression)",
        averaging_constant=theory.without_compression,
    )
    State: ClassVar[type] = State

    def start(self, x: Vec, run: Run) -> State:
        """Begin at ``x``."""
        del run
        return State(x)

    def step(self, state: State, run: Run) -> State:
        """Step along the mean active subgradient."""
        return State(state.x - self.step_size * run.mean(self.active_subgradient(state.x, run)))

    def virtual(self, state: State, run: Run) -> Vec:
        """Return the iterate itself."""
        del run
        return state.x
