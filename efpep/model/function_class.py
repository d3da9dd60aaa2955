"""What every function class offers to the Trace."""

from __future__ import annotations

import enum
from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar, Protocol

from efpep.component import Component
from efpep.errors import InputError
from efpep.model.field import Scalar

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from efpep.model.form import Form
    from efpep.model.sample import Sample
    from efpep.model.trace import Trace
    from efpep.model.vector import Part


class Convexity(enum.Enum):
    """How convex smooth functions are: the sign of the lower curvature ``mu`` of their class."""

    STRONG = "strong"
    PLAIN = "plain"
    WEAK = "weak"


class Interpolant(Protocol):
    """A function that can be evaluated anywhere."""

    def value(self, x: NDArray[np.float64]) -> float:
        """Return the value at ``x``, shape ``(d,)``."""
        ...

    def gradient(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the gradient, or a subgradient, at ``x``: shape ``(d,)`` to ``(d,)``."""
        ...


class FunctionClass(Component):
    """A class of functions described by interpolation inequalities between pairs of evaluated points.

    Attributes:
        exact: whether the inequalities are necessary and sufficient for interpolation by a function of the class; a class has to
            say so, because runs and cycles are claimed to exist where it does.
        arbitrary: whether nothing is known of the gradients, so that there are no inequalities.
        several_minimisers: whether a function may have several minimisers although methods converge linearly, so that no Lyapunov
            function controls the distance to one of them.
        on_average: whether the values are bounded below only on average over the agents, so that nothing bounds them at points
            of the agents' own.
        has_minimiser: whether the inequalities speak of a minimiser ``x*``; otherwise distances to it mean nothing.
        convexity: for smooth functions whose curvature is everywhere between :attr:`curvature` and :attr:`smoothness`, whether
            the former is positive, zero or negative; None for all others. Subclasses, whose functions are among these, keep it.
    """

    exact: ClassVar[bool] = False
    arbitrary: ClassVar[bool] = False
    has_minimiser: ClassVar[bool] = True
    on_average: ClassVar[bool] = False
    several_minimisers: ClassVar[bool] = False
    convexity: ClassVar[Convexity | None] = None

    @property
    @abstractmethod
    def curvature(self) -> Scalar:
        """The lower curvature ``mu``; a linear rate needs it positive."""

    @property
    @abstractmethod
    def smoothness(self) -> Scalar:
        """The upper curvature ``L``."""

    @property
    def subgradient_bound(self) -> Scalar | None:
        """The M of convex functions all of whose subgradients have norm at most M; None for all others."""
        return None

    @property
    def free_curvatures(self) -> tuple[Scalar, Scalar] | None:
        """Numbers such that every function with a minimiser and all curvatures between them belongs to the class itself.

        The parabolas ``a x^2/2`` are among them. None where none are known; see :meth:`plain`.
        """
        return None

    @property
    def free_subgradients(self) -> Scalar | None:
        """A number M such that every convex function with a minimiser and no subgradient longer belongs to the class itself.

        None where none is known; see :meth:`plain`.
        """
        return None

    @property
    def tilt(self) -> Scalar:
        """The ``m`` of the part ``m (x - x*)`` of gradients in :meth:`sample`."""
        return self.curvature

    def gradient_size(self, distance: float) -> float:
        """Return about how large gradients are at the given distance from a minimiser; solvers work in such units."""
        return float(self.smoothness) * distance

    @abstractmethod
    def sample(self, trace: Trace, group: int, x: Part, gradient_at_minimiser: Part, label: str) -> Sample:
        """Add the columns of one evaluation at ``x`` (relative to ``x*``) and return what the oracle answers."""

    def constraint_subgradient(self, trace: Trace, group: int, label: str) -> Part:
        """Add the subgradients of constraint functions ``g_i`` of this class, convex, at one more point.

        Raises:
            InputError: the class is not one of constraint functions.
        """
        del trace, group, label
        raise InputError(
            f"{self.identifier()} is not a class of constraint functions; give one such as constraint=BoundedSubgradients(M=1).",
            argument="constraint",
        )

    def through(self, points: NDArray[np.float64], gradients: NDArray[np.float64], values: NDArray[np.float64]) -> Interpolant:
        """Return a function of the class with these gradients and values at these points, defined everywhere.

        Args:
            points: shape ``(N, d)``.
            gradients: shape ``(N, d)``.
            values: shape ``(N,)``.

        Raises:
            InputError: there is no formula for this class.
        """
        del points, gradients, values
        raise InputError(f"there is no formula for functions of the class {self.identifier()} through given points; use another.")

    @abstractmethod
    def interpolation(self, trace: Trace, group: int, a: Sample, b: Sample) -> Form:
        """Return the form ``<= 0`` that any two samples of one function satisfy (ordered pair)."""
