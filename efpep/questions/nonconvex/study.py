"""Largest decreases of nonconvex potentials in study files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from efpep.methods import Method
from efpep.methods.base import GROWING
from efpep.model.field import whole
from efpep.questions.common.potential_form import PotentialForm
from efpep.questions.common.study_form import StudyForm, key
from efpep.questions.nonconvex.question import NonconvexQuestion
from efpep.setting import Setting


@dataclass(frozen=True, kw_only=True)
class NonconvexForm(PotentialForm[NonconvexQuestion]):
    """What is the largest decrease a of a method's potential for functions without a minimiser?"""

    KIND: ClassVar[str] = NonconvexQuestion.KIND
    MEANING: ClassVar[str] = "A potential decreases by the lower end, and none by more than the upper one, both rounded outward."
    ANALYSIS: ClassVar[str] = GROWING.key
    MINIMISER: ClassVar[bool | None] = False

    memory: int = key(whole, 0, several=True)

    def question(self, method: Method, setting: Setting) -> NonconvexQuestion:
        """Return the question for the largest decrease, with the method's step size."""
        return NonconvexQuestion(method.resolved(setting), setting, self.memory)

    def told(self) -> str:
        """Return what is asked, as a sentence."""
        return "Largest decreases of the methods' potentials."


FORM: type[StudyForm[Any]] = NonconvexForm
