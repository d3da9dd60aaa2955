"""The SDP that proposes witnesses against a rate on a whole box of parameters.

    t* = max t   over   Gram matrices and values that are polynomials on the box (their controls are the variables)
      every control of every inequality <= -t (scaled), of an equality = 0,
      Gram controls >= t I,  value controls >= t,  controls of the growth of features >= t I, of gaps >= t,
      the traces of all Gram controls at most 1 together.

Where t* > 0 the numbers can be rounded, and what they prove is checked by :mod:`efpep.questions.tune.box`.
"""

from __future__ import annotations

import math
from fractions import Fraction

from efpep.conic.family import Triangle
from efpep.conic.moment_program import ROOM, MomentProgram
from efpep.conic.program import Affine
from efpep.conic.solver import Solver, propose
from efpep.conic.units import Units
from efpep.errors import CertificateError
from efpep.model.box import Box, Index
from efpep.model.field import Scalar
from efpep.model.form import Form
from efpep.questions.common.step_inequalities import StepInequalities
from efpep.questions.rate.units import scaled_features
from efpep.questions.tune.box import BoxWitness, check_box, form_controls, form_degrees, growth_forms

_TOLERANCE = 1e-9


class BoxSdp:
    """The program for a question that is polynomial on a box, with a witness of given degrees, against a rate."""

    def __init__(self, question: StepInequalities, units: Units, box: Box, degrees: Index, rate: Fraction) -> None:
        """Assemble the program."""
        self._question, self._box, self._degrees, self._rate = question, box, degrees, rate
        self._copies = {index: copy for copy, index in enumerate(Box.indices(degrees))}
        self._moments = MomentProgram(question.system.relations[0], units, len(self._copies))
        for row in question.rows:
            rows = self._moments.zero if row.equality else self._moments.positive
            rows += self._controls(-1 * units.form(row.form)).values()
        for growth in _value_growths(question, units, rate):
            self._moments.positive += self._controls(growth).values()
        if question.given is None:
            for block, sizes in zip(question.blocks, units.features, strict=True):
                before, after = scaled_features(units, block, sizes)
                self._moments.semidefinite += self._matrices(growth_forms(block.index, before, after, rate), len(before))

    def exclude(self, solver: Solver) -> BoxWitness | None:
        """Solve, round, and return the witness if it passes the exact check."""
        solution = propose(solver, self._moments.program(), _TOLERANCE)
        if not solution.usable or solution.primal is None or not solution.primal[ROOM] > 0:
            return None
        numbers = solution.rationals()[0]
        digits = 6 - math.floor(math.log2(numbers[ROOM])) if numbers[ROOM] > Fraction(1, 2**200) else 200
        for rounded in ([Fraction(round(a * 2**digits), 2**digits) for a in numbers], numbers):
            grams, values = zip(*self._moments.moments(rounded), strict=True)
            witness = BoxWitness(self._box, self._degrees, grams, values)
            try:
                check_box(self._question, self._rate, witness)
            except CertificateError:
                continue
            return witness
        return None

    def _controls(self, form: Form, degrees: Index | None = None) -> dict[Index, Affine]:
        """Return the controls of a form's value as linear forms in the variables."""
        degrees = form_degrees([form], len(self._degrees)) if degrees is None else degrees
        forms = form_controls(form, self._box, degrees)
        found: dict[Index, dict[int, Scalar]] = {}
        for i, j, both, factor in self._box.products(degrees, self._degrees):
            row = found.setdefault(both, {})
            for variable, a in self._moments.value(forms[i], self._copies[j]).items():
                row[variable] = row.get(variable, 0) + factor * a
        return dict(found)

    def _matrices(self, forms: dict[tuple[int, int], Form], size: int) -> list[Triangle]:
        """Return the controls of a symmetric matrix of forms as triangles of linear forms in the variables."""
        degrees = form_degrees(forms.values(), len(self._degrees))
        entries = {key: self._controls(form, degrees) for key, form in forms.items()}
        indices = Box.indices(tuple(a + b for a, b in zip(degrees, self._degrees, strict=True)))
        return [([entries[i, j][index] for j in range(size) for i in range(j + 1)], size) for index in indices]


def _value_growths(question: StepInequalities, units: Units, rate: Fraction) -> list[Form]:
    """Return the scaled forms that have to be positive: the growth of gaps, or that of the given Lyapunov function."""
    if question.given is None:
        return [(1 / units.value) * units.form(gap.after - rate * gap.before) for gap in question.gaps]
    before, after = question.lyapunov(question.given)
    return [units.form(after - rate * before)]
