"""The one-step question in exact numbers: which Lyapunov functions contract under one iteration of a method?

:func:`rate_inequalities` runs one ``step`` of a method in a :class:`~efpep.model.trace.Trace` from a free state and collects,
block by block, the features before and after the step, the function values, the metric, and the recorded inequalities. Everything
that follows (the SDP, the certificates and their verification, the supplement scripts) reads this and nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from efpep.errors import InputError
from efpep.methods.base import Method
from efpep.model.column import Unit
from efpep.model.field import RATIONALS, Field, Scalar, is_symbolic, shown
from efpep.model.form import Form
from efpep.model.metric import metric_form
from efpep.model.trace import Trace
from efpep.questions.common import reduction
from efpep.questions.common.features import Feature, Gap
from efpep.questions.common.recording import Recording, check_heterogeneity
from efpep.questions.common.separation import places_of, separated
from efpep.questions.common.size import check_size
from efpep.questions.common.step_inequalities import StepInequalities
from efpep.questions.common.steps import check_repeatable
from efpep.questions.rate.lyapunov_class import EVERYTHING, INTERPOLATION, LyapunovClass

if TYPE_CHECKING:
    from efpep.setting import Setting


def check_curvature(setting: Setting, metric: str = "gap") -> None:
    """Refuse function classes on which no method has a linear rate in a metric.

    Raises:
        InputError: a group's function class has no positive curvature, or several minimisers, and the metric is the distance.
    """
    if metric == "distance" and any(functions.several_minimisers for functions in setting.curved()):
        raise InputError(
            "metric is 'distance', and functions of this class may have several minimisers, so that no Lyapunov function "
            "controls the distance to one; take the metric 'gap' or 'gradient'.",
            argument="metric",
        )
    for functions in setting.curved():
        if not is_symbolic(functions.curvature) and functions.curvature <= 0:
            raise InputError(
                "a linear rate needs strong convexity, mu > 0, and this function class has none; "
                "use SmoothStronglyConvex(mu, L) with mu > 0.",
                argument="functions",
            )


def rate_inequalities(
    method: Method, setting: Setting, metric: str, field: Field = RATIONALS, lyapunov_class: LyapunovClass = EVERYTHING
) -> StepInequalities:
    """Build the one-step question of ``method`` (with a numeric step size) in ``setting`` over ``field``, as :func:`recorded`."""
    return recorded(method, setting, metric, field, lyapunov_class)[0]


def recorded(
    method: Method, setting: Setting, metric: str, field: Field = RATIONALS, lyapunov_class: LyapunovClass = EVERYTHING
) -> tuple[StepInequalities, Trace]:
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
            mean_functions=setting.mean,
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


def _assemble(recording: Recording, metric: Form, lyapunov_class: LyapunovClass) -> StepInequalities:
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
    if trace.mean_functions is not None:
        average = trace.field(trace.mean_functions.curvature)
    return StepInequalities(
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
    units |= {f"g{place}": Unit.GRADIENT for place in recording.points if place}
    lyapunov_class.check_names([*units, *(f"f{place}" for place in recording.points)])
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
                tilted = name == "g" and not lag and not (trace.mean_functions or group.functions).several_minimisers
                curvature = trace.field(group.functions.tilt) if tilted else 0
                features[0].append(Feature(label, unit, old.mean, new.mean, curvature))
                if not group.single:
                    features[a + 1].append(Feature(label, unit, old.deviation, new.deviation))
        for place, points in recording.points.items():
            old_gaps, new_gaps = trace.gaps(points[-2 - lag]), trace.gaps(points[-1 - lag])
            for a, (old, new) in enumerate(zip(old_gaps, new_gaps, strict=True)):
                if lyapunov_class.keeps(f"f{place}") and (old.values or new.values):
                    gaps.append(Gap(f"f{place}{past}" + ("" if len(old_gaps) == 1 else f"[{a + 1}]"), old, new))
    return features, gaps
