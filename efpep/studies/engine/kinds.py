"""The registry of study types: one line a type, loaded when a file of it is read."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

from efpep.studies.engine.load import toml_of
from efpep.studies.engine.study_type import StudyType

AnyType: TypeAlias = StudyType[Any, Any]

STUDY_TYPES: Mapping[str, str] = {
    "law": "efpep.studies.laws.run:LAW_STUDIES",
    "experiment": "efpep.studies.experiments.run:EXPERIMENT_STUDIES",
    "potential": "efpep.studies.constants.run:CONSTANT_STUDIES",
    "question": "efpep.studies.questions.run:QUESTION_STUDIES",
}
"""The types by the key of a file that makes it one."""

RATES = "efpep.studies.rates.run:RATE_STUDIES"
"""The type of the files that have none of these keys, or ``question = "rate"``."""


def type_of(parsed: Mapping[str, object]) -> AnyType:
    """Return the type of a study, by the keys of its file."""
    keys = [key for key in STUDY_TYPES if key in parsed and (key, parsed[key]) != ("question", "rate")]
    home, _, name = (STUDY_TYPES[keys[0]] if keys else RATES).partition(":")
    return getattr(importlib.import_module(home), name)


def read_study(path: str | Path) -> tuple[AnyType, Any]:
    """Read a study file of any type, once, and return its type and what it says.

    Raises:
        InputError: naming the file, and the key or the line that is wrong.
        UnavailableError: a class of the user's cannot be imported here.
    """
    parsed = toml_of(path)
    found = type_of(parsed)
    return found, found.read(path, parsed)
