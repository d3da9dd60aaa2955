"""Least constants of growing potentials in study files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, ClassVar

from efpep.methods import Method
from efpep.methods.base import GROWING
from efpep.model.field import positive, rational, whole
from efpep.model.gradient_noise import GradientNoise
from efpep.questions.common.potential_form import PotentialForm
from efpep.questions.common.study_form import StudyForm, key
from efpep.questions.potential.question import PotentialQuestion
from efpep.setting import Setting


@dataclass(frozen=True, kw_only=True)
class GrowingForm(PotentialForm[PotentialQuestion]):
    """What is the least constant K of a method's growing potential over T steps?

    Gradients are stochastic where ``sigma``, the standard deviation of their noise, is not 0; starts are at most ``radius`` away.
    """

    KIND: ClassVar[str] = PotentialQuestion.KIND
    ANALYSIS: ClassVar[str] = GROWING.key
    MINIMISER: ClassVar[bool | None] = True

    iterations: int = key(whole, several=True, example="10")
    sigma: Fraction = key(rational, Fraction(0), several=True, later=True)
    radius: Fraction = key(positive, Fraction(1), several=True, later=True)

    def setting(self, setting: Setting) -> Setting:
        """Return a setting with the noise."""
        placed = super().setting(setting)
        return replace(placed, noise=GradientNoise(self.sigma)) if self.sigma else placed

    def question(self, method: Method, setting: Setting) -> PotentialQuestion:
        """Return the question for the least constant, with the method's step size."""
        return PotentialQuestion(method.resolved(setting), setting, self.iterations, self.radius)


FORM: type[StudyForm[Any]] = GrowingForm
