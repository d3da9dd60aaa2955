"""``efpep.studies.constants``: the least constants of one-step potentials over a grid of contraction parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import ClassVar

from efpep.studies.constants.study import ConstantStudy, read_constant_study
from efpep.studies.engine.question_task import QuestionTask
from efpep.studies.engine.study_type import Answered, StudyType, Sweep
from efpep.studies.engine.task import TaskState


@dataclass(frozen=True, slots=True)
class ConstantAnswers(Answered[ConstantStudy, QuestionTask]):
    """What is proved about the constants of a study; see :class:`~efpep.studies.engine.study_type.Answered`."""

    def intervals(self) -> list[tuple[Fraction | None, Fraction | None]]:
        """Return both ends of K for each task; None where undecided."""
        return [outcome.interval() for outcome in self.outcomes]


class ConstantStudies(StudyType[ConstantStudy, ConstantAnswers]):
    """Studies of constants: the files with the key ``potential``."""

    about: ClassVar[str] = "constants"
    points: ClassVar[str] = "constants"
    named: ClassVar[tuple[TaskState, ...]] = ()

    def read(self, path: str | Path, parsed: Mapping[str, object]) -> ConstantStudy:
        """Return what the tables of a file say."""
        return read_constant_study(path, parsed)

    def answer(self, path: str | Path, study: ConstantStudy, sweep: Sweep) -> ConstantAnswers:
        """Prove the constants."""
        del path
        found = sweep(study.tasks)
        return ConstantAnswers(study, study.tasks, found.outcomes, found.stored, found.seconds, found.unchecked)

    def settled(self, found: ConstantAnswers) -> bool:
        """Return whether both ends of every constant are proved."""
        return all(None not in ends for ends in found.intervals())

    def text(self, found: ConstantAnswers) -> str:
        """Return the table in Markdown."""
        from efpep.studies.constants.report import constants_markdown

        return constants_markdown(found)

    def described(self, found: ConstantAnswers) -> dict[str, object]:
        """Return the interval of every constant."""
        from efpep.studies.constants.report import constants_object

        return constants_object(found)

    def save(self, found: ConstantAnswers, folder: Path) -> str:
        """Write the table and all certificates."""
        from efpep.studies.constants.report import save_constants

        return f"table and {len(save_constants(found, folder)) - 1} certificates written to {folder}."


CONSTANT_STUDIES = ConstantStudies()
"""The type of studies of constants."""
