"""The progress bar of sweeps, on standard error."""

from __future__ import annotations

import sys
from contextlib import ExitStack
from types import TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import TaskID

    from efpep.studies.engine.sweep import Progress

_PERIOD = 600.0
"""Seconds over which the speed is averaged, so that hard questions do not make the time left jump."""


class Bar:
    """A bar with the time left and the number of points in each state; nothing is shown before the first report.

    In notebooks it is text like in a terminal, so that no widgets are needed: ``with Bar("rates") as bar:
    efpep.run("study.toml", progress=bar.show)``.

    Attributes:
        done: how many points have an outcome.
        total: how many points there are.
    """

    def __init__(self, name: str) -> None:
        """Prepare a bar called ``name``."""
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn, TimeRemainingColumn
        from rich.progress import Progress as Shown

        self.done = 0
        self.total = 0
        self._name = name
        self._bar = Shown(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            TextColumn("{task.fields[states]}"),
            console=Console(stderr=True, force_jupyter=False, force_terminal=True if "ipykernel" in sys.modules else None),
            speed_estimate_period=_PERIOD,
        )
        self._task: TaskID | None = None
        self._open = ExitStack()

    def show(self, now: Progress) -> None:
        """Show how far a sweep is."""
        self.done, self.total = now.done, now.total
        states = ", ".join(f"{count} {state.value}" for state, count in now.counts.items() if count)
        if self._task is None:
            self._open.enter_context(self._bar)
            # what comes from the store says nothing about the speed
            self._task = self._bar.add_task(self._name, total=now.total, completed=now.done, states=states)
        else:
            self._bar.update(self._task, completed=now.done, states=states)

    def __enter__(self) -> Self:
        """Return the bar."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Leave the bar as it stands."""
        self._open.close()
