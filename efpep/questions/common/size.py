"""How large questions may be: what is refused before any work starts, because it would not end within hours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.errors import InputError

if TYPE_CHECKING:
    from efpep.methods.base import Method
    from efpep.setting import Setting

MOST_VECTORS = 256
"""The most vectors in the blocks of one step: groups, times the vectors of a state, times states."""
MOST_OVER_HORIZONS = 12_000
"""The most vectors over a horizon, where the basis is banded, times groups, because every group has its own inequalities."""


def check_size(method: Method, setting: Setting, states: int) -> None:
    """Refuse a question about ``states`` consecutive states that is too large.

    Raises:
        InputError: it is.
    """
    groups, vectors = len(setting.populations()), len(method.memories) + 2
    _check(groups * vectors * states, MOST_VECTORS, groups, vectors, states)


def check_horizon_size(method: Method, setting: Setting, states: int) -> None:
    """Refuse a question about a run of ``states`` states, or as many single steps, that is too large.

    Raises:
        InputError: it is.
    """
    groups, vectors = len(setting.populations()), len(method.memories) + 2
    _check(groups * groups * vectors * states, MOST_OVER_HORIZONS, groups, vectors, states)


def _check(size: int, most: int, groups: int, vectors: int, states: int) -> None:
    if size > most:
        agents = "one group" if groups == 1 else f"{groups} groups"
        raise InputError(
            f"the question has {agents} of agents, {vectors} vectors a state and {states} states, "
            f"{size / most:.3g} times what can be answered; ask with fewer groups, a shorter memory or fewer steps."
        )
