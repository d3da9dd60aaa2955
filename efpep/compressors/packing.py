"""Wire formats: bit-packed codes, and sparse vectors as positions and values. All numbers are little-endian.

A sparse message begins with a count of four bytes. Then follow that many positions, each in ``ceil(log2 d)`` bits, packed
and padded to whole bytes, and as many values of eight bytes. Where all d values take fewer bytes, the count is ``2^32 - 1`` and
the d values follow. An entry is sent unless all its bits are zero, so that decoding restores every bit, signs of zeros included.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

COUNT: np.dtype[np.uint32] = np.dtype("<u4")
VALUE: np.dtype[np.float64] = np.dtype("<f8")
_DENSE = 2**32 - 1


def unpack_values(data: bytes, count: int) -> NDArray[np.float64]:
    """Return the first ``count`` values of eight bytes."""
    found: NDArray[np.float64] = np.frombuffer(data, VALUE, count).astype(np.float64)
    return found


def pack_codes(codes: NDArray[np.uint64], bits: int) -> bytes:
    """Return nonnegative integers below ``2^bits`` in that many bits each, the highest bit first."""
    shifts = np.arange(bits - 1, -1, -1, dtype=np.uint64)
    return np.packbits(((codes[:, None] >> shifts) & np.uint64(1)).astype(np.uint8)).tobytes()


def unpack_codes(data: bytes, count: int, bits: int) -> NDArray[np.uint64]:
    """Return the first ``count`` integers that :func:`pack_codes` packed."""
    flat = np.unpackbits(np.frombuffer(data, np.uint8), count=count * bits).reshape(count, bits)
    shifts = np.arange(bits - 1, -1, -1, dtype=np.uint64)
    return np.bitwise_or.reduce(flat.astype(np.uint64) << shifts, axis=1, dtype=np.uint64)


def packed_size(count: int, bits: int) -> int:
    """Return how many bytes ``count`` codes take."""
    return -(-count * bits // 8)


def alike(n: int, size: int) -> NDArray[np.int64]:
    """Return the sizes of n messages of one size."""
    return np.zeros(n, dtype=np.int64) + size


def pack_sparse(v: NDArray[np.float64]) -> bytes:
    """Return the message of the vector ``v``, shape ``(d,)``."""
    d = len(v)
    positions = np.flatnonzero(v.view(np.uint64))
    if _sparse_size(len(positions), d) >= COUNT.itemsize + VALUE.itemsize * d:
        return np.array(_DENSE, COUNT).tobytes() + v.astype(VALUE).tobytes()
    head = np.array(len(positions), COUNT).tobytes()
    return head + pack_codes(positions.astype(np.uint64), _bits(d)) + v[positions].astype(VALUE).tobytes()


def unpack_sparse(message: bytes, d: int) -> NDArray[np.float64]:
    """Return the vector, shape ``(d,)``, that a sparse message carries."""
    count = int(np.frombuffer(message, COUNT, 1)[0])
    body = message[COUNT.itemsize :]
    if count == _DENSE:
        return unpack_values(body, d)
    cut = packed_size(count, _bits(d))
    v = np.zeros(d)
    v[unpack_codes(body[:cut], count, _bits(d)).astype(np.int64)] = unpack_values(body[cut:], count)
    return v


def sparse_sizes(v: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return the sizes in bytes of the sparse messages of the rows of ``v``, shape ``(n, d)`` to ``(n,)``."""
    d = v.shape[1]
    return row_sizes(v, d)


def row_sizes(rows: Iterable[NDArray[Any]], d: int) -> NDArray[np.int64]:
    """Return the sizes in bytes of the sparse messages of vectors in R^d; of each, all entries that are not zero are given."""
    return counted_sizes([int(np.count_nonzero(row.view(f"u{row.itemsize}"))) for row in rows], d)


def counted_sizes(counts: Iterable[int], d: int) -> NDArray[np.int64]:
    """Return the sizes in bytes of the sparse messages of vectors in R^d that have so many entries each."""
    return np.array([min(_sparse_size(count, d), COUNT.itemsize + VALUE.itemsize * d) for count in counts], np.int64)


def _sparse_size(count: int, d: int) -> int:
    return COUNT.itemsize + packed_size(count, _bits(d)) + VALUE.itemsize * count


def _bits(d: int) -> int:
    return (d - 1).bit_length()
