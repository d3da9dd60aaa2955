"""How large memories are, for the units of solvers: what steps leave in them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction

from efpep.conic.units import column_sizes, linear_size
from efpep.model.column import Column, Unit
from efpep.questions.common.features import FeatureBlock

_STEPS = 3
"""After how many steps the sizes of memories are taken."""


def sizes_with_memories(
    columns: Sequence[Sequence[Column]], blocks: Iterable[FeatureBlock], memories: Iterable[str], sizes: Mapping[Unit, Fraction]
) -> tuple[tuple[Fraction, ...], ...]:
    """Return the sizes of the columns of every block, where the features of memories begin tiny and some steps are made.

    Args:
        columns: for each block of the trace, its columns.
        blocks: the features.
        memories: the names of the features of memories.
        sizes: the size of each unit.
    """
    found, named = [column_sizes(block, sizes) for block in columns], set(memories)
    for block in blocks:
        own = [feature for feature in block.features if feature.name.partition("[")[0] in named]
        held = {j: Fraction(1, 2**20) for feature in own for j in feature.before.terms}
        for _ in range(_STEPS):
            found[block.index] = column_sizes(columns[block.index], sizes, held)
            held = {j: linear_size(feature.after, found[block.index]) for feature in own for j in feature.before.terms}
    return tuple(found)
