"""``efpep cycle``."""

from __future__ import annotations

from typing import Annotated

import typer

from efpep.cli import options
from efpep.cli.output import answer, answer_json, keep_certificate
from efpep.cli.question import Options, asks
from efpep.cli.status import Status
from efpep.studies.engine.setting import whole


@asks
def command(
    question: Options,
    period: Annotated[
        str, typer.Option("--period", metavar="STEPS", help="After how many steps the cycle closes (default 2, at most 24).")
    ] = "2",
    *,
    solver: options.SolverName = "clarabel",
    certificate: options.CertificateFile = None,
    as_json: options.AsJson = False,
) -> int:
    """Search a trajectory that repeats itself and so proves that a method does not converge, or prove that there is none.

    Numbers are integers, decimals or fractions ("1/10"), and are read exactly.
    """
    built, setting = question.read()
    from efpep.questions.cycle.answer import cycle

    found = cycle(built, setting, whole(period, "--period"), solver=solver)
    keep_certificate(found.certificate, certificate)
    if as_json:
        from efpep.questions.cycle.report import cycle_object

        answer_json(cycle_object(found))
    else:
        answer(str(found))
    return Status.UNDECIDED if found.certificate is None else Status.ANSWERED
