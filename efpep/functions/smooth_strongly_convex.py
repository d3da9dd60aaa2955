"""Smooth strongly convex functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from efpep.errors import InputError
from efpep.functions.smooth import Smooth
from efpep.model.field import Scalar, is_symbolic, shown
from efpep.model.function_class import Convexity


@dataclass(frozen=True)
class SmoothStronglyConvex(Smooth):
    """L-smooth, mu-strongly convex functions, ``0 < mu <= L``.

    The inequalities are necessary and sufficient (1502.05666, Theorem 4); see :mod:`efpep.functions.smooth`.

    Attributes:
        mu: strong convexity, in units of curvature.
        L: smoothness (Lipschitz constant of the gradient), in the same units.

    Raises:
        InputError: ``mu <= 0``, ``mu > L``, or no finite numbers.
    """

    key: ClassVar[str] = "smooth-strongly-convex"
    convexity: ClassVar[Convexity | None] = Convexity.STRONG

    mu: Scalar
    L: Scalar

    def __post_init__(self) -> None:
        """Read and check the parameters."""
        self.read(mu=self.mu, L=self.L)
        if is_symbolic(self.mu) or is_symbolic(self.L):
            return
        if self.mu == 0:
            raise InputError(
                "mu is 0, and strong convexity, which a linear rate needs, is a positive mu; "
                "give mu > 0, or use SmoothConvex(L) where no linear rate is asked.",
                argument="mu",
            )
        if self.mu < 0:
            raise InputError(f"mu is {shown(self.mu)}, but strong convexity is positive; give mu > 0.", argument="mu")
        if self.mu > self.L:
            raise InputError(
                f"mu is {shown(self.mu)} and exceeds L = {shown(self.L)}, so the class is empty; give 0 < mu <= L.", argument="mu"
            )

    @property
    def curvature(self) -> Scalar:
        """The strong convexity ``mu``."""
        return self.mu

    @property
    def smoothness(self) -> Scalar:
        """The smoothness ``L``."""
        return self.L

    @property
    def free_curvatures(self) -> tuple[Scalar, Scalar] | None:
        """Mu and L."""
        return (self.mu, self.L) if self.plain(SmoothStronglyConvex) else None
