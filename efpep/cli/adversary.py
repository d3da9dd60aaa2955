"""``efpep adversary``."""

from __future__ import annotations

from typing import Annotated

import typer

from efpep.cli import options
from efpep.cli.output import answer, answer_json, keep_certificate
from efpep.cli.question import Options, asks
from efpep.cli.status import Status
from efpep.model.text import up
from efpep.studies.engine.setting import whole


@asks
def command(
    question: Options,
    periods: Annotated[
        str,
        typer.Option(
            "--periods", metavar="LIST", help="After how many steps instances scale, such as '1,2,3' (default 1, at most 24)."
        ),
    ] = "1",
    *,
    solver: options.SolverName = "clarabel",
    certificate: options.CertificateFile = None,
    as_json: options.AsJson = False,
) -> int:
    """Bound the method's own asymptotic rate from below by an explicit instance, beside the certified upper rate.

    Numbers are integers, decimals or fractions ("1/10"), and are read exactly.
    """
    built, setting = question.read()
    from efpep.questions.cycle.slowest import adversary

    steps = [whole(piece.strip(), "--periods") for piece in periods.split(",")]
    found = adversary(built, setting, periods=steps, solver=solver)
    keep_certificate(found.certificate, certificate)
    if as_json:
        from efpep.questions.cycle.report import slowest_object

        answer_json(slowest_object(found))
    else:
        answer(str(found))
        answer(
            "The certified upper rate is unknown."
            if found.upper is None
            else f"The certified upper rate is {up(found.upper, 12)}."
        )
    return Status.UNDECIDED if found.certificate is None else Status.ANSWERED
