"""Closed trajectories: K steps of a method after which its state is a multiple of what it was.

With distances to equilibrium as the state, ``state_K = factor state_0`` continues to a whole trajectory
``state_{k+jK} = factor^j state_k`` of the same method on the same functions, because the inequalities of functions and
compressors are homogeneous. ``factor = 1`` is a K-periodic trajectory, ``factor = -1`` one of period 2K, ``|factor| < 1`` a
trajectory that shrinks by exactly this factor, ``|factor| > 1`` one that diverges.

The closing equations are linear in the columns of the recorded steps and are eliminated exactly; a gradient or value at a point
that coincides with another one, or with a multiple of one, is that one's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from typing import TYPE_CHECKING

from efpep.errors import InputError
from efpep.model.column import Column
from efpep.model.field import Scalar
from efpep.model.form import Form, inner, square
from efpep.model.linear import Linear
from efpep.model.relations import Substitution
from efpep.model.row import Origin, Row
from efpep.model.sample import Message, Sample
from efpep.model.system import Block, Relation, System
from efpep.model.trace import Trace
from efpep.model.vector import Part, Vector
from efpep.questions.common import reduction
from efpep.questions.common.recording import Recording, check_heterogeneity, queried_gradient, resting
from efpep.questions.common.size import check_size
from efpep.questions.common.steps import check_repeatable

if TYPE_CHECKING:
    from efpep.methods.base import Method
    from efpep.setting import Setting

LONGEST = 24
"""The longest period that is asked about."""


@dataclass(frozen=True)
class CycleInequalities:
    """K steps that close, in exact numbers.

    Attributes:
        trace: the recorded steps.
        recording: the states.
        factor: the multiple of the first state that the last one is.
        substitution: the closing equations, solved.
        blocks: the mean block, then deviation blocks.
        rows: the inequalities and equalities among the samples and messages of one period, over the free columns.
        samples: for each group, the samples of one period at distinct points, without the minimiser.
        size: ``sum_k ||x_k - x*||^2`` over one period.
        values: the free function values that occur.
    """

    trace: Trace
    recording: Recording
    factor: Fraction
    substitution: Substitution
    blocks: tuple[Block, ...]
    rows: tuple[Row, ...]
    samples: tuple[tuple[Sample, ...], ...]
    size: Form
    values: tuple[int, ...]

    @cached_property
    def system(self) -> System:
        """The question as a system without unknowns or theta: what is left over of the rows is at least the size."""
        relation = Relation(
            self.blocks,
            self.values,
            tuple(self.trace.value_names),
            self.rows,
            margin=self.size,
            claimed="the weighted sum",
            instance="the trajectory",
        )
        vanishing = "the trajectory rests at the minimiser, so it proves nothing."
        return System((relation,), (), (), True, None, "margin", vanishing, vanishing)

    @property
    def period(self) -> int:
        """The number of steps."""
        return len(self.recording.states) - 1

    @property
    def contraction(self) -> Fraction:
        """The factor, or its inverse where that is smaller: what relates later samples to earlier ones up to scaling."""
        return self.factor if abs(self.factor) <= 1 else 1 / self.factor

    def columns(self, block: Block) -> list[Column]:
        """Return the columns of a block."""
        return [self.trace.blocks[block.index][j] for j in block.columns]

    def points(self) -> list[Linear]:
        """Return the iterates of one period over the free columns."""
        return [self.substitution.blocks[0].reduced(state.x.mean) for state in self.recording.states[:-1]]

    def gaps(self) -> Form:
        """Return ``sum_k f(x_k) - f(x*)`` over one period, over the free columns."""
        total = Form()
        for state in self.recording.states[:-1]:
            total = total + self.substitution.form(self.trace.gap(state.x))
        return total

    def pairs(self) -> Iterator[tuple[int, Sample, Sample]]:
        """Yield each group's ordered pairs of samples at distinct points, a sample and itself included."""
        for group, samples in enumerate(self.samples):
            for a in samples:
                for b in samples:
                    yield group, a, b

    def shifted(self, group: int, a: Sample, b: Sample, by: Fraction, *, first: bool) -> Form:
        """Return the inequality between ``by`` times the sample ``a`` and the sample ``b``, in this order if ``first``."""
        moved = scaled(a, by)
        functions = self.trace.groups[group].functions
        pair = (moved, b) if first else (b, moved)
        return self.substitution.form(functions.interpolation(self.trace, group, *pair))

    def shifted_row(self, group: int, a: Sample, b: Sample, shift: int, *, first: bool) -> Row:
        """Return :meth:`shifted` for ``shift`` periods as a named row."""
        form = self.shifted(group, a, b, self.contraction**shift, first=first)
        names = (f"{a.label} later {shift}", b.label) if first else (b.label, f"{a.label} later {shift}")
        origin = Origin("interpolation", names, group)
        return Row(origin.name(several=len(self.trace.groups) > 1), form, False, origin)

    def message_pairs(self) -> Iterator[tuple[Message, Message]]:
        """Yield the pairs of messages of one place, a message and itself included."""
        for p in self.trace.messages:
            for q in self.trace.messages:
                if p.group == q.group:
                    yield p, q

    def square(self, part: Part, group: int | None) -> Form:
        """Return ``mean_i ||u_i||^2`` of vectors at one place, over the free columns."""
        return self.substitution.form(square(part, group or 0))

    def inner(self, u: Part, v: Part, group: int | None) -> Form:
        """Return ``mean_i <u_i, v_i>`` of vectors at one place, over the free columns."""
        return self.substitution.form(inner(u, v, group or 0))


