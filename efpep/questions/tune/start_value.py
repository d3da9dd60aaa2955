"""What a Lyapunov function is at most where a method starts: a bound of ``E V_0`` from ``||x^0 - x*|| <= R``."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from efpep.conic.bound_enclosure import enclosed
from efpep.conic.lmi import Lmi
from efpep.conic.solver import Solver
from efpep.conic.units import Measures, Units, column_sizes, dyadic
from efpep.methods.base import Method
from efpep.model.column import Unit
from efpep.model.form import Entries, Form, product
from efpep.model.linear import Linear
from efpep.model.row import Origin
from efpep.model.system import Block, Relation, System
from efpep.model.trace import Trace
from efpep.proof.witness import UpperWitness
from efpep.questions.common import reduction
from efpep.questions.common.recording import errors_of
from efpep.questions.common.steps import started
from efpep.questions.rate.lyapunov import Lyapunov
from efpep.setting import Setting

_ATTEMPTS = [(margin, margin, 1e-10) for margin in (1e-10, 1e-9, 1e-8, 1e-7, 1e-6)]
_CLOSE = Fraction(1, 10**6)


def start_system(method: Method, setting: Setting, function: Lyapunov, radius: Fraction) -> tuple[System, Measures]:
    """Return the question how large ``E V_0`` may be as a system, whose theta it is, with its units.

    The method's ``start`` is recorded from a point within the radius; agents whose minimisers differ have gradients at x* with
    the setting's heterogeneity, where it gives one.
    """
    trace = Trace(
        setting.populations(),
        common_minimiser=method.common_minimiser,
        server_compressor=setting.server_compressor,
        constraint=setting.constraint,
        projects=method.projects,
        noise=setting.noise,
    )
    x = trace.point("x")
    one = trace.constant(1)
    trace.add(Origin("initial"), trace.square(x) - radius * radius * one)
    if setting.heterogeneity is not None:
        square = trace.square(trace.gradient_at_minimiser)
        trace.add(Origin("heterogeneity"), square - setting.heterogeneity**2 * one)
    state = started(method, x, trace)
    value = _value(trace, method, state, function)
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
    system = System((relation,), (), (), True, least=Fraction(0), called=called, vanishing="nothing is left.", allowed="")
    groups = setting.populations()
    slope = max(Fraction(group.functions.smoothness) for group in groups) * radius
    noise = Fraction(0) if setting.noise is None else Fraction(setting.noise.sigma)
    sizes = {Unit.POINT: dyadic(radius), Unit.GRADIENT: dyadic(max(slope, noise))}
    columns = tuple(column_sizes(block, sizes) for block in trace.blocks)
    units = Units(columns, (), dyadic(slope * radius), {relation.value_names.index("1"): Fraction(1)})
    return system, Measures((units,), (), dyadic(radius) ** 2)


def start_value(method: Method, setting: Setting, function: Lyapunov, radius: Fraction, solver: Solver) -> UpperWitness | None:
    """Return the proof of the least bound of ``E V_0`` that was found, None where there is none."""
    system, measures = start_system(method, setting, function, radius)
    return enclosed(Lmi(system, measures), solver, _ATTEMPTS, _CLOSE)[1]


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
    for a, gap in enumerate(trace.gaps(state.x)):
        coefficient = function.gaps.get(f"f[{a + 1}]" if several else "f", Fraction(0))
        total = total + coefficient * gap
    return total
