"""Least constants of growing potentials in study files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from efpep.methods import Method
from efpep.methods.base import GROWING
from efpep.model.field import whole
from efpep.questions.common.potential_form import PotentialForm
from efpep.questions.common.study_form import StudyForm, key
from efpep.questions.potential.question import PotentialQuestion
from efpep.setting import Setting


@dataclass(frozen=True, kw_only=True)
class GrowingForm(PotentialForm[PotentialQuestion]):
    """What is the least constant K of a method's growing potential over T steps?"""

    KIND: ClassVar[str] = PotentialQuestion.KIND
    ANALYSIS: ClassVar[str] = GROWING.key
    MINIMISER: ClassVar[bool | None] = True

    iterations: int = key(whole, several=True, example="10")

    def question(self, method: Method, setting: Setting) -> PotentialQuestion:
        """Return the question for the least constant, with the method's step size."""
        return PotentialQuestion(method.resolved(setting), setting, self.iterations)


FORM: type[StudyForm[Any]] = GrowingForm
