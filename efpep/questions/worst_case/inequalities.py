"""The finite-horizon question in exact numbers: how bad can a metric be after T steps of a method?

    maximise  objective   subject to   row <= 0 (or == 0),  Gram matrices positive semidefinite,  values >= 0,  "1" = 1

Forms are linear in the Gram matrices of the blocks and in the function values; constants are multiples of the value ``"1"``.
:func:`worst_case_inequalities` runs the method in a :class:`~efpep.questions.worst_case.trace.HorizonTrace`. The rows between two
samples, of which there are about T^2, are formed when they are asked for. Everything that follows (the SDP, certificates,
replays) reads this.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from efpep.errors import InputError
from efpep.methods.base import Memory, Method
from efpep.model.compressor_class import Compressor
from efpep.model.field import Scalar
from efpep.model.form import Form
from efpep.model.metric import metric_form
from efpep.model.row import Origin, Row
from efpep.model.sample import Message, Sample
from efpep.model.system import Block, Relation, System
from efpep.model.vector import Vector
from efpep.questions.common.elimination import Elimination
from efpep.questions.common.size import check_horizon_size
from efpep.questions.common.steps import check_repeatable, started, stepped
from efpep.questions.worst_case.conditions import DECREASE, terms
from efpep.questions.worst_case.metric import APART, Course, objective
from efpep.questions.worst_case.rows import Place, stripped, without_idle, without_void
from efpep.questions.worst_case.shift import Shifts, fix_shifts
from efpep.questions.worst_case.trace import DIAMETER, HorizonTrace

if TYPE_CHECKING:
    from efpep.questions.worst_case.question import WorstCaseQuestion
    from efpep.setting import Setting


_MARKS = ("", "'")
"""What the names of the first and of the second run's vectors are marked with."""


@dataclass(frozen=True, slots=True)
class Pair:
    """An ordered pair of samples of a group, by places in :attr:`WorstCaseInequalities.samples`; 0 is the minimiser."""

    group: int
    a: int
    b: int

    @property
    def lag(self) -> int:
        """How far apart the samples are; 0 with the minimiser."""
        return abs(self.a - self.b) if self.a and self.b else 0


@dataclass(frozen=True, slots=True)
class TimedBlock(Block):
    """A block whose columns are in the order of time.

    Attributes:
        names: how its columns are called.
    """

    names: tuple[str, ...]


