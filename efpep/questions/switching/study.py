"""Worst cases over switching patterns in study files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from efpep.functions import BoundedSubgradients
from efpep.methods import Method
from efpep.model.field import positive, whole
from efpep.model.text import exact
from efpep.questions.base import AnyCertificate
from efpep.questions.common.study_form import Quantity, StudyForm, ends_of, key, one_of, truth
from efpep.questions.switching.answer import completed, posed
from efpep.questions.switching.inequalities import METRICS
from efpep.questions.switching.question import SwitchingQuestion
from efpep.questions.worst_case.report import value_object
from efpep.setting import Setting


@dataclass(frozen=True, kw_only=True)
class PatternsForm(StudyForm[SwitchingQuestion]):
    """How bad is a switching method after T rounds, whichever way it switches? As :func:`efpep.switching_worst_case`."""

    KIND: ClassVar[str] = SwitchingQuestion.KIND
    MEANING: ClassVar[str] = (
        "No run exceeds the upper end, whichever way it switches; one run attains at least the lower end, where there is one. "
        "Both are rounded outward. Where 'empty' is yes, it is not excluded that no iterate is below the threshold."
    )
    OPEN: ClassVar[str] = "nothing is proved about some switching pattern"
    RESOLVED: ClassVar[bool] = False

    iterations: int = key(whole, several=True, example="3")
    metric: str = key(one_of(tuple(METRICS)), "average", several=True)
    radius: Fraction = key(positive, Fraction(1))
    every: bool = key(truth, False, search=True)

    @classmethod
    def functions(cls, method: type[Method]) -> str | None:
        """Return convex functions with bounded subgradients."""
        del method
        return BoundedSubgradients.key

    def question(self, method: Method, setting: Setting) -> SwitchingQuestion:
        """Return the question, with the step size of the best guarantee where none is given."""
        return posed(*completed(method, setting, self.iterations, self.radius), self.iterations, self.metric, self.radius)

    def claimed(self, certificate: AnyCertificate | None, asked: SwitchingQuestion) -> dict[str, object]:
        """Return the ends, and whether the output may be empty."""
        empty = None if certificate is None else certificate.question.may_be_empty(certificate.upper)
        return {**super().claimed(certificate, asked), "empty": empty}

    def quantities(self, claimed: Mapping[str, object]) -> dict[str, Quantity]:
        """Return the interval, and whether the output may be empty."""
        empty = claimed.get("empty")
        return {self.VALUE: ends_of(claimed), "empty": empty if isinstance(empty, bool) else None}

    def decimals(self, lower: Fraction | None, upper: Fraction | None) -> dict[str, str | None]:
        """Return an interval as decimals rounded outward, with at least 12 digits."""
        return value_object(lower, upper)

    def told(self) -> str:
        """Return what is asked, as a sentence."""
        return f"Worst cases over all switching patterns, from distance {exact(self.radius)}."


FORM: type[StudyForm[Any]] = PatternsForm
