"""``efpep simulate``."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from efpep.cli import options
from efpep.cli.command import Command
from efpep.cli.files import Writes
from efpep.cli.output import note, show
from efpep.cli.question import method_of
from efpep.cli.status import ExitCode
from efpep.errors import InputError
from efpep.model.field import rational, whole
from efpep.model.gradient_noise import GradientNoise
from efpep.trust import allowing


@dataclass(frozen=True, kw_only=True)
class SimulateCommand(Command):
    """Run a method on a problem, and show what it did."""

    method: options.MethodName
    problem: Annotated[
        str,
        typer.Option("--problem", metavar="KEY:NAME=VALUE,...", help="A problem, such as quadratics:n=10,d=20,kappa=100,seed=1."),
    ]
    compressor: Annotated[
        str | None, typer.Option("--compressor", metavar="KEY:NAME=VALUE,...", help="The clients' operator, such as top-k:k=2.")
    ] = None
    server_compressor: Annotated[
        str | None, typer.Option("--server-compressor", metavar="KEY:NAME=VALUE,...", help="The server's operator.")
    ] = None
    step_size: options.StepSize = None
    values: options.Values = None
    sigma: options.Sigma = None
    batch: Annotated[
        str | None,
        typer.Option("--batch", metavar="NUMBER", help="Gradients of mini-batches of so many samples of the problem's data."),
    ] = None
    iterations: options.Runs = "1000"
    seed: options.Seed = "0"
    record_every: Annotated[
        str, typer.Option("--record-every", metavar="NUMBER", help="How many iterations lie between recorded ones.")
    ] = "1"
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FILE", help="Write what was recorded to this file, .csv or .parquet."),
        Writes((".csv", ".parquet")),
    ] = None
    figure: Annotated[
        Path | None,
        typer.Option("--figure", metavar="FILE", help="Draw the first recorded column to this file, .pdf, .png or .svg."),
        Writes((".pdf", ".png", ".svg")),
    ] = None
    checkpoint: Annotated[
        Path | None, typer.Option("--checkpoint", metavar="FILE", help="Save the run to this file, to resume it later."), Writes()
    ] = None
    checkpoint_every: Annotated[
        str | None, typer.Option("--checkpoint-every", metavar="NUMBER", help="Save every so many iterations.")
    ] = None
    resume: Annotated[bool, typer.Option("--resume", help="Continue from the checkpoint.")] = False
    dtype: Annotated[str, typer.Option("--dtype", metavar="NAME", help="The precision of arrays, float64 or float32.")] = (
        "float64"
    )
    threads: Annotated[
        str, typer.Option("--threads", metavar="NUMBER", help="How many threads work on the clients of a large run.")
    ] = "1"
    device: Annotated[
        str | None,
        typer.Option("--device", metavar="NAME", help="Where arrays live: cuda, or an array library such as cupy, torch:cpu."),
    ] = None
    allow: options.Allow = None
    as_json: options.AsJson = False

    def run(self) -> int:
        """Run the method and show what it did."""
        from efpep.compressors.operators import read_operator
        from efpep.report.figure_style import check_drawable
        from efpep.simulate.problems import read_problem
        from efpep.simulate.simulate import simulate
        from efpep.simulate.trajectory import check_output

        if self.sigma is not None and self.batch is not None:
            raise InputError(
                "--sigma adds normal noise to gradients, and --batch draws mini-batches of data; leave one of them out.",
                argument=("sigma", "batch"),
            )
        if self.output is not None:
            check_output(self.output)
        if self.figure is not None:
            check_drawable()
        with allowing(*(self.allow or ())), ExitStack() as shown:
            method = method_of(self.method, self.step_size, self.values)
            name = method.title or self.method
            if self.compressor is not None and not method.compresses:
                note(f"{name} does not compress what agents send, so compressor is not used.")
            if self.server_compressor is not None and method.compresses_at_server is False:
                note(f"{name} does not compress at the server, so server-compressor is not used.")
            found = simulate(
                method,
                read_problem(self.problem),
                whole(self.iterations, "--iterations"),
                None if self.compressor is None else read_operator(self.compressor),
                None if self.server_compressor is None else read_operator(self.server_compressor),
                noise=self._noise(),
                seed=whole(self.seed, "--seed"),
                record_every=whole(self.record_every, "--record-every"),
                checkpoint=self.checkpoint,
                checkpoint_every=None if self.checkpoint_every is None else whole(self.checkpoint_every, "--checkpoint-every"),
                resume=self.resume,
                dtype=self.dtype,
                threads=whole(self.threads, "--threads"),
                device=self.device,
                progress=_Bar(shown),
            )
        if self.output is not None:
            found.save(self.output)
            note(f"what was recorded is written to {self.output}.")
        if self.figure is not None:
            drawn: Any = found.plot().figure
            try:
                drawn.savefig(self.figure)
            except (OSError, ValueError) as error:
                raise InputError(
                    f"the figure {self.figure} cannot be written; choose another place, ending in .pdf, .png or .svg."
                ) from error
            note(f"the figure is written to {self.figure}.")
        show(self.as_json, found.to_object, lambda: str(found))
        return ExitCode.ANSWERED

    def _noise(self) -> GradientNoise | None:
        """Return the noise of the gradients, or None."""
        if self.batch is not None:
            return GradientNoise(batch=whole(self.batch, "--batch"))
        return None if self.sigma is None else GradientNoise(rational(self.sigma, "--sigma"))


class _Bar:
    """A progress bar on standard error, which appears with the first iteration."""

    def __init__(self, shown: ExitStack) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self.bar = Progress(*columns, console=Console(stderr=True), disable=not Console(stderr=True).is_terminal)
        self.task = self.bar.add_task("iterations", total=None)
        self.shown = shown
        self.begun = False

    def __call__(self, done: int, total: int) -> None:
        if not self.begun:
            self.begun = True
            self.shown.enter_context(self.bar)
        self.bar.update(self.task, completed=done, total=total)
