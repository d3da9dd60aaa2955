"""Units for questions about agents of very different kinds: every group's gradients in its own unit.

With one unit for all (:func:`efpep.questions.rate.units.scaling`) double precision loses the groups whose ``L - mu`` is a
thousand times smaller than another's.
"""

from __future__ import annotations

import re
from fractions import Fraction

from efpep.conic.units import Units, dyadic
from efpep.model.column import Unit
from efpep.questions.common.step_inequalities import StepInequalities
from efpep.setting import Setting

_NUMBERED = re.compile(r"\[(\d+)\]$")
_POINT = "x"


def grouped_units(question: StepInequalities, setting: Setting) -> list[Units]:
    """Return units to try, best first: points as they are, or as they compare with gradients where a method is slow."""
    gaps = [group.functions.smoothness - group.functions.curvature for group in setting.populations()]
    shares = [dyadic(gap / question.unit) if gap > 0 else Fraction(1) for gap in gaps]
    gradient = dyadic(question.unit)
    slow = 1 / dyadic(question.curvature / question.unit)

    def share(block: int, name: str) -> Fraction:
        numbered = _NUMBERED.search(name)
        if block == 0 and numbered is None:
            return shares[0] if len(shares) == 1 else Fraction(1)
        return shares[block - 1 if block > 0 or numbered is None else int(numbered[1]) - 1]

    memory = Fraction(1) if question.point_units else gradient

    def units(point: Fraction) -> Units:
        columns = tuple(
            tuple(
                point if column.name == _POINT else share(b, column.name) * (gradient if column.unit is Unit.GRADIENT else memory)
                for column in names
            )
            for b, names in enumerate(question.columns)
        )
        features = tuple(
            tuple(
                point
                if feature.name == _POINT
                else share(block.index, feature.name) * (gradient if feature.unit is Unit.GRADIENT else memory)
                for feature in block.features
            )
            for block in question.blocks
        )
        return Units(columns, features, gradient)

    found = [units(slow), units(Fraction(1))]
    return found[::-1] if question.point_units else found
