"""Constants of noise in study files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, ClassVar

from efpep.methods import Method
from efpep.model.field import rational
from efpep.model.function_class import FunctionClass
from efpep.model.gradient_noise import GradientNoise
from efpep.model.metric import METRICS
from efpep.questions.common.study_form import StudyForm, key, one_of
from efpep.questions.noise.question import AVERAGE, BOUNDS, NoiseQuestion
from efpep.setting import Setting


@dataclass(frozen=True, kw_only=True)
class NoiseForm(StudyForm[NoiseQuestion]):
    """What does the noise of gradients cost? The keys are as for :func:`efpep.noise`, and ``sigma`` is that of the noise."""

    KIND: ClassVar[str] = NoiseQuestion.KIND
    VALUE: ClassVar[str] = NoiseQuestion.ENDS
    MEANING: ClassVar[str] = (
        "A Lyapunov function proves the upper end as the constant of sigma^2, and none of the class less than the lower end. "
        "Both are rounded outward."
    )

    rho: Fraction = key(rational, Fraction(1), several=True)
    sigma: Fraction = key(rational, Fraction(1), several=True)
    bound: str = key(one_of(BOUNDS), AVERAGE)
    metric: str = key(one_of(METRICS), "distance")

    @classmethod
    def asks(cls, method: type[Method], functions: type[FunctionClass] | None = None) -> bool:
        """Return whether the functions have a minimiser."""
        del method
        return functions is None or functions.has_minimiser

    def setting(self, setting: Setting) -> Setting:
        """Return a setting with the noise."""
        return replace(super().setting(setting), noise=GradientNoise(self.sigma))

    def question(self, method: Method, setting: Setting) -> NoiseQuestion:
        """Return the question for the least constant, with the method's step size."""
        return NoiseQuestion(method.resolved(setting), setting, self.rho, self.bound, self.metric)

    def told(self) -> str:
        """Return what is asked, as a sentence."""
        return f"Least constants of the gradients' noise in a step of Lyapunov functions, for the {self.bound} {self.metric}."


FORM: type[StudyForm[Any]] = NoiseForm
"""How constants of noise stand in study files."""
