"""From a solver's Gram matrices to few coordinates that satisfy every inequality with room to spare.

A Gram matrix of low rank is a configuration in few dimensions. The rank is reduced by the trace and log-det heuristics (the
objective is charged ``<W, G>``, first with W = I, then with ``W = (G + delta I)^-1``), small eigenvalues are cut off, and the
coordinates are corrected by Gauss-Newton steps of least norm until every inequality holds with a margin that is far above
rounding errors; otherwise noise in the data would make functions and compressors look at the wrong piece.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from efpep.conic.polish import least_step
from efpep.conic.program import Program
from efpep.conic.solver import propose
from efpep.conic.status import Floats
from efpep.conic.terms import Terms
from efpep.conic.triangle import place as place_of

if TYPE_CHECKING:
    from efpep.model.row import Row
    from efpep.questions.worst_case.search import Search

MARGINS = (1e-8, 1e-9, 1e-10)
"""By how much every inequality holds, in the program's units; the largest that costs little is taken."""
_CHARGE = 2e-8
"""How much of the objective the rank may cost in each round."""
_ROUNDS = 3
_MANY = 150
_CUTS = (1e-4, 1e-5, 1e-6, 1e-7, 1e-8, 1e-10, 0.0)
_LOSS = 3e-7
"""How much of the bound the coordinates may lose; otherwise more dimensions are kept."""
_STEPS = 40
_NEAR = 1e-5
"""Inequalities with more room than this are left alone by a correction."""
_TOLERANCE = 1e-11


@dataclass(frozen=True, eq=False)
class Configuration:
    """Coordinates and function values in the program's units.

    Attributes:
        coordinates: one row a column of the question, block after block; the blocks use different coordinates.
        used: which entries may differ from zero.
        values: the function values.
        objective: the objective there.
    """

    coordinates: Floats
    used: Floats
    values: Floats
    objective: float


def configuration(search: Search, bound: float) -> Configuration | None:
    """Return a configuration of few dimensions that nearly attains ``bound`` (in the program's units), or None.

    ``search`` has the rows in use. None where the solver returns nothing, or where no correction reaches every margin.
    """
    places, rows = search.places, search.rows
    sizes, count = [len(block) for block in places.sizes], len(places.values)
    terms = Terms(sizes, count, [places.scaled(row.form) for row in rows])
    target = Terms(sizes, count, [places.measured(search.question.objective, search.size)])
    best: Configuration | None = None
    # many rows have many multipliers, each of which charges the margin, and take long
    for margin in MARGINS[1:] if len(rows) > _MANY else MARGINS:
        weights: list[Floats] | None = None
        for _ in range(1 if len(rows) > _MANY else _ROUNDS):
            found = _charged(search, weights, bound, margin)
            if found is None:
                break
            for cut in _CUTS:
                better = _corrected((terms, target), _factors(found[0], cut), found[1], rows, margin)
                if better is None:
                    continue
                if best is None or _preferred(better, best, bound):
                    best = better
                if 1 - better.objective / bound <= _LOSS:
                    break
            weights = [_log_det(gram) for gram in found[0]]
        if best is not None and 1 - best.objective / bound <= _LOSS:
            break
    return best


def _preferred(new: Configuration, old: Configuration, bound: float) -> bool:
    """Whether a configuration is better: it loses little and has fewer dimensions, or loses less where much is lost."""
    losses = [1 - c.objective / bound for c in (new, old)]
    if max(losses) <= _LOSS:
        return new.coordinates.shape[1] < old.coordinates.shape[1]
    return losses[0] < losses[1]


def _charged(search: Search, weights: Sequence[Floats] | None, bound: float, margin: float) -> tuple[list[Floats], Floats] | None:
    """Solve with the rank charged; return Gram matrices and values."""
    program: Program = search.program(0.0, margin)
    constants = dict(program.constants)
    sizes = program.cones.semidefinite
    total = sum(sizes)
    for k, (offset, size) in enumerate(zip(program.cones.offsets(), sizes, strict=True)):
        weight = np.eye(size) / total if weights is None else weights[k] / total
        for j in range(size):
            for i in range(j + 1):
                place = offset + place_of(i, j)
                constants[place] = constants.get(place, 0.0) + _CHARGE * bound * float(weight[i, j])
    solution = propose(search.solver, replace(program, constants=constants), _TOLERANCE)
    if solution.primal is None or solution.dual is None:
        return None
    return search.moments(solution.dual)


def _log_det(gram: Floats) -> Floats:
    return np.asarray(np.linalg.inv(gram + 1e-5 * max(float(np.trace(gram)), 1e-12) * np.eye(len(gram))), dtype=np.float64)


def _factors(grams: Sequence[Floats], cut: float) -> tuple[Floats, Floats]:
    """Return coordinates of all blocks' columns without small directions, and which entries may differ from zero."""
    parts: list[Floats] = []
    for gram in grams:
        numbers, directions = np.linalg.eigh(gram)
        kept = numbers > max(cut * float(numbers[-1]), 0.0)
        parts.append(directions[:, kept] * np.sqrt(numbers[kept]))
    shape = (sum(len(p) for p in parts), sum(p.shape[1] for p in parts))
    coordinates, used = np.zeros(shape), np.zeros(shape)
    row = place = 0
    for part in parts:
        here = np.s_[row : row + part.shape[0], place : place + part.shape[1]]
        coordinates[here], used[here] = part, 1.0
        row, place = row + part.shape[0], place + part.shape[1]
    return coordinates, used


def _corrected(
    forms: tuple[Terms, Terms], factors: tuple[Floats, Floats], values: Floats, rows: Sequence[Row], margin: float
) -> Configuration | None:
    """Correct a configuration until all inequalities hold with the margin, and values are not negative."""
    terms, target = forms
    equal = np.array([row.equality for row in rows])
    x, used = factors[0].copy(), factors[1]
    phi = np.maximum(values, 0.0)
    free = np.append(used.ravel() > 0, np.ones(len(phi), dtype=bool))
    for _ in range(_STEPS):
        at = terms.at(x, phi)
        if not np.where(equal, np.abs(at) > 1e-14, at > -margin).any():
            return Configuration(x, used, phi, float(target.at(x, phi)[0]))
        # aim a little beyond the margin, so that the last step ends inside
        near = equal | (at > -_NEAR - 100 * max(float(np.max(at)), 0.0))
        slope = terms.slope(x)[:, free]
        positive = np.eye(x.size + len(phi))[x.size :, free]
        sides = np.vstack([-slope[near], slope[equal], positive])
        least = at + np.where(equal, 0.0, 1.5 * margin)
        step = least_step(sides, np.concatenate([least[near], -at[equal], -phi]))
        if step is None:
            break
        change = np.zeros(free.size)
        change[free] = step
        x = x + change[: x.size].reshape(x.shape)
        phi = np.maximum(phi + change[x.size :], 0.0)
    return None
