"""CLAG and LAG: clients send when their gradients have changed enough."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

from efpep.methods.base import Range, Run, Vec
from efpep.methods.three_point_method import ThreePointMethod
from efpep.model.field import Scalar
from efpep.theory import three_point as theory
from efpep.theory.constants import contraction

if TYPE_CHECKING:
    from efpep.setting import Setting


@dataclass(frozen=True)
class CLAG(ThreePointMethod):
    """CLAG (2202.00998): EF21 whose clients stay silent while their estimates are near; LAG (1805.09965) without compression.

        x+ = x - step_size * mean_i d_i,   y_i = grad f_i(x),   g_i = grad f_i(x+),
        d_i+ = d_i + C(g_i - d_i)   where ||g_i - d_i||^2 > zeta ||g_i - y_i||^2,   d_i+ = d_i   else.

    The theorem is that of :class:`~efpep.methods.three_point_method.ThreePointMethod` with, for any ``s > 0``,
    ``A = 1 - (1 - delta) (1 + s)`` and ``B = max{(1 - delta) (1 + 1/s), zeta}``; the s with the least B/A is taken. With
    ``zeta = 0`` it is EF21, and with the identity (``delta = 1``) it is LAG, with ``A = 1`` and ``B = zeta``. In a proof,
    ``||d_i+ - g_i||^2 <= (1 - delta) ||g_i - d_i||^2 + delta zeta ||g_i - y_i||^2`` in either case is all that is known. The
    agents' minimisers may differ.

    Attributes:
        zeta: how far an estimate may be off, against how far the gradient moved, before its client sends; at least 0.
    """

    key: ClassVar[str] = "clag"
    title: ClassVar[str] = "CLAG"
    reference: ClassVar[str] = "2202.00998"
    lazy: ClassVar[bool] = True
    ranges: ClassVar[dict[str, Range]] = {"zeta": Range(least=0)}

    zeta: Scalar = Fraction(1)

    def three_point(self, setting: Setting) -> theory.ThreePoint:
        """Return what CLAG is known by."""
        return theory.lazy(Fraction(self.zeta), contraction(setting))

    def estimate(self, h: Vec, y: Callable[[], Vec], g: Vec, run: Run) -> Vec:
        """Correct the estimates of those that are too far off."""
        return h + run.exceeding(g - h, g - y(), self.zeta).compress(g - h)
