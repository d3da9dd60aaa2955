"""The one-step question in exact numbers: which Lyapunov functions contract under one iteration of a method?

:func:`rate_inequalities` runs one ``step`` of a method in a :class:`~efpep.model.trace.Trace` from a free state and collects,
block by block, the features before and after the step, the function values, the metric, and the recorded inequalities. Everything
that follows (the SDP, the certificates and their verification, the supplement scripts) reads this and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING

from efpep.errors import InputError
from efpep.methods.base import Method
from efpep.model.column import Column, Unit
from efpep.model.field import RATIONALS, Field, Scalar, is_symbolic, shown
from efpep.model.form import Entries, Form, product
from efpep.model.linear import ZERO, Linear
from efpep.model.metric import metric_form
from efpep.model.row import Row
from efpep.model.system import Block, Matrix, Multiple, Relation, Share, System, Unknown
from efpep.model.trace import Trace
from efpep.questions.common import reduction
from efpep.questions.common.features import Feature, FeatureBlock, Gap
from efpep.questions.common.recording import Recording, check_heterogeneity
from efpep.questions.common.separation import places_of, separated
from efpep.questions.common.size import check_size
from efpep.questions.common.steps import check_repeatable
from efpep.questions.rate.lyapunov_class import EVERYTHING, INTERPOLATION, LyapunovClass

if TYPE_CHECKING:
    from efpep.setting import Setting


@dataclass(frozen=True, slots=True)
class Weights:
    """A quadratic-plus-gaps function in a question's features: one symmetric matrix a block, one coefficient a gap."""

    blocks: tuple[Matrix, ...]
    gaps: tuple[Fraction, ...]


