"""Questions whose numbers no solver can hold: solvers compute in doubles, from about 1e-308 to 1e308."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields, is_dataclass
from fractions import Fraction
from typing import ParamSpec, TypeVar, cast

from efpep.errors import InputError
from efpep.model.field import shown

P = ParamSpec("P")
A = TypeVar("A")


def within_doubles(asks: Callable[P, A]) -> Callable[P, A]:
    """Let a function that asks a solver say of an overflow, or of a zero from underflow, which numbers are no doubles.

    Where all of them are, but not what follows from them, the one that is furthest from 1 is named. The function raises an
    InputError then.
    """

    @functools.wraps(asks)
    def asked(*args: P.args, **kwargs: P.kwargs) -> A:
        try:
            return asks(*args, **kwargs)
        except (OverflowError, ZeroDivisionError) as error:
            given = inspect.signature(asks).bind(*args, **kwargs).arguments
            numbers = [item for name, value in given.items() for item in _numbers(name, value)]
            if isinstance(error, ZeroDivisionError) and all(_is_double(number) for _, number in numbers):
                raise
            raise _beyond(numbers) from error

    return asked


def _beyond(numbers: list[tuple[str, Fraction]]) -> InputError:
    """Return the sentence about these numbers by the names of the arguments that they are given by."""
    beyond = {name: number for name, number in numbers if not _is_double(number)}
    if beyond:
        name, number = next(iter(beyond.items()))
        return InputError(
            f"{name} is {shown(number)}, beyond the doubles in which solvers compute; rescale the problem.", argument=[*beyond]
        )
    name, number = max(numbers, key=lambda item: _distance(item[1]), default=("", Fraction(1)))
    furthest = f", such as {name}, which is {shown(number)}" if name else ""
    return InputError(
        f"the numbers of the question span too many orders of magnitude for a solver{furthest}; rescale the problem.",
        argument=name or None,
    )


def _numbers(name: str, value: object) -> Iterator[tuple[str, Fraction]]:
    """Yield the numbers that an argument is made of, by the names of their fields."""
    if isinstance(value, Fraction | int | float) and not isinstance(value, bool):
        yield name, Fraction(value)
    elif isinstance(value, Mapping):
        for part in cast("Mapping[object, object]", value).values():
            yield from _numbers(name, part)
    elif isinstance(value, tuple | list):
        for part in cast("Sequence[object]", value):
            yield from _numbers(name, part)
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            yield from _numbers(field.name, getattr(value, field.name))


def _is_double(number: Fraction) -> bool:
    try:
        return (float(number) != 0) == (number != 0)
    except OverflowError:
        return False


def _distance(number: Fraction) -> int:
    """Return about how many binary orders a number is away from 1."""
    return abs(number.numerator.bit_length() - number.denominator.bit_length()) if number else 0
