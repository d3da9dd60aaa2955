"""The commands by name."""

from __future__ import annotations

from importlib import import_module
from typing import Annotated

import typer

from efpep._version import __version__
from efpep.cli.command import Command
from efpep.cli.output import answer
from efpep.questions.kinds import VERBS

OTHERS = (
    "design",
    "verify",
    "prove",
    "discover",
    "run",
    "table",
    "figure",
    "simulate",
    "compare",
    "methods",
    "crosscheck",
    "replay",
    "adversary",
    "lower-bound",
    "explore",
)
"""The commands that ask no kind of question of their own."""


def _command(name: str) -> type[Command]:
    """Return the command called ``name``: of ``some-verb`` the class ``SomeVerbCommand`` of the module ``some_verb``."""
    module = import_module(f"efpep.cli.{name.replace('-', '_')}")
    return getattr(module, f"{name.title().replace('-', '')}Command")


COMMANDS = {name: _command(name) for name in (*VERBS, *OTHERS)}
"""In the order of the help page: what asks kinds of questions, as :mod:`efpep.questions.kinds` lists them, and the others."""

app = typer.Typer(
    name="efpep",
    help="Proved worst-case convergence rates of distributed methods with compressed communication.",
    epilog="Exit status: 0 answered; 1 a certificate was refused, a cross-check disagrees or a run contradicts a proof; "
    "2 bad input; 3 there is no contraction, proved; 4 undecided.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _name, _asked in COMMANDS.items():
    app.command(_name)(_asked)


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
