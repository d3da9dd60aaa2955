"""The commands by name."""

from __future__ import annotations

from typing import Annotated

import typer

from efpep._version import __version__
from efpep.cli.adversary import AdversaryCommand
from efpep.cli.command import Command
from efpep.cli.compare import CompareCommand
from efpep.cli.crosscheck import CrosscheckCommand
from efpep.cli.cycle import CycleCommand
from efpep.cli.figure import FigureCommand
from efpep.cli.lower_bound import LowerBoundCommand
from efpep.cli.methods import MethodsCommand
from efpep.cli.output import answer
from efpep.cli.patterns import PatternsCommand
from efpep.cli.potential import PotentialCommand
from efpep.cli.prove import ProveCommand
from efpep.cli.rate import RateCommand
from efpep.cli.replay import ReplayCommand
from efpep.cli.run import RunCommand
from efpep.cli.simulate import SimulateCommand
from efpep.cli.table import TableCommand
from efpep.cli.tune import TuneCommand
from efpep.cli.verify import VerifyCommand
from efpep.cli.worst_case import WorstCaseCommand

COMMANDS: dict[str, type[Command]] = {
    "rate": RateCommand,
    "tune": TuneCommand,
    "potential": PotentialCommand,
    "worst-case": WorstCaseCommand,
    "verify": VerifyCommand,
    "prove": ProveCommand,
    "run": RunCommand,
    "table": TableCommand,
    "figure": FigureCommand,
    "simulate": SimulateCommand,
    "compare": CompareCommand,
    "methods": MethodsCommand,
    "crosscheck": CrosscheckCommand,
    "cycle": CycleCommand,
    "replay": ReplayCommand,
    "adversary": AdversaryCommand,
    "lower-bound": LowerBoundCommand,
    "patterns": PatternsCommand,
}
"""In the order of the help page."""

app = typer.Typer(
    name="efpep",
    help="Proved worst-case convergence rates of distributed methods with compressed communication.",
    epilog="Exit status: 0 answered; 1 a certificate was refused, a cross-check disagrees or a run contradicts a proof; "
    "2 bad input; 3 there is no contraction, proved; 4 undecided.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for _name, _command in COMMANDS.items():
    app.command(_name)(_command)


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
