"""The linear matrix inequalities of a one-step question."""

from __future__ import annotations

from efpep.conic.family import default_family
from efpep.conic.lmi import FamilyMaker, Lmi
from efpep.conic.units import Units
from efpep.questions.common.step_inequalities import StepInequalities
from efpep.questions.rate.units import rate_measures, scaling


def rate_lmi(
    question: StepInequalities, family_of: FamilyMaker = default_family, units: Units | None = None, *, reduce: bool = True
) -> Lmi:
    """Assemble a question exactly, in scaled units.

    ``units`` are those of :func:`efpep.questions.rate.units.scaling` by default. ``family_of`` makes the family of functions;
    by default it is the given function where the question has one, else all of the class. ``reduce`` says whether equations stand
    for columns without a diagonal (see :mod:`efpep.conic.unbounded_columns`).
    """
    return Lmi(question.system, rate_measures(question, units or scaling(question)), family_of, reduce=reduce)
