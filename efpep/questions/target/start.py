"""What a Lyapunov function is at most where a method starts: a bound of ``E V_0`` from ``||x^0 - x*|| <= R``, as a system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Any

from efpep.errors import InputError
from efpep.methods.base import Method
from efpep.model.form import Entries, Form, product
from efpep.model.linear import Linear
from efpep.model.row import Origin
from efpep.model.system import Block, Relation, System
from efpep.model.trace import Trace
from efpep.model.vector import Vector
from efpep.questions.common import reduction
from efpep.questions.common.recording import errors_of, evaluated
from efpep.questions.common.steps import started
from efpep.questions.rate.inequalities import settled
from efpep.questions.rate.lyapunov import Lyapunov
from efpep.setting import Setting


def start_system(method: Method, setting: Setting, function: Lyapunov, radius: Fraction) -> tuple[System, Trace]:
    """Return the question how large ``E V_0`` may be as a system, whose theta it is, and what is recorded.

    Raises:
        InputError: the start does not have what every step leaves, so that the first step is not one of those analysed.
    """
    trace, state = recorded_start(method, setting, radius)
    _check_settled(method, setting, errors_of(trace, method, state))
    value, one = _value(trace, method, state, function), trace.constant(1)
    forms = [value, *(row.form for row in trace.rows)]
    used = {k: tuple(sorted(reduction.columns_of(forms, k))) for k in range(len(trace.blocks))}
    blocks = tuple(Block(k, trace.block_name(k), columns) for k, columns in used.items() if columns or k == 0)
    values = tuple(sorted({k for form in [*forms, one] for k in form.values}))
    relation = Relation(
        blocks,
        values,
        tuple(trace.value_names),
        tuple(trace.rows),
        constant=-1 * value,
        slope=one,
        claimed="the bound of the start",
    )
    called = "bound of the start"
    empty = "nothing is left."
    return System((relation,), (), (), True, least=Fraction(0), called=called, vanishing=empty, allowed=""), trace


def recorded_start(method: Method, setting: Setting, radius: Fraction) -> tuple[Trace, Any]:
    """Record the method's ``start`` from a point within the radius of a minimiser, and return it with the state.

    Agents whose minimisers differ have gradients at x* with the setting's heterogeneity, where it gives one.
    """
    trace = Trace(
        setting.populations(),
        common_minimiser=method.common_minimiser,
        server_compressor=setting.server_compressor,
        constraint=setting.constraint,
        projects=method.projects,
        noise=setting.noise,
        mean_functions=setting.mean,
    )
    x = trace.point("x")
    one = trace.constant(1)
    trace.add(Origin("initial"), trace.square(x) - radius * radius * one)
    if setting.heterogeneity is not None:
        square = trace.square(trace.gradient_at_minimiser)
        trace.add(Origin("heterogeneity"), square - setting.heterogeneity**2 * one)
    return trace, started(method, x, trace)


def _check_settled(method: Method, setting: Setting, errors: Mapping[str, Vector]) -> None:
    """Refuse a start in which a memory is not yet what every step makes it, so that the first step is not one of those analysed.

    Raises:
        InputError: there is one.
    """
    for (name, group), combination in settled(method, replace(setting, heterogeneity=None), 1).bound.items():
        rest = errors[name].part(group)
        for other, factor in combination.items():
            rest = rest - factor * errors[other].part(group)
        if rest.nonzero:
            raise InputError(
                f"every step of {method.called()} makes {name} a combination of other features, and its start does not, so that "
                "what is proved of a step is not proved of the first; start in such a state.",
                argument="method",
            )


def _value(trace: Trace, method: Method, state: Any, function: Lyapunov) -> Form:
    """Return ``V`` of a state as a form."""
    errors, several = errors_of(trace, method, state), len(trace.groups) > 1
    total = Form()
    for k, (name, features) in enumerate(function.features.items()):
        index = next(i for i in range(len(trace.blocks)) if trace.block_name(i) == name)
        forms: list[Linear] = []
        for label in features:
            feature, _, group = label.partition("[")
            part = errors[feature].part(int(group.removesuffix("]")) - 1 if group else max(index - 1, 0))
            forms.append(part.deviation if index else part.mean)
        weights = tuple(function.weights.values())[k]
        entries: Entries = {}
        for i, u in enumerate(forms):
            for j, v in enumerate(forms):
                if weights[i][j] != 0:
                    product(weights[i][j] * u, v, entries)
        total = total + Form({index: entries})
    for place, point in evaluated(trace, method, state).items():
        for a, gap in enumerate(trace.gaps(point)):
            coefficient = function.gaps.get(f"f{place}[{a + 1}]" if several else f"f{place}", Fraction(0))
            total = total + coefficient * gap
    return total
