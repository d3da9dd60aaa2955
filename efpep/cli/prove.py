"""``efpep prove``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from efpep.cli import options
from efpep.cli.command import Command
from efpep.cli.files import Writes
from efpep.cli.output import note, show, write
from efpep.cli.question import method_of
from efpep.cli.status import ExitCode
from efpep.errors import UndecidedError

if TYPE_CHECKING:
    from efpep.theorems.report import Report
    from efpep.theorems.theorem import Theorem


@dataclass(frozen=True, kw_only=True)
class ProveCommand(Command):
    """Check the theorems about a method, symbol by symbol: what they claim, every step of the proof, and the verdict.

    Where efpep has no theorem, a proof is searched at the step size at which linear instances are in balance. The exit status is
    4 where no proof is found, or one does not hold.
    """

    method: options.MethodName
    steps: Annotated[bool, typer.Option("--steps", help="Print every step, also those that only support others.")] = False
    latex: Annotated[
        Path | None,
        typer.Option("--latex", metavar="FILE", help="Write the theorems with their proofs to a LaTeX file."),
        Writes(),
    ] = None
    coq: Annotated[
        Path | None,
        typer.Option("--coq", metavar="FILE", help="Write the proof that V decreases to a file for Coq."),
        Writes(),
    ] = None
    search: Annotated[bool, typer.Option("--search", help="Search for a proof anew.")] = False
    values: options.Values = None
    as_json: options.AsJson = False

    def run(self) -> int:
        """Check the theorems and print what was done."""
        from efpep.theorems.prove import proofs

        try:
            theorems = proofs(method_of(self.method, None, self.values), anew=self.search)
        except UndecidedError as error:
            failed = str(error)
            show(self.as_json, lambda: {"method": self.method, "theorems": [], "failed": failed}, lambda: f"undecided: {failed}")
            return ExitCode.UNDECIDED
        found = [(theorem, theorem.check()) for theorem in theorems]
        self._write([theorem for theorem, report in found if report.proved])
        described = {"method": self.method, "theorems": [_object(theorem, report) for theorem, report in found]}
        show(self.as_json, lambda: described, lambda: "\n\n".join(self._text(theorem, report) for theorem, report in found))
        return ExitCode.ANSWERED if all(report.proved for _, report in found) else ExitCode.UNDECIDED

    def _text(self, theorem: Theorem, report: Report) -> str:
        held = sum(step.holds for step in report.steps)
        verdict = "proved" if report.proved else "undecided"
        last = f"{verdict}: {held} of {len(report.steps)} steps hold ({theorem.reference}), {report.seconds:.1f} s"
        return "\n".join([*theorem.statement(), report.text(details=self.steps), last])

    def _write(self, theorems: list[Theorem]) -> None:
        """Write proved theorems to the files that are named.

        Raises:
            InputError: a file cannot be written, or there is nothing to write to it.
        """
        from efpep.theorems.latex import document

        for path in (self.latex, self.coq):
            if path is not None and not theorems:
                note(f"nothing is proved, so {path} is not written.")
            elif path is not None:
                text = theorems[0].coq() if path is self.coq else document([theorem.latex() for theorem in theorems])
                write(path, text, "the proof")


def _object(theorem: Theorem, report: Report) -> dict[str, object]:
    return {
        "theorem": theorem.name,
        "statement": theorem.statement(),
        "source": theorem.reference,
        "verdict": "proved" if report.proved else "undecided",
        "steps": report.described(),
        "seconds": round(report.seconds, 3),
    }
