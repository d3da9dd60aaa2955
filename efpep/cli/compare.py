"""``efpep compare``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from efpep.cli import options
from efpep.cli.output import answer, answer_json, note
from efpep.cli.question import method_of
from efpep.cli.status import Status
from efpep.study.setting import whole


def command(
    method: options.MethodName,
    *,
    problem: Annotated[
        str,
        typer.Option("--problem", metavar="KEY:NAME=VALUE,...", help="A problem, such as quadratics:n=10,d=20,kappa=100,seed=1."),
    ],
    compressor: Annotated[
        str | None, typer.Option("--compressor", metavar="KEY:NAME=VALUE,...", help="The clients' operator, such as top-k:k=2.")
    ] = None,
    step_size: options.StepSize = None,
    parameters: options.Parameters = None,
    metric: options.Metric = "distance",
    iterations: Annotated[str, typer.Option("--iterations", metavar="NUMBER", help="How many iterations are made.")] = "200",
    seed: Annotated[str, typer.Option("--seed", metavar="NUMBER", help="Of the random operators.")] = "0",
    figure: Annotated[
        Path | None,
        typer.Option("--figure", metavar="FILE", help="Draw V and its proved bound: PDF and PNG with CSV beside them."),
    ] = None,
    as_json: options.AsJson = False,
) -> int:
    """Run a method at its tight step size on a problem, and check the run against the proved rate."""
    from efpep.compressors.operators import read_operator
    from efpep.simulate.compare import proved_rate
    from efpep.simulate.follow import follow
    from efpep.simulate.problems import read_problem

    built, operator = read_problem(problem), None if compressor is None else read_operator(compressor)
    certified = proved_rate(method_of(method, step_size, parameters), built, operator, metric=metric)
    status = Status.of(certified)
    if status is not Status.ANSWERED:
        if as_json:
            from efpep.report.answer import rate_object

            answer_json(rate_object(certified))
        else:
            answer(str(certified))
        note("no contraction is proved, so there is no bound to compare a run with.")
        return status
    found = follow(certified, built, whole(iterations, "--iterations"), operator, seed=whole(seed, "--seed"))
    if figure is not None:
        from efpep.report.comparison_figure import save_comparison

        written = save_comparison(found, figure)
        note(f"written: {', '.join(str(path) for path in written)}.")
    if as_json:
        answer_json(found.to_object())
    else:
        answer(str(found))
    return Status.ANSWERED
