"""The question about growing potentials in exact numbers: a chain of single steps, each from a free state.

    Phi_t = A_t (f(x_t) - f*) + P_t(features of the state at t),   P_t >= 0 for t < T,  P_T = 0,
    Phi_0 <= K ||x_0 - x*||^2,      Phi_{t+1} <= Phi_t  for t = 0, ..., T - 1,

so that ``f(x_T) - f* <= K ||x_0 - x*||^2 / A_T``. ``A_t`` is the method's ``total(t)``, and P_t a quadratic, one positive
semidefinite matrix a block, in the features: ``x - x*``, the gradients at the point that the next step queries, and the
memories' errors, those of trackers relative to these gradients.

Where gradients are stochastic (:mod:`efpep.model.draws`) every inequality holds in expectation up to a constant of its own,

    E Phi_0 <= k ||x_0 - x*||^2 + c_0 sigma^2,      E Phi_{t+1} <= E Phi_t + c_{t+1} sigma^2,

so that ``E f(x_T) - f* <= (k ||x_0 - x*||^2 + c sigma^2)/A_T`` with the sum c of the constants. Asked for is the least
``K = k + c (sigma/R)^2``: from ``||x_0 - x*|| <= R`` this is at most ``K R^2/A_T``. Gradients among the features are exact.

What the start makes dependent (errors that begin at zero, points that coincide) stays dependent in the free states of the
following steps for as long as the steps keep it so. Without this the optimal weights of such features would be infinite.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Any

from efpep.errors import InputError
from efpep.methods.base import Method
from efpep.methods.memory import Equilibrium, Memory
from efpep.model.column import Column, Unit
from efpep.model.field import RATIONALS, Scalar, is_symbolic, shown
from efpep.model.form import Form
from efpep.model.linear import Linear
from efpep.model.row import Row
from efpep.model.system import Block, Multiple, Relation, Share, Square, System, Unknown
from efpep.model.trace import Trace
from efpep.model.vector import Vector
from efpep.questions.common import reduction
from efpep.questions.common.recording import free_error, refuse_heterogeneity
from efpep.questions.common.separation import Places, places_of, separated
from efpep.questions.common.size import check_horizon_size
from efpep.questions.common.steps import check_repeatable, started, stepped

if TYPE_CHECKING:
    from efpep.setting import Setting

Bound = dict[tuple[str, int], Mapping[str, Scalar]]
MOST_ITERATIONS = 1000


@dataclass(frozen=True, slots=True)
class PotentialFeature:
    """A vector that a potential is quadratic in: its name, its unit, and its linear form over the columns of a block."""

    name: str
    unit: Unit
    form: Linear


@dataclass(frozen=True, slots=True)
class PotentialBlock(Block):
    """A block of a step with the features of the potentials in it.

    Attributes:
        before: the features of the potential before the step; none in the first step.
        after: the features of the potential after the step; none in the last step.
    """

    before: tuple[PotentialFeature, ...]
    after: tuple[PotentialFeature, ...]


@dataclass(frozen=True)
class PotentialStep:
    """One inequality of the chain: ``K initial + P(before) - P(after) - growth >= 0`` for all data that satisfy the rows.

    Attributes:
        blocks: the blocks.
        initial: ``||x_0 - x*||^2`` in the first step, which is about the start, and nothing in the others.
        growth: ``A_{t+1} (f(x_{t+1}) - f*) - A_t (f(x_t) - f*)``, in the first step ``A_0 (f(x_0) - f*)``.
        rows: the inequalities and equalities.
        columns: for each block, all columns of the trace.
        names: the names of the function-value columns.
        values: the function-value columns that occur.
    """

    blocks: tuple[PotentialBlock, ...]
    initial: Form
    growth: Form
    rows: tuple[Row, ...]
    columns: tuple[tuple[Column, ...], ...]
    names: tuple[str, ...]
    values: tuple[int, ...]

    @property
    def one(self) -> int | None:
        """The number of the value that stands for the constant 1, or None where nothing is drawn."""
        return self.names.index("1") if "1" in self.names else None

    def relation(self, s: int, first: int, shares: tuple[Share, ...] = ()) -> Relation:
        """Return the inequality as relation ``s`` of a system, in which the potential after it starts with unknown ``first``."""
        count = len(self.blocks)
        squares = [Square(first - count + k, p.index, tuple(d.form for d in p.before), 1, 0) for k, p in enumerate(self.blocks)]
        after = [Square(first + k, p.index, tuple(d.form for d in p.after), -1, 0) for k, p in enumerate(self.blocks)]
        at = _at(s)
        return Relation(
            self.blocks,
            self.values,
            self.names,
            self.rows,
            tuple(square for square in (*(squares if s else ()), *after) if square.forms),
            shares,
            constant=-1 * self.growth,
            slope=self.initial,
            place=at,
            claimed=f"the decrease{at}",
            instance=f"the instance{at}",
        )


@dataclass(frozen=True)
class PotentialInequalities:
    """The whole question: the start, then one relation a step.

    Attributes:
        steps: the first is about the start, step t + 1 about the step from t to t + 1.
        features: for each t below T, the names of the features by block.
        totals: ``A_0, ..., A_T``.
        unit: the size of gradients against points (curvature).
        separated: as in :class:`~efpep.questions.rate.inequalities.StepInequalities`.
    """

    steps: tuple[PotentialStep, ...]
    features: tuple[dict[str, list[str]], ...]
    totals: tuple[Scalar, ...]
    unit: Scalar
    separated: bool = True

    @property
    def total(self) -> Scalar:
        """``A_T``."""
        return self.totals[-1]

    @cached_property
    def system(self) -> System:
        """The question with the radius 1 as a system; see :meth:`within`."""
        return self.within(Fraction(1))

    def within(self, radius: Fraction) -> System:
        """Return the question as a system: theta is K, the unknowns are the potentials, one matrix a time and block.

        Where gradients are stochastic, the numbers ``c_t (sigma/R)^2``, parts of K, are unknowns too.
        """
        potentials = tuple(
            Unknown(
                f"the weights of the potential at {t} in the {name} block",
                tuple(names),
                f"the potential at {t} does not drop out in the {name} block.",
            )
            for t, features in enumerate(self.features)
            for name, names in features.items()
        )
        blocks = len(self.steps[0].blocks)
        drawn = [(s, step.one) for s, step in enumerate(self.steps) if step.one is not None]
        constants = tuple(
            Multiple(f"c_{s}", f"the noise{_at(s)}", f"a constant of the noise{_at(s)} could do better.") for s, _ in drawn
        )

        def shares(s: int) -> tuple[Share, ...]:
            """Return what the constants do in a relation: each allows noise in its own, and is paid for at the start."""
            paid = Form() if s else Fraction(-1) * self.steps[0].initial
            forms = [(k, paid + Form({}, {one: radius**2}) if own == s else paid) for k, (own, one) in enumerate(drawn)]
            return tuple(Share(k, form, Form()) for k, form in forms if form.nonzero)

        return System(
            tuple(step.relation(s, blocks * s, shares(s)) for s, step in enumerate(self.steps)),
            potentials,
            constants,
            self.separated,
            least=None,
            called="constant",
            vanishing="the initial distance vanishes, so that nothing is excluded.",
            allowed="the growth is too small to exclude every constant below the lower one.",
        )


def _at(s: int) -> str:
    return f" of step {s}" if s else " at the start"


def potential_inequalities(method: Method, setting: Setting, iterations: int) -> PotentialInequalities:
    """Build the question of ``iterations`` steps of ``method`` (with a numeric step size) in ``setting``.

    Raises:
        InputError: ``iterations`` is no whole number from 1 to 1000, ``A_T`` is not positive, minimisers are meant over a set,
            or the method needs something that the setting lacks.
    """
    if isinstance(iterations, bool) or not isinstance(iterations, int) or not 1 <= iterations <= MOST_ITERATIONS:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError(
            f"iterations is {shown(iterations)}, the number of steps; give a whole number from 1 to {MOST_ITERATIONS}.",
            argument="iterations",
        )
    if method.projects or setting.constraint is not None:
        raise InputError(
            "growing potentials bound f(x_T) - f* for minimisers over the whole space, and here they are those over a set; "
            "use efpep.rate for methods that project, or leave the constraint out.",
            argument="constraint",
        )
    if not method.common_minimiser or setting.heterogeneity != 0:  # 0 says what is meant anyway
        refuse_heterogeneity(setting, "growing potentials")
    check_horizon_size(method, setting, iterations + 1)
    check_repeatable(method, setting)
    totals = tuple(method.total(t) for t in range(iterations + 1))
    if is_symbolic(totals[-1]) or totals[-1] <= 0:
        raise InputError(
            f"the weights add up to {shown(totals[-1])}, and a potential needs a positive sum; give a positive step size.",
            argument="step_size",
        )
    steps: list[_Recorded] = [_Recorded(method, setting, None, {}, last=False)]
    for t in range(iterations):
        steps.append(_Recorded(method, setting, t, steps[-1].bound, last=t + 1 == iterations))
    kept = [_independent(old, new) for old, new in itertools.pairwise(steps)]
    nothing: list[list[str]] = [[] for _ in steps[0].trace.blocks]
    assembled = tuple(step.assembled(old, new) for step, old, new in zip(steps, [nothing, *kept], [*kept, nothing], strict=True))
    names = tuple({block.name: [d.name for d in block.before] for block in step.blocks} for step in assembled[1:])
    populations = setting.populations()
    unit = sum((group.share * (group.functions.smoothness - group.functions.curvature) for group in populations), RATIONALS(0))
    if unit == 0:
        unit = sum((group.share * group.functions.smoothness for group in populations), RATIONALS(0))
    return PotentialInequalities(assembled, names, totals, unit, all(step.separated() for step in steps))


class _Recorded:
    """One step while it is recorded: the features before and after, and which memories the next state binds."""

    def __init__(
        self, method: Method, setting: Setting, t: int | None, bound: Bound, *, last: bool, trace: Trace | None = None
    ) -> None:
        self.method = method
        self.setting = setting
        self.t = t
        self.given = bound
        self.trace = trace or Trace(
            setting.populations(),
            common_minimiser=method.common_minimiser,
            server_compressor=setting.server_compressor,
            noise=setting.noise,
        )
        self.units = {"x": Unit.POINT, "g": Unit.GRADIENT} | {m.feature: m.unit for m in method.memories}
        x = self.trace.point("x")
        self.before: dict[str, Vector] = {}
        self.initial = Form()
        if t is None:
            self.initial = self.trace.square(x)
            state = started(method, x, self.trace)
            self.growth = self._gap(0, state)
        else:
            held, self.before = self._free(x, t, bound)
            state = stepped(method, held, self.trace)
            self.growth = self._gap(t + 1, state) - self._gap(t, held)
        self.after = {} if last else self._errors(state)
        self.bound = self._relations()

    def separated(self) -> bool:
        """Whether messages that differ as linear forms differ as vectors, at least in the limit."""

        def again(instance: Trace, places: Places) -> None:
            _Recorded(self.method, self.setting, self.t, places_of(self.given, places), last=True, trace=instance)

        return separated(self.trace, again)

    def _gap(self, t: int, state: Any) -> Form:
        total = self.method.total(t)
        return Form() if total == 0 else total * self.trace.average(self.trace.values(state.x))

    def _free(self, x: Vector, t: int, bound: Bound) -> tuple[Any, dict[str, Vector]]:
        """Return a free state at t, with memories replaced that are bound to other features, and its features."""
        errors: dict[str, Vector] = {"x": x}
        fields: dict[str, Any] = dict.fromkeys(memory.name for memory in self.method.memories)
        fields |= {"t": t} if self.method.counted else {}
        for points in (True, False):
            if not points:
                gradient = self.trace.exact_gradient(self.method.query(self.method.State(x=x, **fields)))
                errors["g"] = gradient - self.trace.gradient_at_minimiser
            for memory in self.method.memories:
                if (memory.equilibrium is Equilibrium.POINT) is not points:
                    continue
                groups = range(1 if memory.server else len(self.trace.groups))
                parts = tuple(free_error(self.trace, memory, a, bound, errors) for a in groups)
                errors[memory.feature] = Vector(parts, server=memory.server)
                held = None if points else gradient  # pyright: ignore[reportPossiblyUnboundVariable]
                fields[memory.name] = memory.at_rest(x, held, errors[memory.feature])
        return self.method.State(x=x, **fields), errors

    def _errors(self, state: Any) -> dict[str, Vector]:
        gradient = self.trace.exact_gradient(self.method.query(state))
        errors: dict[str, Vector] = {"x": state.x, "g": gradient - self.trace.gradient_at_minimiser}
        for memory in self._ordered():
            errors[memory.feature] = memory.error_of(getattr(state, memory.name), state.x, gradient)
        return errors

    def _ordered(self) -> list[Memory]:
        """Return the memories, points first, as :meth:`_free` makes them."""
        return sorted(self.method.memories, key=lambda memory: memory.equilibrium is not Equilibrium.POINT)

    def _relations(self) -> Bound:
        """Return the memories that after this step are combinations of the features before them, by feature and group."""
        bound: Bound = {}
        if not self.after:
            return bound
        memories = {memory.feature: memory for memory in self._ordered()}
        points = [name for name, memory in memories.items() if memory.equilibrium is Equilibrium.POINT]
        order = ["x", *points, "g", *(name for name in memories if name not in points)]
        for group in range(len(self.trace.groups)):
            columns, own = range(len(self.trace.blocks[0])), range(len(self.trace.blocks[group + 1]))
            parts = [self.after[name].part(group) for name in order]
            for relation in reduction.relations([part.mean.row(columns) + part.deviation.row(own) for part in parts]):
                last = max(i for i, c in enumerate(relation) if c != 0)
                memory = memories.get(order[last])
                used = [name for name, c in zip(order, relation, strict=True) if c != 0]
                if memory is None or (memory.server and not all(self.after[name].server for name in used)):
                    continue
                bound[order[last], 0 if memory.server else group] = {
                    order[i]: -c / relation[last] for i, c in enumerate(relation[:last]) if c != 0
                }
        return bound

    def directions(self, errors: Mapping[str, Vector]) -> list[dict[str, PotentialFeature]]:
        """Return the features by block and name."""
        found: list[dict[str, PotentialFeature]] = [{} for _ in self.trace.blocks]
        several = len(self.trace.groups) > 1
        for name, unit in self.units.items() if errors else ():
            if errors[name].server:
                found[0][name] = PotentialFeature(name, unit, errors[name].mean)
                continue
            for a, group in enumerate(self.trace.groups):
                label = f"{name}[{a + 1}]" if several else name
                part = errors[name].part(a)
                found[0][label] = PotentialFeature(label, unit, part.mean)
                if not group.single:
                    found[a + 1][label] = PotentialFeature(label, unit, part.deviation)
        return found

    def assembled(self, old: Sequence[Sequence[str]], new: Sequence[Sequence[str]]) -> PotentialStep:
        """Return the step with these features before and after."""
        before, after = self.directions(self.before), self.directions(self.after)
        rows, others = tuple(self.trace.rows), [self.initial, self.growth]
        if self.trace.draws is not None:
            linear = {b: [d.form for d in (*before[b].values(), *after[b].values())] for b in range(len(before))}
            rows = reduction.without_idle(rows, others, linear)
        forms = [*others, *(row.form for row in rows)]
        blocks: list[PotentialBlock] = []
        for index in range(len(self.trace.blocks)):
            left = tuple(before[index][name] for name in old[index])
            right = tuple(after[index][name] for name in new[index])
            used = reduction.columns_of(forms, index) | {j for d in (*left, *right) for j in d.form.terms}
            blocks.append(PotentialBlock(index, self.trace.block_name(index), tuple(sorted(used)), left, right))
        values = tuple(sorted({k for form in forms for k in form.values}))
        columns = tuple(tuple(columns) for columns in self.trace.blocks)
        names = tuple(self.trace.value_names)
        return PotentialStep(tuple(blocks), self.initial, self.growth, rows, columns, names, values)


def _independent(old: _Recorded, new: _Recorded) -> list[list[str]]:
    """Return by block the features between two steps that are linearly independent after the one and before the other."""
    kept: list[list[str]] = []
    for block, (after, before) in enumerate(zip(old.directions(old.after), new.directions(new.before), strict=True)):
        names = list(after)
        left, right = range(len(old.trace.blocks[block])), range(len(new.trace.blocks[block]))
        rows = [after[name].form.row(left) + before[name].form.row(right) for name in names]
        kept.append([names[i] for i in reduction.independent(rows)] if rows else [])
    return kept
