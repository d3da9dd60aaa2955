"""``efpep adversary``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from efpep.cli.command import Asking
from efpep.cli.question import QuestionOptions
from efpep.model.field import whole
from efpep.model.text import up

if TYPE_CHECKING:
    from efpep.questions.cycle.asymptotic_lower_bound import AsymptoticLowerBound


@dataclass(frozen=True, kw_only=True)
class AdversaryCommand(Asking["AsymptoticLowerBound"], QuestionOptions):
    """Bound the method's own asymptotic rate from below by an explicit instance, beside the certified upper rate.

    Numbers are integers, decimals or fractions ("1/10"), and are read exactly.
    """

    periods: Annotated[
        str,
        typer.Option(
            "--periods", metavar="LIST", help="After how many steps instances scale, such as '1,2,3' (default 1,2; at most 24)."
        ),
    ] = "1,2"

    def ask(self) -> AsymptoticLowerBound:
        """Return the slowest instance that was found."""
        method, setting = self.read()
        from efpep.questions.cycle.asymptotic_lower_bound import asymptotic_lower_bound

        steps = [whole(piece.strip(), "--periods") for piece in self.periods.split(",")]
        return asymptotic_lower_bound(method, setting, periods=steps, solver=self.solver)

    def as_object(self, found: AsymptoticLowerBound) -> dict[str, object]:
        """Return the answer as a JSON object."""
        from efpep.questions.cycle.report import slowest_object

        return slowest_object(found)

    def as_text(self, found: AsymptoticLowerBound) -> str:
        """Return the answer as text, with the certified upper rate, and whether that is the method's own."""
        upper = "unknown" if found.upper is None else up(found.upper, 12)
        finding = "" if found.finding is None else f"; {found.finding}"
        return f"{found}\nThe certified upper rate is {upper}{finding}."
