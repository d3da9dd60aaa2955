"""The one-step question about potentials of smooth functions that need not be convex, in exact numbers.

    Phi = f(x) - f* + quadratic(features) >= 0,      Phi+ <= Phi - a ||grad f(x)||^2,

f the average over the agents. Positions have no origin, so the features are ``grad f_i(x)`` and the memories' errors; where the
method has a virtual iterate ``xt``, the gradients there too, and values may be a combination of ``f(x)`` and ``f(xt)`` whose
coefficients add up to one. With h past states the features and values at these take part as well. Weights have any sign:
``Phi >= 0`` holds by the inequalities of the state before the step, ``f - f* >= ||grad f||^2/(2 L)`` among them.

The agents' own functions may be tilted, ``f_i + <c_i, .>`` with ``sum_i c_i = 0``, so nothing bounds the deviations of their
gradients: their differences between points and states are features, and what no form of a block sees is left out of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from efpep.errors import InputError
from efpep.methods.base import Method
from efpep.model.column import Unit
from efpep.model.field import RATIONALS, Field, Scalar
from efpep.model.metric import metric_form
from efpep.model.trace import Trace
from efpep.model.vector import Vector
from efpep.questions.common.features import Feature, Gap
from efpep.questions.common.recording import Recording, refuse_heterogeneity
from efpep.questions.common.reduction import reduced_blocks, without_unseen
from efpep.questions.common.separation import places_of, separated
from efpep.questions.common.size import check_size
from efpep.questions.common.step_inequalities import StepInequalities
from efpep.questions.common.steps import check_repeatable

if TYPE_CHECKING:
    from efpep.setting import Setting


def nonconvex_inequalities(method: Method, setting: Setting, memory: int = 0, field: Field = RATIONALS) -> StepInequalities:
    """Build the question about one step of ``method`` in ``setting`` over ``field``, with ``memory`` past states.

    The gap called ``"f"`` is that of the iterate; the metric is ``||grad f(x)||^2``.

    Raises:
        InputError: the functions have a minimiser, the method projects or counts its steps, or the setting lacks something.
    """
    _check_asked(method, setting)
    check_size(method, setting, memory + 2)
    if field is RATIONALS:
        check_repeatable(method, setting)
    method = method.over(field)
    bound: dict[tuple[str, int], Mapping[str, Scalar]] = {}
    recorded = partial(Recording, method=method, steps=memory + 1, virtual=type(method).virtual is not Method.virtual)
    while True:
        trace = Trace(
            setting.populations(),
            field=field,
            common_minimiser=True,
            server_compressor=setting.server_compressor,
            noise=setting.noise,
        )
        recording = recorded(trace, bound=bound)
        found = recording.relation()
        if found is None:
            break
        bound[found[:2]] = found[2]
    if field is not RATIONALS:
        return _assembled(recording, memory)
    known = separated(trace, lambda instance, places: recorded(instance, bound=places_of(bound, places)))
    return replace(_assembled(recording, memory), separated=known)


def _check_asked(method: Method, setting: Setting) -> None:
    """Refuse what nonconvex potentials are not about, with an :class:`InputError`."""
    if any(group.functions.has_minimiser for group in setting.populations()):
        raise InputError(
            "nonconvex potentials are about smooth functions without a minimiser; give functions=SmoothWeaklyConvex(mu, L), with "
            "mu = -L for all smooth functions.",
            argument="functions",
        )
    if method.projects or setting.constraint is not None:
        raise InputError(
            "nonconvex potentials are about steps in the whole space; leave the constraint out, or take another method.",
            argument="constraint" if setting.constraint is not None else "method",
        )
    if method.counted:
        raise InputError(
            f"the steps of {method.called()} differ from one to the next, and a nonconvex potential is about all of them; take a "
            "method such as EF21.",
            argument="method",
        )
    refuse_heterogeneity(setting, "nonconvex potentials")


def _assembled(recording: Recording, memory: int) -> StepInequalities:
    trace, (group,) = recording.trace, recording.trace.groups
    features, gaps = _candidates(recording, memory)
    metric = metric_form("gradient", trace, recording.states[-2].x)
    forms = [metric, *(row.form for row in trace.rows), *(form for gap in gaps for form in (gap.before, gap.after))]
    blocks, rows = without_unseen(reduced_blocks(trace, features, forms), trace.rows, noise=trace.draws is not None)
    return StepInequalities(
        blocks,
        tuple(gaps),
        rows,
        metric,
        tuple(tuple(columns) for columns in trace.blocks),
        tuple(trace.value_names),
        trace.field(group.functions.smoothness),
        trace.field(group.functions.curvature),
        any(memory.unit is Unit.POINT for memory in recording.method.memories),
        state_row_count=recording.state_row_count,
    )


def _candidates(recording: Recording, memory: int) -> tuple[list[list[Feature]], list[Gap]]:
    """Return the features by block, and the gaps that values may be taken from, the iterate's first."""
    trace = recording.trace
    units = {m.feature: m.unit for m in recording.method.memories}
    vectors: list[tuple[str, Unit, Vector, Vector]] = []
    deviating: list[tuple[str, Unit, Vector, Vector]] = []
    gaps: list[Gap] = []
    now = [trace.exact_gradient(state.x) for state in recording.states[-2:]]
    for lag in range(memory + 1):
        past = f"(-{lag})" if lag else ""
        for place, points in recording.points.items():
            old, new = points[-2 - lag], points[-1 - lag]
            gaps.append(Gap(f"f{place}{past}", trace.gap(old), trace.gap(new)))
            before, after = trace.exact_gradient(old), trace.exact_gradient(new)
            vectors.append((f"g{place}{past}", Unit.GRADIENT, before, after))
            deviating.append((f"g{place}{past}-g", Unit.GRADIENT, before - now[0], after - now[1]))
        old_errors, new_errors = recording.errors[-2 - lag], recording.errors[-1 - lag]
        own = [(name + past, unit, old_errors[name], new_errors[name]) for name, unit in units.items()]
        vectors, deviating = [*vectors, *own], [*deviating, *own]
    mean = [Feature(name, unit, u.part(0).mean, v.part(0).mean, server=u.server) for name, unit, u, v in vectors]
    deviation = [Feature(n, unit, u.part(0).deviation, v.part(0).deviation) for n, unit, u, v in deviating if not u.server]
    return [mean, deviation][: len(trace.blocks)], gaps
