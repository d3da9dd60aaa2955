"""The ranges of methods' parameters, and the reading of parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from efpep.errors import InputError
from efpep.model.field import Scalar, is_symbolic, shown

if TYPE_CHECKING:
    from efpep.methods.base import Method


@dataclass(frozen=True, slots=True)
class Range:
    """An interval of numbers; each end is closed (``least``, ``most``), open (``above``, ``below``) or infinite (None)."""

    least: int | None = None
    above: int | None = None
    most: int | None = None
    below: int | None = None

    def contains(self, value: Scalar) -> bool:
        """Whether a number lies in the interval."""
        inside = (self.least is None or value >= self.least) and (self.above is None or value > self.above)
        return inside and (self.most is None or value <= self.most) and (self.below is None or value < self.below)

    @property
    def lower(self) -> int | None:
        """The lower end, open or closed."""
        return self.above if self.least is None else self.least

    @property
    def upper(self) -> int | None:
        """The upper end, open or closed."""
        return self.below if self.most is None else self.most

    def __str__(self) -> str:
        """Write the interval."""
        start = f"[{self.least}" if self.least is not None else f"({self.above}" if self.above is not None else "(-inf"
        end = f"{self.most}]" if self.most is not None else f"{self.below})" if self.below is not None else "inf)"
        return f"{start}, {end}"


def read_parameter(
    method: Method,
    name: str,
    *,
    least: int | None = None,
    above: int | None = None,
    most: int | None = None,
    below: int | None = None,
) -> None:
    """Read a parameter of a method exactly and check its range; for use in ``__post_init__``.

    A parameter whose range stands in the method's ``ranges`` is read without a call of this function.

    Raises:
        InputError: it is no number, or out of range.
    """
    method.read(**{name: getattr(method, name)})
    value = getattr(method, name)
    interval = Range(least, above, most, below)
    if is_symbolic(value) or interval.contains(value):
        return
    raise InputError(
        f"{name} is {shown(value)}, outside {interval}, where {method.title} is defined; give a number in it.", argument=name
    )
