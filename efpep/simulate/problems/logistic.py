"""Logistic regression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from efpep.errors import InputError
from efpep.simulate.problems.linear_model import LinearModel

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ACCURACY = 1e-12


@dataclass(frozen=True)
class LogisticRegression(LinearModel):
    """Linear models with the loss ``log(1 + exp(-b t))``, b = -1 or 1."""

    key: ClassVar[str] = "logistic"
    usable: ClassVar[tuple[str, ...]] = ("breast-cancer", "digits")
    steepest: ClassVar[float | None] = 1.0

    def loss(self, t: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``log(1 + exp(-b t))``."""
        return np.logaddexp(0, -b * t)

    def slope(self, t: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``-b / (1 + exp(b t))``."""
        return -b * sigmoid(-b * t)

    @property
    def mu(self) -> float:
        """The regularisation."""
        return float(self.regularisation)

    @property
    def L(self) -> float:
        """The regularisation plus a quarter of the largest eigenvalue of ``(n/N) A_i' A_i``."""
        return float(self.regularisation) + self.curvature() / 4

    def minimise(self) -> NDArray[np.float64] | None:
        """The minimiser by scipy's trust region with exact Hessians, to ``||grad f|| <= 1e-12 mu``; None without regularisation.

        Raises:
            InputError: the regularisation is so small that doubles do not reach this accuracy.
        """
        if not self.regularisation:
            return None
        from efpep.simulate.problems.solvers import smooth_minimum

        def hessian(x: NDArray[np.float64]) -> NDArray[np.float64]:
            found = float(self.regularisation) * np.eye(len(x))
            for a, b in self.parts:
                s = sigmoid(b * (a @ x))
                found += self.weight / self.n * (a.T * (s * (1 - s))) @ a
            return found

        def gradient(x: NDArray[np.float64]) -> NDArray[np.float64]:
            return self.gradients(x).mean(axis=0)

        def mean(x: NDArray[np.float64]) -> float:
            return float(self.values(x).mean())

        x = smooth_minimum(mean, gradient, hessian, self.start)
        if not np.linalg.norm(gradient(x)) <= _ACCURACY * self.mu:
            raise InputError(
                f"the minimiser is not found to {_ACCURACY} with this regularisation; give a larger one.",
                argument="regularisation",
            )
        return x


def sigmoid(t: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return ``1/(1 + exp(-t))``."""
    from scipy.special import expit

    return np.asarray(expit(t), dtype=np.float64)
