"""All rows between two samples at a numeric solution, at once.

The row of a pair is the same quadratic in the two points, the two gradients and ``grad f_i(x*)`` for every pair. It is asked of
the function class once, on placeholders, and evaluated by matrix products. Where a class has more than that in its rows they are
evaluated one by one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from efpep.model.column import Unit
from efpep.model.linear import Linear
from efpep.model.trace import Trace
from efpep.model.vector import Vector
from efpep.questions.worst_case.inequalities import Pair

if TYPE_CHECKING:
    from collections.abc import Sequence

    from efpep.conic.places import Places
    from efpep.conic.status import Floats
    from efpep.model.vector import Part
    from efpep.questions.worst_case.inequalities import WorstCaseInequalities

Key = tuple[int, int, str]


def _own_point(trace: Trace, name: str) -> Vector:
    """Return free points of the agents' own."""
    return Vector(trace.client(name, Unit.POINT).parts, server=False, anchor=1)


class PairValues:
    """Evaluates the pairs of one group's samples, the minimiser aside.

    Attributes:
        group: the group.
        template: the coefficients by pairs of places (block, which point, what), or None where the rows have other columns.
    """

    def __init__(self, question: WorstCaseInequalities, places: Places, group: int) -> None:
        """Ask the function class once, and collect the samples' coefficients."""
        self.question = question
        self.places = places
        self.group = group
        self.samples = question.samples[group]
        self.template = self._ask()
        if self.template is not None:
            self._vectors = self._collect()

    def violations(self, grams: Sequence[Floats], values: Floats) -> list[tuple[float, Pair]]:
        """Return the pairs whose row is positive, in units of the row, the largest first."""
        count = len(self.samples)
        if self.template is None:
            return self._one_by_one(grams, values)
        totals = self._evaluate(grams, values)
        found: list[tuple[float, Pair]] = []
        for a, b in zip(*np.nonzero(totals > 0), strict=True):
            if a != b and 0 < a < count and b > 0:
                found.append((float(totals[a, b]) / self._unit, Pair(self.group, int(a), int(b))))
        return sorted(found, key=lambda item: -item[0])

    # --- the template ------------------------------------------------------------------------------------------------

    def _ask(self) -> tuple[dict[tuple[Key, Key], float], tuple[float, float]] | None:
        question = self.question
        population = question.trace.groups[self.group]
        shared = not any(part.nonzero for part in question.trace.gradient_at_minimiser.parts)
        trace = Trace((population,), common_minimiser=shared or not population.functions.has_minimiser)
        own = any(sample.x.deviation.nonzero for sample in self.samples)
        points = [_own_point(trace, name) if own else trace.point(name) for name in ("a", "b")]
        samples = [trace.samples(x)[0] for x in points]
        names: list[dict[int, Key]] = [{}, {}]
        places: dict[int, int] = {}
        for which, sample in enumerate(samples):
            for block, form, what in (
                (0, sample.x.mean, "x"),
                (1, sample.x.deviation, "x"),
                (0, sample.shape.mean, "u"),
                (1, sample.shape.deviation, "u"),
            ):
                if len(form.terms) == 1:
                    names[block][next(iter(form.terms))] = (block, which, what)
            for k in sample.value.values:
                places[k] = which
        rest = trace.gradient_at_minimiser.part(0).deviation
        if len(rest.terms) == 1:
            names[1][next(iter(rest.terms))] = (1, 0, "*")
        form = population.functions.interpolation(trace, 0, samples[0], samples[1])
        found: dict[tuple[Key, Key], float] = {}
        for block, entries in form.blocks.items():
            for (i, j), c in entries.items():
                if i not in names[block] or j not in names[block]:
                    return None
                found[names[block][i], names[block][j]] = float(c) * (1 if i == j else 2)
        if not set(form.values) <= set(places):
            return None
        flat = [0.0, 0.0]
        for k, c in form.values.items():
            flat[places[k]] += float(c)
        return found, (flat[0], flat[1])

    def _collect(self) -> dict[tuple[int, str], Floats]:
        samples, question = self.samples, self.question
        parts: dict[str, list[Part]] = {"x": [s.x for s in samples], "u": [s.shape for s in samples]}
        found: dict[tuple[int, str], Floats] = {}
        for what, listed in parts.items():
            found[0, what] = self._matrix(0, [part.mean for part in listed])
            found[1, what] = self._matrix(self.group + 1, [part.deviation for part in listed])
        rest = question.trace.gradient_at_minimiser.part(self.group).deviation
        found[1, "*"] = self._matrix(self.group + 1, [rest] * len(samples))
        return found

    def _matrix(self, index: int, forms: Sequence[Linear]) -> Floats:
        """Return the coefficients of linear forms over a block's columns, in the program's units."""
        question = self.question
        for block, sizes in zip(question.blocks, self.places.sizes, strict=True):
            if block.index == index:
                place = {j: i for i, j in enumerate(block.columns)}
                matrix = np.zeros((len(forms), len(sizes)))
                for row, form in enumerate(forms):
                    for j, a in form.terms.items():
                        if j in place:
                            matrix[row, place[j]] = float(a) * float(sizes[place[j]])
                return matrix
        return np.zeros((len(forms), 0))

    @property
    def _unit(self) -> float:
        """About the size of a row's largest entry."""
        return float(self.places.units.value)

    def _evaluate(self, grams: Sequence[Floats], values: Floats) -> Floats:
        if self.template is None:
            raise AssertionError
        entries, (left, right) = self.template
        blocks = [block.index for block in self.question.blocks]
        products: dict[tuple[int, str, str], Floats] = {}
        for (block, _, p), (_, _, q) in entries:
            index = 0 if block == 0 else self.group + 1
            if (block, p, q) not in products and index in blocks:
                gram = grams[blocks.index(index)]
                products[block, p, q] = self._vectors[block, p] @ gram @ self._vectors[block, q].T
        level = np.zeros(len(self.samples))
        for i, sample in enumerate(self.samples):
            for k, c in sample.excess.values.items():
                level[i] += float(c) * float(values[self.places.values.index(k)]) * self._unit
        total = left * level[:, None] + right * level[None, :]
        for ((block, u, p), (_, v, q)), c in entries.items():
            product = products.get((block, p, q))
            if product is None:
                continue
            if u == v:
                own = np.diag(product)
                total = total + c * (own[:, None] if u == 0 else own[None, :])
            else:
                total = total + c * (product if u == 0 else product.T)
        return total

    def _one_by_one(self, grams: Sequence[Floats], values: Floats) -> list[tuple[float, Pair]]:
        found: list[tuple[float, Pair]] = []
        flat = self.flat(grams, values)
        for a in range(1, len(self.samples)):
            for b in range(1, len(self.samples)):
                if a != b:
                    pair = Pair(self.group, a, b)
                    row = self.question.pair(pair)
                    scaled = self.places.scaled(row.form)
                    amount = scaled.constant + sum(c * flat[k] for k, c in zip(scaled.places, scaled.numbers, strict=True))
                    if amount > 0:
                        found.append((amount, pair))
        return sorted(found, key=lambda item: -item[0])

    @staticmethod
    def flat(grams: Sequence[Floats], values: Floats) -> Floats:
        """Return values and Gram matrices stacked as a form's places are, off-diagonal entries doubled."""
        pieces = [values]
        for gram in grams:
            rows, columns = np.tril_indices(len(gram))
            pieces.append(np.where(rows == columns, 1.0, 2.0) * gram[rows, columns])
        return np.concatenate(pieces)
