"""The blockwise (layer-wise) Top-K operator."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from efpep.compressors.operator import CompressionOperator, Kept
from efpep.compressors.projection import Projection
from efpep.compressors.top_k import LONG, TopK
from efpep.errors import InputError
from efpep.model.field import shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from efpep.compressors.arrays import Arrays
    from efpep.compressors.seeded import Seeded


@dataclass(frozen=True)
class BlockTopK(CompressionOperator):
    """Top-K in each block of a vector, such as the layers of a network; blocks follow one another.

    Belongs to ``Projection(delta)`` where delta is the least ``k/size`` of the blocks: what block b discards carries at most the
    share ``1 - k_b/size_b`` of its energy, and a vector may lie in the worst block alone.

    Attributes:
        blocks: the blocks' sizes, which add up to d: whole numbers, or their text separated by spaces or semicolons.
        k: how many entries are kept of each block: one number for all, or one for each.

    Raises:
        InputError: a size or a k is not a whole number of at least 1, or there are as many neither as one nor as blocks.
    """

    key: ClassVar[str] = "block-top-k"

    blocks: Any
    k: Any

    def __post_init__(self) -> None:
        """Read the parameters as text, by which they are described."""
        sizes, k = _whole_numbers(self.blocks, "blocks"), _whole_numbers(self.k, "k")
        if len(k) not in {1, len(sizes)}:
            raise InputError(
                f"k has {len(k)} numbers, and there are {len(sizes)} blocks; give one for all blocks, or one for each.",
                argument="k",
            )
        object.__setattr__(self, "blocks", " ".join(map(str, sizes)))
        object.__setattr__(self, "k", " ".join(map(str, k)))

    def belongs_to(self, dimension: int) -> Projection:
        """Return ``Projection(min_b k_b/size_b)``.

        Raises:
            InputError: the blocks' sizes do not add up to the dimension.
        """
        return Projection(min(Fraction(min(top.k, end - begin), end - begin) for begin, end, top in self._blocks(dimension)))

    def apply(self, v: NDArray[np.float64], draws: Sequence[np.random.Generator]) -> NDArray[np.float64]:
        """Compress each row of ``v``, shape ``(n, d)``.

        Raises:
            InputError: the blocks' sizes do not add up to d.
        """
        compressed = np.empty_like(v)
        for begin, end, top in self._blocks(v.shape[1]):
            compressed[:, begin:end] = top.apply(v[:, begin:end], draws)
        return compressed

    def apply_on(self, arrays: Arrays, v: Any, seeded: Seeded, use: int) -> Any:
        """Compress each row of ``v``, shape ``(n, d)``, with the same ties."""
        blocks = self._blocks(v.shape[1])
        return arrays.xp.concat([top.apply_on(arrays, v[:, begin:end], seeded, use) for begin, end, top in blocks], axis=1)

    def keeps(self, dimension: int) -> bool:
        """Whether rows are long and some of their entries are not kept."""
        return dimension >= LONG and any(top.k < end - begin for begin, end, top in self._blocks(dimension))

    def kept(self, row: NDArray[np.float64], draw: np.random.Generator | None) -> Kept:
        """Return the places and values of the largest entries of each block."""
        places = np.concatenate(
            [
                begin + (top.kept(row[begin:end], draw)[0] if top.k < end - begin else np.arange(end - begin))
                for begin, end, top in self._blocks(len(row))
            ]
        )
        return places, row[places]

    def _blocks(self, dimension: int) -> Iterator[tuple[int, int, TopK]]:
        """Yield where each block begins and ends, with its operator."""
        sizes, k = ([int(piece) for piece in str(text).split()] for text in (self.blocks, self.k))
        if sum(sizes) != dimension:
            raise InputError(
                f"the blocks have {sum(sizes)} entries, and vectors {dimension}; give blocks that add up to that.",
                argument="blocks",
            )
        begin = 0
        for size, most in zip(sizes, k if len(k) > 1 else k * len(sizes), strict=True):
            yield begin, begin + size, TopK(most)
            begin += size


def _whole_numbers(given: object, name: str) -> list[int]:
    """Read whole numbers of at least 1, given as such or as text.

    Raises:
        InputError: they are none.
    """
    pieces: Any = [given]
    if isinstance(given, str):
        pieces = re.split(r"[\s;]+", given.strip())
    elif isinstance(given, Iterable):
        pieces = given  # pyright: ignore[reportUnknownVariableType]
    try:
        numbers = [TopK(piece).k for piece in pieces]
    except InputError:
        numbers = []
    if not numbers:
        raise InputError(
            f"{name} is {shown(given)}, which is no list of whole numbers of at least 1; give some such as '784 10'.",  # pyright: ignore[reportUnknownArgumentType]
            argument=name,
        )
    return numbers
