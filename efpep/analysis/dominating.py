"""Lyapunov functions of any sign of the weights that are nonnegative by interpolation, as a family of the rate SDP.

The cone is ``V + sum_c nu_c row_c >= 0`` over the columns and values of a state, ``nu >= 0`` for the inequalities that every
state satisfies; see :mod:`efpep.certify.positivity`. It is normalised by the trace of that matrix.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from efpep.analysis.family import Direction, Family, Triangle
from efpep.analysis.least_change import least_change, matrix_sum
from efpep.analysis.scaling import Scaling, dyadic
from efpep.certify.check import Instance
from efpep.certify.positivity import dominance, state_moments
from efpep.certify.witness import LowerWitness, Matrix, UpperWitness
from efpep.conic.program import Affine, Cones
from efpep.model.field import Scalar
from efpep.model.form import Entries, Form, product
from efpep.question.contraction import Contraction, Weights


class DominatingFamily:
    """The functions of another family whose weights may have any sign."""

    def __init__(self, question: Contraction, units: Scaling, plain: Family) -> None:
        """Take the variables of ``plain``, then one multiplier a row of the state."""
        self.plain = plain
        self.directions: list[Direction] = list(plain.directions)
        rows = question.state_rows
        self.multipliers = list(range(plain.end, plain.end + len(rows)))
        self.end = plain.end + len(rows)
        scaled = [units.form(row.form) for row in rows]
        self.row_sizes = [_largest(form) for form in scaled]
        terms = [(variable, before) for variable, _, before in plain.directions]
        terms += [(j, (1 / size) * form) for j, size, form in zip(self.multipliers, self.row_sizes, scaled, strict=True)]
        self.signed = [j for j, row in zip(self.multipliers, rows, strict=True) if not row.equality]
        if question.given is not None:
            self.signed += plain.signed
        self.nonnegative: list[Affine] = [
            {j: form.values[k] for j, form in terms if k in form.values} for k in question.state_values
        ]
        self.semidefinite: list[Triangle] = []
        self.trace: dict[int, Scalar] = {}
        for affine in self.nonnegative:
            self._trace(affine)
        for block, columns in zip(question.blocks, question.state_columns, strict=True):
            local = {j: i for i, j in enumerate(columns)}
            triangle: list[dict[int, Scalar]] = [{} for _ in range(len(columns) * (len(columns) + 1) // 2)]
            for variable, form in terms:
                for (i, j), a in form.blocks.get(block.index, {}).items():
                    u, v = sorted((local[i], local[j]))
                    triangle[v * (v + 1) // 2 + u][variable] = a
            for j in range(len(columns)):
                self._trace(triangle[j * (j + 3) // 2])
            self.semidefinite.append((list(triangle), len(columns)))
        for j in self.signed:
            self._trace({j: Fraction(1)})

    def _trace(self, affine: Affine) -> None:
        for j, a in affine.items():
            self.trace[j] = self.trace.get(j, Fraction(0)) + a

    def weights(self, primal: Sequence[Fraction]) -> tuple[Weights, Fraction]:
        """Return the function in the question's units."""
        return self.plain.weights(primal)

    def lifted(self, primal: Sequence[Fraction], lift: Fraction) -> list[Fraction]:
        """Add ``lift`` times the identity to every weight matrix."""
        return self.plain.lifted(primal, lift)

    def positivity(self, primal: Sequence[Fraction]) -> tuple[Fraction, ...]:
        """Return the multipliers of the state's rows in the question's units."""
        return tuple(primal[j] / size for j, size in zip(self.multipliers, self.row_sizes, strict=True))


def raised(question: Contraction, witness: UpperWitness) -> UpperWitness:
    """Raise the multipliers that show that V is nonnegative where a function value has a negative coefficient."""
    if question.settled is None:
        return witness
    multipliers = list(witness.positivity)
    for k, a in dominance(question, witness).values.items():
        rows = [c for c, row in enumerate(question.state_rows) if list(row.form.values) == [k] and row.form.values[k] > 0]
        if a < 0 and rows:
            multipliers[rows[0]] -= a / question.state_rows[rows[0]].form.values[k]
    return replace(witness, positivity=tuple(multipliers))


def proposed_state(
    question: Contraction, units: Scaling, witness: LowerWitness, dual: Sequence[Fraction], cones: Cones
) -> LowerWitness:
    """Return a lower witness with the state that the multipliers of the cone propose.

    Args:
        question: the question.
        units: its units.
        witness: the witness without a state.
        dual: the multipliers of the rate SDP.
        cones: its cones; the last nonnegative rows and the last blocks are those of the family.
    """
    rest = dual[0]
    first = cones.zero + cones.nonnegative - len(question.state_values)
    values = tuple((dual[first + i] - rest) * units.value for i in range(len(question.state_values)))
    grams: list[Matrix] = []
    matrices = cones.matrices(dual)[len(question.blocks) :]
    occupied = [(block, columns) for block, columns in zip(question.blocks, question.state_columns, strict=True)]
    found = iter(matrices)
    for block, columns in occupied:
        matrix = next(found) if columns else []
        sizes = [units.columns[block.index][j] for j in columns]
        grams.append(
            tuple(
                tuple((a - (rest if i == j else 0)) * sizes[i] * sizes[j] for j, a in enumerate(row))
                for i, row in enumerate(matrix)
            )
        )
    return replace(witness, state_grams=tuple(grams), state_values=values)


def empty_state(question: Contraction, witness: LowerWitness) -> LowerWitness:
    """Return a lower witness with a state in which everything vanishes."""
    zero = Fraction(0)
    grams = tuple(tuple((zero,) * len(columns) for _ in columns) for columns in question.state_columns)
    return replace(witness, state_grams=grams, state_values=(zero,) * len(question.state_values))


def fitted_state(question: Contraction, units: Scaling, witness: LowerWitness) -> LowerWitness:
    """Move the state of a lower witness exactly to where Lyapunov functions gain what they are in it, by the least change."""
    if not witness.state_grams:
        return witness
    instance = Instance(question, witness)
    moments = state_moments(question, witness)
    forms: list[Form] = []
    amounts: list[Scalar] = []
    for block, matrix in zip(question.blocks, instance.growth(), strict=True):
        for j, v in enumerate(block.features):
            for i, u in enumerate(block.features[: j + 1]):
                entries: Entries = {}
                product(u.before, v.before, entries)
                form = Form({block.index: {key: a for key, a in entries.items() if a != 0}})
                forms.append(form)
                amounts.append(matrix[i][j] - moments.value(form))
    for gap in question.gaps:
        forms.append(gap.before)
        gained = instance.value(gap.after) - witness.rate * instance.value(gap.before)
        amounts.append(gained - moments.value(gap.before))
    for row in question.state_rows:
        if row.equality:
            forms.append(row.form)
            amounts.append(-moments.value(row.form))
    change = units.form(least_change([units.form(form) for form in forms], amounts))
    pieces = zip(witness.state_grams, question.blocks, question.state_columns, strict=True)
    grams = tuple(matrix_sum(gram, change.matrix(block.index, columns)) for gram, block, columns in pieces)
    values = tuple(
        a + change.values.get(k, Fraction(0)) for k, a in zip(question.state_values, witness.state_values, strict=True)
    )
    return replace(witness, state_grams=grams, state_values=values)


def _largest(form: Form) -> Fraction:
    entries = [abs(a) for block in form.blocks.values() for a in block.values()]
    return dyadic(max([*entries, *(abs(a) for a in form.values.values())]))
