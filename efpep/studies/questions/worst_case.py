"""The worst case after T steps as a task of a sweep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from efpep.conic.solver import DEFAULT
from efpep.methods.base import Method
from efpep.model.text import exact
from efpep.questions.worst_case.question import WorstCaseQuestion
from efpep.questions.worst_case.report import value_object
from efpep.setting import Setting
from efpep.studies.engine.question_task import QuestionTask, proved
from efpep.studies.engine.task import Outcome, State


@dataclass(frozen=True)
class WorstCaseTask(QuestionTask[WorstCaseQuestion]):
    """What is the worst case of a metric after T steps of a method?

    Attributes:
        method: the method; its step size is a number or ``"optimal"``.
        setting: the setting.
        iterations: the number T of steps, as for :func:`efpep.worst_case`, like all that follow.
        metric: what is measured.
        at: where it is measured.
        initial: what is bounded at the start, by name.
        pairs: which inequalities between samples are used.
        attained: whether a run for the lower end is searched for.
        solver: who proposes.
    """

    kind: ClassVar[str] = "worst case"
    ends: ClassVar[str] = "value"
    method: Method
    setting: Setting
    iterations: int
    metric: str = "distance"
    at: str = "last"
    initial: tuple[tuple[str, Fraction], ...] = (("distance", Fraction(1)),)
    pairs: str | int = "auto"
    attained: bool | None = None
    solver: str = DEFAULT

    def describe(self) -> dict[str, object]:
        """Return the question, with what the search may leave out, and the digest of what is recorded."""
        return {
            "method": self.method.describe(),
            "setting": self.setting.describe(),
            "iterations": self.iterations,
            "metric": self.metric,
            "at": self.at,
            "initial": {name: exact(bound) for name, bound in self.initial},
            "pairs": self.pairs,
            "attained": self.attained,
            "solver": self.solver,
            "system": self.system,
        }

    def posed(self) -> WorstCaseQuestion:
        """Return the question how large the metric can be, with the method's step size."""
        method = self.method.resolved(self.setting)
        return WorstCaseQuestion(method, self.setting, self.iterations, self.metric, self.at, dict(self.initial))

    def further(self) -> dict[str, object]:
        """Return the number of steps and the metric."""
        return {"iterations": self.iterations, "metric": self.metric}

    def shown(self, outcome: Outcome) -> Mapping[str, str | None]:
        """Return the interval of an outcome as decimals rounded outward, with at least 12 digits."""
        return value_object(*outcome.interval())

    @staticmethod
    def state(lower: Fraction | None, upper: Fraction | None) -> State:
        """Return proved where there is an upper end; a lower one is attained and need not be there."""
        del lower
        return State.UNDECIDED if upper is None else State.PROVED

    def label(self) -> str:
        """Return the method, the setting and the number of steps on one line."""
        return f"{super().label()}, {self.iterations} steps"

    def answer(self) -> Outcome:
        """Compute and prove the worst case."""
        from efpep.questions.worst_case.answer import worst_case

        found = worst_case(
            self.method,
            self.setting,
            self.iterations,
            self.metric,
            dict(self.initial),
            at=self.at,
            pairs=self.pairs,
            attained=self.attained,
            solver=self.solver,
        )
        state = self.state(found.lower, found.upper)
        value = proved(found.lower, found.upper, found.certificate, note=found.note)
        return Outcome(state, value, found.note if state is State.UNDECIDED else "")
