"""Put a law of the literature to the test on its grid."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar, Unpack

from efpep.studies.engine.study_type import Answering, Options, StudyType, Sweep, names_of
from efpep.studies.laws.examination import Examination
from efpep.studies.laws.study import LawStudy, read_law_study
from efpep.studies.laws.task import LawTask


class LawStudies(StudyType[LawStudy, Examination]):
    """Studies of a law: the files with the key ``law``."""

    about: ClassVar[str] = "a law"
    points: ClassVar[str] = "configurations"
    function: ClassVar[str] = "efpep.studies.laws.run.examine"

    def read(self, path: str | Path, parsed: Mapping[str, object]) -> LawStudy:
        """Return what the tables of a file say."""
        return read_law_study(path, parsed)

    def sampled(self, study: LawStudy, every: int) -> LawStudy:
        """Return the study of every so many-th configuration."""
        return study.sampled(every)

    def answer(self, path: str | Path, study: LawStudy, sweep: Sweep) -> Examination:
        """Test the law in every configuration."""
        del path
        tasks = tuple(LawTask(study.law, configuration) for configuration in study.configurations)
        found = sweep(tasks)
        return Examination(study, tasks, found.outcomes, found.stored, found.seconds, found.unchecked)

    def text(self, found: Examination) -> str:
        """Return the report in Markdown."""
        from efpep.studies.laws.report import law_markdown

        return law_markdown(found)

    def described(self, found: Examination) -> dict[str, object]:
        """Return the report as a JSON object."""
        from efpep.studies.laws.report import law_object

        return law_object(found)

    def save(self, found: Examination, folder: Path) -> str:
        """Write the report, and the certificates of the configurations that stand out."""
        from efpep.studies.laws.report import save_report

        return f"report written to {folder}: {names_of(save_report(found, folder))}."


LAW_STUDIES = LawStudies()
"""The type of studies of a law."""


def examine(path: str | Path, **options: Unpack[Answering]) -> Examination:
    """Prove or refute a law of the literature in every configuration of a study file, in parallel, with a results store.

    Args:
        path: the study file; see :mod:`efpep.studies.laws.study` for its keys.
        options: how it is answered; see :class:`~efpep.studies.engine.study_type.Options`.

    Raises:
        InputError: the file is malformed, or the store is damaged.
        UnavailableError: Dask is not available here.
    """
    return LAW_STUDIES.answer_file(path, Options(**options))
