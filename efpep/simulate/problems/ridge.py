"""Ridge regression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from efpep.simulate.problems.linear_model import LinearModel
from efpep.simulate.problems.solvers import least_squares

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class RidgeRegression(LinearModel):
    """Linear models with the loss ``(t - b)^2 / 2``."""

    key: ClassVar[str] = "ridge"

    data: str = "diabetes"

    def loss(self, t: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``(t - b)^2 / 2``."""
        return (t - b) ** 2 / 2

    def slope(self, t: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``t - b``."""
        return t - b

    @property
    def mu(self) -> float:
        """The smallest eigenvalue of all clients' Hessians."""
        return float(self.regularisation) + self.weight * max(0.0, min(self._least(a) for a, _ in self.parts))

    @property
    def L(self) -> float:
        """The largest eigenvalue of all clients' Hessians."""
        return float(self.regularisation) + self.curvature()

    def minimise(self) -> NDArray[np.float64]:
        """The least-squares solution of the stacked system (scipy)."""
        scale = (self.weight / self.n) ** 0.5
        root = float(self.regularisation) ** 0.5
        a = np.vstack([*(scale * a for a, _ in self.parts), root * np.eye(self.dimension)])
        b = np.concatenate([*(scale * b for _, b in self.parts), np.zeros(self.dimension)])
        return least_squares(a, b)

    def _least(self, a: NDArray[np.float64]) -> float:
        return float(np.linalg.eigvalsh(a.T @ a).min())
