"""The least constant of a one-step (averaging) potential as a task of a sweep."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from efpep.conic.solver import DEFAULT
from efpep.methods.base import Method
from efpep.questions.averaging.one_step import prepared
from efpep.questions.averaging.question import AveragingQuestion
from efpep.setting import Setting
from efpep.studies.engine.question_task import QuestionTask
from efpep.studies.engine.task import Outcome, State
from efpep.studies.questions.constant import constant_outcome, constant_state


@dataclass(frozen=True)
class AveragingTask(QuestionTask[AveragingQuestion]):
    """What is the least constant K of a method's one-step potential?

    Attributes:
        method: the method.
        setting: the setting.
        solver: who proposes.
    """

    kind: ClassVar[str] = "one-step potential"
    ends: ClassVar[str] = AveragingQuestion.ENDS
    method: Method
    setting: Setting
    solver: str = DEFAULT

    def describe(self) -> dict[str, object]:
        """Return the method, the setting, the solver, and the digest of the system that the question is."""
        return {
            "method": self.method.describe(),
            "setting": self.setting.describe(),
            "solver": self.solver,
            "system": self.system,
        }

    def posed(self) -> AveragingQuestion:
        """Return the question for the least constant, as it is asked."""
        return AveragingQuestion(*prepared(self.method, self.setting))

    @staticmethod
    def state(lower: Fraction | None, upper: Fraction | None) -> State:
        """Return proved where both ends are."""
        return constant_state(lower, upper)

    def label(self) -> str:
        """Return the compressors on one line."""
        server = self.setting.server_compressor
        return f"{self.method.identifier()}, {self.setting.compressor} and {server}"

    def answer(self) -> Outcome:
        """Compute and prove the constant."""
        from efpep.questions.potentials import potential

        return constant_outcome(potential(self.method, self.setting, solver=self.solver))
