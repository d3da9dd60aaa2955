"""``efpep patterns``."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from efpep.cli import options
from efpep.cli.output import answer, answer_json, keep_certificate
from efpep.cli.question import Options
from efpep.cli.status import Status
from efpep.errors import InputError
from efpep.methods.base import OPTIMAL
from efpep.methods.switching import UNCONSTRAINED
from efpep.studies.engine.setting import whole


def command(
    method: options.MethodName,
    *,
    rounds: Annotated[str, typer.Option("--T", "--iterations", metavar="NUMBER", help="The number of rounds, at most 12.")],
    delta: options.Delta = None,
    compressor: options.CompressorClass = None,
    compressor_set: options.CompressorParameters = None,
    functions_set: options.FunctionsParameters = None,
    delta_server: options.DeltaServer = None,
    agents: options.Agents = None,
    step_size: Annotated[
        str | None,
        typer.Option(
            "--step-size", metavar="NUMBER", help="A number; that of the best guarantee (with its threshold) without this option."
        ),
    ] = None,
    parameters: options.Parameters = None,
    radius: Annotated[str, typer.Option("--radius", metavar="NUMBER", help="The distance of x^0 from x*.")] = "1",
    metric: Annotated[
        str,
        typer.Option(
            "--metric",
            metavar="NAME",
            help="average (the mean of f(x^t) - f* over the iterates below the threshold), gap (f(xbar) - f*) or constraint "
            "(g(xbar)).",
        ),
    ] = "average",
    every: Annotated[
        bool, typer.Option("--every", help="Bound every pattern itself, also those that are proved to be no worse than another.")
    ] = False,
    jobs: options.Jobs = None,
    solver: options.SolverName = "clarabel",
    certificate: options.CertificateFile = None,
    as_json: options.AsJson = False,
) -> int:
    """Bound a switching method (safe-ef) after T rounds over all 2^T switching patterns, and name the worst one.

    The functions and the constraint are convex with subgradients bounded by M (--functions-set M=NUMBER, default 1). Without
    --step-size the step size and the threshold are those with the best guarantee; --set threshold=NUMBER gives the threshold.
    """
    question = Options(
        method,
        None,
        None,
        delta,
        delta_server,
        agents,
        None,
        step_size,
        parameters,
        "bounded-subgradients",
        functions_set,
        compressor,
        compressor_set,
    )
    asked, setting = question.read()
    from efpep.questions.averaging.guarantee import guarantee
    from efpep.questions.switching.answer import switching_worst_case
    from efpep.questions.switching.report import patterns_object, patterns_text

    T = whole(rounds, "--T")
    setting = replace(setting, constraint=setting.functions)
    if asked.step_size == OPTIMAL:
        if setting.random:
            raise InputError("random compressors have no pattern's worst case; use a class such as contractive.")
        chosen = guarantee(asked, setting, T, radius=radius).method
        given = asked.parameters().get("threshold", UNCONSTRAINED)
        asked = chosen if given == UNCONSTRAINED else replace(asked, step_size=chosen.step_size)
    found = switching_worst_case(
        asked, setting, T, metric, radius=radius, solver=solver, jobs=-1 if jobs is None else jobs, every=every
    )
    keep_certificate(found.certificate, certificate)
    if as_json:
        answer_json(patterns_object(found))
    else:
        answer(patterns_text(found))
    return Status.ANSWERED if found.upper is not None else Status.UNDECIDED
