"""What the operators have in common: they act on rows, belong to a class, and have a wire format."""

from __future__ import annotations

import numbers
from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from efpep.component import Component
from efpep.compressors.packing import pack_sparse, sparse_sizes, unpack_sparse
from efpep.compressors.randomized import read_shared
from efpep.errors import InputError
from efpep.model.field import rational, shown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from efpep.compressors.arrays import Arrays
    from efpep.compressors.seeded import Seeded
    from efpep.model.compressor_class import Compressor

Kept: TypeAlias = "tuple[NDArray[np.intp], NDArray[np.float64]]"
"""Places in a row, and the values there."""


@dataclass(frozen=True)
class CompressionOperator(Component):
    """Base of the operators.

    A subclass gives :meth:`apply` and :meth:`belongs_to`, and a wire format of its own (:meth:`pack`, :meth:`decode` and
    :meth:`sizes`) where the sparse one of :mod:`efpep.compressors.packing`, positions and values, is not what it sends. The
    contract: ``decode(message(v), d)`` is ``C(v)`` bit for bit, and ``len(message(v))`` is what ``sizes`` says.

    Attributes:
        random: whether the operator draws; it then needs a seed, see :meth:`seeded`.
    """

    random: ClassVar[bool] = False

    @abstractmethod
    def apply(self, v: NDArray[np.float64], draws: Sequence[np.random.Generator]) -> NDArray[np.float64]:
        """Compress each row of ``v``, shape ``(n, d)``, into a new array; row i draws from ``draws[i]`` where it draws."""

    def apply_on(self, arrays: Arrays, v: Any, seeded: Seeded, use: int) -> Any:
        """Compress each row of ``v``, shape ``(n, d)``, an array of another library, in one use of the seeded operator.

        Where a subclass does not say how, by way of NumPy, with its draws.
        """
        return arrays.asarray(seeded.rows(arrays.host(v), use))

    @abstractmethod
    def belongs_to(self, dimension: int) -> Compressor:
        """Return the class of compressors on ``R^dimension`` that the operator belongs to, with its constants."""

    def keeps(self, dimension: int) -> bool:
        """Whether the operator sends few of ``dimension`` entries, as they are or scaled, so that it has :meth:`kept`."""
        del dimension
        return False

    def kept(self, row: NDArray[np.float64], draw: np.random.Generator | None) -> Kept:
        """Return where a compressed row, shape ``(d,)``, may be other than zero, and the values there.

        Asked of operators for whose dimension :meth:`keeps` says so; those that know the places without the row say them.
        """
        import numpy as np

        compressed = self.apply(row[None], () if draw is None else (draw,))[0]
        places = np.flatnonzero(compressed)
        return places, compressed[places]

    def scattered(self, v: NDArray[np.float64], draws: Sequence[np.random.Generator]) -> NDArray[np.float64]:
        """Return each row of ``v``, shape ``(n, d)``, with zeros but where it is :meth:`kept`."""
        import numpy as np

        compressed = np.zeros_like(v)
        for row, draw, target in zip(v, draws, compressed, strict=True):
            places, values = self.kept(row, draw)
            target[places] = values
        return compressed

    def __call__(self, v: NDArray[np.float64]) -> NDArray[np.float64]:
        """Compress each row of ``v``, shape ``(n, d)``.

        Raises:
            InputError: the operator draws at random, and has no seed here.
        """
        self._refuse_without_seed()
        return self.apply(v, ())

    def message(self, v: NDArray[np.float64], draws: Sequence[np.random.Generator] = ()) -> bytes:
        """Compress one vector, shape ``(d,)``, and return what is sent of it.

        Raises:
            InputError: the operator draws at random, and nothing to draw from is given.
        """
        if not draws:
            self._refuse_without_seed()
        return self.pack(self.apply(v[None, :], draws)[0])

    def pack(self, compressed: NDArray[np.float64]) -> bytes:
        """Return the message of a vector that this operator has compressed, shape ``(d,)``."""
        return pack_sparse(compressed)

    def decode(self, message: bytes, dimension: int) -> NDArray[np.float64]:
        """Return the compressed vector, shape ``(dimension,)``, that a message carries."""
        return unpack_sparse(message, dimension)

    def sizes(self, compressed: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return how many bytes the message of each row takes, shape ``(n,)``."""
        return sparse_sizes(compressed)

    def seeded(self, seed: int | Sequence[int] = 0, first: int = 0) -> Seeded:
        """Return the operator with streams of random numbers of its own (see :class:`~efpep.compressors.seeded.Seeded`)."""
        from efpep.compressors.seeded import Seeded

        return Seeded(self, seed, first)

    def _refuse_without_seed(self) -> None:
        if self.random:
            raise InputError(f"{type(self).__name__} draws at random and has no seed; give one, as in operator.seeded(0).")

    def read_whole(self, name: str, least: int = 1) -> None:
        """Store a parameter after reading it as a whole number, or as text of one; for use in ``__post_init__``.

        Raises:
            InputError: it is not a whole number of at least ``least``.
        """
        value: Any = getattr(self, name)
        if isinstance(value, str) and value.strip().lstrip("+-").isdigit():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, numbers.Integral):
            raise InputError(
                f"{name} is {shown(value)}, which is not a whole number; give an integer of at least {least}.", argument=name
            )
        if value < least:
            raise InputError(f"{name} is {shown(value)}, so nothing would be sent; give {name} >= {least}.", argument=name)
        object.__setattr__(self, name, int(value))

    def read_probability(self, name: str) -> None:
        """Store a parameter after reading it exactly as a probability; for use in ``__post_init__``.

        Raises:
            InputError: it is outside ``(0, 1]``.
        """
        value: Fraction = rational(getattr(self, name), name)
        if not 0 < value <= 1:
            raise InputError(
                f"{name} is {shown(value)}, which is no probability that anything is sent; give 0 < {name} <= 1.", argument=name
            )
        object.__setattr__(self, name, value)

    def read_switch(self, *names: str) -> None:
        """Store parameters after reading them as yes or no; for use in ``__post_init__``.

        Raises:
            InputError: one is neither.
        """
        for name in names:
            object.__setattr__(self, name, read_shared(getattr(self, name), name))


class ClasslessOperator(CompressionOperator):
    """Base of the operators that belong to no class of compressors: they run, and nothing is proved.

    Attributes:
        classless: why, and what to do, as a sentence.
    """

    classless: ClassVar[str]

    def belongs_to(self, dimension: int) -> Compressor:
        """Refuse.

        Raises:
            InputError: always.
        """
        del dimension
        raise InputError(self.classless, argument="compressor")
