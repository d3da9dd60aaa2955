"""Rates in study files."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from efpep.methods import Method
from efpep.model.field import whole
from efpep.model.metric import METRICS
from efpep.questions.common.study_form import StudyForm, key, names, one_of, text
from efpep.questions.rate.answer import checked_width, given_weights
from efpep.questions.rate.enclosure import WIDTH
from efpep.questions.rate.inequalities import check_curvature
from efpep.questions.rate.lyapunov_class import INTERPOLATION, WEIGHTS, LyapunovClass
from efpep.questions.rate.question import RateQuestion
from efpep.setting import Setting


def _width(value: object, what: str) -> Fraction:
    del what
    return checked_width(value)


def memory(value: object, what: str) -> int:
    """Read how many past states Lyapunov functions depend on.

    Raises:
        InputError: it is no whole number, or too large.
    """
    return LyapunovClass(whole(value, what)).memory


@dataclass(frozen=True, kw_only=True)
class RateForm(StudyForm[RateQuestion]):
    """What is the proved rate of a method? The keys are as for :func:`efpep.rate`."""

    KIND: ClassVar[str] = RateQuestion.KIND
    VALUE: ClassVar[str] = RateQuestion.ENDS
    MEANING: ClassVar[str] = (
        "A Lyapunov function contracts by the upper end a step, and none of the class by less than the lower end."
    )

    metric: str = key(one_of(METRICS), "distance")
    lyapunov: str | None = key(text, None)
    memory: int = key(memory, 0)
    features: Sequence[str] | None = key(names, None)
    positivity: str | None = key(one_of((WEIGHTS, INTERPOLATION)), None)
    width: Fraction = key(_width, WIDTH, search=True)

    def question(self, method: Method, setting: Setting) -> RateQuestion:
        """Return the question at which rate the method contracts; about the given Lyapunov function where there is one."""
        check_curvature(setting)
        method = method.resolved(setting)
        features = None if self.features is None else tuple(self.features)
        found = RateQuestion(
            method, setting, self.metric, lyapunov_class=LyapunovClass(self.memory, features, self.signs(method))
        )
        return found if self.lyapunov is None else found.about(given_weights(found.inequalities, method, setting, self.lyapunov))

    def signs(self, method: Method) -> str:
        """Return what makes Lyapunov functions nonnegative: what the file says, or else the method."""
        return self.positivity or method.positivity

    def describe(self, method: Method) -> dict[str, object]:
        """Return what is asked, with the width of the interval, and the title that a method of the user's has in proofs."""
        asked = {**super().describe(method), "positivity": self.signs(method)}
        found = {name: value for name, value in asked.items() if (name, value) != ("positivity", WEIGHTS)}
        title = {"title": method.called()} if method.foreign() else {}
        return {"tolerances": {"width": found.pop("width")}, **found, **title}

    def about(self) -> dict[str, object]:
        """Return the metric."""
        return {"metric": self.metric}

    def told(self) -> str:
        """Return what is asked, as a sentence."""
        return f"Rates of Lyapunov functions that control the {self.metric}."


FORM: type[StudyForm[Any]] = RateForm
