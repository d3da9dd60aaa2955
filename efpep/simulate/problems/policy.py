"""Networks of tanh layers with one output, and their backward pass: the mean of a policy's action, or a score."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

from efpep.errors import InputError
from efpep.model.field import shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

FEATURES = 4


def read_hidden(hidden: object) -> str:
    """Return the numbers of hidden units, such as ``32 32``, as they are written.

    Raises:
        InputError: they are no positive whole numbers.
    """
    sizes = str(hidden).split()
    if not sizes or not all(size.isdigit() and int(size) for size in sizes):
        raise InputError(f"hidden is {shown(hidden)}; give the numbers of hidden units, such as '32 32'.", argument="hidden")
    return " ".join(sizes)


@dataclass(frozen=True)
class Policy:
    """The network ``inputs - hidden - ... - 1`` with tanh between its affine layers; all weights are one vector.

    Attributes:
        hidden: the numbers of hidden units.
        inputs: the number of features.
    """

    hidden: tuple[int, ...]
    inputs: int = FEATURES

    @cached_property
    def shapes(self) -> list[tuple[int, int]]:
        """The shapes of the layers' matrices, each followed by its offsets."""
        return list(pairwise((self.inputs, *self.hidden, 1)))

    @property
    def dimension(self) -> int:
        """The number of weights."""
        return sum((k + 1) * m for k, m in self.shapes)

    def start(self, rng: np.random.Generator) -> NDArray[np.float64]:
        """Return random weights of variance ``1/inputs``, a tenth of that deviation in the last layer, and no offsets."""
        parts: list[NDArray[np.float64]] = []
        for place, (k, m) in enumerate(self.shapes):
            size = (0.1 if place == len(self.hidden) else 1.0) / k**0.5
            parts += [size * rng.standard_normal(k * m), np.zeros(m)]
        return np.concatenate(parts)

    def layers(self, x: NDArray[np.float64]) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
        """Return matrices and offsets, as views of the weights ``x`` of shape ``(d,)``."""
        found: list[tuple[NDArray[np.float64], NDArray[np.float64]]] = []
        at = 0
        for k, m in self.shapes:
            found.append((x[at : at + k * m].reshape(k, m), x[at + k * m : at + (k + 1) * m]))
            at += (k + 1) * m
        return found

    def mean(self, x: NDArray[np.float64], seen: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the output, a policy's mean action: features of shape ``(..., inputs)`` to ``(...)``."""
        return self.forward(x, seen)[-1][..., 0]

    def forward(self, x: NDArray[np.float64], seen: NDArray[np.float64]) -> list[NDArray[np.float64]]:
        """Return the features, what each hidden layer makes of them, and the mean action of shape ``(..., 1)``."""
        found, layers = [seen], self.layers(x)
        for place, (matrix, offset) in enumerate(layers):
            made = found[-1] @ matrix
            made += offset
            found.append(np.tanh(made, out=made) if place < len(layers) - 1 else made)
        return found

    def backward(
        self, x: NDArray[np.float64], passed: list[NDArray[np.float64]], slopes: NDArray[np.float64]
    ) -> NDArray[np.float64]:
        """Return the gradient in the weights of ``sum_j s_j mean(features_j)``.

        Args:
            x: the weights, shape ``(d,)``.
            passed: what :meth:`forward` returned for features of shape ``(m, inputs)``.
            slopes: the s, shape ``(m,)``.

        Returns:
            The gradient, shape ``(d,)``.
        """
        parts: list[NDArray[np.float64]] = []
        back = slopes[:, None]
        for (matrix, _), before in zip(reversed(self.layers(x)), reversed(passed[:-1]), strict=True):
            parts += [back.sum(axis=0), (before.T @ back).ravel()]
            if before is not passed[0]:
                back = (back @ matrix.T) * (1 - before * before)
        return np.concatenate(parts[::-1])