@dataclass(frozen=True)
class RateInequalities:
    """The one-step question; see the module.

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


def check_curvature(setting: Setting, metric: str = "gap") -> None:
    """Refuse function classes on which no method has a linear rate in a metric.

    Raises:
        InputError: a group's function class has no positive curvature, or several minimisers, and the metric is the distance.
    """
    if metric == "distance" and any(group.functions.several_minimisers for group in setting.populations()):
        raise InputError(
            "metric is 'distance', and functions of this class may have several minimisers, so that no Lyapunov function "
            "controls the distance to one; take the metric 'gap' or 'gradient'.",
            argument="metric",
        )
    for group in setting.populations():
        if not is_symbolic(group.functions.curvature) and group.functions.curvature <= 0:
            raise InputError(
                "a linear rate needs strong convexity, mu > 0, and this function class has none; "
                "use SmoothStronglyConvex(mu, L) with mu > 0.",
                argument="functions",
            )


def rate_inequalities(
    method: Method, setting: Setting, metric: str, field: Field = RATIONALS, lyapunov_class: LyapunovClass = EVERYTHING
) -> RateInequalities:
    """Build the one-step question of ``method`` (with a numeric step size) in ``setting`` over ``field``, as :func:`recorded`."""
    return recorded(method, setting, metric, field, lyapunov_class)[0]


def recorded(
    method: Method, setting: Setting, metric: str, field: Field = RATIONALS, lyapunov_class: LyapunovClass = EVERYTHING
) -> tuple[RateInequalities, Trace]:
    """Return the one-step question of ``method`` (with a numeric step size) in ``setting`` over ``field``, and its recording.

    ``lyapunov_class`` says which features Lyapunov functions are made of. With a memory of h past states the method runs h + 1
    steps from a free state, and V of the last h + 1 states before the last step is compared with V after it.

    Raises:
        InputError: the function class has no positive curvature, the metric is unknown, the method needs something that the
            setting lacks, or the setting bounds gradients at ``x*`` that take part.
    """
    check_curvature(setting)
    if method.counted:
        raise InputError(
            f"the steps of {method.title or type(method).__name__} differ from one to the next, so that it has no rate a step; "
            "ask for a potential, with efpep.potential or 'efpep potential'.",
            argument="method",
        )
    check_size(method, setting, lyapunov_class.memory + 2)
    if field is RATIONALS:
        check_repeatable(method, setting)
    method = method.over(field)
    recording = settled(method, setting, lyapunov_class.memory + 1, field)
    trace, bound = recording.trace, recording.bound
    measured = metric_form(metric, trace, recording.states[-2].x)
    _check_metric(trace, metric, measured)
    found = _assemble(recording, measured, lyapunov_class)
    if field is RATIONALS:
        known = separated(
            trace, lambda instance, places: Recording(instance, method, places_of(bound, places), lyapunov_class.memory + 1)
        )
        found = replace(found, separated=known)
    check_heterogeneity(trace, setting, {block.index: block.columns for block in found.blocks}, shared=method.common_minimiser)
    return found, trace


def settled(method: Method, setting: Setting, steps: int, field: Field = RATIONALS) -> Recording:
    """Return steps from a free state in which memories that every step binds to other features are replaced by these."""
    bound: dict[tuple[str, int], Mapping[str, Scalar]] = {}
    while True:
        trace = Trace(
            setting.populations(),
            field=field,
            common_minimiser=method.common_minimiser,
            server_compressor=setting.server_compressor,
            constraint=setting.constraint,
            projects=method.projects,
            noise=setting.noise,
        )
        recording = Recording(trace, method, bound, steps)
        found = recording.relation()
        if found is None:
            return recording
        memory, group, combination = found
        bound[memory, group] = combination


def _check_metric(trace: Trace, metric: str, measured: Form) -> None:
    """Refuse a metric that does not vanish at the minimiser over a set, as the squared gradient there.

    Raises:
        InputError: the metric contains the square of the mean gradient at the minimiser.
    """
    resting = trace.mean(trace.gradient_at_minimiser).mean.terms
    if any((j, j) in measured.blocks.get(0, {}) for j in resting):
        raise InputError(
            f"metric is {shown(metric)}, which need not vanish at the minimiser over a set, so that it has no linear rate; "
            "ask for 'distance' or 'gap'.",
            argument="metric",
        )


def _assemble(recording: Recording, metric: Form, lyapunov_class: LyapunovClass) -> RateInequalities:
    trace = recording.trace
    features, gaps = _candidates(recording, lyapunov_class)
    forms = [metric, *(row.form for row in trace.rows), *(form for gap in gaps for form in (gap.before, gap.after))]
    blocks = reduction.reduced_blocks(trace, features, forms)
    average = trace.field(0)
    gap_size = trace.field(0)
    for share, group in zip(trace.shares, trace.groups, strict=True):
        mu, smoothness = trace.field(group.functions.curvature), trace.field(group.functions.smoothness)
        average = average + share * mu
        gap_size = gap_size + share * (smoothness - mu)
    return RateInequalities(
        blocks,
        tuple(gaps),
        tuple(trace.rows),
        metric,
        tuple(tuple(columns) for columns in trace.blocks),
        tuple(trace.value_names),
        gap_size if gap_size != 0 else average,
        average,
        any(memory.unit is Unit.POINT for memory in recording.method.memories),
        state_row_count=recording.state_row_count if lyapunov_class.positivity == INTERPOLATION else None,
        iterates=(recording.states[-2].x.mean, recording.states[-1].x.mean),
    )


def _candidates(recording: Recording, lyapunov_class: LyapunovClass) -> tuple[list[list[Feature]], list[Gap]]:
    """Return the features by block and the gaps that the class allows, those of past states marked ``(-1)``, ``(-2)``, ..."""
    trace = recording.trace
    units = {"x": Unit.POINT, "g": Unit.GRADIENT} | {m.feature: m.unit for m in recording.method.memories}
    lyapunov_class.check_names([*units, "f"])
    features: list[list[Feature]] = [[] for _ in trace.blocks]
    gaps: list[Gap] = []
    for lag in range(lyapunov_class.memory + 1):
        past = f"(-{lag})" if lag else ""
        before, after = recording.errors[-2 - lag], recording.errors[-1 - lag]
        for name, unit in units.items():
            if not lyapunov_class.keeps(name):
                continue
            if before[name].server and after[name].server:
                features[0].append(Feature(name + past, unit, before[name].mean, after[name].mean, server=True))
                continue
            for a, group in enumerate(trace.groups):
                label = name + past + ("" if len(trace.groups) == 1 else f"[{a + 1}]")
                old, new = before[name].part(a), after[name].part(a)
                curvature = trace.field(group.functions.tilt) if name == "g" and not lag else 0
                features[0].append(Feature(label, unit, old.mean, new.mean, curvature))
                if not group.single:
                    features[a + 1].append(Feature(label, unit, old.deviation, new.deviation))
        old_gaps, new_gaps = trace.gaps(recording.states[-2 - lag].x), trace.gaps(recording.states[-1 - lag].x)
        for a, (old, new) in enumerate(zip(old_gaps, new_gaps, strict=True)):
            if lyapunov_class.keeps("f") and (old.values or new.values):
                gaps.append(Gap("f" + past + ("" if len(old_gaps) == 1 else f"[{a + 1}]"), old, new))
    return features, gaps
