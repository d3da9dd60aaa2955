"""Polynomials in double precision, many of them at once, and lower bounds for them on boxes.

Coefficients in Bernstein's basis (:mod:`efpep.model.box`) bound a polynomial from below on a box. What is asked about are
products of polynomials with complex coefficients, for many values of two further variables.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from efpep.model.box import Box, Index

if TYPE_CHECKING:
    from efpep.conic.status import Floats


@dataclass(frozen=True, eq=False)
class Tensor:
    """A polynomial in double precision.

    Attributes:
        degrees: its degrees in the parameters.
        values: the coefficients: one row for each exponents of the parameters, one column for those of two further variables.
        powers: the degrees in these.
    """

    degrees: Index
    values: Floats
    powers: Index

    @classmethod
    def of(cls, terms: Mapping[Index, Fraction], count: int) -> Tensor:
        """Return the tensor of an exact polynomial."""
        shape = tuple(max((e[k] for e in terms), default=0) + 1 for k in range(count + 2))
        values = np.zeros(shape)
        for exponents, a in terms.items():
            values[exponents] = float(a)
        rows = math.prod(shape[:count])
        return cls(tuple(d - 1 for d in shape[:count]), values.reshape(rows, -1), tuple(d - 1 for d in shape[count:]))

    def raised(self, degrees: Index) -> Tensor:
        """Return the same polynomial with larger degrees."""
        values = self.values.reshape(*(d + 1 for d in self.degrees), -1)
        room = [(0, more - d) for d, more in zip(self.degrees, degrees, strict=True)]
        return Tensor(degrees, np.pad(values, (*room, (0, 0))).reshape(-1, self.values.shape[1]), self.powers)

    def numbers(self, first: Any, second: Any) -> Any:
        """Return the coefficients of the parameters' powers for each pair of the further variables: one row a pair."""
        z = first[:, None] ** np.arange(self.powers[0] + 1)
        a = second[:, None] ** np.arange(self.powers[1] + 1)
        return (z[:, :, None] * a[:, None, :]).reshape(len(first), -1) @ self.values.T

    def at(self, values: Sequence[float], second: Floats) -> Floats:
        """Return the coefficients of the powers of the first one at parameters, one row for each value of the second one."""
        weights = np.ones(1)
        for value, d in zip(values, self.degrees, strict=True):
            weights = np.outer(weights, value ** np.arange(d + 1)).ravel()
        table = (weights @ self.values).reshape(self.powers[0] + 1, self.powers[1] + 1)
        return (second[:, None] ** np.arange(self.powers[1] + 1)) @ table.T


@dataclass(frozen=True, eq=False)
class Bernstein:
    """The change to Bernstein's basis on a finite box, without its binomials, and their products.

    Attributes:
        change: from coefficients of powers to those of ``s^i (1 - s)^(d - i)``.
        pairs: for two of these the place of their product.
        weights: the binomials of the product.
    """

    change: Floats
    pairs: Any
    weights: Floats

    @classmethod
    def of(cls, box: Box, degrees: Index) -> Bernstein:
        """Return the change for polynomials of these degrees."""
        change: Floats = np.ones((1, 1))
        weights: Floats = np.ones(1)
        for side, d in zip(box.sides, degrees, strict=True):
            lower, upper = float(side.lower), float(side.upper or 0)
            own = np.zeros((d + 1, d + 1))
            for power in range(d + 1):  # (lower (1 - s) + upper s)^power ((1 - s) + s)^(d - power)
                row = np.ones(1)
                for _ in range(power):
                    row = np.convolve(row, [lower, upper])
                for _ in range(d - power):
                    row = np.convolve(row, [1.0, 1.0])
                own[:, power] = row
            change = np.kron(change, own).astype(np.float64)
            weights = np.kron(weights, [math.comb(2 * d, k) for k in range(2 * d + 1)]).astype(np.float64)
        shape = [d + 1 for d in degrees]
        twice = [2 * d + 1 for d in degrees]
        indices = np.array(list(np.ndindex(*shape)))
        sums = indices[:, None, :] + indices[None, :, :]
        pairs = np.ravel_multi_index(tuple(np.moveaxis(sums, -1, 0)), twice)
        return cls(change, pairs, weights)

    def product(self, first: Any, second: Any) -> Floats:
        """Return the controls of the real part of ``p conj(q)``, one row for each row of coefficients of both."""
        p, q = first @ self.change.T, second @ self.change.T
        products = np.real(p[:, :, None] * np.conj(q[:, None, :])).reshape(len(p), -1)
        spread = np.zeros((products.shape[1], len(self.weights)))
        spread[np.arange(products.shape[1]), self.pairs.ravel()] = 1
        return (products @ spread) / self.weights
