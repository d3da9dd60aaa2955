"""Worst cases after T steps in study files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, cast

from efpep.methods import Method
from efpep.model.field import rational, whole
from efpep.model.text import exact
from efpep.questions.common.study_form import StudyForm, key, one_of, truth
from efpep.questions.worst_case.metric import NAMES, PLACES
from efpep.questions.worst_case.question import WHERE, WorstCaseQuestion
from efpep.questions.worst_case.report import value_object
from efpep.setting import Setting


def _initial(value: object, what: str) -> dict[str, Fraction]:
    table = cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {str(value): 1}
    return {name: rational(bound, f"the bound of the {what} {name}") for name, bound in table.items()}


def _pairs(value: object, what: str) -> str | int:
    return value if isinstance(value, str) and value in {"auto", "all"} else whole(value, what)


@dataclass(frozen=True, kw_only=True)
class WorstCaseForm(StudyForm[WorstCaseQuestion]):
    """What is the worst case of a metric after T steps of a method? The keys are as for :func:`efpep.worst_case`."""

    KIND: ClassVar[str] = WorstCaseQuestion.KIND
    MEANING: ClassVar[str] = (
        "No run exceeds the upper end; one run attains at least the lower end, where there is one. Both are rounded outward."
    )

    iterations: int = key(whole, several=True, example="10")
    metric: str = key(one_of(NAMES), "distance", several=True)
    at: str = key(one_of(PLACES), "last")
    initial: Mapping[str, Fraction] = key(_initial, {"distance": Fraction(1)})
    heterogeneity: Fraction | None = key(rational, None, placed=True)
    dissimilarity: Fraction | None = key(rational, None, placed=True)
    pairs: str | int = key(_pairs, "auto", search=True)
    attained: bool | None = key(truth, None, search=True)

    def question(self, method: Method, setting: Setting) -> WorstCaseQuestion:
        """Return the question how large the metric can be, with the method's step size."""
        return WorstCaseQuestion(method.resolved(setting), setting, self.iterations, self.metric, self.at, self.initial)

    def decimals(self, lower: Fraction | None, upper: Fraction | None) -> dict[str, str | None]:
        """Return an interval as decimals rounded outward, with at least 12 digits."""
        return value_object(lower, upper)

    def told(self) -> str:
        """Return what is asked, as a sentence."""
        bounds = [f"{name} at most {exact(bound)}" for name, bound in self.initial.items()]
        if self.heterogeneity is not None:
            bounds.append(f"gradients at x* of a mean square of at most {exact(self.heterogeneity**2)}")
        if self.dissimilarity is not None:
            bounds.append(f"gradients whose mean square difference from their mean is at most {exact(self.dissimilarity**2)}")
        return f"Worst cases {WHERE[self.at]}, over all runs started with {' and '.join(bounds)}."


FORM: type[StudyForm[Any]] = WorstCaseForm
