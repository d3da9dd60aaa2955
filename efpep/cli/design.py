"""``efpep design``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from efpep.cli import options
from efpep.cli.command import Asking
from efpep.cli.output import note
from efpep.cli.question import QuestionOptions
from efpep.cli.status import ExitCode
from efpep.errors import CertificateError, InputError
from efpep.model.field import rational, whole
from efpep.model.text import down

if TYPE_CHECKING:
    from efpep.methods import Method
    from efpep.questions.design import Design

_EVERY = 100


@dataclass(frozen=True, kw_only=True)
class DesignCommand(Asking["Design"], QuestionOptions):
    """Search the parameters of a method for the least proved rate, by Lyapunov functions with weights of any sign.

    The search begins at the parameters that are given (or the method's own), and the answer is never worse. What is proved is the
    rate at the parameters found; how much better others may be is proved with --family alone. Certificates of earlier answers
    (--from) are more places to begin at. Numbers are integers, decimals or fractions ("1/10"), and are read exactly.
    """

    metric: options.Metric = "distance"
    searched: Annotated[
        str | None,
        typer.Option("--parameters", metavar="NAMES", help="The parameters to search, such as 'beta,gamma'; all without it."),
        options.Gives("parameters"),
    ] = None
    limit: Annotated[
        str,
        typer.Option("--seconds", metavar="NUMBER", help="How long the search may take, before the proofs (default 1200)."),
        options.Gives("seconds"),
    ] = "1200"
    random: Annotated[
        str, typer.Option("--seed", metavar="NUMBER", help="Of the random members that are tried first."), options.Gives("seed")
    ] = "0"
    earlier: Annotated[
        list[Path] | None,
        typer.Option(
            "--from", metavar="FILE", help="A certificate of a member's rate, to begin at this member too. Repeat it for each."
        ),
        options.Gives("starts"),
    ] = None
    width: options.Width = None
    family: Annotated[
        str,
        typer.Option(
            "--family",
            metavar="NUMBER",
            help="How long a lower bound on the rates of one or two parameters may take; none is tried without it.",
        ),
        options.Gives("family"),
    ] = "0"

    def ask(self) -> Design:
        """Return the best member that was found."""
        method, setting = self.read()
        from efpep.questions.design import design
        from efpep.questions.rate.enclosure import WIDTH

        return design(
            method,
            setting,
            self.metric,
            self.solver,
            parameters=None if self.searched is None else [name.strip() for name in self.searched.split(",")],
            starts=[_member(path) for path in self.earlier or ()],
            seconds=rational(self.limit, "--seconds"),
            seed=whole(self.random, "--seed"),
            width=WIDTH if self.width is None else self.width,
            family=rational(self.family, "--family"),
            progress=_told,
        )

    def as_object(self, found: Design) -> dict[str, object]:
        """Return the rate at the best parameters as a JSON object, with what was searched."""
        from efpep.questions.kinds import answer_object

        about = {"parameters": list(found.parameters), "screened": found.screened, "estimated": found.estimated}
        bound = None if found.family is None or found.family.lower is None else down(found.family.lower.theta, 12)
        search = {**about, "complete": found.complete, "family_lower": bound}
        return {**answer_object(found.best), "search": search, "seconds": round(found.seconds, 3)}

    def as_text(self, found: Design) -> str:
        """Return the rows as lines."""
        return found.summary()

    def status(self, found: Design) -> ExitCode:
        """Return the exit status of the rate that was found."""
        return ExitCode.of(found.best)


def _member(path: Path) -> Method:
    """Return the method of a certificate, which is not checked: nothing but its parameters is used.

    Raises:
        InputError: the file is no certificate.
    """
    from efpep.questions.base import Certificate

    try:
        return Certificate.load(path).method
    except CertificateError as error:
        raise InputError(f"--from is {path}, and {str(error).rstrip('.')}; give a certificate of a member's rate.") from error


def _told(what: str, members: int, rate: float) -> None:
    """Print a line now and then."""
    if members % _EVERY == 0:
        note(f"{what}: {members} members" + ("" if rate >= 1 else f", the least rate so far is about {rate:.9f}"))
