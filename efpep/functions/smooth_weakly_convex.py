"""Smooth functions that need not be convex."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from efpep.errors import InputError
from efpep.functions.smooth import Smooth
from efpep.model.column import Unit
from efpep.model.field import Scalar, is_symbolic, shown
from efpep.model.form import Form, inner, square
from efpep.model.function_class import Convexity
from efpep.model.row import Origin
from efpep.model.sample import Sample
from efpep.model.vector import Part

if TYPE_CHECKING:
    from efpep.model.trace import Trace


@dataclass(frozen=True)
class SmoothWeaklyConvex(Smooth):
    """L-smooth functions of curvature at least mu, ``-L <= mu < 0``, whose average is bounded below by ``f*``.

    Between pairs of points the inequalities are those of :mod:`efpep.functions.smooth` with a negative mu (1502.05666,
    Theorem 4; ``mu = -L`` is all L-smooth functions). There need not be a minimiser: ``f*`` enters by
    ``f(x) - f* >= ||grad f(x)||^2 / (2 L)`` for the average f over the agents. For one agent that is necessary and sufficient for
    a function with this infimum (1910.01845, Theorem 7, where mu = -L); for several it is necessary. Distances to a minimiser
    mean nothing here; ask for the metric ``"gradient"`` or ``"gap"``. It serves finite horizons.

    Where the average f has a class of its own (``mean`` of a setting), ``x*`` and ``f*`` are that class's.
    If f has one minimiser, the agents' inequalities hold between points and ``x*`` too, where their gradients have the average
    zero. If f may have several (``GradientDominated``), agents are related between points alone.

    Attributes:
        mu: lower curvature, negative.
        L: smoothness (Lipschitz constant of the gradient), in the same units.

    Raises:
        InputError: ``mu`` outside ``[-L, 0)``, or no finite numbers.
    """

    key: ClassVar[str] = "smooth-weakly-convex"
    convexity: ClassVar[Convexity | None] = Convexity.WEAK
    has_minimiser: ClassVar[bool] = False
    on_average: ClassVar[bool] = True

    mu: Scalar
    L: Scalar

    def __post_init__(self) -> None:
        """Read and check the parameters."""
        self.read(mu=self.mu, L=self.L)
        if is_symbolic(self.mu) or is_symbolic(self.L):
            return
        if not -self.L <= self.mu < 0:
            raise InputError(
                f"mu is {shown(self.mu)} with L = {shown(self.L)}, and weakly convex means a mu in [-L, 0); give one there "
                "(-L for all smooth functions), or use SmoothConvex(L).",
                argument="mu",
            )

    @property
    def curvature(self) -> Scalar:
        """The lower curvature ``mu``."""
        return self.mu

    @property
    def smoothness(self) -> Scalar:
        """The smoothness ``L``."""
        return self.L

    def sample(self, trace: Trace, group: int, x: Part, gradient_at_minimiser: Part, label: str) -> Sample:
        """Return a new gradient, and the average value above ``f*`` with its bound; nothing is known of a minimiser.

        Raises:
            InputError: there are several groups of agents, whose values have no bound each.
        """
        if _minimised(trace):
            return super().sample(trace, group, x, gradient_at_minimiser, label)
        if len(trace.groups) > 1:
            raise InputError(
                "weakly convex functions are analysed for agents of one kind, because only their average is bounded below; "
                "give agents as a number.",
                argument="agents",
            )
        gradient = trace.client_part(group, f"g{label}", Unit.GRADIENT)
        value = trace.value_column(group, f"f{label}")
        if trace.mean_functions is None:
            bound = (trace.one / (2 * trace.field(self.L))) * square(Part(gradient.mean), group)
            trace.add(Origin("infimum", (label,), group), bound - value)
        return Sample(label, x, gradient, gradient, value, value)

    def interpolation(self, trace: Trace, group: int, a: Sample, b: Sample) -> Form:
        """Return the inequality of an ordered pair, written without cancellation; none between a point and ``*``."""
        if _minimised(trace):
            return super().interpolation(trace, group, a, b)
        if "*" in {a.label, b.label}:
            return Form()
        mu, smoothness = trace.field(self.mu), trace.field(self.L)
        apart = a.x - b.x
        bent = (a.gradient - b.gradient) - mu * apart
        flat = b.value - a.value + inner(b.gradient, apart, group)
        return flat + (mu / 2) * square(apart, group) + (trace.one / (2 * (smoothness - mu))) * square(bent, group)


def _minimised(trace: Trace) -> bool:
    """Whether the average f has a class of its own whose functions have one minimiser."""
    return trace.mean_functions is not None and not trace.mean_functions.several_minimisers
