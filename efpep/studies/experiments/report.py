"""Reports on experiments: Markdown, CSV and JSON."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import TYPE_CHECKING, cast

from efpep.model.field import shown
from efpep.report.folder import write_folder
from efpep.report.text_tables import aligned, report_files
from efpep.studies.experiments.measure import QUANTITIES

if TYPE_CHECKING:
    from efpep.studies.experiments.experiment import Cell, Experiment
    from efpep.studies.experiments.measure import MeasuredRun
    from efpep.studies.experiments.study import MethodEntry

_TUNED = {
    "final": "the least metric at the end",
    "best": "the least metric recorded",
    "iterations": "the fewest iterations to the accuracy, then the least metric at the end",
    "bits": "the fewest bits to the accuracy, then the least metric at the end",
}


def experiment_rows(found: Experiment) -> list[dict[str, object]]:
    """Return one row of numbers for each problem and method; None stands for what was not reached or diverged."""
    return [_row(cell, found.study.figure.panels) for cell in found.cells]


def experiment_object(found: Experiment) -> dict[str, object]:
    """Return the report as a JSON object."""
    common = found.study.experiment
    return {
        "title": found.study.title,
        "metric": common.metric,
        "tune": common.tune,
        "accuracy": common.accuracy,
        "iterations": common.iterations,
        "seeds": common.seeds,
        "grids": {entry.label: _grid(entry) for entry in found.study.methods},
        "runs": len(found.tasks),
        "failed": len(found.failures),
        "stored": found.stored,
        "seconds": round(found.seconds, 3),
        "rows": experiment_rows(found),
    }


def experiment_markdown(found: Experiment) -> str:
    """Return the report for a reader: how it was made, the grids, and a table a problem."""
    common = found.study.experiment
    count = len(common.seeds)
    lines = [
        f"# {found.study.title}",
        "",
        f"{len(found.tasks)} runs of {common.iterations} iterations, recorded every {common.record_every}; "
        + (f"medians over {count} seeds. " if count > 1 else f"seed {common.seeds[0]}. ")
        + f"Metric: {found.metric.what}."
        + ("" if found.study.figure.panels else f" Accuracy: {common.accuracy:g} of the metric at the start."),
        f"Chosen from each method's candidates: {_TUNED[common.tune]}.",
        *_spread(found),
        "",
        *(f"- {entry.label}: {_grid(entry)}" for entry in found.study.methods),
    ]
    for title, cells in _sections(found):
        lines += ["", f"## {title}", "", *_table(cells, found.study.figure.panels)]
    return "\n".join(lines)


def save_experiment(found: Experiment, folder: Path) -> list[Path]:
    """Write report.md, report.csv and report.json, and the figure of the curves with CSV beside it.

    Raises:
        InputError: the folder or a file cannot be written.
    """
    files = report_files(experiment_markdown(found), experiment_rows(found), experiment_object(found))
    return [*write_folder(folder, files), *found.figure(folder / "curves.pdf")]


def _sections(found: Experiment) -> Iterator[tuple[str, list[tuple[str, Cell]]]]:
    """Yield the title of each table, and its cells with what their rows are called."""
    axis = found.study.axis
    if axis is None or axis.of != "problem":
        for entry in found.study.problems:
            yield f"{entry.label}: {entry.problem}", [(c.method.label, c) for c in found.cells if c.problem is entry]
        return
    for own in dict.fromkeys(axis.read(entry.label)[0] for entry in found.study.problems):
        cells = [(axis.read(cell.problem.label), cell) for cell in found.cells]
        first = next(cell.problem.problem for (label, _), cell in cells if label == own)
        rows = [(axis.called(cell.method.label, value), cell) for (label, value), cell in cells if label == own]
        yield f"{own}: {first} and so on along the axis", rows


def _spread(found: Experiment) -> list[str]:
    names = [QUANTITIES[name].what for name in found.study.figure.panels]
    return [f"{' and '.join(names)}: mean over the last tenth of a run; mean and deviation over the seeds."] if names else []


def _row(cell: Cell, panels: Sequence[str]) -> dict[str, object]:
    best = cell.best
    runs = [] if best is None else [run for run in best.runs if run is not None and not run.diverged]
    summary = None if best is None else best.summary
    return {
        "problem": cell.problem.label,
        "method": cell.method.label,
        "step_size": _steps(cell),
        "tuned": "" if best is None else ", ".join(f"{name}={value}" for name, value in best.candidate.tuned.items()),
        "at_end_of_grid": best is not None and best.candidate.edge,
        "final": None if summary is None else _finite(summary.final),
        "final_least": min((run.final for run in runs), default=None),
        "final_most": max((run.final for run in runs), default=None),
        "best": None if summary is None else _finite(summary.best),
        "iterations": None if summary is None else _finite(summary.iterations),
        "bits": None if summary is None else _finite(summary.bits),
        **{name: number for panel in panels for name, number in _late(panel, runs).items()},
        "diverged": cell.diverged,
        "failed": cell.failed,
        "runs": cell.runs,
    }


def _late(panel: str, runs: Sequence[MeasuredRun]) -> dict[str, object]:
    """Return how large a quantity of a panel is late in the runs, over the seeds."""
    values = [run.late(QUANTITIES[panel]) for run in runs]
    return {
        f"{panel}_mean": mean(values) if values else None,
        f"{panel}_deviation": stdev(values) if len(values) > 1 else None,
        f"{panel}_least": min(values, default=None),
        f"{panel}_most": max(values, default=None),
    }


def _steps(cell: Cell) -> float | None:
    """Return the chosen step size; for a closed form the first seed's, as seeds may draw other problems."""
    runs = [] if cell.best is None else [run for run in cell.best.runs if run is not None]
    return runs[0].step_size if runs else None


