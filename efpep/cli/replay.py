"""``efpep replay``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from efpep.cli import options
from efpep.cli.command import Command
from efpep.cli.files import Writes
from efpep.cli.horizon import HorizonOptions
from efpep.cli.output import note, show
from efpep.cli.status import ExitCode


@dataclass(frozen=True, kw_only=True)
class ReplayCommand(Command, HorizonOptions):
    """Run a proved worst case for real, on explicit functions and compressors, by the ordinary numeric loop.

    Numbers are integers, decimals or fractions ("1/10"), and are read exactly.
    """

    iterations: options.Steps
    metric: options.Measured = "distance"
    solver: options.SolverName = "clarabel"
    save: Annotated[
        Path | None,
        typer.Option("--save", metavar="FILE", help="Write the functions, compressors and start to this JSON file."),
        Writes(),
    ] = None
    plot: Annotated[
        Path | None,
        typer.Option("--plot", metavar="FILE", help="Draw the trajectory: FILE.pdf, FILE.png and FILE.csv."),
        Writes(figure=True, makes=True),
    ] = None
    as_json: options.AsJson = False

    def run(self) -> int:
        """Prove the worst case and replay it."""
        from efpep.report.figure_style import check_drawable

        if self.plot is not None:
            check_drawable()
        from efpep.simulate.replay import replay
        from efpep.simulate.replay_report import replay_object, replay_text

        worst = self.worst_case(self.iterations, self.metric, self.solver)
        found = replay(worst)
        if self.save is not None:
            from efpep.simulate.adversary_file import save_adversary

            save_adversary(found.adversary, self.save)
            note(f"adversary written to {self.save}.")
        if self.plot is not None:
            from efpep.simulate.trajectory_figure import save_trajectory

            written = save_trajectory(found, self.plot)
            note(f"figure written to {', '.join(str(path) for path in written)}.")
        show(self.as_json, lambda: replay_object(found), lambda: replay_text(found))
        return ExitCode.ANSWERED if worst.certified else ExitCode.UNDECIDED
