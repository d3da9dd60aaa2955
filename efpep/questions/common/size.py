"""How large questions may be: what is refused before any work starts, because it would not end within hours."""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.errors import InputError
from efpep.model.field import shown

if TYPE_CHECKING:
    from efpep.methods.base import Method
    from efpep.setting import Setting

MOST_PAST_STATES = 5
"""The most past states that Lyapunov functions and potentials may depend on."""
MOST_VECTORS = 256
"""The most vectors in the blocks of one step: groups, times the vectors of a state, times states."""
MOST_OVER_HORIZONS = 12_000
"""The most vectors over a horizon, where the basis is banded, times groups, because every group has its own inequalities."""


def check_memory(memory: object) -> None:
    """Refuse a memory that is no small whole number.

    Raises:
        InputError: it is none.
    """
    if isinstance(memory, bool) or not isinstance(memory, int) or not 0 <= memory <= MOST_PAST_STATES:
        raise InputError(
            f"memory is {shown(memory)}, the number of past states in the Lyapunov function; give 0 to {MOST_PAST_STATES}.",
            argument="memory",
        )


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
