"""The SDP that proposes witnesses against a rate on a whole box of parameters.

    t* = max t   over   Gram matrices and values that are polynomials on the box (their controls are the variables)
      every control of every inequality <= -t (scaled), of an equality = 0,
      Gram controls >= t I,  value controls >= t,  controls of the growth of features >= t I, of gaps >= t,
      the traces of all Gram controls at most 1 together.

Where t* > 0 the numbers can be rounded, and what they prove is checked by :mod:`efpep.questions.tune.box`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from efpep.conic.program import Cones, Program
from efpep.conic.solver import Solver, propose
from efpep.conic.triangle import diagonal, entry, length
from efpep.conic.units import Units
from efpep.errors import CertificateError
from efpep.model.box import Box, Index
from efpep.model.exact import solve
from efpep.model.field import Scalar
from efpep.model.form import Form
from efpep.model.system import Matrix
from efpep.questions.rate.contraction import Contraction
from efpep.questions.rate.units import scaled_features
from efpep.questions.tune.box import BoxWitness, check_box, form_controls, form_degrees, growth_forms

MARGIN = 0
_TOLERANCE = 1e-9
Row = dict[int, Scalar]


@dataclass(frozen=True)
class BoxSdp:
    """The program with the way back from its variables to a witness.

    Attributes:
        question: the question, polynomial on the box.
        units: the units of the variables.
        box: the box.
        degrees: the degrees of the witness's basis.
        rate: the rate to exclude.
        program: the program; variable 0 is t, then for each index of the basis the triangles by block and the values.
    """

    question: Contraction
    units: Units
    box: Box
    degrees: Index
    rate: Fraction
    program: Program

    def witness(self, numbers: Sequence[Fraction]) -> BoxWitness:
        """Return the variables as a witness in the question's units."""
        grams: list[tuple[Matrix, ...]] = []
        values: list[tuple[Fraction, ...]] = []
        count = len(self.question.values_used)
        place = 1
        for _ in Box.indices(self.degrees):
            matrices: list[Matrix] = []
            for block in self.question.blocks:
                sizes = [self.units.columns[block.index][j] for j in block.columns]
                k = len(sizes)
                triangle = numbers[place : place + length(k)]
                place += len(triangle)
                matrices.append(tuple(tuple(triangle[entry(i, j)] * sizes[i] * sizes[j] for j in range(k)) for i in range(k)))
            grams.append(tuple(matrices))
            values.append(tuple(a * self.units.value for a in numbers[place : place + count]))
            place += count
        return BoxWitness(self.box, self.degrees, tuple(grams), tuple(values))


def exclude(sdp: BoxSdp, solver: Solver) -> BoxWitness | None:
    """Solve, round, and return the witness if it passes the exact check."""
    solution = propose(solver, sdp.program, _TOLERANCE)
    if not solution.usable or solution.primal is None or not solution.primal[MARGIN] > 0:
        return None
    numbers = solution.rationals()[0]
    digits = 6 - math.floor(math.log2(numbers[MARGIN])) if numbers[MARGIN] > Fraction(1, 2**200) else 200
    for rounded in ([Fraction(round(a * 2**digits), 2**digits) for a in numbers], list(numbers)):
        witness = sdp.witness(_on_equalities(sdp.program, rounded))
        try:
            check_box(sdp.question, sdp.rate, witness)
        except CertificateError:
            continue
        return witness
    return None


def box_sdp(question: Contraction, units: Units, box: Box, degrees: Index, rate: Fraction) -> BoxSdp:
    """Assemble the program for a question that is polynomial on ``box``, with a witness of these degrees."""
    layout = _Layout(question, box, degrees)
    zero: list[Row] = []
    positive: list[Row] = []
    for row in question.rows:
        for controls in layout.controls(units.form(row.form)).values():
            if row.equality:
                zero.append(controls)
            else:
                positive.append({**{j: -a for j, a in controls.items()}, MARGIN: Fraction(-1)})
    positive += [{j: Fraction(1), MARGIN: Fraction(-1)} for j in layout.values]
    for growth in _value_growths(question, units, rate):
        positive += [{**controls, MARGIN: Fraction(-1)} for controls in layout.controls(growth).values()]
    positive.append(layout.trace)
    blocks: list[Row] = []
    orders: list[int] = []
    for variables, k in layout.triangles:
        orders.append(k)
        blocks += [{j: Fraction(1), MARGIN: Fraction(-1)} if diagonal else {j: Fraction(1)} for j, diagonal in variables]
    if question.given is None:
        for block, sizes in zip(question.blocks, units.features, strict=True):
            before, after = scaled_features(units, block, sizes)
            for matrix in layout.matrices(growth_forms(block.index, before, after, rate), len(before)):
                orders.append(len(before))
                blocks += matrix
    cones = Cones(len(zero), len(positive), tuple(orders))
    bound = {len(zero) + len(positive) - 1: Fraction(1)}
    program = Program({MARGIN: Fraction(1)}, bound, cones, layout.count, [*zero, *positive, *blocks])
    return BoxSdp(question, units, box, degrees, rate, program)


