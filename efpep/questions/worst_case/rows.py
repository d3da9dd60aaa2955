"""Rows and samples of a finite-horizon question that bind nothing, because nothing is asked about what they introduce."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

from efpep.model.definite import is_semidefinite
from efpep.model.form import Form

if TYPE_CHECKING:
    from efpep.model.row import Row
    from efpep.model.sample import Sample

Place = tuple[int, int]


def places(form: Form) -> set[Place]:
    """Return the columns of a form, as ``(block, column)``."""
    return {(b, j) for b, entries in form.blocks.items() for key in entries for j in key}


def stripped(form: Form, gone: Collection[Place]) -> Form:
    """Return a form where these columns are zero."""
    blocks = {
        b: {(i, j): a for (i, j), a in entries.items() if (b, i) not in gone and (b, j) not in gone}
        for b, entries in form.blocks.items()
    }
    return Form({b: entries for b, entries in blocks.items() if entries}, form.values)


def without_void(rows: Sequence[Row], objective: Form, samples: Sequence[tuple[Sample, ...]]) -> list[Row]:
    """Drop inequalities that can always be met by columns of their own, such as the compression of a last, unused message.

    That is where no other row, sample or objective has these columns, and the rest of the row is never positive.
    """
    counts = Counter(place for row in rows for place in places(row.form))
    counts.update(places(objective))
    for group, own in enumerate(samples):
        for sample in own:
            counts.update([(0, j) for part in (sample.x, sample.shape) for j in part.mean.terms])
            counts.update([(group + 1, j) for part in (sample.x, sample.shape) for j in part.deviation.terms])
    return [row for row in rows if row.equality or not _void(row.form, counts)]


def _void(form: Form, counts: Counter[Place]) -> bool:
    own = {place for place in places(form) if counts[place] == 1}
    if not own or any(a > 0 for a in form.values.values()):
        return False
    for b, entries in form.blocks.items():
        kept = sorted({j for key in entries for j in key if (b, j) not in own})
        if not is_semidefinite([[-a for a in line] for line in form.matrix(b, kept)]):
            return False
    return True


def without_idle(samples: Sequence[tuple[Sample, ...]], rows: Sequence[Row], objective: Form) -> tuple[tuple[Sample, ...], ...]:
    """Drop samples whose gradient and value occur nowhere but in the rows between samples: the functions have them anyway."""
    found: list[tuple[Sample, ...]] = []
    forms = [objective, *(row.form for row in rows)]
    used = {place for form in forms for place in places(form)}
    values = {k for form in forms for k in form.values}
    for group, own in enumerate(samples):
        kept: list[Sample] = []
        for sample in own:
            shape = {(0, j) for j in sample.shape.mean.terms} | {(group + 1, j) for j in sample.shape.deviation.terms}
            elsewhere = {
                place
                for other in own
                if other is not sample
                for part in (other.x, other.shape)
                for place in [*((0, j) for j in part.mean.terms), *((group + 1, j) for j in part.deviation.terms)]
            }
            if sample.label == "*" or shape & (used | elsewhere) or values & set(sample.value.values) or not shape:
                kept.append(sample)
        found.append(tuple(kept))
    return tuple(found)