@dataclass(frozen=True)
class WorstCaseInequalities:
    """The finite-horizon question; see the module.

    Attributes:
        asked: the method, the setting, the number of steps, and what is measured and bounded.
        blocks: the blocks.
        values: the names of the value columns; all values are nonnegative.
        unity: the value column that is 1.
        objective: what is maximised.
        fixed: all rows but those between two samples.
        samples: for each group, what its functions return, the minimiser first; a pair's row is :meth:`pair`.
        messages: the uses of compressors.
        states: the method's states, first to last; of the first run where there are two.
        trace: the recording.
        shifts: for groups where a column was set to zero that nothing depends on, what has to be so for that.
        void: pairs whose rows are left out; see :mod:`efpep.questions.worst_case.recession_directions`.
        gone: columns that were set to zero, as ``(block, column)``, which pairs' rows are to lose.
        differences: whether function values occur by their differences alone in all rows that are left.
        tilts: what is added to each function value in pairs' rows, where these occur by their differences alone.
    """

    asked: WorstCaseQuestion
    blocks: tuple[TimedBlock, ...]
    values: tuple[str, ...]
    unity: int
    objective: Form
    fixed: tuple[Row, ...]
    samples: tuple[tuple[Sample, ...], ...]
    messages: tuple[Message, ...]
    states: tuple[Any, ...]
    trace: HorizonTrace = field(repr=False)
    shifts: Mapping[int, Shifts] = field(default_factory=dict[int, Shifts], repr=False)
    void: frozenset[Pair] = frozenset()
    gone: frozenset[Place] = frozenset()
    differences: bool = False
    tilts: Mapping[int, Form] = field(default_factory=dict[int, Form], repr=False)
    _rows: dict[Pair, Row] = field(default_factory=dict[Pair, Row], init=False, repr=False, compare=False)

    def system(self, rows: Sequence[Row]) -> System:
        """Return the question with these of its rows as a system without unknowns: ``theta "1" - objective`` is nonnegative."""
        relation = Relation(
            self.blocks,
            tuple(range(len(self.values))),
            self.values,
            tuple(rows),
            constant=-1 * self.objective,
            slope=Form({}, {self.unity: Fraction(1)}),
            claimed="the remainder",
            sparse=True,
            differences=self.differences,
        )
        vanishing = "the constant 1 is zero on the instance, so it proves nothing."
        allowed = "the instance attains less than the lower end."
        return System((relation,), (), (), True, None, "end", vanishing, allowed)

    def pair(self, pair: Pair) -> Row:
        """Return the row of an ordered pair of samples; its form may be void."""
        if pair not in self._rows:
            samples, functions = self.samples[pair.group], self.trace.groups[pair.group].functions
            a, b = samples[pair.a], samples[pair.b]
            if pair.group in self.shifts:
                self.shifts[pair.group].check(self.trace, a.label, b.label)
            form = Form() if pair in self.void else functions.interpolation(self.trace, pair.group, a, b)
            for k in form.values if self.tilts else ():
                form = form + form.values[k] * self.tilts.get(k, Form())
            form, origin = stripped(form, self.gone) if self.gone else form, self._origin(pair)
            self._rows[pair] = Row(origin.name(several=len(self.samples) > 1), form, False, origin)
        return self._rows[pair]

    def pairs(self, lag: int | None = None) -> Iterator[Pair]:
        """Yield the pairs with the minimiser and those of samples at most ``lag`` apart; all of them where it is None."""
        for group, samples in enumerate(self.samples):
            count = len(samples)
            for a in range(count):
                for b in range(count):
                    pair = Pair(group, a, b)
                    if a != b and (lag is None or pair.lag <= lag):
                        yield pair

    @property
    def pair_count(self) -> int:
        """How many pairs there are in all."""
        return sum(len(samples) * (len(samples) - 1) for samples in self.samples)

    def named_pairs(self) -> dict[str, Pair]:
        """Return all pairs by the names of their rows."""
        return {self._origin(pair).name(several=len(self.samples) > 1): pair for pair in self.pairs()}

    def _origin(self, pair: Pair) -> Origin:
        a, b = (self.samples[pair.group][k].label for k in (pair.a, pair.b))
        return Origin("interpolation", (a, b), pair.group)

    def occurring_values(self) -> list[int]:
        """Return the value columns that occur in rows or in the objective, in order."""
        forms = [self.objective, *(row.form for row in self.fixed)]
        forms += [sample.value for samples in self.samples for sample in samples]
        return sorted({k for form in forms for k in form.values} | {self.unity})

    @property
    def exact(self) -> bool:
        """Whether every solution of all rows comes from functions and compressors of the setting."""
        setting = self.asked.setting
        if self.asked.method.draws or self.asked.method.lazy:
            return False
        populations = setting.populations()
        used = {None if message.group is None else populations[message.group].compressor for message in self.messages}
        compressors = [*used - {None}, *([setting.server_compressor] if None in {m.group for m in self.messages} else [])]
        functions = all(group.functions.exact and (group.functions.has_minimiser or group.single) for group in populations)
        everywhere = setting.dissimilarity is not None  # what a run does not visit need not keep the bound
        return not everywhere and functions and all(isinstance(c, Compressor) and c.exact for c in compressors)


def worst_case_inequalities(asked: WorstCaseQuestion) -> WorstCaseInequalities:
    """Run the method and collect the question.

    Raises:
        InputError: the method needs something that the setting lacks, the setting has a constraint, or the heterogeneity of
            several agents has no bound.
    """
    method, setting = asked.method, asked.setting
    if setting.constraint is not None:
        raise InputError(
            "worst cases over finite horizons are about minimisers over the whole space or a set that is projected onto; leave "
            "the constraint out, or use efpep.switching_worst_case.",
            argument="constraint",
        )
    check_horizon_size(method, setting, asked.runs * (asked.iterations + 1))
    check_repeatable(method, setting)
    trace = HorizonTrace(method, setting)
    marks = _MARKS[: asked.runs]
    starts = [_start(method, trace, asked.initial, mark) for mark in marks]
    courses = [[start.state] for start in starts]
    _bound_gradients(setting, trace)
    if APART in asked.initial:
        apart = trace.square(courses[0][0].x - courses[1][0].x)
        trace.add(Origin("initial", (APART,)), apart - trace.constant(asked.initial[APART]))
    for t in range(1, asked.iterations + 1):
        for states, mark in zip(courses, marks, strict=True):
            state = stepped(method, states[-1], trace)
            states.append(trace.cut(state, t, mark) if t < asked.iterations else state)
    for states, start in zip(courses, starts, strict=True):
        for condition, total in start.falling.items():
            fallen = total - terms(condition)[DECREASE] * metric_form("gap", trace, states[-1].x)
            trace.add(Origin("initial", (condition,), part=start.run), fallen - trace.constant(asked.initial[condition]))
    if DIAMETER in asked.initial:
        trace.bound_diameter(asked.initial[DIAMETER])
    form = objective(asked.metric, asked.at, Course(trace, *courses))
    if setting.dissimilarity is not None:
        trace.bound_dissimilarity(setting.dissimilarity)
    if trace.unity is None:
        trace.constant(0)
    return _assemble(asked, trace, courses[0], form)