def scaled(sample: Sample, by: Scalar) -> Sample:
    """Return the sample of the trajectory scaled by a factor: values scale with its square."""
    return replace(
        sample,
        x=by * sample.x,
        gradient=by * sample.gradient,
        shape=by * sample.shape,
        value=by * by * sample.value,
        excess=by * by * sample.excess,
    )


def cycle_inequalities(method: Method, setting: Setting, period: int, factor: Fraction = Fraction(1)) -> CycleInequalities:
    """Record ``period`` steps of ``method`` (with a numeric step size) and close them.

    Raises:
        InputError: a compressor class is about expectations, the functions need no minimiser, the setting bounds gradients at
            ``x*`` that take part, or the factor is not 1 and the inequalities do not scale.
    """
    populations = setting.populations()
    for compressor in (setting.server_compressor, *(group.compressor for group in populations)):
        if compressor is not None and compressor.random:
            raise InputError(
                "closed trajectories are those of deterministic compressors, and a compressor class here is about expectations; "
                "use Contractive(delta).",
                argument="compressor",
            )
    if method.draws:
        raise InputError(
            "closed trajectories are those of methods that draw nothing, and this one draws who takes part; ask with everybody.",
            argument="method",
        )
    if method.lazy:
        raise InputError(
            "closed trajectories are those of methods whose steps are linear, and clients of this one decide whether they send; "
            "ask about a method in which they always do.",
            argument="method",
        )
    if not all(group.functions.has_minimiser for group in populations):
        raise InputError(
            "closed trajectories are measured by their distance to a minimiser, and the functions need not have one; "
            "use a convex class such as SmoothConvex(L).",
            argument="functions",
        )
    check_size(method, setting, period + 1)
    check_repeatable(method, setting)
    trace = Trace(
        populations,
        common_minimiser=method.common_minimiser,
        server_compressor=setting.server_compressor,
        constraint=setting.constraint,
        projects=method.projects,
    )
    recording = Recording(trace, method, {}, period)
    substitution = Substitution(len(trace.blocks))
    first, last = recording.errors[0], recording.errors[-1]
    for name in first:
        if name not in {"g", queried_gradient(method)}:
            _close(substitution, last[name], factor * first[name], len(trace.groups))
    kept = _coincide(trace, substitution, factor)
    rows = _distinct(replace(row, form=substitution.form(row.form)) for row in trace.rows)
    size = Form()
    for state in recording.states[:-1]:
        size = size + substitution.form(trace.square(state.x))
    forms = [size, *(row.form for row in rows)]
    if factor != 1:
        _check_homogeneous(trace, forms)
    blocks: list[Block] = []
    for index in range(len(trace.blocks)):
        columns = {j for form in forms for key in form.blocks.get(index, {}) for j in key}
        if columns or index == 0:
            blocks.append(Block(index, trace.block_name(index), tuple(sorted(columns))))
    check_heterogeneity(trace, setting, {block.index: block.columns for block in blocks}, shared=method.common_minimiser)
    values = tuple(sorted({k for form in forms for k in form.values}))
    return CycleInequalities(trace, recording, factor, substitution, tuple(blocks), tuple(rows), kept, size, values)


