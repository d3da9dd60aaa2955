"""The ranges of methods' parameters, and the reading of parameters."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from efpep.errors import InputError
from efpep.model.field import Scalar, is_symbolic, rational, shown

if TYPE_CHECKING:
    from efpep.methods.base import Method


@dataclass(frozen=True, slots=True)
class Range:
    """An interval of numbers; each end is closed (``least``, ``most``), open (``above``, ``below``) or infinite (None).

    Only the ``whole`` numbers in it where that is said; such a parameter counts something, so that it is not tuned.

    Raises:
        InputError: an end is no number, or given as closed and open.
    """

    least: Scalar | None = None
    above: Scalar | None = None
    most: Scalar | None = None
    below: Scalar | None = None
    whole: bool = False

    def __post_init__(self) -> None:
        """Read the ends exactly."""
        for name in ("least", "above", "most", "below"):
            end = getattr(self, name)
            if end is not None:
                number = rational(end, f"the end {name} of a Range")
                object.__setattr__(self, name, int(number) if number.denominator == 1 else number)
        for closed, opened in (("least", "above"), ("most", "below")):
            if getattr(self, closed) is not None and getattr(self, opened) is not None:
                raise InputError(f"a Range gives {closed} and {opened}, which are the same end; give one of them.")

    def contains(self, value: Scalar) -> bool:
        """Whether a number lies in the interval."""
        inside = (self.least is None or value >= self.least) and (self.above is None or value > self.above)
        return inside and (self.most is None or value <= self.most) and (self.below is None or value < self.below)

    @property
    def lower(self) -> Scalar | None:
        """The lower end, open or closed."""
        return self.above if self.least is None else self.least

    @property
    def upper(self) -> Scalar | None:
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
    least: Scalar | None = None,
    above: Scalar | None = None,
    most: Scalar | None = None,
    below: Scalar | None = None,
    whole: bool = False,
) -> None:
    """Read a parameter of a method exactly and check its range; for use in ``__post_init__``.

    A parameter whose range stands in the method's ``ranges`` is read without a call of this function.

    Raises:
        InputError: it is no number, or out of range.
    """
    method.read(**{name: getattr(method, name)})
    value = getattr(method, name)
    interval = Range(least, above, most, below)
    if is_symbolic(value):
        return
    if not interval.contains(value):
        raise InputError(
            f"{name} is {shown(value)}, outside {interval}, where {method.title} is defined; give a number in it.", argument=name
        )
    if whole and value != int(value):
        raise InputError(f"{name} is {shown(value)}, which is not a whole number; give one in {interval}.", argument=name)
