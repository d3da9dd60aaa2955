"""Support vector machines."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from efpep.errors import InputError
from efpep.simulate.problems.linear_model import LinearModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

_NEAR = (1e-4, 1e-5, 1e-6, 1e-7, 1e-8)
_ACCURACY = 1e-12


@dataclass(frozen=True)
class SupportVectorMachine(LinearModel):
    """Linear models with the hinge loss ``max(0, 1 - b t)``, b = -1 or 1; nonsmooth."""

    key: ClassVar[str] = "svm"
    usable: ClassVar[tuple[str, ...]] = ("breast-cancer", "digits")
    steepest: ClassVar[float | None] = 1.0

    def loss(self, t: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``max(0, 1 - b t)``."""
        return np.maximum(0, 1 - b * t)

    def slope(self, t: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``-b`` where ``b t < 1``, else 0."""
        return np.where(b * t < 1, -b, 0.0)

    @property
    def mu(self) -> float:
        """The regularisation."""
        return float(self.regularisation)

    def bound_subgradients(self) -> float | None:
        """Without regularisation ``max_i (n/N) sum_j ||a_j||``; with it subgradients are not bounded."""
        if self.regularisation:
            return None
        return max(self.weight * float(np.linalg.norm(a, axis=1).sum()) for a, _ in self.parts)

    def minimise(self) -> NDArray[np.float64] | None:
        """The minimiser by a quadratic program (cvxpy), its active conditions solved to 1e-12; None without regularisation.

        With ``c_j = b_j a_j`` and regularisation lam these are ``lam x = (1/N) sum_j alpha_j c_j``, with ``alpha_j = 1`` where
        ``<c_j, x> < 1``, 0 where it is above, and between where it is 1.

        Raises:
            InputError: the conditions are not met to this accuracy.
        """
        if not self.regularisation:
            return None
        import cvxpy as cp

        lam = float(self.regularisation)
        c = np.vstack([b[:, None] * a for a, b in self.parts])
        x: Any = cp.Variable(c.shape[1])
        loss = cp.sum(cp.pos(1 - c @ x)) / len(c)
        cp.Problem(cp.Minimize(loss + lam / 2 * cp.sum_squares(x))).solve(
            solver="CLARABEL", tol_gap_abs=1e-13, tol_gap_rel=1e-13, tol_feas=1e-13
        )
        for width in _NEAR:
            found = self._from_active(c, np.asarray(x.value, dtype=np.float64), width)
            if found is not None:
                return found
        raise InputError(
            f"the minimiser is not found to {_ACCURACY} with this regularisation; give a larger one.", argument="regularisation"
        )

    def _from_active(self, c: NDArray[np.float64], near: NDArray[np.float64], width: float) -> NDArray[np.float64] | None:
        """Solve the conditions with the products that are within ``width`` of 1 taken for 1; None where they do not hold."""
        lam, products = float(self.regularisation), c @ near
        one = np.abs(products - 1) <= width
        below, above = (products < 1) & ~one, (products > 1) & ~one
        tight, d, k = c[one], c.shape[1], int(one.sum())
        system = np.block([[lam * np.eye(d), -tight.T / len(c)], [tight, np.zeros((k, k))]])
        right = np.concatenate([c[below].sum(axis=0) / len(c), np.ones(k)])
        solution = np.linalg.lstsq(system, right, rcond=None)[0]
        x, alpha = solution[:d], solution[d:]
        sides = bool(np.all(c[below] @ x < 1) and np.all(c[above] @ x > 1))
        weights = bool(np.all(alpha >= -_ACCURACY) and np.all(alpha <= 1 + _ACCURACY))
        solved = bool(np.linalg.norm(system @ solution - right) <= _ACCURACY)
        return np.asarray(x, dtype=np.float64) if solved and sides and weights else None
