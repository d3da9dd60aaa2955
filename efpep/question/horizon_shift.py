"""Directions of the agents' deviations that nothing in a question depends on, such as a common shift of all gradients.

Functions without a minimiser, whose gradients only matter by their differences, leave such a direction where the method does not
see it either. Every matrix of the question vanishes on it, so that no multipliers are strictly feasible; setting one column of it
to zero changes no value.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from efpep.model.linear import Linear

if TYPE_CHECKING:
    from collections.abc import Sequence

    from efpep.model.form import Form
    from efpep.question.horizon_trace import HorizonTrace


def fix_shifts(trace: HorizonTrace, forms: Sequence[Form]) -> bool:
    """Set one column of each direction to zero that no form and no difference of a group's samples sees; True if there is any."""
    found = False
    for group, population in enumerate(trace.groups):
        if population.functions.has_minimiser or population.single:
            continue
        block = group + 1
        shapes = [sample.shape.deviation for sample in trace.settled(group) if sample.label != "*"]
        seen = {shape - shapes[0] for shape in shapes[1:]}
        for form in forms:
            seen |= _lines(form.blocks.get(block, {}))
        columns = sorted({j for form in (*shapes, *seen) for j in form.terms})
        for j in _free([form for form in seen if form.nonzero], columns):
            trace.elimination.link(block, Linear({j: trace.one}))
            found = True
    return found


def _lines(entries: Any) -> set[Linear]:
    """Return the lines of a symmetric matrix as linear forms."""
    lines: dict[int, dict[int, Any]] = {}
    for (i, j), a in entries.items():
        lines.setdefault(i, {})[j] = a
        lines.setdefault(j, {})[i] = a
    return {Linear(line) for line in lines.values()}


def _free(forms: Sequence[Linear], columns: Sequence[int]) -> list[int]:
    """Return the columns that may take any value where all forms vanish, the others being determined by them."""
    import flint

    if not forms:
        return list(columns)
    exact: Any = flint
    entries = [exact.fmpq(*a.as_integer_ratio()) if (a := form.terms.get(j)) else 0 for form in forms for j in columns]
    reduced, rank = exact.fmpq_mat(len(forms), len(columns), entries).rref()
    leading = {next(c for c in range(len(columns)) if reduced[r, c] != 0) for r in range(rank)}
    return [j for c, j in enumerate(columns) if c not in leading]
