"""The least constant of a growing potential as a task of a sweep."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from efpep.conic.solver import DEFAULT
from efpep.methods.base import Method
from efpep.questions.potential.question import PotentialQuestion
from efpep.setting import Setting
from efpep.studies.engine.question_task import QuestionTask
from efpep.studies.engine.task import Outcome, State
from efpep.studies.questions.constant import constant_outcome, constant_state


@dataclass(frozen=True)
class GrowingTask(QuestionTask[PotentialQuestion]):
    """What is the least constant K of a method's growing potential over T steps?

    Attributes:
        method: the method; its step size is a number or ``"optimal"``.
        setting: the setting.
        iterations: the number T of steps.
        solver: who proposes.
    """

    kind: ClassVar[str] = "growing potential"
    ends: ClassVar[str] = PotentialQuestion.ENDS
    method: Method
    setting: Setting
    iterations: int
    solver: str = DEFAULT

    def describe(self) -> dict[str, object]:
        """Return the method, the setting, the number of steps, the solver, and the digest of the question."""
        return {
            "method": self.method.describe(),
            "setting": self.setting.describe(),
            "iterations": self.iterations,
            "solver": self.solver,
            "system": self.system,
        }

    def posed(self) -> PotentialQuestion:
        """Return the question for the least constant, with the method's step size."""
        return PotentialQuestion(self.method.resolved(self.setting), self.setting, self.iterations)

    def further(self) -> dict[str, object]:
        """Return the number of steps."""
        return {"iterations": self.iterations}

    @staticmethod
    def state(lower: Fraction | None, upper: Fraction | None) -> State:
        """Return proved where both ends are."""
        return constant_state(lower, upper)

    def label(self) -> str:
        """Return the method, the setting and the number of steps on one line."""
        return f"{super().label()}, {self.iterations} steps"

    def answer(self) -> Outcome:
        """Compute and prove the constant."""
        from efpep.questions.potentials import potential

        return constant_outcome(potential(self.method, self.setting, self.iterations, solver=self.solver))
