"""What a numeric run did: the recorded numbers, and how it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from efpep.errors import InputError, UnavailableError

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Trajectory:
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
        lines = [f"{name:<11}{text}" for name, text in self.description.items()]
        lines.append(f"{'iterations':<11}{int(self.iterations[-1])}")
        lines.extend(f"{name:<13}{column[0]:.6g} -> {column[-1]:.6g}" for name, column in self.columns.items())
        if self.diverged is not None:
            lines.append(self.diverged)
        return "\n".join(lines)

    def to_frame(self) -> pd.DataFrame:
        """Return the recorded numbers as a table, one row a recorded iteration."""
        import pandas as pd

        return pd.DataFrame({"iteration": self.iterations, **self.columns})

    def save(self, path: str | Path) -> None:
        """Write the recorded numbers to a file ``.csv`` (shortest digits that restore the doubles) or ``.parquet``.

        Raises:
            InputError: another ending, or a file that cannot be written.
            UnavailableError: pyarrow, which writes Parquet, is not installed.
        """
        target = Path(path)
        try:
            if target.suffix == ".csv":
                self.to_frame().to_csv(target, index=False)
            elif target.suffix == ".parquet":
                self.to_frame().to_parquet(target, index=False)
            else:
                raise InputError(f"{target.name} is neither .csv nor .parquet; choose one of these endings.", argument="path")
        except ImportError as error:
            raise UnavailableError("Parquet needs pyarrow, which is not installed; install it or write .csv.") from error
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
        """
        import matplotlib.pyplot as plt

        names = [next(iter(self.columns))] if columns is None else [columns] if isinstance(columns, str) else list(columns)
        found: Any = plt.subplots()[1] if ax is None else ax
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


def _finite(number: float) -> float | None:
    return float(number) if np.isfinite(number) else None
