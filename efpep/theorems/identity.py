"""Identities between quadratic forms over rational functions, on what a method's own step records in a Trace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from efpep.compressors import Contractive
from efpep.errors import InputError
from efpep.functions import SmoothStronglyConvex
from efpep.methods import Method
from efpep.model.field import shown
from efpep.model.form import Form, paired
from efpep.model.linear import ZERO, Linear
from efpep.model.row import Row
from efpep.questions.common.features import FeatureBlock
from efpep.questions.rate.inequalities import Gap, rate_inequalities
from efpep.setting import Setting
from efpep.theorems.functions import Function
from efpep.theorems.quantities import Quantities
from efpep.theory.statement import SquaredVector, SquareSums

BLOCKS = {"mean": 0, "deviation": 1}


@dataclass(frozen=True)
class RecordedStep:
    """What a method's step records, its numbers rational functions.

    Attributes:
        quantities: the quantities that they are functions of.
        blocks: the blocks with their features.
        known: the rows.
        others: further vectors by block and name.
    """

    quantities: Quantities
    blocks: Sequence[FeatureBlock]
    known: Sequence[Row]
    others: Mapping[str, Mapping[str, Linear]] = field(default_factory=dict[str, Mapping[str, Linear]])

    def vectors(self, block: str) -> dict[str, Linear]:
        """Return the vectors of a block that squares are made of: the features, and with a ``+`` those after the step."""
        found = dict(self.others.get(block, {}))
        for each in self.blocks:
            if each.index == BLOCKS[block]:
                for feature in each.features:
                    found |= {feature.name: feature.before, f"{feature.name}+": feature.after}
        return found

    def square(self, block: str, square: SquaredVector, after: str = "") -> Form:
        """Return a multiple of a squared norm as a form, with the vectors of ``after`` the step (``"+"``) where that is said.

        Raises:
            InputError: it has a vector that the block lacks.
        """
        known = self.vectors(block)
        total = ZERO
        for name, text in square.vector.items():
            if name + after not in known:
                raise InputError(f"there is no vector {shown(name + after)} in the {block} block; it has {', '.join(known)}.")
            total = total + self.quantities.value(text) * known[name + after]
        return self.quantities.value(square.coefficient) * paired(BLOCKS[block], total, total)

    def squares(self, squares: SquareSums, after: str = "") -> Form:
        """Return the sum of squares, those of deviations where there are several agents."""
        total = Form()
        blocks = {block.name for block in self.blocks}
        for block, each in squares.items():
            if block in blocks:
                for square in each:
                    total = total + self.square(block, square, after)
        return total

    def rows(self, multipliers: Mapping[str, str]) -> Form:
        """Return the sum of rows times multipliers.

        Raises:
            InputError: an unknown row.
        """
        known = {row.name: row.form for row in self.known}
        total = Form()
        for name, text in multipliers.items():
            if name not in known:
                raise InputError(f"there is no row {shown(name)}; the rows are {', '.join(known)}.")
            total = total + self.quantities.value(text) * known[name]
        return total

    def vanishes(self, form: Form) -> bool:
        """Whether a form is nonnegative because it vanishes but for multiples of nonnegative function values."""
        zero = all(value == 0 for entries in form.blocks.values() for value in entries.values())
        return zero and all(self.quantities.nonnegative(value) for value in form.values.values())


@dataclass(frozen=True)
class RecordedRateStep(RecordedStep):
    """What a method records in one case of a theorem about rates.

    Attributes:
        gaps: the function gaps that V may contain.
        metric: the metric.
    """

    gaps: Sequence[Gap] = ()
    metric: Form = field(default_factory=Form)

    def lyapunov(self, squares: SquareSums, gaps: Mapping[str, str]) -> tuple[Form, Form]:
        """Return V before and after the step.

        Raises:
            InputError: an unknown vector or gap.
        """
        before, after = self.squares(squares), self.squares(squares, "+")
        known = {gap.name: gap for gap in self.gaps}
        for name, text in gaps.items():
            if name not in known:
                raise InputError(f"there is no function gap {shown(name)}.")
            value = self.quantities.value(text)
            before, after = before + value * known[name].before, after + value * known[name].after
        return before, after


def recorded(method: Method, quantities: Quantities, agents: int, metric: str) -> RecordedRateStep:
    """Run a method's step over the rational functions of a case, with the step size ``eta``.

    Raises:
        InputError: the metric is unknown, or the method cannot be analysed so.
    """
    names = quantities.names
    setting = Setting(SmoothStronglyConvex(names["mu"], names["L"]), Contractive(names["delta"]), agents)
    question = rate_inequalities(with_step_size(method, names["eta"]), setting, metric, quantities.field)
    return RecordedRateStep(quantities, question.blocks, question.rows, gaps=question.gaps, metric=question.metric)


def with_step_size(method: Method, step_size: Function) -> Method:
    """Return a method with another step size."""
    return replace(method, step_size=step_size)
