"""Smooth gradient-dominated functions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from efpep.errors import InputError
from efpep.model.column import Unit
from efpep.model.field import Scalar, is_symbolic, shown
from efpep.model.form import Form, inner, square
from efpep.model.function_class import FunctionClass
from efpep.model.sample import Sample

if TYPE_CHECKING:
    from efpep.model.trace import Trace
    from efpep.model.vector import Part


@dataclass(frozen=True)
class GradientDominated(FunctionClass):
    """L-smooth functions, convex or not, with ``||grad f(x)||^2 >= 2 mu (f(x) - f*)`` (Polyak-Lojasiewicz), ``0 < mu <= L``.

    The inequalities are those of L-smooth functions between pairs of points (the form of 1502.05666, Theorem 4, with mu = -L),

        f_a >= f_b + <g_a + g_b, x_a - x_b>/2 + ||g_a - g_b||^2/(4 L) - L ||x_a - x_b||^2/4,

    ``f - f* >= ||g||^2/(2 L)``, and gradient dominance at each point. They are necessary, not sufficient (a relaxation): rates
    are valid, and ``lower`` is about these inequalities. Minimisers need not be unique, so no Lyapunov function controls the
    distance to one: ask for the metric ``"gap"`` or ``"gradient"``. The agents share their minimisers.

    Attributes:
        mu: constant of gradient dominance, in units of curvature.
        L: smoothness (Lipschitz constant of the gradient), in the same units.

    Raises:
        InputError: ``mu <= 0``, ``mu > L``, or no finite numbers.
    """

    key: ClassVar[str] = "gradient-dominated"
    several_minimisers: ClassVar[bool] = True

    mu: Scalar
    L: Scalar

    def __post_init__(self) -> None:
        """Read and check the parameters."""
        self.read(mu=self.mu, L=self.L)
        if is_symbolic(self.mu) or is_symbolic(self.L):
            return
        if not 0 < self.mu <= self.L:
            raise InputError(
                f"mu is {shown(self.mu)} with L = {shown(self.L)}, and no such function is gradient-dominated; give 0 < mu <= L.",
                argument="mu",
            )

    @property
    def curvature(self) -> Scalar:
        """The constant ``mu``, on which a linear rate rests."""
        return self.mu

    @property
    def smoothness(self) -> Scalar:
        """The smoothness ``L``."""
        return self.L

    @property
    def tilt(self) -> Scalar:
        """Zero: gradients contain no multiple of the point."""
        return 0

    def sample(self, trace: Trace, group: int, x: Part, gradient_at_minimiser: Part, label: str) -> Sample:
        """Return a new gradient and value."""
        if gradient_at_minimiser.nonzero:
            raise InputError(
                "gradient-dominated functions are analysed for one agent, or for methods whose agents share their minimisers "
                "(EF, CGD); use SmoothStronglyConvex for agents whose minimisers differ.",
                argument="functions",
            )
        shape = trace.client_part(group, f"u{label}", Unit.GRADIENT)
        excess = trace.value_column(group, f"F{label}")
        return Sample(label, x, shape, shape, excess, excess)

    def interpolation(self, trace: Trace, group: int, a: Sample, b: Sample) -> Form:
        """Return the inequality of an ordered pair; ``*`` first is gradient dominance, ``*`` last is descent."""
        mu, smoothness = trace.field(self.mu), trace.field(self.L)
        if a.label == "*":
            return b.value - (trace.one / (2 * mu)) * square(b.gradient, group)
        if b.label == "*":
            return (trace.one / (2 * smoothness)) * square(a.gradient, group) - a.value
        apart, jump = a.x - b.x, a.gradient - b.gradient
        half, quarter = trace.one / 2, trace.one / 4
        linear = b.value - a.value + half * inner(a.gradient + b.gradient, apart, group)
        return linear + (quarter / smoothness) * square(jump, group) - (quarter * smoothness) * square(apart, group)
