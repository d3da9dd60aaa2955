"""Questions over fewer runs or with fewer rows, whose ends are ends of the whole question.

A run whose gradients at x* are bounded by less is a run; what is proved without a bound of them is proved with it. Both are
wanted where a method projects: ``grad f_i(x*)`` need not vanish there, and how large it is does not matter as a rule.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING

from efpep.model.form import Form
from efpep.model.row import Origin, Row
from efpep.questions.worst_case.check import AttainedRun
from efpep.questions.worst_case.recession_directions import without_columns
from efpep.questions.worst_case.units import natural_gradient

if TYPE_CHECKING:
    from efpep.questions.worst_case.inequalities import WorstCaseInequalities

_OPTIONAL = {"initial", "heterogeneity"}
_LESS = tuple(Fraction(1, 10**k) for k in (6, 12, 18, 24))
"""Parts of an initial condition's bound, in squares of distances."""
_ROOM = 4
"""How many times the gradients that the initial conditions suggest those at x* may be in the runs that are searched for."""


def less_bounded(question: WorstCaseInequalities) -> Iterator[WorstCaseInequalities]:
    """Yield the question without the bound of the gradients at x*, and without one of several initial conditions."""
    if any(row.origin.inequality == "heterogeneity" for row in question.fixed) and question.trace.projects:
        yield _with_heterogeneity(question, None)
    initial = [row for row in question.fixed if row.origin.inequality == "initial"]
    for row in initial if len(initial) > 1 else ():
        yield replace(question, fixed=tuple(other for other in question.fixed if other is not row))


def nearer(question: WorstCaseInequalities) -> Iterator[WorstCaseInequalities]:
    """Yield the question over runs that one of several initial conditions bounds by less, by so much that the others may bind."""
    initial = [row for row in question.fixed if row.origin.inequality == "initial"]
    for row, factor in product(initial, _LESS) if len(initial) > 1 else ():
        values = {**row.form.values, question.unity: factor * row.form.values.get(question.unity, Fraction(0))}
        less = replace(row, form=Form(row.form.blocks, values))
        yield replace(question, fixed=tuple(less if other is row else other for other in question.fixed))


def held(question: WorstCaseInequalities) -> WorstCaseInequalities:
    """Return the question over runs whose gradients at x* are not large, where a method projects; itself otherwise."""
    if not unbounded_gradient(question):
        return question
    given, natural = question.asked.setting.heterogeneity, _ROOM * natural_gradient(question)
    return question if given is not None and given <= natural else _with_heterogeneity(question, natural)


def at_rest(question: WorstCaseInequalities) -> WorstCaseInequalities | None:
    """Return the question over runs with ``grad f_i(x*) = 0``, where a method projects; None otherwise."""
    parts = question.trace.gradient_at_minimiser.parts
    if not unbounded_gradient(question):
        return None
    mean = {(0, j) for part in parts for j in part.mean.terms}
    deviations = {(a + 1, j) for a, part in enumerate(parts) for j in part.deviation.terms}
    return without_columns(question, frozenset(mean | deviations))


def padded(question: WorstCaseInequalities, run: AttainedRun, smaller: WorstCaseInequalities) -> AttainedRun:
    """Return a run of a question of fewer columns as one of the whole, where the others vanish."""
    known = {block.index: (block.columns, gram) for block, gram in zip(smaller.blocks, run.grams, strict=True)}
    grams: list[tuple[tuple[Fraction, ...], ...]] = []
    for block in question.blocks:
        columns, gram = known.get(block.index, ((), ()))
        at = {j: u for u, j in enumerate(columns)}
        grams.append(
            tuple(tuple(gram[at[i]][at[j]] if i in at and j in at else Fraction(0) for j in block.columns) for i in block.columns)
        )
    return AttainedRun(tuple(grams), run.values)


def unbounded_gradient(question: WorstCaseInequalities) -> bool:
    """Whether the agents' gradients at x* are what a heterogeneity alone bounds: where a method projects."""
    return question.trace.projects and any(part.nonzero for part in question.trace.gradient_at_minimiser.parts)


def _with_heterogeneity(question: WorstCaseInequalities, bound: Fraction | None) -> WorstCaseInequalities:
    """Return the question with another bound of the gradients at x*, or with none."""
    rows = [row for row in question.fixed if row.origin.inequality != "heterogeneity"]
    if bound is not None:
        trace, origin = question.trace, Origin("heterogeneity")
        form = trace.elimination.form(trace.square(trace.gradient_at_minimiser)) - trace.constant(bound * bound)
        rows.append(Row(origin.name(several=len(trace.groups) > 1), form, False, origin))
    asked = question.asked
    setting = replace(asked.setting, heterogeneity=bound)
    return replace(question, asked=replace(asked, setting=setting), fixed=tuple(rows))
