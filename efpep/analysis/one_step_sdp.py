"""The semidefinite programs of a one-step potential, with margins that leave room for rounding.

    least     K   over  P >= s, multipliers >= s :  K energy + rest + P(before) - P(after) + sum multiplier row >= s,
    greatest  -<rest, Z>   over  Z >= s, <energy, Z> = 1 :  <row, Z> <= -s,  <after, after> - <before, before> >= s,

dual to each other at ``s = 0``. Both are written in scaled columns and features (powers of two), the first divided by K's size.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from efpep.analysis.scaling import dyadic
from efpep.certify.moments import Moments
from efpep.certify.one_step_check import OneStepLower, OneStepUpper
from efpep.certify.witness import Matrix
from efpep.conic.program import Affine, Cones, Program
from efpep.model.field import Scalar
from efpep.model.form import Entries, Form, product
from efpep.question.contraction import Block
from efpep.question.one_step import OneStep

Sizes = tuple[dict[int, Fraction], ...]


@dataclass(frozen=True)
class Units:
    """Powers of two: the size of each block's columns and features, and that of K."""

    columns: Sizes
    features: tuple[tuple[Fraction, ...], ...]
    K: Fraction

    @classmethod
    def plain(cls, question: OneStep) -> Units:
        """Measure everything in 1."""
        columns = tuple(dict.fromkeys(block.columns, Fraction(1)) for block in question.blocks)
        return cls(columns, tuple((Fraction(1),) * len(block.features) for block in question.blocks), Fraction(1))

    @classmethod
    def of(cls, question: OneStep, witness: OneStepLower) -> Units:
        """Measure columns and features by their sizes on an instance, however rough, of unit energy."""
        blocks = [(block.index, block.columns) for block in question.blocks]
        moments = Moments.of(blocks, witness.grams, {})
        columns: list[dict[int, Fraction]] = []
        features: list[tuple[Fraction, ...]] = []
        for block, gram in zip(question.blocks, witness.grams, strict=True):
            sizes = [_root(gram[i][i]) for i in range(len(gram))]
            columns.append(dict(zip(block.columns, sizes, strict=True)))
            energies = moments.products(block.index, [feature.before for feature in block.features])
            features.append(tuple(_root(energies[i][i]) for i in range(len(energies))))
        return cls(tuple(columns), tuple(features), dyadic(max(witness.K, Fraction(1))))


