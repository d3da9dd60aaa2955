"""Directions of the agents' deviations that nothing in a question depends on, such as a common shift of all gradients.

Functions without a minimiser, whose gradients only matter by their differences, leave such a direction where the method does not
see it either. Every matrix of the question vanishes on it, so that no multipliers are strictly feasible; setting one column of it
to zero changes no value. That inequalities between samples do not see it is read off those with the minimiser and of neighbours,
and off every other one when it is formed; it is not taken from the class.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from efpep.errors import InputError
from efpep.model.exact import relations
from efpep.model.linear import Linear
from efpep.model.sample import Sample

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from efpep.model.form import Form
    from efpep.questions.worst_case.trace import HorizonTrace


@dataclass(frozen=True, slots=True)
class Shifts:
    """The directions of one group's deviations of which a column was set to zero.

    Attributes:
        group: the group.
        samples: the group's samples before, by label.
        directions: a basis, by the columns that were set to zero.
    """

    group: int
    samples: Mapping[str, Sample]
    directions: Mapping[int, Linear]

    def check(self, trace: HorizonTrace, a: str, b: str) -> None:
        """Check that the inequality between two samples does not see the directions.

        Raises:
            InputError: it does, although those of neighbouring samples do not.
        """
        form = trace.groups[self.group].functions.interpolation(trace, self.group, self.samples[a], self.samples[b])
        if _on(form, self.group + 1, self.directions):
            raise InputError(
                f"the inequality of this function class between the samples {a} and {b} depends on more than those of "
                "neighbouring samples do, so that nothing can be set to zero; write one formula for all pairs of samples."
            )


def fix_shifts(trace: HorizonTrace, forms: Sequence[Form]) -> dict[int, Shifts]:
    """Set one column of each direction to zero that no form and no inequality between samples sees; return them by group."""
    found: dict[int, Shifts] = {}
    for group, population in enumerate(trace.groups):
        if population.functions.has_minimiser or population.single:
            continue
        block, samples = group + 1, trace.settled(group)
        shapes = [sample.shape.deviation for sample in samples if sample.label != "*"]
        seen = {shape - shapes[0] for shape in shapes[1:]}
        for form in forms:
            seen |= lines_of(form, block)
        directions = _unseen(seen, shapes)
        overlooked = {line for form in _near(trace, group, samples) for line in _on(form, block, directions)}
        if overlooked:
            directions = _unseen(seen | overlooked, shapes)
        for j in directions:
            trace.elimination.link(block, Linear({j: trace.one}))
        if directions:
            found[group] = Shifts(group, {sample.label: sample for sample in samples}, directions)
    return found


def _near(trace: HorizonTrace, group: int, samples: Sequence[Sample]) -> Iterator[Form]:
    """Yield the inequalities between the minimiser and other samples, and between neighbours."""
    for a, b in [*((samples[0], sample) for sample in samples[1:]), *pairwise(samples[1:])]:
        for pair in ((a, b), (b, a)):
            yield trace.groups[group].functions.interpolation(trace, group, *pair)


def _on(form: Form, block: int, directions: Mapping[int, Linear]) -> set[Linear]:
    """Return the lines of a form's matrix that do not vanish on all directions."""
    return {line for line in lines_of(form, block) if any(_product(line, direction) != 0 for direction in directions.values())}


def _product(line: Linear, direction: Linear) -> Any:
    return sum(a * direction.terms.get(j, 0) for j, a in line.terms.items())


def lines_of(form: Form, block: int) -> set[Linear]:
    """Return the lines of a form's matrix as linear forms."""
    lines: dict[int, dict[int, Any]] = {}
    for (i, j), a in form.blocks.get(block, {}).items():
        lines.setdefault(i, {})[j] = a
        lines.setdefault(j, {})[i] = a
    return {Linear(line) for line in lines.values()}


def _unseen(seen: Iterable[Linear], shapes: Sequence[Linear]) -> dict[int, Linear]:
    """Return a basis of the directions on which all linear forms seen vanish, by a column that is 1 in its own one only."""
    forms = [form for form in seen if form.nonzero]
    columns = sorted({j for form in (*shapes, *forms) for j in form.terms})
    found: dict[int, Linear] = {}
    for numbers in relations([[form.terms.get(j, 0) for form in forms] for j in columns]):
        direction = Linear(dict(zip(columns, numbers, strict=True)))
        found[max(direction.terms)] = direction
    return found
