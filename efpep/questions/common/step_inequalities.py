"""One step of a method in exact numbers: features, function values and a metric before and after it, and all that is known.

Kinds of questions that compare a function of the state before and after a step record it as this, and take from it the system of
rows whose two conditions are checked (:mod:`efpep.model.system`).
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from efpep.model.column import Column
from efpep.model.field import Scalar
from efpep.model.form import Entries, Form, product
from efpep.model.linear import ZERO, Linear
from efpep.model.row import Row
from efpep.model.system import Block, Matrix, Multiple, Relation, Share, System, Unknown
from efpep.questions.common import reduction
from efpep.questions.common.features import FeatureBlock, Gap


@dataclass(frozen=True, slots=True)
class Weights:
    """A quadratic-plus-gaps function in a question's features: one symmetric matrix a block, one coefficient a gap."""

    blocks: tuple[Matrix, ...]
    gaps: tuple[Fraction, ...]


@dataclass(frozen=True)
class StepInequalities:
    """What one step of a method, or some of them, allows; see the module.

    Attributes:
        blocks: the mean block, then deviation blocks.
        gaps: the function gaps that Lyapunov functions may contain.
        rows: the inequalities and equalities.
        metric: the form that a Lyapunov function has to dominate.
        columns: for each block, all columns of the trace.
        values: the names of the function-value columns.
        unit: the size of gradients against points (curvature).
        curvature: the lower curvature, averaged over agents.
        point_units: whether a memory of the method is compared with points.
        given: the Lyapunov function that the question is about, or None where the best one is asked for.
        state_row_count: how many of the rows, the first ones, hold for the states before the step, and may serve to show that
            Lyapunov functions of any sign of the weights are nonnegative; None where weights have to be positive semidefinite.
        separated: whether messages that differ as linear forms differ as vectors, at least in the limit, so that what the
            inequalities leave open does happen (:mod:`efpep.questions.common.separation`).
        iterates: the iterate before and after the step.
    """

    blocks: tuple[FeatureBlock, ...]
    gaps: tuple[Gap, ...]
    rows: tuple[Row, ...]
    metric: Form
    columns: tuple[tuple[Column, ...], ...]
    values: tuple[str, ...]
    unit: Scalar
    curvature: Scalar
    point_units: bool
    given: Weights | None = None
    state_row_count: int | None = None
    separated: bool = True
    iterates: tuple[Linear, Linear] = (ZERO, ZERO)

    @property
    def state_rows(self) -> tuple[Row, ...]:
        """The rows that hold for the states before the step."""
        return self.rows[: self.state_row_count or 0]

    @cached_property
    def state_columns(self) -> tuple[tuple[int, ...], ...]:
        """For each block, the columns of the states before the step."""
        forms = [*(row.form for row in self.state_rows), *(gap.before for gap in self.gaps)]
        return tuple(
            tuple(sorted(reduction.columns_of(forms, block.index) | {j for f in block.features for j in f.before.terms}))
            for block in self.blocks
        )

    @cached_property
    def state_values(self) -> tuple[int, ...]:
        """The function-value columns of the states before the step."""
        forms = [*(row.form for row in self.state_rows), *(gap.before for gap in self.gaps)]
        return tuple(sorted({k for form in forms for k in form.values}))

    @cached_property
    def values_used(self) -> tuple[int, ...]:
        """The function-value columns that occur."""
        gaps = [form for gap in self.gaps for form in (gap.before, gap.after)]
        return tuple(sorted({k for form in [self.metric, *(row.form for row in self.rows), *gaps] for k in form.values}))

    @cached_property
    def system(self) -> System:
        """The question as a system: theta is the rate, the unknowns are V, and the metric is the margin."""
        free, given = self.state_row_count is not None, self.given
        weights = tuple(
            Unknown(
                f"the weights of the Lyapunov function in the {block.name} block",
                tuple(feature.name for feature in block.features),
                f"the state is not what Lyapunov functions gain in the {block.name} block."
                if free
                else f"a Lyapunov function of the {block.name} block could decrease faster than the lower rate.",
                not free,
                None if given is None else given.blocks[k],
            )
            for k, block in enumerate(self.blocks)
        )
        gaps = tuple(
            Multiple(
                gap.name,
                f"the function gap {gap.name}",
                f"the state is not what the function gap {gap.name} gains."
                if free
                else f"the function gap {gap.name} decreases faster than the lower rate.",
                not free,
                None if given is None else given.gaps[k],
            )
            for k, gap in enumerate(self.gaps)
        )
        step = Relation(
            self.blocks,
            self.values_used,
            self.values,
            self.rows,
            tuple(square for k, block in enumerate(self.blocks) for square in (block.before(k, 0, 1), block.after(k))),
            tuple(Share(k, -1 * gap.after, gap.before) for k, gap in enumerate(self.gaps)),
            margin=self.metric,
        )
        relations = (step, self.of_state("V", self.state_rows)) if free else (step,)
        return System(
            relations,
            weights,
            gaps,
            self.separated,
            least=Fraction(0),
            called="rate",
            vanishing="the metric vanishes on the instance, so it excludes nothing.",
            allowed="the given Lyapunov function decreases faster than the lower rate on the instance.",
        )

    def of_state(self, claimed: str, rows: tuple[Row, ...] = (), constant: Form | None = None) -> Relation:
        """Return the relation by which V, plus a constant form, is nonnegative in every state.

        Args:
            claimed: what is nonnegative, in words.
            rows: the inequalities of states that may be used.
            constant: what is added to V; nothing without it.
        """
        pairs = zip(self.blocks, self.state_columns, strict=True)
        return Relation(
            tuple(Block(block.index, block.name, columns) for block, columns in pairs),
            self.state_values,
            self.values,
            rows,
            tuple(block.before(k, 1, 0) for k, block in enumerate(self.blocks)),
            tuple(Share(k, gap.before, Form()) for k, gap in enumerate(self.gaps)),
            constant=Form() if constant is None else constant,
            place=" of the state",
            claimed=claimed,
            instance="the state",
        )

    def lyapunov(self, weights: Weights) -> tuple[Form, Form]:
        """Return the function with these weights as a form, before and after the step."""
        before, after = Form(), Form()
        for block, matrix in zip(self.blocks, weights.blocks, strict=True):
            old: Entries = {}
            new: Entries = {}
            for i, u in enumerate(block.features):
                for j, v in enumerate(block.features):
                    if matrix[i][j] != 0:
                        product(matrix[i][j] * u.before, v.before, old)
                        product(matrix[i][j] * u.after, v.after, new)
            before, after = before + Form({block.index: old}), after + Form({block.index: new})
        for gap, coefficient in zip(self.gaps, weights.gaps, strict=True):
            before, after = before + coefficient * gap.before, after + coefficient * gap.after
        return before, after

    def feature_names(self) -> dict[str, list[str]]:
        """Return the features' names by block, and the gaps' under ``"values"``."""
        names = {block.name: [feature.name for feature in block.features] for block in self.blocks}
        return {**names, "values": [gap.name for gap in self.gaps]}
