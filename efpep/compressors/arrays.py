"""Where the arrays of a numeric run live: NumPy's, or those of another array library, on a device and of a precision.

Libraries are used through the Python array API standard (data-apis.org/array-api), by way of array-api-compat, which is loaded
when one other than NumPy is asked for. What the standard has no name for, the k-th largest entry of rows and random numbers, is
asked of the library by its own name where it has one, and done by sorting or by NumPy elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

import numpy as np

from efpep.errors import InputError, UnavailableError, reason
from efpep.model.field import shown
from efpep.optional import optional

if TYPE_CHECKING:
    from numpy.typing import NDArray

PRECISIONS = ("float64", "float32")
LIBRARIES = {"numpy": "numpy", "torch": "torch", "cupy": "cupy", "jax": "jax.numpy", "array-api-strict": "array_api_strict"}
"""The module of each library that has been thought of."""
_OF_TORCH = ("cuda", "mps", "xpu")
"""Devices that name no library are those of torch."""


@dataclass(frozen=True, eq=False)
class Arrays:
    """Makes arrays of one library, device and precision, and has what operators need of the library.

    Attributes:
        library: the library's name, a key of :data:`LIBRARIES`.
        xp: its namespace, that of the array API standard.
        device: its device, or None for the library's default.
        precision: ``"float64"`` or ``"float32"``.
    """

    library: str = "numpy"
    xp: Any = np
    device: Any = None
    precision: str = "float64"

    @property
    def numpy(self) -> bool:
        """Whether these are NumPy's arrays."""
        return self.library == "numpy"

    @property
    def usual(self) -> bool:
        """Whether these are NumPy's arrays of doubles."""
        return self.numpy and self.precision == "float64"

    @property
    def dtype(self) -> Any:
        """The library's name of the precision."""
        return getattr(self.xp, self.precision)

    @property
    def name(self) -> str:
        """How the library and the device are called."""
        return self.library if self.device is None else f"{self.library}:{self.device}"

    def asarray(self, values: Any) -> Any:
        """Return an array of NumPy's, or numbers, as one of these."""
        if self.numpy:
            return np.asarray(values, dtype=self.dtype)
        return self.xp.asarray(np.array(values, dtype=self.precision), device=self.device)

    def host(self, values: Any) -> NDArray[np.float64]:
        """Return an array of these as NumPy's array of doubles."""
        found = values.detach().cpu() if self.library == "torch" else values.get() if self.library == "cupy" else values
        return np.asarray(found, dtype=np.float64)

    def least_of_largest(self, magnitudes: Any, k: int) -> Any:
        """Return the k-th largest entry of each row: shape ``(n, d)`` to ``(n, 1)``."""
        d = magnitudes.shape[1]
        if self.library == "torch":
            return self.xp.topk(magnitudes, k, dim=1, sorted=False).values.amin(dim=1, keepdim=True)
        ordered = getattr(self.xp, "partition", None)
        rows = self.xp.sort(magnitudes, axis=1) if ordered is None else ordered(magnitudes, d - k, axis=1)
        return rows[:, d - k : d - k + 1]

    def largest(self, magnitudes: Any, k: int) -> Any:
        """Mark the k largest entries of each row, the first of equal ones; ``0 < k < d``."""
        xp, least = self.xp, self.least_of_largest(magnitudes, k)
        kept = magnitudes >= least
        if int(xp.max(xp.count_nonzero(kept, axis=1))) <= k:
            return kept
        above, ties = magnitudes > least, magnitudes == least
        wanted = k - xp.count_nonzero(above, axis=1)
        order = xp.cumulative_sum(xp.astype(ties, xp.int64), axis=1)
        return above | (ties & (order <= xp.reshape(wanted, (-1, 1))))

    def uniform(self, shape: tuple[int, ...], key: Sequence[int]) -> Any:
        """Return random numbers in [0, 1), drawn by the library from the stream of a key."""
        words = np.random.SeedSequence(list(key)).generate_state(2, np.uint32)
        seed = int(words[0]) | (int(words[1]) & (2**31 - 1)) << 32
        if self.library == "torch":
            draw = self.xp.Generator(device=self.device or "cpu").manual_seed(seed)
            return self.xp.rand(shape, generator=draw, dtype=self.dtype, device=self.device)
        if self.library == "cupy":
            return self.xp.random.default_rng(seed).random(shape, dtype=self.dtype)
        if self.library == "jax":
            draws = import_module("jax.random")
            return self.xp.asarray(draws.uniform(draws.PRNGKey(seed), shape, dtype=self.dtype), device=self.device)
        return self.asarray(np.random.default_rng(seed).random(shape))


USUAL = Arrays()


def arrays_of(device: str | None, precision: str) -> Arrays:
    """Return the arrays of a device and a precision.

    Args:
        device: ``"cuda"`` or another device of torch, or a library of :data:`LIBRARIES` such as ``"cupy"``, with a device of its
            own after a colon as in ``"torch:cpu"``; None or ``"cpu"`` for NumPy.
        precision: ``"float64"`` or ``"float32"``.

    Raises:
        InputError: there is no such library, device or precision.
        UnavailableError: the library or array-api-compat is not installed.
    """
    if precision not in PRECISIONS:
        raise InputError(f"dtype is {shown(precision)}; give {' or '.join(PRECISIONS)}.", argument="dtype")
    if device in {None, "cpu", "numpy"}:
        return Arrays(precision=precision)
    library, _, place = device.partition(":") if isinstance(device, str) else ("", "", "")
    if library in _OF_TORCH:
        library, place = "torch", str(device)
    if library not in LIBRARIES or library == "numpy":
        raise InputError(
            f"device is {shown(device)}; give cuda or another device of torch, or a library such as "
            f"{', '.join(LIBRARIES)}, with a device after a colon as in torch:cpu.",
            argument="device",
        )
    made = Arrays(library, _namespace(library), _device(library, place), precision)
    try:
        found = made.asarray(np.zeros(1))
    except Exception as error:  # libraries refuse devices in their own ways
        raise InputError(f"{library} has no device {place} here ({reason(error)}); give another.", argument="device") from error
    if found.dtype != made.dtype:
        raise InputError(
            f"{library} makes {found.dtype} of {precision} here; let it compute in double precision "
            "(JAX: jax_enable_x64), or give dtype='float32'.",
            argument="dtype",
        )
    return made


def _namespace(library: str) -> Any:
    module = LIBRARIES[library]
    compat = optional("array_api_compat", "devices and array libraries")
    try:
        namespace = import_module(module)
    except ImportError as error:
        raise UnavailableError(
            f"arrays of {library} need a library that cannot be imported here ({reason(error)}); install it, or leave out device."
        ) from error
    return compat.array_namespace(namespace.zeros(1)) if library in {"torch", "cupy"} else namespace


def _device(library: str, place: str) -> Any:
    if library == "jax" and place:
        return import_module("jax").devices(place)[0]
    return place or None
