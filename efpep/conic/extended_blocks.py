"""The cone blocks of the extended-precision interior point: nonnegative rows and semidefinite matrices."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import flint
import numpy as np

from efpep.conic.program import Affine
from efpep.conic.status import Floats
from efpep.conic.triangle import place

_flint: Any = flint
Arb = Any
ArbMatrix = Any


def largest_step(growth: Floats) -> float:
    """Return the largest step that keeps ``1 + step * growth`` nonnegative."""
    lowest = float(np.min(growth))
    return 1e30 if lowest >= 0 else -1.0 / lowest


def number(value: Any) -> Arb:
    """Return a number as a ball without radius."""
    if isinstance(value, Fraction):
        return (_flint.arb(value.numerator) / _flint.arb(value.denominator)).mid()
    return _flint.arb(value)


class Flat:
    """Nonnegative rows."""

    def __init__(self, rows: Sequence[Affine], constants: Sequence[Any], count: int, start: float) -> None:
        """Take the rows and start at ``start`` times the identity."""
        self.order = len(rows)
        self.image = _flint.arb_mat(self.order, count, [number(row.get(j, 0)) for row in rows for j in range(count)])
        self.image_t = self.image.transpose()
        self.constants = [number(a) for a in constants]
        self.s: Any = [number(start)] * self.order
        self.x: Any = [number(start)] * self.order
        self.error: list[Arb] = []
        self.target: list[Arb] = []
        self.ds: list[Arb] = []
        self.dx: list[Arb] = []

    def begin(self, y: ArbMatrix, dual: Floats, push: float) -> None:
        """Start at the slack of ``y`` and the multipliers ``dual``, raised to ``push`` times their largest."""
        slack = [float(a + g) for a, g in zip((self.image * y).entries(), self.constants, strict=True)]
        self.s = [number(float(a)) for a in np.maximum(slack, push * max(1.0, float(np.max(np.abs(slack)))))]
        self.x = [number(float(a)) for a in np.maximum(dual, push * max(1.0, float(np.max(np.abs(dual)))))]

    def residual(self, y: ArbMatrix) -> float:
        """Store and measure ``G y + g - S``."""
        image = (self.image * y).entries()
        self.error = [(a + g - s).mid() for a, g, s in zip(image, self.constants, self.s, strict=True)]
        return max(abs(float(a)) for a in self.error)

    def complementarity(self) -> Arb:
        """Return ``<S, X>``."""
        return sum((s * x for s, x in zip(self.s, self.x, strict=True)), number(0))

    def complementarity_after(self, primal: float, dual: float) -> Arb:
        """Return ``<S + primal dS, X + dual dX>``."""
        a, b = number(primal), number(dual)
        quadruples = zip(self.s, self.ds, self.x, self.dx, strict=True)
        return sum(((s + a * ds) * (x + b * dx) for s, ds, x, dx in quadruples), number(0))

    def schur(self) -> ArbMatrix:
        """Return ``G' diag(x/s) G``."""
        width = self.image.ncols()
        entries = self.image.entries()
        weighted: list[Arb] = []
        for i, (s, x) in enumerate(zip(self.s, self.x, strict=True)):
            factor = x / s
            weighted += [factor * a for a in entries[i * width : (i + 1) * width]]
        return self.image_t * _flint.arb_mat(self.order, width, weighted)

    def aim(self, target: Arb, *, corrector: bool) -> None:
        """Set ``target/s - x``, less ``ds dx/s`` for the corrector."""
        extra = [ds * dx for ds, dx in zip(self.ds, self.dx, strict=True)] if corrector else [number(0)] * self.order
        self.target = [((target - e) / s - x).mid() for e, s, x in zip(extra, self.s, self.x, strict=True)]

    def right_side(self) -> ArbMatrix:
        """Return ``G'(target - x error/s)``."""
        triples = zip(self.target, self.x, self.error, self.s, strict=True)
        return self.image_t * _flint.arb_mat(self.order, 1, [t - x * e / s for t, x, e, s in triples])

    def direct(self, dy: ArbMatrix) -> None:
        """Compute dS and dX from dy."""
        self.ds = [(a + e).mid() for a, e in zip((self.image * dy).entries(), self.error, strict=True)]
        quadruples = zip(self.target, self.x, self.ds, self.s, strict=True)
        self.dx = [(t - x * ds / s).mid() for t, x, ds, s in quadruples]

    def slack_growth(self) -> Floats:
        """Return ``ds/s``."""
        return np.array([float(ds / s) for ds, s in zip(self.ds, self.s, strict=True)])

    def dual_growth(self) -> Floats:
        """Return ``dx/x``."""
        return np.array([float(dx / x) for dx, x in zip(self.dx, self.x, strict=True)])

    def move(self, primal: float, dual: float) -> None:
        """Take the step."""
        a, b = number(primal), number(dual)
        self.s = [(s + a * ds).mid() for s, ds in zip(self.s, self.ds, strict=True)]
        self.x = [(x + b * dx).mid() for x, dx in zip(self.x, self.dx, strict=True)]

    def adjoint(self) -> ArbMatrix:
        """Return ``G'X``."""
        return self.image_t * _flint.arb_mat(self.order, 1, self.x)

    def constant_product(self) -> Arb:
        """Return ``<g, X>``."""
        return sum((g * x for g, x in zip(self.constants, self.x, strict=True)), number(0))

    def dual_entries(self) -> list[Arb]:
        """Return X stacked."""
        return list(self.x)


