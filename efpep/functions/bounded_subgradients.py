"""Convex functions with bounded subgradients."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

from efpep.errors import InputError
from efpep.model.column import Unit
from efpep.model.field import Scalar, double, is_symbolic, shown
from efpep.model.form import Form, inner, square
from efpep.model.function_class import FunctionClass
from efpep.model.row import MINIMISER, Origin
from efpep.model.sample import Sample

if TYPE_CHECKING:
    from efpep.functions.interpolating_function import Floats
    from efpep.model.function_class import Interpolant
    from efpep.model.trace import Trace
    from efpep.model.vector import Part


@dataclass(frozen=True)
class BoundedSubgradients(FunctionClass):
    """Convex functions, smooth or not, all of whose subgradients have norm at most M (M-Lipschitz functions).

    For all pairs of evaluated points ``f_a >= f_b + <g_b, x_a - x_b>``, and ``||g_a||^2 <= M^2`` at each; together they are
    necessary and sufficient (the maximum of the cuts is such a function). An oracle may return any subgradient. The bound has a
    constant: it is a multiple of the Trace's value column ``"1"``. No method contracts on this class; it serves finite horizons.

    Attributes:
        M: bound of the subgradients' norms, in units of gradients; 1 unless told.

    Raises:
        InputError: ``M`` is not a positive number.
    """

    key: ClassVar[str] = "bounded-subgradients"
    exact: ClassVar[bool] = True

    M: Scalar = Fraction(1)

    def __post_init__(self) -> None:
        """Read and check the parameter."""
        self.read(M=self.M)
        if not is_symbolic(self.M) and self.M <= 0:
            raise InputError(f"M is {shown(self.M)}, but a bound of subgradients is positive; give M > 0.", argument="M")

    @property
    def curvature(self) -> Scalar:
        """Zero: no strong convexity."""
        return Fraction(0)

    @property
    def smoothness(self) -> Scalar:
        """Refused: gradients may jump.

        Raises:
            InputError: always.
        """
        raise InputError(
            "functions with bounded subgradients need not be smooth, so they have no L; ask for a finite horizon, "
            "with step_size given as a number.",
            argument="step_size",
        )

    @property
    def subgradient_bound(self) -> Scalar | None:
        """M."""
        return self.M

    @property
    def free_subgradients(self) -> Scalar | None:
        """M."""
        return self.M if self.plain(BoundedSubgradients) else None

    def gradient_size(self, distance: float) -> float:
        """Return M."""
        del distance
        return double(self.M, "M")

    def sample(self, trace: Trace, group: int, x: Part, gradient_at_minimiser: Part, label: str) -> Sample:
        """Return a new subgradient, bounded, and a new value."""
        bound = trace.constant(trace.field(self.M) * trace.field(self.M))
        if label == "0":
            resting = square(gradient_at_minimiser, group) - bound if gradient_at_minimiser.nonzero else Form()
            trace.add(Origin("bound", (MINIMISER,), group), resting)
        shape = trace.client_part(group, f"u{label}", Unit.GRADIENT)
        gradient = gradient_at_minimiser + shape
        trace.add(Origin("bound", (label,), group), square(gradient, group) - bound)
        value = trace.value_column(group, f"F{label}") if x.nonzero else Form()
        return Sample(label, x, gradient, shape, value, value)

    def constraint_subgradient(self, trace: Trace, group: int, label: str) -> Part:
        """Return a new subgradient of a constraint function, bounded."""
        gradient = trace.client_part(group, f"c{label}", Unit.GRADIENT)
        bound = trace.constant(trace.field(self.M) * trace.field(self.M))
        trace.add(Origin("constraint bound", (label,), group), square(gradient, group) - bound)
        return gradient

    def through(self, points: Floats, gradients: Floats, values: Floats) -> Interpolant:
        """Return the maximum of the cuts."""
        from efpep.functions.interpolating_function import MaximumOfCuts

        return MaximumOfCuts(points, gradients, values)

    def interpolation(self, trace: Trace, group: int, a: Sample, b: Sample) -> Form:
        """Return ``F_b - F_a + <u_b, x_a - x_b>``, where F and u are values and subgradients less their part at ``x*``."""
        del trace
        return b.value - a.value + inner(b.shape, a.x - b.x, group)