def _table(cells: list[tuple[str, Cell]], panels: Sequence[str]) -> list[str]:
    rows = [{**_row(cell, panels), "method": called} for called, cell in cells]
    if panels:
        header = ["method", "step size", "tuned", *(QUANTITIES[name].what for name in panels), "diverged"]
        body = [
            [
                str(row["method"]),
                _short(row["step_size"]),
                str(row["tuned"]),
                *(_with_deviation(row[f"{name}_mean"], row[f"{name}_deviation"]) for name in panels),
                f"{row['diverged']} of {row['runs']}",
            ]
            for row in rows
        ]
        return _filled(header, body)
    header = ["method", "step size", "tuned", "at the end", "least", "iterations to accuracy", "bits to accuracy", "diverged"]
    body = [
        [
            str(row["method"]),
            "none" if cell.best is None else f"{_short(row['step_size'])}{' (end of grid)' if row['at_end_of_grid'] else ''}",
            str(row["tuned"]),
            "failed" if cell.failed == cell.runs else _short(row["final"]),
            "failed" if cell.failed == cell.runs else _short(row["best"]),
            _count(row["iterations"]),
            _count(row["bits"]),
            f"{row['diverged']} of {row['runs']}",
        ]
        for (_, cell), row in zip(cells, rows, strict=True)
    ]
    return _filled(header, body)


def _filled(header: list[str], body: list[list[str]]) -> list[str]:
    """Return the lines of a table, without the tuned parameters where there are none."""
    table = [header, *body]
    kept = [i for i in range(len(header)) if header[i] != "tuned" or any(line[i] for line in body)]
    return aligned([[line[i] for i in kept] for line in table])


def _grid(entry: MethodEntry) -> str:
    steps = ", ".join(step if isinstance(step, str) else f"{float(step):.3g}" for step in entry.step_size)
    parts = [f"{entry.method}, step size {steps}"]
    for name, value in entry.parameters.items():
        values = cast("list[object]", value) if isinstance(value, list) else [value]
        parts.append(f"{name} {', '.join(str(item) for item in values)}")
    return "; ".join(parts)


def _short(number: object) -> str:
    return "diverged" if number is None else f"{number:.3g}" if isinstance(number, float) else shown(number)


def _with_deviation(number: object, deviation: object) -> str:
    if not isinstance(number, float):
        return _short(number)
    return f"{number:.4g}" + (f" +- {deviation:.2g}" if isinstance(deviation, float) else "")


def _count(number: object) -> str:
    return f"{number:.0f}" if isinstance(number, float) else "not reached"


def _finite(number: float) -> float | None:
    return number if math.isfinite(number) else None
