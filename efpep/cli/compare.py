"""``efpep compare``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from efpep.cli import options
from efpep.cli.command import Command
from efpep.cli.files import Writes
from efpep.cli.output import answer, note, show, write
from efpep.cli.question import method_of
from efpep.cli.status import ExitCode
from efpep.errors import InputError
from efpep.model.field import whole


@dataclass(frozen=True, kw_only=True)
class CompareCommand(Command):
    """Run a method at its tight step size on a problem, and check the run against the proved rate.

    Several methods, problems or compressors give a Markdown table of observed beside proved rates.
    """

    method: options.MethodName
    problem: Annotated[
        list[str],
        typer.Option(
            "--problem",
            metavar="KEY:NAME=VALUE,...",
            help="A problem, such as quadratics:n=10,d=20,kappa=100,seed=1. Repeat it for a table.",
        ),
    ]
    compressor: Annotated[
        list[str] | None,
        typer.Option(
            "--compressor",
            metavar="KEY:NAME=VALUE,...",
            help="The clients' operator, such as top-k:k=2. Repeat it for a table.",
        ),
    ] = None
    also: Annotated[
        list[str] | None,
        typer.Option("--also", metavar="METHOD", help="Another method, in a table with the first. Repeat it for each."),
    ] = None
    search: Annotated[
        bool, typer.Option("--search", help="In a table, search the slowest quadratic beside each proved rate.")
    ] = False
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write a table to this file as well."), Writes()] = (
        None
    )
    step_size: options.StepSize = None
    values: options.Values = None
    metric: options.Metric = "distance"
    iterations: options.Runs = "200"
    seed: options.Seed = "0"
    figure: Annotated[
        Path | None,
        typer.Option("--figure", metavar="FILE", help="Draw V and its proved bound: PDF and PNG with CSV beside them."),
        Writes(figure=True, makes=True),
    ] = None
    as_json: options.AsJson = False

    def run(self) -> int:
        """Run the method and check the run."""
        from efpep.compressors.operators import Identity, read_operator
        from efpep.report.figure_style import check_drawable
        from efpep.simulate.compare import proved_rate
        from efpep.simulate.follow import follow
        from efpep.simulate.problems import read_problem

        problems, operators = (
            [read_problem(text) for text in self.problem],
            [read_operator(text) for text in self.compressor or ()],
        )
        steps, start = whole(self.iterations, "--iterations"), whole(self.seed, "--seed")
        if len(problems) > 1 or len(operators) > 1 or self.also or self.search or self.csv is not None:
            if self.figure is not None or self.as_json or self.metric != "distance":
                raise InputError("--figure, --json and --metric are about one run, and several are asked for; leave them out.")
            from efpep.simulate.comparisons import comparisons

            methods = [method_of(name, self.step_size, self.values) for name in (self.method, *(self.also or ()))]
            report = comparisons(methods, problems, operators or [Identity()], steps, seed=start, search=self.search)
            if self.csv is not None:
                write(self.csv, report.csv(), "the table is")
            answer(report.markdown())
            return ExitCode.ANSWERED
        if self.figure is not None:
            check_drawable()
        built, operator = problems[0], operators[0] if operators else None
        certified = proved_rate(method_of(self.method, self.step_size, self.values), built, operator, metric=self.metric)
        status = ExitCode.of(certified)
        if status is not ExitCode.ANSWERED:
            from efpep.questions.rate.report import answer_object

            show(self.as_json, lambda: answer_object(certified), lambda: str(certified))
            note("no contraction is proved, so there is no bound to compare a run with.")
            return status
        found = follow(certified, built, steps, operator, seed=start)
        if self.figure is not None:
            from efpep.simulate.comparison_figure import save_comparison

            written = save_comparison(found, self.figure)
            note(f"written: {', '.join(str(path) for path in written)}.")
        show(self.as_json, found.to_object, lambda: str(found))
        return ExitCode.ANSWERED
