"""``efpep cycle``."""

from __future__ import annotations

from typing import Annotated

import typer

from efpep.cli import options
from efpep.cli.output import answer, answer_json, note
from efpep.cli.question import Options
from efpep.cli.status import Status
from efpep.study.setting import whole


def command(
    method: options.MethodName,
    *,
    period: Annotated[
        str, typer.Option("--period", metavar="STEPS", help="After how many steps the cycle closes (default 2, at most 24).")
    ] = "2",
    mu: options.Mu = None,
    smoothness: options.Smoothness = None,
    delta: options.Delta = None,
    compressor: options.CompressorClass = None,
    compressor_set: options.CompressorParameters = None,
    functions: options.FunctionsClass = None,
    functions_set: options.FunctionsParameters = None,
    delta_server: options.DeltaServer = None,
    agents: options.Agents = None,
    group: options.Groups = None,
    step_size: options.StepSize = None,
    parameters: options.Parameters = None,
    solver: options.SolverName = "clarabel",
    certificate: options.CertificateFile = None,
    as_json: options.AsJson = False,
) -> int:
    """Search a trajectory that repeats itself and so proves that a method does not converge, or prove that there is none.

    Numbers are integers, decimals or fractions ("1/10"), and are read exactly.
    """
    question = Options(
        method,
        mu,
        smoothness,
        delta,
        delta_server,
        agents,
        group,
        step_size,
        parameters,
        functions,
        functions_set,
        compressor,
        compressor_set,
    )
    built, setting = question.read()
    from efpep.analysis.cycle import cycle

    found = cycle(built, setting, whole(period, "--period"), solver=solver)
    if certificate is not None:
        if found.certificate is None:
            note(f"nothing is proved, so {certificate} is not written.")
        else:
            found.certificate.save(certificate)
            note(f"certificate written to {certificate}.")
    if as_json:
        from efpep.report.orbit_answer import cycle_object

        answer_json(cycle_object(found))
    else:
        answer(str(found))
    return Status.UNDECIDED if found.certificate is None else Status.ANSWERED
