"""``efpep prove``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from efpep.cli import options
from efpep.cli.command import Command
from efpep.cli.output import note, show
from efpep.cli.status import ExitCode
from efpep.errors import InputError, reason

if TYPE_CHECKING:
    from efpep.theorems.report import Report
    from efpep.theorems.theorem import Theorem


@dataclass(frozen=True, kw_only=True)
class ProveCommand(Command):
    """Check the theorems about a method, symbol by symbol: what they claim, every step of the proof, and the verdict.

    The exit status is 4 where a proof does not hold.
    """

    method: options.MethodName
    steps: Annotated[bool, typer.Option("--steps", help="Print every step, also those that only support others.")] = False
    latex: Annotated[
        Path | None, typer.Option("--latex", metavar="FILE", help="Write the theorems with their proofs to a LaTeX file.")
    ] = None
    as_json: options.AsJson = False

    def run(self) -> int:
        """Check the theorems and print what was done."""
        from efpep.theorems.prove import proofs

        found = [(theorem, theorem.check()) for theorem in proofs(self.method)]
        if self.latex is not None:
            self._write([theorem for theorem, report in found if report.proved], self.latex)
        described = {"method": self.method, "theorems": [_object(theorem, report) for theorem, report in found]}
        show(self.as_json, lambda: described, lambda: "\n\n".join(self._text(theorem, report) for theorem, report in found))
        return ExitCode.ANSWERED if all(report.proved for _, report in found) else ExitCode.UNDECIDED

    def _text(self, theorem: Theorem, report: Report) -> str:
        held = sum(step.holds for step in report.steps)
        verdict = "proved" if report.proved else "undecided"
        last = f"{verdict}: {held} of {len(report.steps)} steps hold, in {report.seconds:.1f} s ({theorem.reference})"
        return "\n".join([*theorem.statement(), report.text(details=self.steps), last])

    @staticmethod
    def _write(theorems: list[Theorem], path: Path) -> None:
        """Write proved theorems.

        Raises:
            InputError: the file cannot be written.
        """
        from efpep.theorems.latex import document

        if not theorems:
            note(f"nothing is proved, so {path} is not written.")
            return
        try:
            path.write_text(document([theorem.latex() for theorem in theorems]), encoding="utf-8")
        except OSError as error:
            raise InputError(f"{path} cannot be written ({reason(error)}); name another file.", argument="latex") from error
        note(f"theorems written to {path}.")


def _object(theorem: Theorem, report: Report) -> dict[str, object]:
    return {
        "theorem": theorem.name,
        "statement": theorem.statement(),
        "source": theorem.reference,
        "verdict": "proved" if report.proved else "undecided",
        "steps": report.described(),
        "seconds": round(report.seconds, 3),
    }
