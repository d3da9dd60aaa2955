"""Lower witnesses whose violated inequalities are mended by the least change of their Gram matrices' factors.

A solver leaves inequalities violated by some 1e-10. With ``G_b = X_b X_b'`` they are quadratic in the factors and linear in the
values; the shortest steps that bring their linearisations to just below zero are taken until all hold. That costs about as much
as was violated, while mixing with an interior point costs that many times over.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from efpep.conic.places import Places
from efpep.conic.terms import Terms

if TYPE_CHECKING:
    from efpep.conic.status import Floats
    from efpep.conic.units import Units
    from efpep.model.system import Matrix, Relation
    from efpep.proof.moments import Numbers

_STEPS = 12
_NEAR = 1000
"""Inequalities with more room than so many times the largest violation are left alone by a step."""
_BELOW = 1e-14
"""How far below zero rows are brought, relative to the largest entry of the Gram matrices."""


def mended(terms: Terms, x: Floats, values: Floats, room: float) -> tuple[Floats, Floats]:
    """Return coordinates and values at which (nearly) all forms are negative.

    Args:
        terms: the forms.
        x: the factors of the Gram matrices, one below the other.
        values: the values, which stay nonnegative.
        room: how far below zero the forms are brought.
    """
    for _ in range(_STEPS):
        numbers = terms.at(x, values)
        worst = float(np.max(numbers, initial=-np.inf))
        if worst <= -room / 2:
            break
        near = np.flatnonzero(numbers > -_NEAR * max(worst, room))
        slopes = terms.slope(x, near)
        step = least_step(-slopes, numbers[near] + room)
        if step is None:
            break
        x = x + step[: x.size].reshape(x.shape)
        values = np.maximum(values + step[x.size :], 0.0)
    return x, values


def least_step(sides: Floats, least: Floats) -> Floats | None:
    """Return the shortest ``d`` with ``sides d >= least``, or None where there is none (Lawson and Hanson's LDP)."""
    from scipy import optimize as _optimize

    optimize: Any = _optimize
    scale = float(np.max(np.abs(least), initial=0.0))
    if scale == 0.0:
        return np.zeros(len(sides[0]))
    basis, triangle = np.linalg.qr(sides.T)
    system = np.vstack([triangle, least / scale])
    goal = np.zeros(len(system))
    goal[-1] = 1.0
    try:
        multipliers: Floats = np.asarray(optimize.nnls(system, goal, maxiter=20 * system.shape[1])[0], dtype=np.float64)
    except RuntimeError:
        return None
    rest = system @ multipliers - goal
    if abs(rest[-1]) < 1e-12:
        return None
    return np.asarray(basis @ (-rest[:-1] / rest[-1] * scale), dtype=np.float64)


def factors(grams: Sequence[Floats]) -> Floats:
    """Return factors of Gram matrices one below the other, all in the same coordinates."""
    parts: list[Floats] = []
    for gram in grams:
        eigenvalues, vectors = np.linalg.eigh((gram + gram.T) / 2)
        parts.append(vectors * np.sqrt(np.maximum(eigenvalues, 0.0)))
    width = max((len(part) for part in parts), default=0)
    return np.vstack([np.pad(part, ((0, 0), (0, width - len(part)))) for part in parts])


def split(x: Floats, sizes: Sequence[int]) -> list[Floats]:
    """Return the rows of each block."""
    return np.split(x, np.cumsum(sizes)[:-1])


def polished(relation: Relation, units: Units, grams: Sequence[Matrix], values: Sequence[Fraction]) -> Numbers:
    """Return moments of a relation with (nearly) no inequality violated; equalities are left to others.

    The products of the factors' doubles are formed exactly, so that the Gram matrices stay positive semidefinite.
    """
    places = Places(relation, units)
    scaled = [_floats(gram) / np.outer(size, size) for gram, size in zip(grams, map(_doubles, places.sizes), strict=True)]
    forms = [places.scaled(row.form) for row in relation.rows if not row.equality]
    terms = Terms([len(size) for size in places.sizes], len(places.values), forms)
    x = factors(scaled)
    largest = float(np.max(np.sum(x * x, axis=1), initial=0.0)) or 1.0
    scaled_values = _doubles([a / size for a, size in zip(values, places.value_sizes, strict=True)])
    x, mended_values = mended(terms, x, scaled_values, _BELOW * largest)
    parts = split(x, [len(size) for size in places.sizes])
    found = tuple(_product(v, sizes) for v, sizes in zip(parts, places.sizes, strict=True))
    return found, tuple(Fraction(float(a)) * size for a, size in zip(mended_values, places.value_sizes, strict=True))


def _doubles(numbers: Sequence[Fraction]) -> Floats:
    return np.array([float(a) for a in numbers], dtype=np.float64)


def _floats(gram: Matrix) -> Floats:
    return np.array([[float(a) for a in row] for row in gram], dtype=np.float64).reshape(len(gram), -1)


def _product(factor: Floats, sizes: Sequence[Fraction]) -> Matrix:
    """Return ``X X'`` exactly, in the question's units."""
    rows = [[Fraction(float(a)) * size for a in row] for row, size in zip(factor, sizes, strict=True)]
    return tuple(tuple(sum((a * b for a, b in zip(u, v, strict=True)), Fraction(0)) for v in rows) for u in rows)
