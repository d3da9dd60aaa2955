"""Linear models on data that are split across clients."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from efpep.model.field import Scalar
from efpep.simulate.problems.clientwise import Clientwise
from efpep.simulate.problems.data import DATA, SPLITS, load, split

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class LinearModel(Clientwise):
    """Base of the linear models: ``f_i(x) = (n/N) sum_j loss(<a_j, x>, b_j) + regularisation ||x||^2 / 2``.

    The sum is over client i's samples, and N is the number of all samples, so that ``f = mean f_i`` is the usual average
    whatever the split.

    Attributes:
        data: ``breast-cancer``, ``digits`` or ``diabetes``, where they fit.
        n: number of clients.
        split: ``homogeneous``, ``by-label`` or ``dirichlet``.
        alpha: the parameter of the Dirichlet distribution, ``> 0``.
        regularisation: the weight of the squared norm, ``>= 0``.
        seed: of the split.

    Raises:
        InputError: a parameter is impossible.
    """

    usable: ClassVar[tuple[str, ...]] = DATA
    steepest: ClassVar[float | None] = None
    """A bound of the loss's slopes, or None."""

    data: str = "breast-cancer"
    n: int = 10
    split: str = "homogeneous"
    alpha: Scalar = "1/2"
    regularisation: Scalar = "1/100"
    seed: int = 0

    def __post_init__(self) -> None:
        """Read and check the parameters."""
        self.read_choice("data", self.usable)
        self.read_choice("split", SPLITS)
        self.read_whole("n")
        self.read_whole("seed", least=0)
        self.read_number("alpha", above=0)
        self.read_number("regularisation", least=0)

    @abstractmethod
    def loss(self, t: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the loss of each prediction ``t`` for the target ``b``."""

    @abstractmethod
    def slope(self, t: NDArray[np.float64], b: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the derivative of the loss with respect to ``t``, or a subgradient."""

    @property
    def clients(self) -> int:
        """The number n of clients."""
        return self.n

    @property
    def dimension(self) -> int:
        """The number of features."""
        return load(self.data)[0].shape[1]

    @cached_property
    def parts(self) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """Each client's features and targets."""
        features, targets, labels = load(self.data)
        rows = split(labels, self.n, self.split, float(self.alpha), self.seed)
        return [(np.ascontiguousarray(features[own]), targets[own]) for own in rows]

    @property
    def weight(self) -> float:
        """The weight n/N of a sample at its client."""
        return self.n / len(load(self.data)[0])

    def value(self, i: int, x: NDArray[np.float64]) -> float:
        """Return ``f_i(x)``."""
        a, b = self.parts[i]
        return float(self.weight * np.sum(self.loss(a @ x, b)) + float(self.regularisation) / 2 * (x @ x))

    def gradient(self, i: int, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the (sub)gradient of ``f_i``."""
        a, b = self.parts[i]
        return self.weight * (self.slope(a @ x, b) @ a) + float(self.regularisation) * x

    def samples(self, i: int) -> int:
        """Return how many samples client i has."""
        return len(self.parts[i][1])

    def sample_gradients(self, i: int, x: NDArray[np.float64], rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the gradients of some of client i's samples, each times its number of samples times their weight."""
        a, b = self.parts[i][0][rows], self.parts[i][1][rows]
        return self.weight * self.samples(i) * self.slope(a @ x, b)[:, None] * a + float(self.regularisation) * x

    def sample_bounds(self, i: int) -> NDArray[np.float64] | None:
        """Return what bounds them apart from the regularisation; None where slopes of the loss are not bounded."""
        if self.steepest is None:
            return None
        return self.weight * self.samples(i) * self.steepest * np.linalg.norm(self.parts[i][0], axis=1)

    def curvature(self) -> float:
        """Return the largest eigenvalue of ``(n/N) A_i' A_i`` over all clients."""
        return self.weight * max(float(np.linalg.norm(a, 2)) ** 2 for a, _ in self.parts)
