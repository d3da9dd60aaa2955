"""Exit statuses."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from efpep.questions.rate.answer import Rate


class ExitCode(enum.IntEnum):
    """What the exit status of a command says."""

    ANSWERED = 0
    REJECTED = 1
    BAD_INPUT = 2
    NO_CONTRACTION = 3
    UNDECIDED = 4

    @classmethod
    def of(cls, rate: Rate) -> ExitCode:
        """Return the status of an answer."""
        return _VERDICTS[rate.verdict.name]


_VERDICTS = {"PROVED": ExitCode.ANSWERED, "REFUTED": ExitCode.NO_CONTRACTION, "UNDECIDED": ExitCode.UNDECIDED}
