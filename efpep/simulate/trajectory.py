"""What a numeric run did: the recorded numbers, and how it ended."""

from __future__ import annotations

import csv
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from efpep.errors import InputError
from efpep.model.argument import path_of
from efpep.optional import optional
from efpep.report.display import Display, Displayed

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False, repr=False)
class Trajectory(Displayed):
    """A numeric run.

    Attributes:
        description: method, problem, compressors, seed and sizes as text.
        iterations: which iterations were recorded, shape ``(m,)``; 0 is the start.
        columns: what was recorded, each of shape ``(m,)``: ``gap`` (``f(x) - f*``; or ``value``, ``f(x)``), ``distance``
            (``||x - x*||^2``), ``gradient`` (``||grad f(x)||^2``), ``constraint`` (``mean g_i(x)``), for each memory of the
            method ``error_NAME`` (the mean over clients of the squared norm of its error), and what was sent so far:
            ``bytes_client`` (the average over clients) and ``bytes_server`` (each broadcast counted once).
        x: the last iterate, shape ``(d,)``.
        client_bytes: what each client sent in all, shape ``(n,)``.
        server_bytes: what the server broadcast in all.
        diverged: a sentence on where and how the run diverged, or None.
        seconds: the time that the iterations took.
    """

    description: Mapping[str, str]
    iterations: NDArray[np.int64]
    columns: Mapping[str, NDArray[np.float64]]
    x: NDArray[np.float64]
    client_bytes: NDArray[np.int64]
    server_bytes: int
    diverged: str | None
    seconds: float

    def __getitem__(self, name: str) -> NDArray[np.float64]:
        """Return a column.

        Raises:
            InputError: it was not recorded.
        """
        if name not in self.columns:
            raise InputError(f"{name!r} was not recorded; choose one of {', '.join(self.columns)}.", argument="name")
        return self.columns[name]

    def __len__(self) -> int:
        """Return how many iterations were recorded."""
        return len(self.iterations)

    def __str__(self) -> str:
        """Return the outcome in a few lines."""
        lines = [f"{name:<11}{text}" for name, text in self._asked()]
        lines.extend(f"{name:<13}{column[0]:.6g} -> {column[-1]:.6g}" for name, column in self.columns.items())
        if self.diverged is not None:
            lines.append(self.diverged)
        return "\n".join(lines)

    def _asked(self) -> list[tuple[str, str]]:
        return [*self.description.items(), ("iterations", str(int(self.iterations[-1])))]

    def display(self) -> Display:
        """Return what notebooks and prompts show: a measurement, no proof."""
        ends = [(name, f"{column[0]:.6g} -> {column[-1]:.6g}") for name, column in self.columns.items()]
        verdict = "measured" if self.diverged is None else "diverged"
        return Display(verdict, self.diverged or "", [*self._asked(), *ends])

    def to_frame(self) -> pd.DataFrame:
        """Return the recorded numbers as a table, one row a recorded iteration.

        Raises:
            UnavailableError: pandas is not installed.
        """
        return optional("pandas", "data frames").DataFrame({"iteration": self.iterations, **self.columns})

    def save(self, path: str | Path) -> None:
        """Write the recorded numbers to a file ``.csv`` (shortest digits that restore the doubles) or ``.parquet``.

        Raises:
            InputError: another ending, or a file that cannot be written.
            UnavailableError: pyarrow, which writes Parquet, is not installed.
        """
        target = path_of(path)
        check_output(target)
        write = _write_csv if target.suffix == ".csv" else _write_parquet
        try:
            write(target, {"iteration": self.iterations, **self.columns})
        except OSError as error:
            raise InputError(f"{target} cannot be written ({error.strerror}); choose another place.", argument="path") from error

    def plot(self, columns: str | Sequence[str] | None = None, against: str = "iteration", ax: Axes | None = None) -> Axes:
        """Draw recorded numbers on a logarithmic scale.

        Args:
            columns: a name or names; without them the first recorded one.
            against: ``"iteration"``, or a recorded column such as ``"bytes_client"``.
            ax: where to draw; a new figure without it.

        Raises:
            InputError: a column was not recorded.
            UnavailableError: matplotlib is not installed.
        """
        names = [next(iter(self.columns))] if columns is None else [columns] if isinstance(columns, str) else list(columns)
        found: Any = optional("matplotlib.pyplot", "figures").subplots()[1] if ax is None else ax
        abscissa = self.iterations if against == "iteration" else self[against]
        for name in names:
            positive = np.where(self[name] > 0, self[name], np.nan)
            found.plot(abscissa, positive, label=f"{self.description.get('method', '')} {name}".strip())
        found.set_yscale("log")
        found.set_xlabel(against)
        found.legend()
        return found

    def to_object(self) -> dict[str, object]:
        """Return the outcome as a JSON object; numbers that are not finite become null."""
        last = {name: _finite(column[-1]) for name, column in self.columns.items()}
        return {
            **self.description,
            **{name: int(text) for name, text in self.description.items() if name in {"seed", "clients", "dimension"}},
            "iterations": int(self.iterations[-1]),
            "diverged": self.diverged,
            "last": last,
            "client_bytes": [int(size) for size in self.client_bytes],
            "server_bytes": self.server_bytes,
            "recorded": {
                "iteration": [int(k) for k in self.iterations],
                **{name: [_finite(number) for number in column] for name, column in self.columns.items()},
            },
            "seconds": round(self.seconds, 3),
        }


def check_output(path: Path) -> None:
    """Refuse a file that a run cannot be written to, before the run is made.

    Raises:
        InputError: its ending is neither ``.csv`` nor ``.parquet``.
        UnavailableError: pyarrow, which writes Parquet, is not installed.
    """
    if path.suffix not in {".csv", ".parquet"}:
        raise InputError(f"{path.name} is neither .csv nor .parquet; choose one of these endings.", argument="path")
    if path.suffix == ".parquet":
        optional("pyarrow.parquet", "Parquet files", instead="write .csv")


def _finite(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None


def _write_csv(path: Path, columns: Mapping[str, NDArray[Any]]) -> None:
    """Write columns with the shortest digits that restore them; numbers that are none stay empty."""
    with path.open("w", encoding="utf-8", newline="") as file:
        table = csv.writer(file, lineterminator="\n")
        table.writerow(columns)
        for row in zip(*(column.tolist() for column in columns.values()), strict=True):
            table.writerow("" if math.isnan(number) else number for number in row)


def _write_parquet(path: Path, columns: Mapping[str, NDArray[Any]]) -> None:
    """Write columns as they are; numbers that are none are null."""
    arrow, parquet = (optional(module, "Parquet files") for module in ("pyarrow", "pyarrow.parquet"))
    table = arrow.table({name: arrow.array(column, from_pandas=True) for name, column in columns.items()})
    with path.open("wb") as file:
        parquet.write_table(table, file)
