"""Smooth convex functions."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from efpep.errors import InputError
from efpep.functions.smooth import Smooth
from efpep.model.field import Scalar, is_symbolic, shown
from efpep.model.function_class import Convexity


@dataclass(frozen=True)
class SmoothConvex(Smooth):
    """L-smooth convex functions with a minimiser, ``L > 0``.

    The inequalities are necessary and sufficient (1502.05666, Theorem 4 with mu = 0). No first-order method contracts on
    this class, so a linear rate is refused; it serves finite horizons and user-defined analyses.

    Attributes:
        L: smoothness (Lipschitz constant of the gradient).

    Raises:
        InputError: ``L`` is not a positive number.
    """

    key: ClassVar[str] = "smooth-convex"
    convexity: ClassVar[Convexity | None] = Convexity.PLAIN

    L: Scalar

    def __post_init__(self) -> None:
        """Read and check the parameter."""
        self.read(L=self.L)
        if not is_symbolic(self.L) and self.L <= 0:
            raise InputError(f"L is {shown(self.L)}, but smoothness is positive; give L > 0.", argument="L")

    @property
    def curvature(self) -> Scalar:
        """Zero: no strong convexity."""
        return Fraction(0)

    @property
    def smoothness(self) -> Scalar:
        """The smoothness ``L``."""
        return self.L
