"""``efpep verify``: no solver, no floating point and no numpy on this path."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from efpep.cli import options
from efpep.cli.command import Command
from efpep.cli.files import Writes
from efpep.cli.output import answer, answer_json, note, write
from efpep.cli.status import ExitCode
from efpep.errors import InputError, reason

if TYPE_CHECKING:
    from efpep.questions.verify import Verification

_STATUS = {True: ExitCode.ANSWERED, False: ExitCode.REJECTED, None: ExitCode.UNDECIDED}


@dataclass(frozen=True, kw_only=True)
class VerifyCommand(Command):
    """Check a certificate in exact arithmetic, from the method's own definition."""

    file: Annotated[Path, typer.Argument(metavar="FILE", help="A certificate file.")]
    script: Annotated[
        Path | None,
        typer.Option("--script", metavar="OUT.py", help="Write the proof as a stand-alone script that needs only Python."),
        Writes(),
    ] = None
    coq: Annotated[
        Path | None,
        typer.Option("--coq", metavar="OUT.v", help="Write why V decreases as a file for the proof assistant Coq."),
        Writes(),
    ] = None
    against: Annotated[
        Path | None,
        typer.Option("--against", metavar="PROOF.py", help="Say whether this script is the one that the certificate yields."),
    ] = None
    allow: options.Allow = None
    as_json: options.AsJson = False

    def run(self) -> int:
        """Check the certificate."""
        if not self.file.is_file():
            raise InputError(
                f"{self.file} is not a file that exists here; give a certificate that 'efpep rate --certificate' wrote."
            )
        from efpep.questions.kinds import claim_object
        from efpep.questions.verify import verify

        verdict = verify(self.file, allow=self.allow or ())
        if self.against is not None and verdict.accepted:
            verdict = _compared(verdict, self.against)
        self._write(verdict)
        if self.as_json:
            claim = None if verdict.certificate is None else claim_object(verdict.certificate)
            written = None if verdict.provenance is None else verdict.provenance.describe()
            found: dict[str, object] = {"accepted": verdict.accepted, "claim": claim, "reason": verdict.reason}
            answer_json({**found, "note": verdict.note or None, "provenance": written})
        else:
            lines = [f"Accepted: {verdict.reason}" if verdict.accepted else verdict.reason]
            lines += [] if verdict.provenance is None else [f"The file says that it was {verdict.provenance}."]
            answer("\n".join([*lines, *([verdict.note] if verdict.note else [])]))
        return _STATUS[verdict.accepted]

    def _write(self, verdict: Verification) -> None:
        """Write an accepted proof of a rate to the files that are named.

        Raises:
            InputError: the certificate is of another kind, or has nothing to write.
        """
        for option, path in (("--script", self.script), ("--coq", self.coq)):
            if path is None:
                continue
            if not verdict.accepted or verdict.certificate is None:
                note(f"the certificate is not accepted, so {path} is not written.")
                continue
            from efpep.questions.rate.question import as_rate
            from efpep.questions.rate.script.coq import write_coq
            from efpep.questions.rate.script.write import write_script

            proof = as_rate(verdict.certificate)
            if proof is None:
                raise InputError(f"{option} writes the proof of a rate, and this certificate is of another kind; leave it out.")
            if option == "--script":
                write(path, write_script(proof), "script")
            else:
                write(path, write_coq(proof), "proof")


def _compared(verdict: Verification, against: Path) -> Verification:
    """Return the verdict on a certificate and the script that is said to be its own.

    Raises:
        InputError: the script cannot be read, or the certificate is of a kind without scripts.
    """
    from efpep.questions.rate.question import as_rate
    from efpep.questions.rate.script.write import compared

    proof = as_rate(verdict.certificate)
    if proof is None:
        raise InputError("--against compares the proof of a rate, and this certificate is of another kind; leave it out.")
    try:
        text = against.read_bytes().decode("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{against} cannot be read ({reason(error)}); give a script that --script wrote.") from error
    difference = compared(proof, text)
    if difference is None:
        return replace(verdict, reason=f"{verdict.reason} {against} is the script that it yields.")
    return replace(verdict, accepted=False, reason=f"Refused: {against} is not the script of this certificate: {difference}.")
