"""``efpep compare``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from efpep.cli import options
from efpep.cli.output import answer, answer_json, note
from efpep.cli.question import method_of
from efpep.cli.status import Status
from efpep.errors import InputError
from efpep.studies.engine.setting import whole


def command(
    method: options.MethodName,
    *,
    problem: Annotated[
        list[str],
        typer.Option(
            "--problem",
            metavar="KEY:NAME=VALUE,...",
            help="A problem, such as quadratics:n=10,d=20,kappa=100,seed=1. Repeat it for a table.",
        ),
    ],
    compressor: Annotated[
        list[str] | None,
        typer.Option(
            "--compressor",
            metavar="KEY:NAME=VALUE,...",
            help="The clients' operator, such as top-k:k=2. Repeat it for a table.",
        ),
    ] = None,
    also: Annotated[
        list[str] | None,
        typer.Option("--also", metavar="METHOD", help="Another method, in a table with the first. Repeat it for each."),
    ] = None,
    search: Annotated[
        bool, typer.Option("--search", help="In a table, search the slowest quadratic beside each proved rate.")
    ] = False,
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write a table to this file as well.")] = None,
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
    """Run a method at its tight step size on a problem, and check the run against the proved rate.

    Several methods, problems or compressors give a Markdown table of observed beside proved rates.
    """
    from efpep.compressors.operators import Identity, read_operator
    from efpep.simulate.compare import proved_rate
    from efpep.simulate.follow import follow
    from efpep.simulate.problems import read_problem

    problems, operators = [read_problem(text) for text in problem], [read_operator(text) for text in compressor or ()]
    steps, start = whole(iterations, "--iterations"), whole(seed, "--seed")
    if len(problems) > 1 or len(operators) > 1 or also or search or csv is not None:
        if figure is not None or as_json or metric != "distance":
            raise InputError("--figure, --json and --metric are about one run, and several are asked for; leave them out.")
        from efpep.simulate.comparisons import comparisons

        methods = [method_of(name, step_size, parameters) for name in (method, *(also or ()))]
        report = comparisons(methods, problems, operators or [Identity()], steps, seed=start, search=search)
        if csv is not None:
            _write(csv, report.csv())
        answer(report.markdown())
        return Status.ANSWERED
    built, operator = problems[0], operators[0] if operators else None
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
    found = follow(certified, built, steps, operator, seed=start)
    if figure is not None:
        from efpep.simulate.comparison_figure import save_comparison

        written = save_comparison(found, figure)
        note(f"written: {', '.join(str(path) for path in written)}.")
    if as_json:
        answer_json(found.to_object())
    else:
        answer(str(found))
    return Status.ANSWERED


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path} cannot be written ({error.strerror}); choose another place.") from error
    note(f"the table is written to {path}.")
