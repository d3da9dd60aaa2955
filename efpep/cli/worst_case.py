"""``efpep worst-case``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from efpep.cli import options
from efpep.cli.command import AskingKind
from efpep.cli.horizon import HorizonOptions
from efpep.errors import InputError
from efpep.model.field import whole

if TYPE_CHECKING:
    from efpep.questions.worst_case.answer import WorstCase


@dataclass(frozen=True, kw_only=True)
class WorstCaseCommand(AskingKind["WorstCase"], HorizonOptions):
    """Compute and prove the worst case after a number of steps.

    Numbers are integers, decimals or fractions ("1/10"), and are read exactly.
    """

    iterations: options.Steps
    metric: options.Measured = "distance"
    pairs: Annotated[
        str, typer.Option("--pairs", metavar="WHICH", help="Inequalities between iterates: auto, all, or how far apart at most.")
    ] = "auto"

    def ask(self) -> WorstCase:
        """Return the worst case."""
        return self.worst_case(self.iterations, self.metric, self.solver, _pairs(self.pairs))


def _pairs(text: str) -> str | int:
    if text in {"auto", "all"}:
        return text
    try:
        return whole(text, "--pairs")
    except InputError as error:
        raise InputError(
            f"--pairs is {text!r}, which says no inequalities; give auto, all, or how far apart iterates may be, such as 2."
        ) from error
