"""The commands by name."""

from __future__ import annotations

from typing import Annotated

import typer

from efpep._version import __version__
from efpep.cli import (
    adversary,
    compare,
    crosscheck,
    cycle,
    figure,
    lower_bound,
    methods,
    patterns,
    potential,
    rate,
    replay,
    run,
    simulate,
    table,
    tune,
    verify,
    worst_case,
)
from efpep.cli.output import answer

app = typer.Typer(
    name="efpep",
    help="Proved worst-case convergence rates of distributed methods with compressed communication.",
    epilog="Exit status: 0 answered; 1 a certificate was refused, a cross-check disagrees or a run contradicts a proof; "
    "2 bad input; 3 there is no contraction, proved; 4 undecided.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("rate")(rate.command)
app.command("tune")(tune.command)
app.command("potential")(potential.command)
app.command("worst-case")(worst_case.command)
app.command("verify")(verify.command)
app.command("run")(run.command)
app.command("table")(table.command)
app.command("figure")(figure.command)
app.command("simulate")(simulate.command)
app.command("compare")(compare.command)
app.command("methods")(methods.command)
app.command("crosscheck")(crosscheck.command)
app.command("cycle")(cycle.command)
app.command("replay")(replay.command)
app.command("adversary")(adversary.command)
app.command("lower-bound")(lower_bound.command)
app.command("patterns")(patterns.command)


def _print_version(wanted: bool) -> None:
    if wanted:
        answer(f"efpep {__version__}")
        raise typer.Exit


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Proved worst-case convergence rates of distributed methods with compressed communication."""
    del version
    if context.invoked_subcommand is None:
        answer(context.get_help())
