"""The linear instance with the largest eigenvalue, in double precision.

On ``f_i = a x^2/2`` with a = mu or L and ``C(v) = (1 +- s) v`` a recorded step is a matrix over the states: the gradients and
messages of a state solve linear equations, and the features before and after the step are linear in what is left.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from efpep.model.field import Scalar
from efpep.model.form import Form
from efpep.questions.rate.linear_instances import Factor, LinearInstance, known_equations

if TYPE_CHECKING:
    from efpep.conic.status import Floats
    from efpep.conic.units import Units
    from efpep.model.trace import Trace
    from efpep.questions.common.step_inequalities import StepInequalities

_EXACT = 1e-9
"""By how much equations between doubles may fail, relatively."""
_REAL = 1e-12
_TIED = 1e-12
"""Instances are equally slow whose eigenvalues differ by less."""
_RANK = 1e-12


@dataclass(frozen=True, eq=False)
class SlowInstance:
    """An instance with the eigenvalue of its step that is largest in modulus, and real.

    Attributes:
        steep: whether its curvature is the largest of the class, rather than the least.
        client: the sign of what the clients' compressors add to a message.
        server: that of the server's.
        growth: the eigenvalue.
        state: the eigenvector: the columns of the mean block, in the units of the solver.
    """

    steep: bool
    client: int
    server: int
    growth: float
    state: Floats


class Reading:
    """A recorded step of alike agents on linear instances.

    Attributes:
        columns: the columns of the mean block.
        equations: the equations between them.
        curvatures: mu and L.
        losses: of the clients' and the server's compressor, the largest ``||C(v) - v||^2`` for ``||v|| = 1``.
        sizes: the units of the columns.
    """

    def __init__(self, built: StepInequalities, trace: Trace, units: Units) -> None:
        """Read the equations off a recording; ``units`` are those of the solver."""
        self.columns = built.blocks[0].columns
        self.equations = known_equations(built, trace)
        functions, compressors = trace.groups[0].functions, (trace.groups[0].compressor, trace.server_compressor)
        self.curvatures = Fraction(functions.curvature), Fraction(functions.smoothness)
        losses = (None if compressor is None else compressor.free_losses for compressor in compressors)
        self.losses = [Fraction(0) if loss is None else Fraction(loss) for loss in losses]
        self.sizes = np.array([float(units.columns[0][j]) for j in self.columns])
        self._left = self._rows([e.left.terms for e in self.equations])
        self._right = self._rows([e.right.terms for e in self.equations])
        self._moving = np.array([e.factor is Factor.GROWTH for e in self.equations])

    def _rows(self, terms: Sequence[Mapping[int, Scalar]]) -> Floats:
        place = {j: i for i, j in enumerate(self.columns)}
        rows = np.zeros((len(terms), len(place)))
        for row, own in zip(rows, terms, strict=True):
            for j, a in own.items():
                row[place[j]] = float(a)
        return rows * self.sizes

    def slowest(self) -> SlowInstance | None:
        """Return the instance with the largest eigenvalue; None where it is not real, or several are equally slow."""
        clients, servers = ((1, -1) if loss else (1,) for loss in self.losses)
        choices = itertools.product((False, True), clients, servers)
        found = [one for steep, client, server in choices for one in self._eigenvalues(client, server, steep=steep)]
        most = max((abs(one.growth) for one in found), default=0.0)
        worst = [one for one in found if abs(one.growth) >= most - _TIED]
        alone = all(len(one.state) and abs(one.state @ worst[0].state) > 1 - _EXACT for one in worst)
        return worst[0] if worst and math.isfinite(most) and alone else None

    def _eigenvalues(self, client: int, server: int, *, steep: bool) -> Iterator[SlowInstance]:
        """Yield the largest eigenvalues of an instance; without a state where they are not real."""
        factors = [1 + sign * math.sqrt(loss) for sign, loss in zip((client, server), self.losses, strict=True)]
        numbers = LinearInstance((float(self.curvatures[steep]),), (factors[0],), factors[1])
        by = np.array([float(numbers.of(e)) for e in self.equations])
        free = _null((self._left - by[:, None] * self._right)[~self._moving])
        before, after = self._right[self._moving] @ free, self._left[self._moving] @ free
        step, *_ = np.linalg.lstsq(before, after, rcond=None)
        if np.max(np.abs(before @ step - after), initial=0.0) > _EXACT * np.max(np.abs(after), initial=0.0):
            return  # what is left is no state
        values, vectors = np.linalg.eig(step)
        most = np.max(np.abs(values), initial=0.0)
        for z, vector in zip(values, vectors.T, strict=True):
            if abs(z) < most - _TIED:
                continue
            state = free @ np.real(vector) if abs(z.imag) <= _REAL * most else np.zeros(0)
            yield SlowInstance(steep, client, server, float(z.real if len(state) else most), state / (np.linalg.norm(state) or 1))

    def state(self, slow: SlowInstance) -> dict[int, float]:
        """Return the columns of an instance by number, in the question's units."""
        return dict(zip(self.columns, (slow.state * self.sizes).tolist(), strict=True))

    def values(self, trace: Trace, slow: SlowInstance) -> dict[int, float]:
        """Return the function values of an instance, in the question's units."""
        found: dict[int, float] = {}
        for sample in trace.history(0):
            height = float(self.curvatures[slow.steep]) * sample.x.mean.at(self.state(slow)) ** 2 / 2
            rest = self.value(Form(sample.value.blocks), slow, {})
            for k, b in sample.excess.values.items():
                found[k] = (height - rest) / float(b)
        return found

    def value(self, form: Form, slow: SlowInstance, values: Mapping[int, float]) -> float:
        """Return the value of a form on an instance."""
        state = self.state(slow)
        entries = form.blocks.get(0, {})
        total = sum(float(a) * (1 if i == j else 2) * state[i] * state[j] for (i, j), a in entries.items())
        return total + sum(float(a) * values[k] for k, a in form.values.items())


def _null(matrix: Floats) -> Floats:
    """Return an orthonormal basis of the null space as columns."""
    _, sizes, v = np.linalg.svd(matrix)
    return v[int(np.sum(sizes > _RANK * np.max(sizes, initial=0.0))) :].T
