"""Neyman-Pearson classification: one class's loss, with a budget for the other's."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from efpep.errors import InputError
from efpep.model.field import Scalar
from efpep.simulate.problems.clientwise import Clientwise
from efpep.simulate.problems.data import SPLITS, load, split
from efpep.simulate.problems.logistic import sigmoid
from efpep.simulate.problems.policy import Policy, read_hidden

if TYPE_CHECKING:
    from numpy.typing import NDArray

_ACCURACY = 1e-12


@dataclass(frozen=True)
class TwoClasses(Clientwise):
    """Base: minimise the mean cross-entropy of class 0 subject to that of class 1 being at most a budget (2505.06053).

    A score t means class 1 with probability ``1/(1 + exp(-t))``; the losses are ``log(1 + exp(t))`` in class 0 and
    ``log(1 + exp(-t))`` in class 1. With the samples of client i in class c and ``N_c`` of them in all,
    ``f_i = (n/N_0) sum loss + regularisation ||x||^2/2`` and ``g_i = (n/N_1) sum loss - budget``.

    Attributes:
        data: ``breast-cancer`` (class 0 is malignant) or ``digits`` (class 0 is even).
        n: number of clients.
        budget: the mean cross-entropy that class 1 may have.
        split: ``homogeneous``, ``by-label`` or ``dirichlet``.
        alpha: the parameter of the Dirichlet distribution, ``> 0``.
        regularisation: the weight of the squared norm, ``>= 0``.
        seed: of the split.

    Raises:
        InputError: a parameter is impossible.
    """

    data: str = "breast-cancer"
    n: int = 10
    budget: Scalar = "1/10"
    split: str = "homogeneous"
    alpha: Scalar = "1/2"
    regularisation: Scalar = "1/1000"
    seed: int = 0

    def __post_init__(self) -> None:
        """Read and check the parameters."""
        self.read_choice("data", ("breast-cancer", "digits"))
        self.read_choice("split", SPLITS)
        self.read_whole("n")
        self.read_whole("seed", least=0)
        self.read_number("budget", "alpha", above=0)
        self.read_number("regularisation", least=0)

    @abstractmethod
    def scores(self, a: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the score of each sample, shape ``(samples,)``."""

    @abstractmethod
    def pull_back(self, a: NDArray[np.float64], x: NDArray[np.float64], s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``sum_j s_j`` times the gradient of sample j's score."""

    @property
    def clients(self) -> int:
        """The number n of clients."""
        return self.n

    @cached_property
    def parts(self) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """Each client's features of class 0 and of class 1."""
        features, targets, labels = load(self.data)
        rows = split(labels, self.n, self.split, float(self.alpha), self.seed)
        return [(features[own[targets[own] < 0]], features[own[targets[own] > 0]]) for own in rows]

    @cached_property
    def weights(self) -> tuple[float, float]:
        """The weights ``n/N_0`` and ``n/N_1``."""
        counts = [sum(len(pair[c]) for pair in self.parts) for c in (0, 1)]
        return self.n / counts[0], self.n / counts[1]

    def value(self, i: int, x: NDArray[np.float64]) -> float:
        """Return ``f_i(x)``."""
        t = self.scores(self.parts[i][0], x)
        return float(self.weights[0] * np.sum(np.logaddexp(0, t)) + float(self.regularisation) / 2 * (x @ x))

    def gradient(self, i: int, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the gradient of ``f_i``."""
        a = self.parts[i][0]
        return self.weights[0] * self.pull_back(a, x, sigmoid(self.scores(a, x))) + float(self.regularisation) * x

    def constraint_value(self, i: int, x: NDArray[np.float64]) -> float:
        """Return ``g_i(x)``."""
        t = self.scores(self.parts[i][1], x)
        return float(self.weights[1] * np.sum(np.logaddexp(0, -t)) - float(self.budget))

    def constraint_gradient(self, i: int, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the gradient of ``g_i``."""
        a = self.parts[i][1]
        return self.weights[1] * self.pull_back(a, x, -sigmoid(-self.scores(a, x)))

    def samples(self, i: int) -> int:
        """Return how many samples of class 0 client i has."""
        return len(self.parts[i][0])

    def constraint_samples(self, i: int) -> int:
        """Return how many samples of class 1 client i has."""
        return len(self.parts[i][1])

    def sample_gradients(self, i: int, x: NDArray[np.float64], rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the gradients of some of client i's samples of class 0, each times their number and weight."""
        slopes = sigmoid(self.scores(self.parts[i][0][rows], x))
        return self._pulled(i, 0, x, rows, slopes) + float(self.regularisation) * x

    def sample_constraint_gradients(self, i: int, x: NDArray[np.float64], rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return those of class 1."""
        return self._pulled(i, 1, x, rows, -sigmoid(-self.scores(self.parts[i][1][rows], x)))

    def _pulled(
        self, i: int, c: int, x: NDArray[np.float64], rows: NDArray[np.int64], slopes: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        a, one = self.parts[i][c], np.ones(1)
        found = [s * self.pull_back(a[j : j + 1], x, one) for j, s in zip(rows, slopes, strict=True)]
        return self.weights[c] * len(a) * np.array(found).reshape(len(rows), len(x))

    def sample_bounds(self, i: int) -> NDArray[np.float64] | None:
        """Return None, or bounds of the gradients of the samples of class 0."""
        del i
        return None

    def constraint_sample_bounds(self, i: int) -> NDArray[np.float64] | None:
        """Return None, or bounds of those of class 1."""
        del i
        return None

    def constraint_values(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return every ``g_i(x)``, shape ``(n,)``."""
        return np.array([self.constraint_value(i, x) for i in range(self.n)])

    def constraint_gradients(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the gradient of every ``g_i``, shape ``(n, d)``."""
        return np.array([self.constraint_gradient(i, x) for i in range(self.n)])


@dataclass(frozen=True)
class NeymanPearson(TwoClasses):
    """Neyman-Pearson classification with linear scores ``<a_j, x>``; convex."""

    key: ClassVar[str] = "neyman-pearson"

    @property
    def dimension(self) -> int:
        """The number of features."""
        return load(self.data)[0].shape[1]

    def scores(self, a: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``A x``."""
        return a @ x

    def pull_back(self, a: NDArray[np.float64], x: NDArray[np.float64], s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``A' s``."""
        del x
        return s @ a

    @property
    def mu(self) -> float:
        """The regularisation."""
        return float(self.regularisation)

    @property
    def L(self) -> float:
        """The regularisation plus a quarter of the largest eigenvalue of ``(n/N_0) A_i' A_i`` over class 0."""
        norms = [float(np.linalg.norm(a, 2)) ** 2 if len(a) else 0.0 for a, _ in self.parts]
        return float(self.regularisation) + self.weights[0] * max(norms) / 4

    def bound_subgradients(self) -> float | None:
        """Without regularisation the largest of ``(n/N_c) sum_j ||a_j||``, since scores have slopes below 1; else unbounded."""
        if self.regularisation:
            return None
        return max(self.weights[c] * float(np.linalg.norm(pair[c], axis=1).sum()) for pair in self.parts for c in (0, 1))

    def sample_bounds(self, i: int) -> NDArray[np.float64] | None:
        """Return what bounds the gradients of the samples of class 0 apart from the regularisation."""
        return self._bounds(i, 0)

    def constraint_sample_bounds(self, i: int) -> NDArray[np.float64] | None:
        """Return what bounds those of class 1."""
        return self._bounds(i, 1)

    def _bounds(self, i: int, c: int) -> NDArray[np.float64]:
        a = self.parts[i][c]
        return self.weights[c] * len(a) * np.linalg.norm(a, axis=1)

    def minimise(self) -> NDArray[np.float64] | None:
        """The constrained minimiser: scipy's root search for the multiplier, then Newton's method on the conditions.

        None without regularisation.

        Raises:
            InputError: no point meets the budget, or doubles do not reach 1e-12.
        """
        if not self.regularisation:
            return None
        from efpep.simulate.problems.solvers import root

        x = self._least(0.0)
        if float(self.constraint_values(x).mean()) <= 0:
            return x
        most = 1.0
        while float(self.constraint_values(self._least(most)).mean()) > 0:
            most *= 4
            if most > 1e9:
                raise InputError(f"no point found has the budget {float(self.budget):g}; give a larger one.", argument="budget")
        lam = root(lambda lam: float(self.constraint_values(self._least(lam)).mean()), 0.0, most)
        x = self._least(lam)
        for _ in range(3):
            slope = self.constraint_gradients(x).mean(axis=0)
            miss = np.append(self._pull(x, lam), self.constraint_values(x).mean())
            system = np.block([[self._hessian(x, lam), slope[:, None]], [slope[None, :], np.zeros((1, 1))]])
            change = np.linalg.solve(system, miss)
            x, lam = x - change[:-1], lam - float(change[-1])
        misses = max(float(np.linalg.norm(self._pull(x, lam))) / self.mu, abs(float(self.constraint_values(x).mean())))
        if not misses <= _ACCURACY:
            raise InputError(
                f"the minimiser is not found to {_ACCURACY} with this regularisation; give a larger one.",
                argument="regularisation",
            )
        return x

    def _pull(self, x: NDArray[np.float64], lam: float) -> NDArray[np.float64]:
        return self.gradients(x).mean(axis=0) + lam * self.constraint_gradients(x).mean(axis=0)

    def _hessian(self, x: NDArray[np.float64], lam: float) -> NDArray[np.float64]:
        found = float(self.regularisation) * np.eye(len(x))
        for pair in self.parts:
            for a, weight in zip(pair, (self.weights[0], lam * self.weights[1]), strict=True):
                s = sigmoid(a @ x)
                found += weight / self.n * (a.T * (s * (1 - s))) @ a
        return found

    def _least(self, lam: float) -> NDArray[np.float64]:
        """Return the minimiser of ``f + lam g``."""
        from efpep.simulate.problems.solvers import smooth_minimum

        def value(x: NDArray[np.float64]) -> float:
            return float(self.values(x).mean() + lam * self.constraint_values(x).mean())

        return smooth_minimum(value, lambda x: self._pull(x, lam), lambda x: self._hessian(x, lam), self.start)


@dataclass(frozen=True)
class NeymanPearsonNetwork(TwoClasses):
    """Neyman-Pearson classification with the scores of a network of tanh layers; not convex.

    With one hidden layer the score is ``<w, tanh(U a_j + b)> + c``; ``hidden="64 64 64"`` is the network of 2505.06053.

    Attributes:
        hidden: the numbers of hidden units.
    """

    key: ClassVar[str] = "neyman-pearson-network"

    hidden: str = "8"

    def __post_init__(self) -> None:
        """Read and check the parameters."""
        super().__post_init__()
        object.__setattr__(self, "hidden", read_hidden(self.hidden))

    @cached_property
    def network(self) -> Policy:
        """The network."""
        return Policy(tuple(map(int, self.hidden.split())), load(self.data)[0].shape[1])

    @property
    def dimension(self) -> int:
        """The number of weights."""
        return self.network.dimension

    @property
    def start(self) -> NDArray[np.float64]:
        """Random weights, which depend on the seed; see :meth:`efpep.simulate.problems.policy.Policy.start`."""
        return self.network.start(np.random.default_rng([self.seed, *map(int, self.hidden.split())]))

    def scores(self, a: NDArray[np.float64], x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the network's output."""
        return self.network.mean(x, a)

    def pull_back(self, a: NDArray[np.float64], x: NDArray[np.float64], s: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``sum_j s_j`` times the gradient of sample j's output, by the chain rule."""
        return self.network.backward(x, self.network.forward(x, a), s)
