"""Facial reduction before any solver: drop what cannot be observed, does not occur, or depends on the rest.

Without it the optimal margin of the rate SDP sticks at zero and root finders return wrong roots.
"""

from __future__ import annotations

from collections.abc import Sequence

from efpep.model.exact import independent, relations
from efpep.model.form import Form
from efpep.model.trace import Trace
from efpep.questions.common.features import Feature, FeatureBlock

__all__ = ["columns_of", "independent", "independent_features", "observable", "occurring", "reduced_blocks", "relations"]


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
