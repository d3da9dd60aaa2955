"""Quadratic functions with bounded eigenvalues."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from efpep.errors import InputError
from efpep.model.column import Unit
from efpep.model.field import Scalar, is_symbolic, shown
from efpep.model.form import Form, inner, square
from efpep.model.function_class import FunctionClass
from efpep.model.row import MINIMISER, Origin
from efpep.model.sample import Sample
from efpep.model.vector import NOTHING

if TYPE_CHECKING:
    from efpep.model.trace import Trace
    from efpep.model.vector import Part


@dataclass(frozen=True)
class Quadratic(FunctionClass):
    """Quadratics ``f(x) = f* + <x - x*, H (x - x*)>/2``, H symmetric with eigenvalues in ``[mu, L]``, ``0 <= mu <= L``.

    With ``l = L - mu`` and ``u = grad f(x) - grad f(x*) - mu (x - x*)``, points measured from ``x*``, such a quadratic exists if
    and only if ``<x_a, u_b> = <x_b, u_a>`` for all a and b, ``f - f* = <x, u>/2 + mu ||x||^2/2``, and the matrix of the
    ``l <x_a, u_b> - <u_a, u_b>`` is positive semidefinite (Bousselmi, Hendrickx, Glineur, 2302.08781, Theorem 3.9). Recorded are
    the equalities, and of the matrix that it is nonnegative along each point, and along the sum and the difference of two:

        ||u||^2 - l <x, u> <= 0      at  (x_a, u_a),   (x_a + x_b, u_a + u_b),   (x_a - x_b, u_a - u_b).

    These are necessary, and not sufficient for two points or more (a relaxation): upper ends are valid, and may not be the least;
    worst cases have no lower end, and ``lower`` of a rate is about these inequalities. Values are quadratic forms in points and
    gradients.

    Attributes:
        mu: the least eigenvalue, in units of curvature.
        L: the largest one, in the same units.

    Raises:
        InputError: ``mu < 0``, ``mu > L``, ``L = 0``, or no finite numbers.
    """

    key: ClassVar[str] = "quadratic"

    mu: Scalar
    L: Scalar

    def __post_init__(self) -> None:
        """Read and check the parameters."""
        self.read(mu=self.mu, L=self.L)
        if is_symbolic(self.mu) or is_symbolic(self.L):
            return
        if not 0 <= self.mu <= self.L or self.L == 0:
            raise InputError(
                f"mu is {shown(self.mu)} with L = {shown(self.L)}, the bounds of the eigenvalues of a convex quadratic; give "
                "0 <= mu <= L with a positive L.",
                argument="mu",
            )

    @property
    def curvature(self) -> Scalar:
        """The least eigenvalue ``mu``."""
        return self.mu

    @property
    def smoothness(self) -> Scalar:
        """The largest eigenvalue ``L``."""
        return self.L

    def sample(self, trace: Trace, group: int, x: Part, gradient_at_minimiser: Part, label: str) -> Sample:
        """Return ``grad f_i = grad f_i(x*) + mu x + u`` and its value, with what relates ``u`` to that of each earlier point."""
        mu, half = trace.field(self.mu), trace.one / 2
        linear, parabola = gradient_at_minimiser + mu * x, (mu / 2) * square(x, group)
        if mu == trace.field(self.L) or not x.nonzero:
            return Sample(label, x, linear, NOTHING, parabola, Form())
        shape = trace.client_part(group, f"u{label}", Unit.GRADIENT)
        for old in trace.history(group):
            if old.label != MINIMISER:
                about = (old.label, label)
                equal = inner(old.x, shape, group) - inner(x, old.shape, group)
                trace.add(Origin("symmetry", about, group), equal, equality=True)
                trace.add(Origin("sum", about, group), self._along(trace, group, old.x + x, old.shape + shape))
        excess = half * inner(x, shape, group)
        return Sample(label, x, linear + shape, shape, excess + parabola, excess)

    def interpolation(self, trace: Trace, group: int, a: Sample, b: Sample) -> Form:
        """Return the inequality along the difference of a pair of points; nothing where the second is ``*``."""
        return Form() if b.label == MINIMISER else self._along(trace, group, a.x - b.x, a.shape - b.shape)

    def _along(self, trace: Trace, group: int, x: Part, u: Part) -> Form:
        """Return ``||u||^2 - l <x, u>``, which is not positive where ``u = (H - mu) x``."""
        return square(u, group) - (trace.field(self.L) - trace.field(self.mu)) * inner(x, u, group)
