"""Interpolation by smooth functions with curvature bounds, in shifted gradients.

With ``l = L - mu`` and ``u = grad f(x) - grad f(x*) - mu (x - x*)``, ``u`` is the gradient of a convex l-smooth function, and

    q_ab = F_b - F_a + <u_b, x_a - x_b> + ||u_a - u_b||^2 / (2 l) <= 0        for all ordered pairs (a, b)

(F the value minus ``mu ||x - x*||^2 / 2``) is necessary and sufficient for interpolation by an L-smooth function with
curvature at least mu: Taylor, Hendrickx, Glineur, 1502.05666, Theorem 4. No coefficient cancels when ``mu`` tends to ``L``;
``mu = L`` is the structural case ``u = 0``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from efpep.model.column import Unit
from efpep.model.field import double
from efpep.model.form import Form, inner, square
from efpep.model.function_class import FunctionClass
from efpep.model.sample import Sample
from efpep.model.vector import NOTHING

if TYPE_CHECKING:
    from efpep.functions.interpolating_function import Floats
    from efpep.model.function_class import Interpolant
    from efpep.model.trace import Trace
    from efpep.model.vector import Part


class Smooth(FunctionClass):
    """L-smooth functions of curvature at least mu; the subclasses say which mu they allow."""

    exact: ClassVar[bool] = True

    def sample(self, trace: Trace, group: int, x: Part, gradient_at_minimiser: Part, label: str) -> Sample:
        """Return ``grad f_i = grad f_i(x*) + mu x + u`` and its value; ``u`` is a new column unless ``mu = L``."""
        mu, smoothness = trace.field(self.curvature), trace.field(self.smoothness)
        quadratic = (mu / 2) * square(x, group)
        linear = gradient_at_minimiser + mu * x
        if mu == smoothness or not x.nonzero:
            return Sample(label, x, linear, NOTHING, quadratic, Form())
        shape = trace.client_part(group, f"u{label}", Unit.GRADIENT)
        excess = trace.value_column(group, f"F{label}")
        return Sample(label, x, linear + shape, shape, excess + quadratic, excess)

    def through(self, points: Floats, gradients: Floats, values: Floats) -> Interpolant:
        """Return the function of :class:`~efpep.functions.interpolating_function.SmoothInterpolant`."""
        from efpep.functions.interpolating_function import SmoothInterpolant

        return SmoothInterpolant(double(self.curvature, "mu"), double(self.smoothness, "L"), points, gradients, values)

    def interpolation(self, trace: Trace, group: int, a: Sample, b: Sample) -> Form:
        """Return ``q_ab``; see the module's formula."""
        gap = trace.field(self.smoothness) - trace.field(self.curvature)
        if gap == 0:
            return Form()
        flat = b.excess - a.excess + inner(b.shape, a.x - b.x, group)
        return flat + (trace.one / (2 * gap)) * square(a.shape - b.shape, group)
