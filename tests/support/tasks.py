"""Tasks without mathematics, for the engine of sweeps."""

import os
import signal
from dataclasses import dataclass

from efpep.errors import CertificateError, InputError
from efpep.studies.engine.task import Outcome, Task, TaskState


@dataclass(frozen=True)
class Square(Task):
    kind = "square"
    number: int

    def describe(self):
        return {"number": str(self.number)}

    def answer(self):
        if self.number % 100 == 13:
            raise InputError("13 is unlucky; take another.")
        if self.number % 100 == 14:
            raise ZeroDivisionError
        if self.number % 100 == 7:
            return Outcome(TaskState.UNDECIDED, reason="7 is hard")
        if self.number % 100 == 8:
            return Outcome(TaskState.REFUTED, {"square": "no"})
        return Outcome(TaskState.PROVED, {"square": str(self.number**2), "process": os.getpid()})

    def recheck(self, outcome):
        if outcome.state is TaskState.PROVED and outcome.value["square"] != str(self.number**2):
            raise CertificateError("the square is wrong.")


@dataclass(frozen=True)
class Deadly(Square):
    kind = "deadly"

    def answer(self):
        if self.number == 3:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().answer()
