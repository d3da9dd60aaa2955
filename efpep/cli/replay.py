"""``efpep replay``."""

from __future__ import annotations

from dataclasses import replace as changed
from pathlib import Path
from typing import Annotated

import typer

from efpep.cli import options
from efpep.cli.output import answer, answer_json, note
from efpep.cli.question import Options, asks
from efpep.cli.status import Status
from efpep.cli.worst_case import Heterogeneity, Initial, Iterations, Metric, Place, bounds
from efpep.model.field import rational
from efpep.studies.engine.setting import whole


@asks
def command(
    question: Options,
    iterations: Iterations,
    *,
    heterogeneity: Heterogeneity = None,
    metric: Metric = "distance",
    at: Place = "last",
    initial: Initial = None,
    solver: options.SolverName = "clarabel",
    save: Annotated[
        Path | None, typer.Option("--save", metavar="FILE", help="Write the functions, compressors and start to this JSON file.")
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", metavar="FILE", help="Draw the trajectory: FILE.pdf, FILE.png and FILE.csv.")
    ] = None,
    as_json: options.AsJson = False,
) -> int:
    """Run a proved worst case for real, on explicit functions and compressors, by the ordinary numeric loop.

    Numbers are integers, decimals or fractions ("1/10"), and are read exactly.
    """
    chosen, setting = question.read()
    if heterogeneity is not None:
        setting = changed(setting, heterogeneity=rational(heterogeneity, "--heterogeneity"))
    from efpep.questions.worst_case.answer import worst_case
    from efpep.simulate.replay import replay
    from efpep.simulate.replay_report import replay_object, replay_text

    steps = whole(iterations, "--iterations")
    worst = worst_case(chosen, setting, steps, metric, bounds(initial), at=at, solver=solver)
    found = replay(worst)
    if save is not None:
        from efpep.simulate.adversary_file import save_adversary

        save_adversary(found.adversary, save)
        note(f"adversary written to {save}.")
    if plot is not None:
        from efpep.report.trajectory_figure import save_trajectory

        written = save_trajectory(found, plot)
        note(f"figure written to {', '.join(str(path) for path in written)}.")
    if as_json:
        answer_json(replay_object(found))
    else:
        answer(replay_text(found))
    return Status.ANSWERED if worst.certified else Status.UNDECIDED