def _root(square: Fraction) -> Fraction:
    """Return a power of two near the square root of a number, 1 where it is tiny or negative."""
    if square < Fraction(1, 10**6):
        return Fraction(1)
    exponent = dyadic(square)
    return Fraction(2) ** ((exponent.numerator.bit_length() - exponent.denominator.bit_length()) // 2)


@dataclass(frozen=True)
class OneStepSdp:
    """A question with units, and the two programs."""

    question: OneStep
    units: Units

    def _scaled(self, form: Form) -> list[Entries]:
        """Return a form's entries by block over positions of scaled columns."""
        found: list[Entries] = []
        for block, sizes in zip(self.question.blocks, self.units.columns, strict=True):
            place = {j: i for i, j in enumerate(block.columns)}
            entries = form.blocks.get(block.index, {})
            found.append({(place[i], place[j]): a * sizes[i] * sizes[j] for (i, j), a in entries.items()})
        return found

    def _row_sizes(self) -> list[Fraction]:
        sizes: list[Fraction] = []
        for row in self.question.rows:
            largest = max((abs(a) for entries in self._scaled(row.form) for a in entries.values()), default=Fraction(1))
            sizes.append(dyadic(largest))
        return sizes

    def _weights(self, k: int, block: Block) -> Iterator[tuple[int, int, list[Entries]]]:
        """Yield for each pair of features the form of one symmetric entry of P, before less after."""
        for j, v in enumerate(block.features):
            for i, u in enumerate(block.features[: j + 1]):
                entries: Entries = {}
                factor = (1 if i == j else 2) / (self.units.features[k][i] * self.units.features[k][j])
                product(factor * u.before, v.before, entries)
                product(-factor * u.after, v.after, entries)
                yield i, j, self._scaled(Form({block.index: entries}))

    def upper(self, margin: Fraction) -> Program:
        """Return the program of the least K; variables are K, the multipliers, then the triangles of P by block."""
        question, scale = self.question, self.units.K
        directions: list[list[Entries]] = [self._scaled(question.energy)]
        directions += [self._scaled((1 / size) * row.form) for row, size in zip(question.rows, self._row_sizes(), strict=True)]
        triangles: list[list[tuple[int, int, int]]] = []
        for k, block in enumerate(question.blocks):
            placed: list[tuple[int, int, int]] = []
            for i, j, entries in self._weights(k, block):
                placed.append((i, j, len(directions)))
                directions.append(entries)
            triangles.append(placed)
        rest = self._scaled((1 / scale) * question.rest)
        rows: list[Affine] = []
        constants: dict[int, Scalar] = {}
        for c, row in enumerate(question.rows):
            if not row.equality:
                constants[len(rows)] = -margin
                rows.append({1 + c: Fraction(1)})
        nonnegative = len(rows)
        for k, block in enumerate(question.blocks):
            for j in range(len(block.columns)):
                for i in range(j + 1):
                    constant = rest[k].get((i, j), Fraction(0)) - (margin if i == j else 0)
                    if constant:
                        constants[len(rows)] = constant
                    rows.append({v: form[k][i, j] for v, form in enumerate(directions) if form[k].get((i, j), 0) != 0})
        for placed in triangles:
            for i, j, v in placed:
                if i == j and margin:
                    constants[len(rows)] = -margin
                rows.append({v: Fraction(1)})
        orders = [len(block.columns) for block in question.blocks] + [len(b.features) for b in question.blocks if b.features]
        cones = Cones(0, nonnegative, tuple(orders))
        return Program({0: Fraction(-1)}, constants, cones, len(directions), rows)

    def upper_witness(self, primal: Sequence[Fraction]) -> OneStepUpper:
        """Return the variables of :meth:`upper` as a witness, with negative multipliers of inequalities clipped."""
        question, scale = self.question, self.units.K
        sizes = self._row_sizes()
        multipliers = tuple(
            scale * (value if row.equality else max(value, Fraction(0))) / size
            for row, size, value in zip(question.rows, sizes, primal[1:], strict=False)
        )
        position = 1 + len(question.rows)
        weights: list[Matrix] = []
        for k, block in enumerate(question.blocks):
            count = len(block.features)
            matrix = [[Fraction(0)] * count for _ in range(count)]
            for j in range(count):
                for i in range(j + 1):
                    value = scale * primal[position] / (self.units.features[k][i] * self.units.features[k][j])
                    matrix[i][j] = matrix[j][i] = value
                    position += 1
            weights.append(tuple(tuple(row) for row in matrix))
        return OneStepUpper(scale * primal[0], tuple(weights), multipliers)

    def lower(self, margin: Fraction) -> Program:
        """Return the program of the greatest lower bound; variables are the triangles of Z by block."""
        question = self.question
        starts: list[int] = []
        count = 0
        for block in question.blocks:
            starts.append(count)
            count += len(block.columns) * (len(block.columns) + 1) // 2

        def pairing(form: list[Entries], factor: Fraction) -> dict[int, Scalar]:
            found: dict[int, Scalar] = {}
            for entries, start in zip(form, starts, strict=True):
                for (i, j), a in entries.items():
                    u, v = min(i, j), max(i, j)
                    found[start + v * (v + 1) // 2 + u] = factor * a * (1 if u == v else 2)
            return found

        zero: list[Affine] = [pairing(self._scaled(question.energy), Fraction(1))]
        positive: list[Affine] = []
        for row, size in zip(question.rows, self._row_sizes(), strict=True):
            (zero if row.equality else positive).append(pairing(self._scaled(row.form), -1 / size))
        constants: dict[int, Scalar] = {0: Fraction(-1)}
        constants |= {len(zero) + i: -margin for i in range(len(positive)) if margin}
        rows: list[Affine] = [*zero, *positive]
        for block, start in zip(question.blocks, starts, strict=True):
            for j in range(len(block.columns)):
                for i in range(j + 1):
                    if i == j and margin:
                        constants[len(rows)] = -margin
                    rows.append({start + j * (j + 1) // 2 + i: Fraction(1)})
        for k, block in enumerate(question.blocks):
            for i, j, form in self._weights(k, block):
                if i == j and margin:
                    constants[len(rows)] = -margin
                rows.append(pairing(form, Fraction(-1) if i == j else Fraction(-1, 2)))
        orders = [len(block.columns) for block in question.blocks] + [len(b.features) for b in question.blocks if b.features]
        cones = Cones(len(zero), len(positive), tuple(orders))
        objective = pairing(self._scaled((1 / self.units.K) * question.rest), Fraction(-1))
        return Program(objective, constants, cones, count, rows)

    def lower_witness(self, primal: Sequence[Fraction]) -> OneStepLower:
        """Return the variables of :meth:`lower` as a witness, made to satisfy equalities exactly."""
        grams: list[Matrix] = []
        position = 0
        for block, sizes in zip(self.question.blocks, self.units.columns, strict=True):
            count = len(block.columns)
            matrix = [[Fraction(0)] * count for _ in range(count)]
            for j in range(count):
                for i in range(j + 1):
                    value = primal[position] * sizes[block.columns[i]] * sizes[block.columns[j]]
                    matrix[i][j] = matrix[j][i] = value
                    position += 1
            grams.append(tuple(tuple(row) for row in matrix))
        return OneStepLower(Fraction(0), tuple(grams))
