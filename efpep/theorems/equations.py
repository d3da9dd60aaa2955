"""The unknowns of a proof and the equations by which it vanishes on the worst linear instances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from efpep.compressors import Contractive
from efpep.errors import UndecidedError
from efpep.functions import SmoothStronglyConvex
from efpep.methods.base import Method
from efpep.model.form import Form, paired
from efpep.model.trace import Trace
from efpep.questions.common.reduction import relations
from efpep.questions.common.step_inequalities import StepInequalities
from efpep.questions.rate.inequalities import recorded
from efpep.setting import Setting
from efpep.theorems.functions import Function, FunctionField
from efpep.theorems.identity import with_step_size
from efpep.theorems.support import ProofUnknown, Rows
from efpep.theorems.witness import SymbolicWitness


@dataclass(frozen=True)
class Equations:
    """What a method's step says about a proof at the step size at which two witnesses are in balance.

    Attributes:
        method: the method.
        field: the field of s, beta and eta.
        worst: the witnesses, that of mu first.
    """

    method: Method
    field: FunctionField
    worst: tuple[SymbolicWitness, ...]

    def recorded(self, agents: int) -> tuple[StepInequalities, Trace]:
        """Return the question of one step, and its recording."""
        s = self.field.symbols["s"]
        functions = SmoothStronglyConvex(self.worst[0].value, self.worst[1].value)
        setting = Setting(functions, Contractive(1 - s * s), agents)
        return recorded(with_step_size(self.method, self.field.symbols["eta"]), setting, "distance", self.field)

    @cached_property
    def question(self) -> StepInequalities:
        """The question with one agent."""
        return self.recorded(1)[0]

    @cached_property
    def rate(self) -> Function:
        """The rate."""
        return self.field.symbols["beta"] ** 2

    @cached_property
    def vectors(self) -> Rows:
        """The columns of the mean block on each witness: gradients and messages are multiples, and the state is multiplied."""
        question, trace = self.recorded(1)
        width = len(question.columns[0])
        found: Rows = []
        for witness in self.worst:
            factor = 1 + witness.witness.lossy * self.field.symbols["s"]
            forms = [sample.gradient.mean - witness.value * sample.x.mean for sample in trace.history(0)[1:]]
            forms += [message.received.mean - factor * message.sent.mean for message in trace.messages]
            forms += [f.after - witness.multiple * f.before for f in question.blocks[0].features]
            equations = [form.row(range(width)) for form in forms]
            null = relations([list(column) for column in zip(*equations, strict=True)])
            if len(null) != 1:
                raise UndecidedError("a linear instance does not determine all vectors of the step.")
            found.append([self.field(value) for value in null[0]])
        return found

    @cached_property
    def unknowns(self) -> list[ProofUnknown]:
        """The weights of V, the coefficients of function gaps, and the multipliers."""
        rho, question = self.rate, self.question
        features = question.blocks[0].features
        found: list[ProofUnknown] = []
        for i, u in enumerate(features):
            for j, v in enumerate(features[i:], i):
                form = rho * paired(0, u.before, v.before) - paired(0, u.after, v.after)
                found.append(self._unknown(f"{i},{j}", (1 if i == j else 2) * form, int(i == j), (i, j), size=i == j))
        found += [self._unknown(gap.name, rho * gap.before - gap.after, 2, size=True) for gap in question.gaps]
        for row in question.rows:
            late = "1" in row.origin.about
            found.append(self._unknown(row.name, row.form, 3 if late else 4))
        return found

    def _unknown(
        self, name: str, form: Form, rank: int, place: tuple[int, int] | None = None, *, size: bool = False
    ) -> ProofUnknown:
        width = range(len(self.question.columns[0]))
        matrix = [[self.field(value) for value in row] for row in form.matrix(0, width)]
        values = [self.field(form.values.get(k, 0)) for k in range(len(self.question.values))]
        return ProofUnknown(name, place, size, matrix, values, rank)

    @cached_property
    def rows(self) -> Rows:
        """The equations of the unknowns: function values cancel, and the form vanishes on the witnesses."""
        found = [[unknown.values[k] for unknown in self.unknowns] for k in range(len(self.question.values))]
        for vector in self.vectors:
            places = range(len(vector))
            found += [[dot(unknown.matrix[i], vector, self.field) for unknown in self.unknowns] for i in places]
        return found


def dot(u: Sequence[Function], v: Sequence[Function], field: FunctionField) -> Function:
    """Return the sum of products."""
    return sum((a * b for a, b in zip(u, v, strict=True) if a != 0 and b != 0), field(0))
