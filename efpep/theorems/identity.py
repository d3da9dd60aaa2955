"""Identities between quadratic forms over rational functions, on what a method's own step records in a Trace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from efpep.compressors import Contractive
from efpep.errors import InputError
from efpep.functions import SmoothStronglyConvex
from efpep.methods import METHODS, Method
from efpep.model.field import shown
from efpep.model.form import Form, paired
from efpep.model.linear import ZERO, Linear
from efpep.questions.rate.inequalities import RateInequalities, rate_inequalities
from efpep.setting import Setting
from efpep.theorems.functions import Function
from efpep.theorems.parameters import Parameters
from efpep.theorems.statement import Square, Squares

BLOCKS = {"mean": 0, "deviation": 1}


@dataclass(frozen=True)
class Recorded:
    """What a method records in one case with so many agents.

    Attributes:
        parameters: the case's parameters.
        question: the question of one step, its numbers rational functions of them.
    """

    parameters: Parameters
    question: RateInequalities

    def vectors(self, block: str) -> dict[str, Linear]:
        """Return the vectors of a block that squares are made of: the features, and with a ``+`` those after the step."""
        found: dict[str, Linear] = {}
        for each in self.question.blocks:
            if each.index == BLOCKS[block]:
                for feature in each.features:
                    found |= {feature.name: feature.before, f"{feature.name}+": feature.after}
        return found

    def square(self, block: str, square: Square, after: str = "") -> Form:
        """Return a multiple of a squared norm as a form, with the vectors of ``after`` the step (``"+"``) where that is said.

        Raises:
            InputError: it has a vector that the block lacks.
        """
        known = self.vectors(block)
        total = ZERO
        for name, text in square.vector.items():
            if name + after not in known:
                raise InputError(f"there is no vector {shown(name + after)} in the {block} block; it has {', '.join(known)}.")
            total = total + self.parameters.value(text) * known[name + after]
        return self.parameters.value(square.coefficient) * paired(BLOCKS[block], total, total)

    def squares(self, squares: Squares, after: str = "") -> Form:
        """Return the sum of squares, those of deviations where there are several agents."""
        total = Form()
        blocks = {block.name for block in self.question.blocks}
        for block, each in squares.items():
            if block in blocks:
                for square in each:
                    total = total + self.square(block, square, after)
        return total

    def lyapunov(self, squares: Squares, gaps: Mapping[str, str]) -> tuple[Form, Form]:
        """Return V before and after the step.

        Raises:
            InputError: an unknown vector or gap.
        """
        before, after = self.squares(squares), self.squares(squares, "+")
        known = {gap.name: gap for gap in self.question.gaps}
        for name, text in gaps.items():
            if name not in known:
                raise InputError(f"there is no function gap {shown(name)}.")
            value = self.parameters.value(text)
            before, after = before + value * known[name].before, after + value * known[name].after
        return before, after

    def rows(self, multipliers: Mapping[str, str]) -> Form:
        """Return the sum of rows times multipliers.

        Raises:
            InputError: an unknown row.
        """
        known = {row.name: row.form for row in self.question.rows}
        total = Form()
        for name, text in multipliers.items():
            if name not in known:
                raise InputError(f"there is no row {shown(name)}; the rows are {', '.join(known)}.")
            total = total + self.parameters.value(text) * known[name]
        return total

    def vanishes(self, form: Form) -> bool:
        """Whether a form is nonnegative because it vanishes but for multiples of nonnegative function values."""
        zero = all(value == 0 for entries in form.blocks.values() for value in entries.values())
        return zero and all(self.parameters.nonnegative(value) for value in form.values.values())


def recorded(key: str, parameters: Parameters, agents: int) -> Recorded:
    """Run a method's step over the case's rational functions.

    Raises:
        InputError: the method or the metric is unknown.
    """
    names = parameters.names
    setting = Setting(SmoothStronglyConvex(names["mu"], names["L"]), Contractive(names["delta"]), agents)
    method = with_step_size(METHODS.find(key)(), names["eta"])
    return Recorded(parameters, rate_inequalities(method, setting, parameters.claim.metric, parameters.field))


def with_step_size(method: Method, step_size: Function) -> Method:
    """Return a method with another step size."""
    return replace(method, step_size=step_size)
