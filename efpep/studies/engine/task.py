"""One question of a sweep, and its outcome."""

from __future__ import annotations

import enum
import hashlib
import json
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import ClassVar, cast

from efpep._version import __version__
from efpep.methods.base import Method
from efpep.setting import Setting


class TaskState(enum.Enum):
    """What became of a point; a numeric run, which proves nothing, is measured."""

    PROVED = "proved"
    REFUTED = "refuted"
    UNDECIDED = "undecided"
    FAILED = "failed"
    MEASURED = "measured"


VERDICTS = (TaskState.PROVED, TaskState.REFUTED, TaskState.UNDECIDED, TaskState.FAILED)
"""The states of questions that are answered by proofs."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to a task.

    Attributes:
        state: proved, refuted, undecided or failed; measured for numeric runs.
        value: the answer with its certificates as a JSON object; empty where there is none.
        reason: why a point failed or stayed undecided, on one line; else empty.
        seconds: how long the answer took, which the sweep measures.
    """

    state: TaskState
    value: Mapping[str, object] = field(default_factory=dict[str, object])
    reason: str = ""
    seconds: float = 0.0

    def interval(self) -> tuple[Fraction | None, Fraction | None]:
        """Return the proved ends ``lower`` and ``upper`` of the answer; None for an end that is not there."""
        lower, upper = (self.value.get(name) for name in ("lower", "upper"))
        return None if lower is None else Fraction(str(lower)), None if upper is None else Fraction(str(upper))

    def describe(self) -> dict[str, object]:
        """Return the outcome as a JSON object."""
        return {"state": self.state.value, "value": self.value, "reason": self.reason, "seconds": round(self.seconds, 6)}

    @classmethod
    def restore(cls, described: Mapping[str, object]) -> Outcome:
        """Return the outcome that :meth:`describe` described.

        Raises:
            LookupError, TypeError, ValueError: the description is not one.
        """
        value = cast("dict[str, object]", described["value"])
        if not isinstance(value, dict):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise TypeError("the value is not an object")
        return cls(TaskState(described["state"]), value, str(described["reason"]), float(str(described["seconds"])))


class Task(ABC):
    """A question that a sweep asks: a frozen dataclass that can be pickled.

    Two tasks are the same question if and only if their keys agree. ``describe`` has to name everything that the answer depends
    on: besides the question itself the solver and the tolerances. The package's version is added to it.
    """

    provable: ClassVar[bool] = True
    """Whether answers are proofs, which are checked when they are read; numeric runs are not, and are never called proved."""

    @property
    @abstractmethod
    def kind(self) -> str:
        """The name of this kind of question; two kinds never share an answer."""

    @abstractmethod
    def describe(self) -> dict[str, object]:
        """Return the question as a JSON object of exact text, with the solver and the tolerances.

        Where the question is recorded, the digest of what is recorded (:func:`efpep.model.digest.digest`) belongs to it.
        """

    @abstractmethod
    def answer(self) -> Outcome:
        """Answer the question; runs in a worker. Whatever is raised makes the point a failed one, with its reason."""

    @abstractmethod
    def recheck(self, outcome: Outcome) -> None:
        """Check in exact arithmetic that the certificates of an outcome prove what it says about this very question.

        Raises:
            CertificateError: they do not.
        """

    @property
    def storable(self) -> bool:
        """Whether the description determines the answer, so that it may be kept for later sweeps."""
        return True

    def label(self) -> str:
        """Return a short name of the point for messages."""
        return json.dumps(self.describe(), sort_keys=True)

    def canonical(self) -> str:
        """Return the question, its kind and the package's version as canonical JSON, written once."""
        return self._canonical

    @cached_property
    def _canonical(self) -> str:
        described = {"kind": self.kind, "question": self.describe(), "version": __version__}
        return json.dumps(described, sort_keys=True, separators=(",", ":"), ensure_ascii=True)

    def key(self) -> str:
        """Return the SHA-256 of the canonical question, in hexadecimal digits."""
        return digest(self.canonical())


def modules_of(*parts: Method | Setting) -> set[str]:
    """Return the modules of the classes from outside efpep in a question that somebody asks himself."""
    components = [c for part in parts for c in (part.components() if isinstance(part, Setting) else [part])]
    return {type(component).__module__ for component in components if component.foreign()}


def digest(text: str) -> str:
    """Return the SHA-256 of a text, in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()
