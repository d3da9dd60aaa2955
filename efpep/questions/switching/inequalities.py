"""Worst cases of switching methods over T rounds, one semidefinite program for each switching pattern.

A pattern says in which rounds the constraint value is at most the threshold (B) and in which it is larger (N). Under it every row
that the Trace records holds for all runs: bounds of the subgradients, cuts of f at the points of B and at the output, cuts of g
at all points, compressors' inequalities, and ``||x^0 - x*|| <= R``. Values of f are written ``<f'(x), x - x*> - slack``, as those
of g (:mod:`efpep.model.constraint`). That ``x*`` is optimal, and not only feasible, is not used: a relaxation.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from efpep.errors import InputError
from efpep.functions.bounded_subgradients import BoundedSubgradients
from efpep.methods.base import OPTIMAL, Method
from efpep.model.column import Unit
from efpep.model.field import shown
from efpep.model.form import Form, inner, square
from efpep.model.row import Origin, Row
from efpep.model.sample import Sample
from efpep.model.system import Block, Relation, System
from efpep.model.trace import Trace
from efpep.model.vector import NOTHING, Vector
from efpep.questions.common.recording import refuse_heterogeneity
from efpep.questions.common.steps import check_repeatable, started, stepped

if TYPE_CHECKING:
    from efpep.model.population import Population
    from efpep.model.vector import Part
    from efpep.setting import Setting

Pattern = tuple[bool, ...]


@dataclass(frozen=True)
class PatternInequalities:
    """Maximise the objective subject to the rows, positive semidefinite Gram matrices, nonnegative values, and ``"1" = 1``.

    Attributes:
        blocks: the blocks.
        values: the value columns that occur, besides that of the constant.
        unity: the value column that is 1.
        rows: the inequalities.
        objective: what is maximised.
        compares: whether the method compares a scalar in each round, so that it may switch.
    """

    blocks: tuple[Block, ...]
    values: tuple[int, ...]
    unity: int
    rows: tuple[Row, ...]
    objective: Form
    compares: bool

    @cached_property
    def system(self) -> System:
        """The question as a system without unknowns: theta bounds the objective, ``theta "1" - objective`` is nonnegative."""
        values = (*self.values, self.unity)
        names = dict.fromkeys(self.values, "of a function") | {self.unity: "1"}
        relation = Relation(
            self.blocks,
            values,
            tuple(names.get(k, "") for k in range(1 + max(values))),
            self.rows,
            constant=-1 * self.objective,
            slope=Form({}, {self.unity: Fraction(1)}),
            claimed="the remainder",
        )
        vanishing = "the constant 1 is zero on the instance, so it excludes nothing."
        return System((relation,), (), (), True, None, "bound", vanishing, "the instance attains less than the lower end.")


@dataclass(frozen=True)
class _Cuts(BoundedSubgradients):
    """Convex functions with bounded subgradients whose values are measured from ``f(x*)``, whatever their subgradients there."""

    def sample(self, trace: Trace, group: int, x: Part, gradient_at_minimiser: Part, label: str) -> Sample:
        del gradient_at_minimiser
        h = trace.client_part(group, f"h{label}", Unit.GRADIENT)
        bound = trace.constant(trace.field(self.M) * trace.field(self.M))
        trace.add(Origin("bound", (label,), group), square(h, group) - bound)
        value = inner(h, x, group) - trace.value_column(group, f"above{label}")
        return Sample(label, x, h, h, value, value)

    def interpolation(self, trace: Trace, group: int, a: Sample, b: Sample) -> Form:
        return Form() if "*" in {a.label, b.label} else super().interpolation(trace, group, a, b)


def _average(trace: Trace, points: Sequence[Vector]) -> Form:
    return Fraction(1, len(points)) * sum((trace.average(trace.values(x)) for x in points), Form())


def _output(points: Sequence[Vector]) -> Vector:
    total = Vector((NOTHING,), server=True)
    for x in points:
        total = total + Fraction(1, len(points)) * x
    return total


METRICS: dict[str, Callable[[Trace, Sequence[Vector]], Form]] = {
    "average": _average,
    "gap": lambda trace, points: trace.average(trace.values(_output(points))),
    "constraint": lambda trace, points: trace.constraint_value(_output(points)),
}
"""The mean of ``f(x^t) - f*`` over B, ``f(xbar) - f*``, and ``g(xbar)``, by name."""


def check_question(method: Method, setting: Setting, metric: str) -> None:
    """Refuse questions that are not well posed.

    Raises:
        InputError: functions of another class, several groups, a heterogeneity, random compressors, whose draws decide which way
            a method switches, an unknown metric, or a step size that is no number.
    """
    groups = setting.populations()
    if len(groups) != 1 or groups[0].functions.subgradient_bound is None:
        raise InputError(
            "worst cases over switching patterns are for agents of one kind with functions=BoundedSubgradients(M); give them so.",
            argument="functions",
        )
    refuse_heterogeneity(setting, "worst cases over switching patterns")
    if setting.random or method.draws:
        whose = "the draws of those who take part" if method.draws else "a random compressor's draws"
        raise InputError(
            f"{whose} decide which way a method switches, so that nothing is known about expectations for one pattern; use "
            "compressors such as Contractive(delta), and all clients.",
            argument="compressor",
        )
    if method.lazy:
        raise InputError(
            "clients decide whether they send, and patterns are those of what the server decides; ask about a method in which "
            "they always send.",
            argument="method",
        )
    if not isinstance(metric, str) or metric not in METRICS:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError(
            f"{shown(metric)} is not a metric of switching methods; choose one of {', '.join(METRICS)}.", argument="metric"
        )
    if method.step_size == OPTIMAL:
        raise InputError("the step size is not a number; give one, such as that of efpep.guarantee.", argument="step_size")


def switches(method: Method, setting: Setting, iterations: int, metric: str, radius: Fraction) -> bool:
    """Return whether a method may switch in some of so many rounds; one that never compares anything has one pattern.

    Raises:
        InputError: as :func:`pattern_inequalities`.
    """
    return pattern_inequalities(method, setting, (True,) * iterations, metric, radius, feasibility=True).compares


def pattern_inequalities(
    method: Method, setting: Setting, pattern: Pattern, metric: str, radius: Fraction, *, feasibility: bool = False
) -> PatternInequalities:
    """Build the question of one pattern; with ``feasibility`` only whether any run has it, whose objective is zero.

    Raises:
        InputError: the method needs something that the setting lacks, does not compare one scalar a round, or starts with
            memories that depend on f where the pattern begins outside B, or B is empty and more than feasibility is asked.
    """
    check_repeatable(method, setting)
    cuts = tuple(
        replace(group, functions=_Cuts(bound))
        for group in setting.populations()
        if (bound := group.functions.subgradient_bound) is not None
    )
    trace = Trace(
        cuts,
        common_minimiser=True,
        server_compressor=setting.server_compressor,
        constraint=setting.constraint,
        pattern=pattern,
    )
    x = trace.point("x0")
    trace.add(Origin("initial"), trace.square(x) - trace.constant(radius * radius))
    state: Any = started(method, x, trace) if not pattern or pattern[0] else _blank(method, x, trace)
    points: list[Vector] = []
    for _ in pattern:
        points.append(state.x)
        state = stepped(method, state, trace)
    name = method.title or type(method).__name__
    if trace.comparisons != len(pattern) and (trace.comparisons or not all(pattern)):
        raise InputError(
            f"{name} does not compare one scalar in each round, so a pattern does not say how it switches.", argument="method"
        )
    if not all(pattern[:1]) and not _starts_blank(method, setting, cuts):
        raise InputError(
            f"{name} starts with memories that depend on f, also where the pattern leaves f out; correct its start.",
            argument="method",
        )
    kept = [x for x, inside in zip(points, pattern, strict=True) if inside]
    objective = Form()
    if not feasibility:
        if not kept:
            raise InputError(
                "no round of the pattern is in B, so there is no output to measure; ask about feasibility only.",
                argument="pattern",
            )
        objective = METRICS[metric](trace, kept)
    return _assemble(trace, objective, idle=all(pattern) and metric != "constraint")


def _blank(method: Method, x: Vector, trace: Trace) -> Any:
    """Return the first state where f is not evaluated at the start: memories at zero or at the start."""
    nothing = Vector((NOTHING,) * len(trace.groups), server=False)
    memories = {m.name: x if m.server else nothing for m in method.memories}
    return method.State(x=x, **memories)


def _starts_blank(method: Method, setting: Setting, groups: Sequence[Population]) -> bool:
    """Whether a run starts in the state of :func:`_blank`."""
    trace = Trace(groups, common_minimiser=True, server_compressor=setting.server_compressor, constraint=setting.constraint)
    x = trace.point("x0")
    start, blank = started(method, x, trace), _blank(method, x, trace)
    differences = [getattr(start, m.name) - getattr(blank, m.name) for m in method.memories]
    return not any(part.nonzero for difference in differences for part in difference.parts)


def _assemble(trace: Trace, objective: Form, *, idle: bool) -> PatternInequalities:
    """Collect the question; ``idle`` leaves out the rows of a constraint that is never violated and not measured.

    They can prove nothing: every one of them holds for a g that is constant and small enough.
    """
    unity = trace.unity if trace.unity is not None else 0
    rows = [row for row in trace.rows if not (idle and row.origin.inequality in {"constraint", "constraint bound", "comparison"})]
    forms = [objective, *(row.form for row in rows)]
    blocks: list[Block] = []
    for index in range(len(trace.blocks)):
        used = sorted({j for form in forms for key in form.blocks.get(index, {}) for j in key})
        if used:
            blocks.append(Block(index, trace.block_name(index), tuple(used)))
    values = sorted({k for form in forms for k in form.values} - {unity})
    return PatternInequalities(tuple(blocks), tuple(values), unity, tuple(rows), objective, trace.comparisons > 0)