@dataclass(frozen=True, slots=True)
class _Start:
    """How a run starts.

    Attributes:
        run: which run it is, in the names of rows; empty for the first.
        state: the state.
        falling: what the start adds to the bounds that are about the end too, by condition.
    """

    run: str
    state: Any
    falling: Mapping[str, Form]


def _start(method: Method, trace: HorizonTrace, given: Mapping[str, Scalar], mark: str) -> _Start:
    """Return how a run starts, with its bounds recorded."""
    x, run = trace.start(mark), "second run" if mark else ""
    falling: dict[str, Form] = {}
    state = started(method, x, trace)
    if DIAMETER in given:
        trace.elimination.link(0, x.mean - state.x.mean)  # a start in the set is its own projection
        x = state.x
        if x.mean not in {point.mean for point in trace.feasible_points}:
            trace.include(x)
    memories = {memory.feature: memory for memory in method.memories}
    for condition, bound in given.items():
        if condition in {DIAMETER, APART}:
            continue
        total = Form()
        for name, coefficient in terms(condition).items():
            if name not in memories:
                total = total + coefficient * metric_form("gap" if name == DECREASE else name, trace, x)
                continue
            memory = memories[name]
            error = _error(memory, trace, mark, zero=bound == 0)
            state = state._replace(**{memory.name: memory.at_rest(x, trace.gradient(x), error)})
            total = total + coefficient * trace.square(error)
        if DECREASE in terms(condition):
            falling[condition] = total
        else:
            trace.add(Origin("initial", (condition,), part=run), total - trace.constant(bound) if bound else Form())
    return _Start(run, trace.cut(state, 0, mark), falling)


def _bound_gradients(setting: Setting, trace: HorizonTrace) -> None:
    """Record the bound of the agents' gradients at the minimiser."""
    rest = trace.gradient_at_minimiser
    if any(part.nonzero for part in rest.parts) and all(group.functions.has_minimiser for group in trace.groups):
        zeta = setting.apart
        if zeta is None and not trace.alone:
            raise InputError(
                "the worst case depends on how much the agents' gradients at x* differ; give the setting's heterogeneity zeta, "
                "with mean ||grad f_i(x*)||^2 <= zeta^2, or 0 for agents that share one minimiser.",
                argument="heterogeneity",
            )
        if zeta is not None:
            trace.add(Origin("heterogeneity"), trace.square(rest) - trace.constant(zeta * zeta))


def _error(memory: Memory, trace: HorizonTrace, mark: str, *, zero: bool) -> Vector:
    label = f"{memory.feature}{mark}_0"
    free = trace.server(label, memory.unit) if memory.server else trace.client(label, memory.unit)
    return free - free if zero else free


def _settled(trace: HorizonTrace) -> tuple[tuple[Sample, ...], ...]:
    return tuple(tuple(trace.settled(a)) for a in range(len(trace.groups)))


def _reduced(rows: Sequence[Row], reduce: Elimination) -> list[Row]:
    """Return the rows without eliminated columns; those of which nothing is left are dropped."""
    found = [replace(row, form=reduce.form(row.form)) for row in rows]
    return [row for row in found if row.form.nonzero]


def _assemble(asked: WorstCaseQuestion, trace: HorizonTrace, states: Sequence[Any], form: Form) -> WorstCaseInequalities:
    reduce = trace.elimination
    target, samples, fixed = reduce.form(form), _settled(trace), _reduced(trace.rows, reduce)
    fixed = without_void(fixed, target, samples)
    shifts = fix_shifts(trace, [target, *(row.form for row in fixed)])
    if shifts:
        target, samples, fixed = reduce.form(target), _settled(trace), _reduced(fixed, reduce)
    samples = without_idle(samples, fixed, target)
    blocks: list[TimedBlock] = []
    for index, columns in enumerate(trace.blocks):
        used = {j for f in (target, *(row.form for row in fixed)) for key in f.blocks.get(index, {}) for j in key}
        for group, found in enumerate(samples):
            for sample in found:
                for part in (sample.x, sample.shape):
                    used |= set(part.mean.terms) if index == 0 else set(part.deviation.terms) if index == group + 1 else set()
        if used:
            kept = tuple(sorted(used))
            blocks.append(TimedBlock(index, trace.block_name(index), kept, tuple(columns[j].name for j in kept)))
    unity = trace.unity
    if unity is None:
        raise InputError("the question has no constant; give an initial condition.", argument="initial")
    return WorstCaseInequalities(
        asked,
        tuple(blocks),
        tuple(trace.value_names),
        unity,
        target,
        tuple(fixed),
        samples,
        tuple(trace.messages),
        tuple(states),
        trace,
        shifts,
    )