class Semidefinite:
    """A semidefinite matrix block; only the variables that occur in it take part."""

    def __init__(self, order: int, rows: Sequence[Affine], constants: Sequence[Any], count: int, start: float) -> None:
        """Take the upper triangle's rows and start at ``start`` times the identity."""
        self.order = order
        self.count = count
        self.used = sorted({j for row in rows for j, a in row.items() if a != 0})
        zero = number(0)
        wide = [zero] * (order * order * len(self.used))
        flat = [zero] * (order * order * len(self.used))
        fixed = [zero] * (order * order)
        width = order * len(self.used)
        for j in range(order):
            for i in range(j + 1):
                row = rows[place(i, j)]
                for u, v in {(i, j), (j, i)}:
                    fixed[u * order + v] = number(constants[place(i, j)])
                    for n, variable in enumerate(self.used):
                        a = number(row.get(variable, 0))
                        wide[u * width + n * order + v] = a
                        flat[(u * order + v) * len(self.used) + n] = a
        self.wide = _flint.arb_mat(order, width, wide)
        self.flat = _flint.arb_mat(order * order, len(self.used), flat)
        self.flat_t = self.flat.transpose()
        self.fixed = _flint.arb_mat(order, order, fixed)
        self.s = self._identity(number(start))
        self.x = self._identity(number(start))
        self.inverse = self._identity(1 / number(start))
        self.slack_factor: ArbMatrix | None = None
        self.dual_factor: ArbMatrix | None = None
        self.error = self.target = self.ds = self.dx = self._identity(zero)

    def _identity(self, value: Arb) -> ArbMatrix:
        zero = number(0)
        return _flint.arb_mat(
            self.order, self.order, [value if i == j else zero for i in range(self.order) for j in range(self.order)]
        )

    def begin(self, y: ArbMatrix, dual: Floats, push: float) -> None:
        """Start at the slack of ``y`` and the multipliers ``dual``, eigenvalues raised to ``push`` times their largest."""
        slack = np.array([[float(a) for a in row] for row in (self._apply(y) + self.fixed).tolist()])
        multiplier = np.zeros((self.order, self.order))
        for j in range(self.order):
            for i in range(j + 1):
                multiplier[i, j] = multiplier[j, i] = dual[place(i, j)]
        self.s = self._raised(slack, push)
        self.x = self._raised(multiplier, push)

    def _raised(self, matrix: Floats, push: float) -> ArbMatrix:
        eigenvalues, vectors = np.linalg.eigh((matrix + matrix.T) / 2)
        raised = np.maximum(eigenvalues, push * max(1.0, float(np.max(np.abs(eigenvalues)))))
        product = (vectors * raised) @ vectors.T
        symmetric = (product + product.T) / 2
        return _flint.arb_mat(self.order, self.order, [number(float(a)) for a in symmetric.ravel()])

    def _apply(self, y: ArbMatrix) -> ArbMatrix:
        used = _flint.arb_mat(len(self.used), 1, [y[j, 0] for j in self.used])
        return _flint.arb_mat(self.order, self.order, (self.flat * used).entries())

    def _spread(self, matrix: ArbMatrix) -> ArbMatrix:
        """Return ``G' vec(matrix)`` over all variables."""
        product = (self.flat_t * _flint.arb_mat(self.order * self.order, 1, matrix.entries())).entries()
        full = [number(0)] * self.count
        for n, j in enumerate(self.used):
            full[j] = product[n]
        return _flint.arb_mat(self.count, 1, full)

    def residual(self, y: ArbMatrix) -> float:
        """Store and measure ``G y + g - S``."""
        self.error = (self._apply(y) + self.fixed - self.s).mid()
        return max(abs(float(a)) for a in self.error.entries())

    def complementarity(self) -> Arb:
        """Return ``<S, X>``."""
        return (self.s * self.x).trace()

    def complementarity_after(self, primal: float, dual: float) -> Arb:
        """Return ``<S + primal dS, X + dual dX>``."""
        return ((self.s + self.ds * number(primal)) * (self.x + self.dx * number(dual))).trace()

    def schur(self) -> ArbMatrix:
        """Return ``<G_i, X G_j S^-1>`` over all variables."""
        k, m = self.order, len(self.used)
        self.inverse = self.s.inv().mid()
        entries = (self.x * self.wide).entries()
        stacked = [entries[u * k * m + j * k + v] for j in range(m) for u in range(k) for v in range(k)]
        products = (_flint.arb_mat(m * k, k, stacked) * self.inverse).entries()
        small = _flint.arb_mat(m, k * k, products) * self.flat
        if m == self.count:
            return small
        full = _flint.arb_mat(self.count, self.count)
        for a, i in enumerate(self.used):
            for b, j in enumerate(self.used):
                full[i, j] = small[a, b]
        return full

    def aim(self, target: Arb, *, corrector: bool) -> None:
        """Set ``target S^-1 - X``, less ``sym(dX dS S^-1)`` for the corrector."""
        aimed = self.inverse * target - self.x
        if corrector:
            aimed = aimed - _symmetric(self.dx * self.ds * self.inverse)
        self.target = aimed.mid()

    def right_side(self) -> ArbMatrix:
        """Return ``G'(target - sym(X error S^-1))``."""
        return self._spread(self.target - _symmetric(self.x * self.error * self.inverse))

    def direct(self, dy: ArbMatrix) -> None:
        """Compute dS and dX from dy."""
        self.ds = (self._apply(dy) + self.error).mid()
        self.dx = (self.target - _symmetric(self.x * self.ds * self.inverse)).mid()

    def slack_growth(self) -> Floats:
        """Return the eigenvalues of ``L^-1 dS L^-T`` with ``S = L L'``."""
        if self.slack_factor is None:
            self.slack_factor = _inverse_factor(self.s)
        return _growth(self.slack_factor, self.ds)

    def dual_growth(self) -> Floats:
        """Return the eigenvalues of ``L^-1 dX L^-T`` with ``X = L L'``."""
        if self.dual_factor is None:
            self.dual_factor = _inverse_factor(self.x)
        return _growth(self.dual_factor, self.dx)

    def move(self, primal: float, dual: float) -> None:
        """Take the step."""
        self.s = (self.s + self.ds * number(primal)).mid()
        self.x = (self.x + self.dx * number(dual)).mid()
        self.slack_factor = self.dual_factor = None

    def adjoint(self) -> ArbMatrix:
        """Return ``G'X``."""
        return self._spread(self.x)

    def constant_product(self) -> Arb:
        """Return ``<g, X>``."""
        return (self.fixed * self.x).trace()

    def dual_entries(self) -> list[Arb]:
        """Return the upper triangle of X by columns."""
        return [self.x[i, j] for j in range(self.order) for i in range(j + 1)]


