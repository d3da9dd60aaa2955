"""Constants of noise beside decreases in study files."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, ClassVar

from efpep.methods import Method
from efpep.model.field import rational
from efpep.model.function_class import FunctionClass
from efpep.model.gradient_noise import GradientNoise
from efpep.questions.common.study_form import StudyForm, key
from efpep.questions.nonconvex_noise.question import NonconvexNoiseQuestion
from efpep.setting import Setting


@dataclass(frozen=True, kw_only=True)
class NonconvexNoiseForm(StudyForm[NonconvexNoiseQuestion]):
    """What does noise add to the potential of a method for functions without a minimiser, beside a ``decrease``?"""

    KIND: ClassVar[str] = NonconvexNoiseQuestion.KIND
    VALUE: ClassVar[str] = NonconvexNoiseQuestion.ENDS
    MEANING: ClassVar[str] = (
        "A potential with the decrease proves the upper end as the constant of sigma^2, and none less than the lower end. Both "
        "are rounded outward."
    )

    decrease: Fraction = key(rational, several=True)
    sigma: Fraction = key(rational, Fraction(1), several=True)

    @classmethod
    def asks(cls, method: type[Method], functions: type[FunctionClass] | None = None) -> bool:
        """Return whether the functions have no minimiser."""
        del method
        return functions is not None and not functions.has_minimiser

    def setting(self, setting: Setting) -> Setting:
        """Return a setting with the noise."""
        return replace(super().setting(setting), noise=GradientNoise(self.sigma))

    def question(self, method: Method, setting: Setting) -> NonconvexNoiseQuestion:
        """Return the question for the least constant, with the method's step size."""
        return NonconvexNoiseQuestion(method.resolved(setting), setting, self.decrease)

    def told(self) -> str:
        """Return what is asked, as a sentence."""
        return "Least constants of the gradients' noise beside decreases of potentials."


FORM: type[StudyForm[Any]] = NonconvexNoiseForm
"""How these questions stand in study files."""
