"""``efpep cycle``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from efpep.cli.command import AskingKind
from efpep.cli.question import QuestionOptions
from efpep.model.field import whole

if TYPE_CHECKING:
    from efpep.questions.cycle.answer import Cycle


@dataclass(frozen=True, kw_only=True)
class CycleCommand(AskingKind["Cycle"], QuestionOptions):
    """Search a trajectory that repeats itself and so proves that a method does not converge, or prove that there is none.

    Numbers are integers, decimals or fractions ("1/10"), and are read exactly.
    """

    period: Annotated[
        str, typer.Option("--period", metavar="STEPS", help="After how many steps the cycle closes (default 2, at most 24).")
    ] = "2"

    def ask(self) -> Cycle:
        """Return the cycle, or that there is none."""
        method, setting = self.read()
        from efpep.questions.cycle.answer import cycle

        return cycle(method, setting, whole(self.period, "--period"), solver=self.solver)