def _symmetric(matrix: ArbMatrix) -> ArbMatrix:
    return (matrix + matrix.transpose()) * number(0.5)


def _inverse_factor(matrix: ArbMatrix) -> ArbMatrix:
    """Return ``L^-1`` for the Cholesky factor L of a positive definite matrix."""
    k = matrix.nrows()
    rows: list[list[Arb]] = matrix.tolist()
    lower: list[list[Arb]] = [[number(0)] * k for _ in range(k)]
    for j in range(k):
        pivot = rows[j][j]
        for p in range(j):
            pivot = pivot - lower[j][p] * lower[j][p]
        pivot = pivot.mid()
        if not pivot > 0:
            raise ArithmeticError
        root = pivot.sqrt().mid()
        lower[j][j] = root
        for i in range(j + 1, k):
            total = rows[i][j]
            for p in range(j):
                total = total - lower[i][p] * lower[j][p]
            lower[i][j] = (total / root).mid()
    return _flint.arb_mat(k, k, [a for row in lower for a in row]).inv().mid()


def _growth(inverse: ArbMatrix, direction: ArbMatrix) -> Floats:
    """Return the eigenvalues of ``L^-1 D L^-T`` in double precision."""
    k = inverse.nrows()
    scaled = inverse * direction * inverse.transpose()
    return np.linalg.eigvalsh(np.array([float(a) for a in scaled.entries()]).reshape(k, k))
