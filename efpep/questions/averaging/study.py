"""Least constants of one-step (averaging) potentials in study files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from efpep.methods import Method
from efpep.methods.base import AVERAGING
from efpep.questions.averaging.inequalities import prepared
from efpep.questions.averaging.question import AveragingQuestion
from efpep.questions.common.potential_form import PotentialForm
from efpep.questions.common.study_form import StudyForm
from efpep.setting import Setting


@dataclass(frozen=True, kw_only=True)
class AveragingForm(PotentialForm[AveragingQuestion]):
    """What is the least constant K of a method's one-step potential? It is the same for every step size."""

    KIND: ClassVar[str] = AveragingQuestion.KIND
    STORED: ClassVar[str] = "one-step potential"
    ANALYSIS: ClassVar[str] = AVERAGING.key
    RESOLVED: ClassVar[bool] = False

    def question(self, method: Method, setting: Setting) -> AveragingQuestion:
        """Return the question for the least constant, as it is asked."""
        return AveragingQuestion(*prepared(method, setting))


FORM: type[StudyForm[Any]] = AveragingForm
