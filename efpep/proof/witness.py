"""The rational numbers that prove an end of an answer; their meaning is in :mod:`efpep.proof.conditions`."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Generic, Protocol, TypeVar

from efpep.model.system import Matrix

T = TypeVar("T")


class Proved(Protocol):
    """A witness of an end of an answer.

    Attributes:
        theta: the number that it proves.
    """

    @property
    def theta(self) -> Fraction:
        """The number that it proves."""
        ...


@dataclass(frozen=True, slots=True)
class UpperWitness:
    """Unknowns and multipliers with which every relation of a system holds at ``theta``.

    Attributes:
        theta: the number that is proved.
        weights: the shared symmetric matrices, one an unknown.
        gaps: the shared numbers, such as coefficients of function gaps.
        multipliers: for each relation, one multiplier for each of its rows.
        margin: how much of the margin forms is left over; positive where there are any.
    """

    theta: Fraction
    weights: tuple[Matrix, ...]
    gaps: tuple[Fraction, ...]
    multipliers: tuple[tuple[Fraction, ...], ...]
    margin: Fraction = Fraction(0)


@dataclass(frozen=True, slots=True)
class LowerWitness:
    """Moments of relations that exclude every number below ``theta``.

    Attributes:
        theta: every smaller number is excluded.
        grams: for each relation, one Gram matrix a block over the block's columns.
        values: for each relation, the function values that occur in it.
    """

    theta: Fraction
    grams: tuple[tuple[Matrix, ...], ...]
    values: tuple[tuple[Fraction, ...], ...]


@dataclass(frozen=True, slots=True)
class Attained(Generic[T]):
    """An instance on which something is at least ``theta``.

    Attributes:
        theta: the number that is proved.
        instance: the instance, in the numbers of its kind.
    """

    theta: Fraction
    instance: T