def _close(substitution: Substitution, u: Vector, v: Vector, groups: int) -> None:
    if u.server and v.server:
        substitution.blocks[0].add(u.mean - v.mean)
        return
    for a in range(groups):
        substitution.equate(u.part(a), v.part(a), a)


def _coincide(trace: Trace, substitution: Substitution, factor: Fraction) -> tuple[tuple[Sample, ...], ...]:
    """Equate gradients and values at points that coincide; return each group's samples at distinct points."""
    factors = sorted({Fraction(1), factor, 1 / factor})
    while True:
        news = False
        kept: list[tuple[Sample, ...]] = []
        for a in range(len(trace.groups)):
            rest = trace.gradient_at_minimiser.part(a)
            origin, *samples = trace.history(a)
            dropped: set[str] = set()
            for new in samples:
                if not substitution.part(new.x, a).nonzero:
                    dropped.add(new.label)
                    news |= _equate(substitution, (new, origin), Fraction(0), rest, a)
            for old, new in combinations(samples, 2):
                for by in factors:
                    if {old.label, new.label} & dropped or substitution.part(new.x - by * old.x, a).nonzero:
                        continue
                    dropped.add(new.label)
                    news |= _equate(substitution, (new, old), by, rest, a)
            kept.append(tuple(sample for sample in samples if sample.label not in dropped))
        if not news:
            return tuple(kept)


def _equate(substitution: Substitution, pair: tuple[Sample, Sample], by: Fraction, rest: Part, group: int) -> bool:
    """Let the first sample be ``by`` times the second, and return whether that is news."""
    new, old = pair
    gradient = old.gradient - rest if by else old.shape
    found = substitution.equate(new.gradient - rest, by * gradient, group)
    return substitution.values.add(Linear(new.excess.values) - (by * by) * Linear(old.excess.values)) or found


def _distinct(rows: Iterator[Row] | Sequence[Row]) -> list[Row]:
    """Return the rows that say something and say it first."""
    seen: set[object] = set()
    found: list[Row] = []
    for row in rows:
        content = frozenset((b, key, a) for b, entries in row.form.blocks.items() for key, a in entries.items())
        key = (content, frozenset(row.form.values.items()), row.equality)
        if row.form.nonzero and key not in seen:
            seen.add(key)
            found.append(row)
    return found


def _check_homogeneous(trace: Trace, forms: Sequence[Form]) -> None:
    if trace.unity is not None:
        raise InputError(
            "the inequalities of a function class contain a constant, so trajectories do not scale; ask for factor 1.",
            argument="factor",
        )
    if resting(trace, {block: reduction.columns_of(forms, block) for block in range(len(trace.blocks))}):
        raise InputError(
            "the agents' gradients at the minimiser take part in the method's steps, so its trajectories do not scale; "
            "ask for factor 1.",
            argument="factor",
        )
