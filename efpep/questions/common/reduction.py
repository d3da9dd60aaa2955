"""Facial reduction before any solver: drop what cannot be observed, does not occur, or depends on the rest.

Without it the optimal margin of the rate SDP sticks at zero and root finders return wrong roots.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from efpep.model.exact import independent, relations
from efpep.model.form import Form
from efpep.model.linear import Linear
from efpep.model.row import Row
from efpep.model.trace import Trace
from efpep.questions.common.features import Feature, FeatureBlock

__all__ = [
    "columns_of",
    "independent",
    "independent_features",
    "observable",
    "occurring",
    "reduced_blocks",
    "relations",
    "without_idle",
    "without_unseen",
]


def columns_of(forms: Sequence[Form], block: int) -> set[int]:
    """Return the columns of ``block`` that occur in ``forms``."""
    return {j for form in forms for key in form.blocks.get(block, {}) for j in key}


def observable(features: Sequence[Feature], forms: Sequence[Form], block: int) -> list[Feature]:
    """Drop features that feed nothing: their column occurs in no form and in no other kept feature.

    A Lyapunov function may be replaced by its minimum over such a feature, which the method never looks at.
    """
    kept = [feature for feature in features if feature.before.nonzero or feature.after.nonzero]
    in_forms = columns_of(forms, block)
    while True:
        for feature in kept:
            own = list(feature.before.terms)
            if len(own) != 1 or own[0] in in_forms:
                continue
            others = [other for other in kept if other is not feature]
            if not any(own[0] in other.before.terms or own[0] in other.after.terms for other in others):
                kept = others
                break
        else:
            return kept


def occurring(features: Sequence[Feature], forms: Sequence[Form], block: int) -> tuple[int, ...]:
    """Return the columns of ``block`` that occur in forms or kept features, in order."""
    used = columns_of(forms, block)
    for feature in features:
        used |= set(feature.before.terms) | set(feature.after.terms)
    return tuple(sorted(used))


def independent_features(features: Sequence[Feature], columns: Sequence[int]) -> list[Feature]:
    """Drop features that depend linearly, before and after the step alike, on earlier ones."""
    rows = [feature.before.row(columns) + feature.after.row(columns) for feature in features]
    return [features[i] for i in independent(rows)] if rows else []


def without_unseen(
    blocks: Sequence[FeatureBlock], rows: Sequence[Row], *, noise: bool = False
) -> tuple[tuple[FeatureBlock, ...], tuple[Row, ...]]:
    """Return blocks and rows without columns that may be zero, as many as there are motions that no row and no feature sees.

    What else is asked of the blocks has to be seen by a row too, as the metric is. With ``noise`` it does not count that draws
    are orthogonal to the past, which holds of motions by the past too.
    """
    counted = [row.form for row in rows if not (noise and row.origin.past is not None)]
    hidden = {block.index: _unseen(block, counted) for block in blocks}
    seen = tuple(_seen(block, hidden[block.index]) for block in blocks)
    kept = (replace(row, form=_without(row.form, hidden)) for row in rows)
    return seen, tuple(row for row in kept if not noise or row.form.blocks or row.form.values)


def without_idle(rows: Sequence[Row], others: Sequence[Form], features: Mapping[int, Sequence[Linear]]) -> tuple[Row, ...]:
    """Return the rows without equalities about columns that occur in products with others alone, and only in such equalities.

    Such a column may be zero, as the agents' gradients at ``x*`` where noise is orthogonal to them and nothing else sees them.
    """
    bounds = [*others, *(row.form for row in rows if not row.equality)]
    seen = {(b, j) for form in bounds for b, entries in form.blocks.items() for key in entries for j in key}
    seen |= {(b, i) for row in rows for b, entries in row.form.blocks.items() for i, j in entries if i == j}
    seen |= {(b, j) for b, forms in features.items() for form in forms for j in form.terms}
    used = [{(b, j) for b, entries in row.form.blocks.items() for key in entries for j in key} for row in rows]
    return tuple(row for row, columns in zip(rows, used, strict=True) if columns <= seen)


def _unseen(block: FeatureBlock, forms: Sequence[Form]) -> set[int]:
    """Return the last columns of the motions that no form and no feature of a block sees."""
    columns = block.columns
    matrices = [form.matrix(block.index, columns) for form in forms]
    linear = [form.row(columns) for feature in block.features for form in (feature.before, feature.after)]
    lines = [[a for m in matrices for a in m[i]] + [row[i] for row in linear] for i in range(len(columns))]
    return {columns[max(i for i, c in enumerate(motion) if c != 0)] for motion in relations(lines)}


def _without(form: Form, hidden: Mapping[int, set[int]]) -> Form:
    blocks = {b: {key: a for key, a in own.items() if not hidden.get(b, set()) & set(key)} for b, own in form.blocks.items()}
    return Form({b: entries for b, entries in blocks.items() if entries}, form.values)


def _seen(block: FeatureBlock, hidden: set[int]) -> FeatureBlock:
    def kept(form: Linear) -> Linear:
        return Linear({j: a for j, a in form.terms.items() if j not in hidden})

    features = tuple(replace(f, before=kept(f.before), after=kept(f.after)) for f in block.features)
    return FeatureBlock(block.index, block.name, tuple(j for j in block.columns if j not in hidden), features)


def reduced_blocks(trace: Trace, features: Sequence[Sequence[Feature]], forms: Sequence[Form]) -> tuple[FeatureBlock, ...]:
    """Return the blocks of a question: the columns and features that matter, of ``features`` by block and of ``forms``."""
    blocks: list[FeatureBlock] = []
    for index, candidates in enumerate(features):
        kept = observable(candidates, forms, index)
        columns = occurring(kept, forms, index)
        kept = independent_features(kept, columns)
        if columns or index == 0:
            blocks.append(FeatureBlock(index, trace.block_name(index), columns, tuple(kept)))
    return tuple(blocks)