def _value_growths(question: Contraction, units: Units, rate: Fraction) -> list[Form]:
    """Return the scaled forms that have to be positive: the growth of gaps, or that of the given Lyapunov function."""
    if question.given is None:
        return [(1 / units.value) * units.form(gap.after - rate * gap.before) for gap in question.gaps]
    before, after = question.lyapunov(question.given)
    return [units.form(after - rate * before)]


class _Layout:
    """Where the variables stand, and forms on the box as rows in them."""

    def __init__(self, question: Contraction, box: Box, degrees: Index) -> None:
        """Number the variables."""
        self.question = question
        self.box = box
        self.degrees = degrees
        self.starts: dict[tuple[Index, int], int] = {}
        self.value_starts: dict[Index, int] = {}
        self.values: list[int] = []
        self.trace: Row = {}
        self.triangles: list[tuple[list[tuple[int, bool]], int]] = []
        self.places = {k: i for i, k in enumerate(question.values_used)}
        self.columns = [{c: i for i, c in enumerate(block.columns)} for block in question.blocks]
        self.count = 1
        for index in Box.indices(degrees):
            for b, block in enumerate(question.blocks):
                k = len(block.columns)
                self.starts[index, b] = self.count
                ends = {self.count + diagonal(j) for j in range(k)}
                self.triangles.append(([(j, j in ends) for j in range(self.count, self.count + length(k))], k))
                self.trace.update(dict.fromkeys(ends, Fraction(-1)))
                self.count += length(k)
            self.value_starts[index] = self.count
            self.values += range(self.count, self.count + len(self.places))
            self.count += len(self.places)

    def controls(self, form: Form, degrees: Index | None = None) -> dict[Index, Row]:
        """Return the controls of a form's value as rows in the variables."""
        degrees = form_degrees([form], len(self.degrees)) if degrees is None else degrees
        forms = form_controls(form, self.box, degrees)
        found: dict[Index, Row] = {}
        for i, j, both, factor in self.box.products(degrees, self.degrees):
            row = found.setdefault(both, {})
            for b, block in enumerate(self.question.blocks):
                start, place = self.starts[j, b], self.columns[b]
                for (left, right), a in forms[i].blocks.get(block.index, {}).items():
                    u, v = sorted((place[left], place[right]))
                    variable = start + entry(u, v)
                    row[variable] = row.get(variable, 0) + factor * (a if u == v else 2 * a)
            for k, a in forms[i].values.items():
                variable = self.value_starts[j] + self.places[k]
                row[variable] = row.get(variable, 0) + factor * a
        return found

    def matrices(self, forms: dict[tuple[int, int], Form], size: int) -> list[list[Row]]:
        """Return the controls of a symmetric matrix of forms as triangles of rows, t subtracted from the diagonals."""
        degrees = form_degrees(forms.values(), len(self.degrees))
        entries = {key: self.controls(form, degrees) for key, form in forms.items()}
        found: list[list[Row]] = []
        for index in Box.indices(tuple(a + b for a, b in zip(degrees, self.degrees, strict=True))):
            triangle: list[Row] = []
            for j in range(size):
                triangle += [dict(entries[i, j][index]) for i in range(j + 1)]
                triangle[-1][MARGIN] = Fraction(-1)
            found.append(triangle)
        return found


def _on_equalities(program: Program, numbers: list[Fraction]) -> list[Fraction]:
    """Move the variables onto the equalities exactly, by the least change."""
    rows = [row for row in program.given[: program.cones.zero] if row]
    if not rows:
        return numbers
    products = [[sum((a * v.get(j, 0) for j, a in u.items()), Fraction(0)) for v in rows] for u in rows]
    amounts = solve(products, [-sum((a * numbers[j] for j, a in row.items()), Fraction(0)) for row in rows])
    moved = list(numbers)
    for amount, row in zip(amounts, rows, strict=True):
        for j, a in row.items():
            moved[j] += amount * a
    return moved
