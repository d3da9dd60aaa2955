"""Worst cases of compressed nonsmooth optimisation as problems of the catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from efpep.model.field import Scalar
from efpep.simulate.counterexamples import TwoAbsoluteValues
from efpep.simulate.problems.clientwise import Clientwise
from efpep.simulate.worst_function import WorstFunction

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class LowerBoundFunction(Clientwise):
    """The worst-case function of the lower bound for all clients (:mod:`efpep.simulate.worst_function`), R = M = 1.

    Run it with ``rand-k:k=...,shared=yes``, k/d the share of coordinates that pass, or ``bernoulli:probability=...,shared=yes``.
    The constraint is ``f_i - f* <= 0``.

    Attributes:
        n: number of clients.
        active: the number of coordinates that matter.
        d: dimension, at least ``active``.

    Raises:
        InputError: a parameter is impossible.
    """

    key: ClassVar[str] = "lower-bound"

    n: int = 1
    active: int = 54
    d: int = 60

    def __post_init__(self) -> None:
        """Read and check the parameters."""
        self.read_whole("n", "active", "d")
        WorstFunction(self.active, self.d)

    @cached_property
    def _function(self) -> WorstFunction:
        return WorstFunction(self.active, self.d)

    @property
    def clients(self) -> int:
        """The number n of clients."""
        return self.n

    @property
    def dimension(self) -> int:
        """The dimension d."""
        return self.d

    def value(self, i: int, x: NDArray[np.float64]) -> float:
        """Return ``f_i(x)``."""
        del i
        return self._function.value(x)

    def gradient(self, i: int, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the subgradient of the smallest active index."""
        del i
        return self._function.gradients(x)[0].copy()

    def constraint_value(self, i: int, x: NDArray[np.float64]) -> float:
        """Return ``f_i(x) - f*``."""
        return self.value(i, x) - self._function.optimum

    def constraint_gradient(self, i: int, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the same subgradient."""
        return self.gradient(i, x)

    def constraint_values(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``f_i(x) - f*``, shape ``(n,)``."""
        return np.full(self.n, self._function.value(x) - self._function.optimum)

    def constraint_gradients(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the same subgradients, shape ``(n, d)``."""
        return self.gradients(x)

    def bound_subgradients(self) -> float:
        """Return 1."""
        return 1.0

    def minimise(self) -> NDArray[np.float64]:
        """Return the minimiser."""
        return self._function.minimiser


@dataclass(frozen=True)
class Counterexample(Clientwise):
    """``|x_1| + b |x_2|`` from ``(gamma/2, 1)`` (:mod:`efpep.simulate.counterexamples`), one client.

    With ``top-k:k=1`` and the step size gamma compressed gradient descent visits two points for ever.

    Attributes:
        b: the weight of the second coordinate, ``0 < b <= 1`` for the closed forms.
        gamma: the step size for which the starting point is made.

    Raises:
        InputError: a parameter is not positive.
    """

    key: ClassVar[str] = "counterexample"

    b: Scalar = 1
    gamma: Scalar = "1/20"

    def __post_init__(self) -> None:
        """Read and check the parameters."""
        self.read_number("b", "gamma", above=0)

    @property
    def clients(self) -> int:
        """One client."""
        return 1

    @property
    def dimension(self) -> int:
        """Two."""
        return 2

    @property
    def start(self) -> NDArray[np.float64]:
        """The point ``(gamma/2, 1)``."""
        return np.array([float(self.gamma) / 2, 1.0])

    def value(self, i: int, x: NDArray[np.float64]) -> float:
        """Return ``f(x)``."""
        del i
        return float(TwoAbsoluteValues(float(self.b)).values(x)[0])

    def gradient(self, i: int, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return a subgradient."""
        del i
        return TwoAbsoluteValues(float(self.b)).gradients(x)[0]

    def bound_subgradients(self) -> float:
        """Return ``sqrt(1 + b^2)``."""
        return (1 + float(self.b) ** 2) ** 0.5

    def minimise(self) -> NDArray[np.float64]:
        """Return the origin."""
        return np.zeros(2)
