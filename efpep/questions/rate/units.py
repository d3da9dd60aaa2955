"""Units for the solver that make a one-step question dimensionless."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from efpep.conic.units import Measures, Units, column_sizes, dyadic
from efpep.model.column import Unit
from efpep.model.field import Scalar
from efpep.model.linear import Linear
from efpep.questions.common.features import Feature, FeatureBlock
from efpep.questions.common.step_inequalities import StepInequalities


def scaling(question: StepInequalities) -> Units:
    """Return units in which gradients and points have comparable size.

    Points are measured in 1, gradients and values in the average of L - mu. Where no memory of the method is compared with
    points, the point feature is measured in ``(L - mu)/mu``, that is like ``mu x``, a gradient.
    """
    gradient = dyadic(question.unit)
    sizes = {Unit.POINT: Fraction(1), Unit.GRADIENT: gradient}
    columns = tuple(column_sizes(block, sizes) for block in question.columns)
    point = Fraction(1) if question.point_units else 1 / dyadic(question.curvature / question.unit)
    features = tuple(tuple(_feature_size(feature, sizes, point) for feature in block.features) for block in question.blocks)
    return Units(columns, features, gradient)


def rate_measures(question: StepInequalities, units: Units) -> Measures:
    """Return the units of the whole system of a question; gradients are solved for without their part ``mu x``."""
    shifts = tuple(_shifts(block) for block in question.blocks)
    return Measures((units,) * len(question.system.relations), units.features, shifts=shifts)


def scaled_features(units: Units, block: FeatureBlock, sizes: Sequence[Fraction]) -> tuple[list[Linear], list[Linear]]:
    """Return a block's features over scaled columns, before and after the step, without the parts ``mu x`` of gradients."""
    shifts = _shifts(block)
    point = block.features[0] if block.features else None
    found: tuple[list[Linear], list[Linear]] = ([], [])
    for feature, shift, size in zip(block.features, shifts, sizes, strict=True):
        for side, form, first in ((0, feature.before, point and point.before), (1, feature.after, point and point.after)):
            moved = form - shift * first if shift and first is not None else form
            found[side].append(units.linear(block.index, moved, size))
    return found


def _shifts(block: FeatureBlock) -> tuple[Scalar, ...]:
    pointed = bool(block.features) and block.features[0].unit is Unit.POINT
    return tuple(feature.curvature if pointed else 0 for feature in block.features)


def _feature_size(feature: Feature, sizes: Mapping[Unit, Fraction], point: Fraction) -> Fraction:
    return point if feature.unit is Unit.POINT else sizes[feature.unit]
