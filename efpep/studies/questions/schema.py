"""The schemas of studies of other questions than the rate: one class a kind of question.

A study is one of rates (:mod:`efpep.studies.rates.schema`) with another ``question``; its methods, classes, grid and groups are
the same.

    title = "EF21 after a few steps"
    question = "worst-case"               # as efpep.worst_case
    methods = ["ef21"]
    iterations = [1, 2, 5]                # one or several
    metric = ["distance", "gap"]          # one or several
    at = "last"                           # or "best", "average", "mean"
    initial = { distance = 1 }            # or a name, bounded by 1
    heterogeneity = "1/2"                 # for several agents whose minimisers differ
    pairs = "auto"                        # or "all", or how far apart
    attained = true                       # whether a run for the lower end is searched for; up to 20 steps without it

    [grid]
    kappa = 10
    L = 1
    delta = [0.5, 0.9]

With ``question = "potential"`` it asks for the least constant of the methods' potentials, as efpep.potential: ``iterations``
are needed for growing potentials, and one-step potentials have none.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Annotated, ClassVar, Literal, cast

from pydantic import BeforeValidator, Field

from efpep.errors import InputError
from efpep.methods import Method
from efpep.methods.base import ONE_STEP
from efpep.model.field import rational, shown
from efpep.model.text import exact
from efpep.studies.engine.grid import Counts, GridStudy, MetricName, Number
from efpep.studies.engine.load import listed
from efpep.studies.engine.points import Point
from efpep.studies.engine.question_task import AnyQuestionTask
from efpep.studies.engine.setting import whole
from efpep.studies.questions.averaging import AveragingTask
from efpep.studies.questions.growing import GrowingTask
from efpep.studies.questions.worst_case import WorstCaseTask

_PLACES = {
    "last": "at the last iterate",
    "best": "at the best iterate",
    "average": "at the average iterate",
    "mean": "on average over the iterates",
}


def _initial(value: object) -> dict[str, Fraction]:
    table = cast("Mapping[str, object]", value) if isinstance(value, Mapping) else {str(value): 1}
    return {name: rational(bound, f"the bound of the initial {name}") for name, bound in table.items()}


def _pairs(value: object) -> str | int:
    return str(value) if value in {"auto", "all"} else whole(value, "pairs")


class QuestionStudy(GridStudy):
    """A study of a kind of question over a grid: besides what follows, all of :class:`~efpep.studies.engine.grid.GridStudy`.

    Attributes:
        meaning: what its intervals are, for tables.
        iterations: numbers of steps, one or several; None for none.
    """

    meaning: ClassVar[str]
    iterations: Counts | None = None

    @abstractmethod
    def tasks(self, point: Point) -> Iterator[AnyQuestionTask]:
        """Yield the questions about one method in one setting."""

    @abstractmethod
    def told(self) -> str:
        """Return what is asked, as a sentence."""

    def counts(self) -> list[int]:
        """Return the numbers of steps.

        Raises:
            InputError: there are none.
        """
        if self.iterations is None:
            raise InputError("iterations is missing, and the question is about a number of steps; give it, such as 10.")
        return self.iterations


class WorstCaseStudy(QuestionStudy):
    """A study of worst cases after T steps.

    Attributes:
        metric: what is measured, one or several.
        at: where it is measured.
        initial: what is bounded at the start, by name.
        heterogeneity: the bound zeta of ``mean ||grad f_i(x*)||^2 <= zeta^2``; None for none.
        pairs: which inequalities between samples are used.
        attained: whether a run for the lower end is searched for; None for runs of up to 20 steps.
    """

    meaning: ClassVar[str] = (
        "No run exceeds the upper end; one run attains at least the lower end, where there is one. Both are rounded outward."
    )
    question: Literal["worst-case"]
    metric: Annotated[list[MetricName], BeforeValidator(listed), Field(min_length=1)] = Field(default=["distance"])
    at: Literal["last", "best", "average", "mean"] = "last"
    initial: Annotated[dict[str, Fraction], BeforeValidator(_initial)] = Field(default={"distance": Fraction(1)})
    heterogeneity: Number | None = None
    pairs: Annotated[str | int, BeforeValidator(_pairs)] = "auto"
    attained: Annotated[bool, Field(strict=True)] | None = None

    def tasks(self, point: Point) -> Iterator[AnyQuestionTask]:
        """Yield the worst cases of all metrics after all numbers of steps."""
        setting = point.setting
        if self.heterogeneity is not None:
            setting = replace(setting, heterogeneity=self.heterogeneity)
        initial = tuple(self.initial.items())
        for count in self.counts():
            for metric in self.metric:
                yield WorstCaseTask(
                    point.method, setting, count, metric, self.at, initial, self.pairs, self.attained, self.solver
                )

    def told(self) -> str:
        """Return what is asked, as a sentence."""
        bounds = [f"{name} at most {exact(bound)}" for name, bound in self.initial.items()]
        if self.heterogeneity is not None:
            bounds.append(f"gradients at x* of a mean square of at most {exact(self.heterogeneity**2)}")
        return f"Worst cases {_PLACES[self.at]}, over all runs started with {' and '.join(bounds)}."

    def about(self) -> dict[str, object]:
        """Return the kind of question, where is measured, and what is bounded at the start."""
        zeta = self.heterogeneity
        return {
            "question": self.question,
            "at": self.at,
            "initial": {name: exact(bound) for name, bound in self.initial.items()},
            **({} if zeta is None else {"heterogeneity": exact(zeta)}),
        }


class PotentialStudy(QuestionStudy):
    """A study of the least constants of potentials."""

    meaning: ClassVar[str] = (
        "A potential of the method's kind proves the upper end as its constant K, and none proves less than the lower end. "
        "Both are rounded outward."
    )
    question: Literal["potential"]

    def tasks(self, point: Point) -> Iterator[AnyQuestionTask]:
        """Yield the constants for all numbers of steps, or the one of a single step."""
        if point.method.potential.key == ONE_STEP.key:
            if self.iterations is not None:
                raise InputError("iterations are given, but a one-step potential is the same for all of them; leave them out.")
            yield AveragingTask(point.method, point.setting, self.solver)
        else:
            yield from (GrowingTask(point.method, point.setting, count, self.solver) for count in self.counts())

    def told(self) -> str:
        """Return what is asked, as a sentence."""
        return "Least constants K of the methods' potentials."

    def about(self) -> dict[str, object]:
        """Return the kind of question."""
        return {"question": self.question}

    def functions_of(self, method: type[Method]) -> object:
        """Return the class that the kind of potential is about, where neither a class nor strong convexity is given."""
        given = self.functions is not None or self.grid.kappa is not None or self.grid.mu is not None
        return self.functions if given else method.potential.functions


QUESTIONS: Mapping[str, type[QuestionStudy]] = {"worst-case": WorstCaseStudy, "potential": PotentialStudy}
"""The kinds of questions besides the rate, one line a kind."""


def find_question(question: object) -> type[QuestionStudy]:
    """Return the schema of studies of a kind of question.

    Raises:
        InputError: there is no such kind.
    """
    found = QUESTIONS.get(question) if isinstance(question, str) else None
    if found is None:
        raise InputError(f"question is {shown(question)}, which no study asks; choose one of rate, {', '.join(QUESTIONS)}.")
    return found
