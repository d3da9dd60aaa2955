"""Reports on laws: Markdown, CSV and JSON, and the certificates of what stands out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

from efpep.report.folder import write_folder
from efpep.report.text_tables import aligned, report_files
from efpep.studies.engine.task import VERDICTS, TaskState

if TYPE_CHECKING:
    from efpep.studies.laws.examination import Examination
    from efpep.studies.laws.law import Cell

_SHOWN = 20
_GAINS = {"gain_lower": "improvement of 1 - rho over the law's", "best_gain": "improvement of 1 - rho over the law's"}
"""Columns whose greatest number is named, and what it is."""


def law_object(found: Examination) -> dict[str, object]:
    """Return the report as a JSON object."""
    points, open_points = found.verdicts
    return {
        "title": found.study.title,
        **found.law.describe(),
        "statement": found.law.statement,
        "source": found.law.source,
        "configurations": len(found.tasks),
        "grid": len(found.study.whole),
        **{state.value: found.count(state) for state in VERDICTS},
        "verdicts": points,
        "verdicts_open": open_points,
        "theorems": found.theorems()[0],
        "totals": found.totals(),
        "by_measure": {name: dict(counts) for name, counts in found.tallies().items()},
        "greatest": _greatest(found),
        "stored": found.stored,
        "seconds": round(found.seconds, 3),
        "rows": found.rows(),
    }


def law_markdown(found: Examination) -> str:
    """Return the report for a reader: what is proved, what stands out, and the configurations that are not simply proved."""
    points, open_points = found.verdicts
    law = found.law
    lines = [f"# {found.study.title}", "", f"{law.title} ({law.source}): {law.statement}.", ""]
    counts = ", ".join(f"{found.count(state)} {state.value}" for state in VERDICTS)
    every, whole = found.study.grid.every, len(found.study.whole)
    part = f" (a sample: every {every}. of the {whole} of the grid)" if every > 1 else ""
    lines.append(f"{len(found.tasks)} configurations{part}: {counts}. {points} verdicts, {open_points} of them open.")
    count, commands = found.theorems()
    lines += [f"{count} configurations are theorems ({commands})."] * (count > 0)
    lines += [
        f"By the measure '{name}': {', '.join(f'{count} {word}' for word, count in sorted(tally.items()))}."
        for name, tally in found.tallies().items()
    ]
    totals = found.totals()
    if totals:
        lines.append(f"In all: {', '.join(f'{number} {_words(name)}' for name, number in totals.items())}.")
    for greatest in _greatest(found):
        lines.append(f"Greatest {greatest['what']}: at least {_percent(greatest['at_least'])} at {greatest['configuration']}.")
    marked = [row for row, outcome in zip(found.rows(), found.outcomes, strict=True) if outcome.state is not TaskState.PROVED]
    if marked:
        kind = "that are not proved" if len(marked) <= _SHOWN else f"that are not proved (the first {_SHOWN} of {len(marked)})"
        lines += ["", f"Configurations {kind}:", "", *_table(_sorted(marked)[:_SHOWN])]
    return "\n".join(lines)


def save_report(found: Examination, folder: Path) -> list[Path]:
    """Write report.md, report.csv and report.json, and the certificates of the configurations that stand out.

    Raises:
        InputError: the folder or a file cannot be written.
    """
    files = report_files(law_markdown(found), found.rows(), law_object(found))
    for greatest in _greatest(found):
        outcome = found.outcomes[cast("int", greatest["index"])]
        described = cast("Mapping[str, object]", outcome.value.get("certificates", {}))
        for name, certificate in described.items():
            files[f"{greatest['column']}.{name}.json"] = json.dumps(certificate, indent=1)
    return write_folder(folder, files)


def _greatest(found: Examination) -> list[dict[str, object]]:
    rows = found.rows()
    named: list[dict[str, object]] = []
    for column, what in _GAINS.items():
        k = found.greatest(column)
        if k is not None and float(str(rows[k][column])) > 0:
            named.append(
                {
                    "column": column,
                    "what": what,
                    "at_least": rows[k][column],
                    "configuration": str(found.tasks[k].configuration),
                    "index": k,
                }
            )
    return named


def _sorted(rows: list[dict[str, Cell]]) -> list[dict[str, Cell]]:
    """Return the rows with the greatest gains first."""

    def gain(row: dict[str, Cell]) -> float:
        return max((float(str(row[name])) for name in _GAINS if row.get(name) is not None), default=0.0)

    return sorted(rows, key=gain, reverse=True)


def _table(rows: list[dict[str, Cell]]) -> list[str]:
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = (["" if row.get(name) is None else str(row[name]) for name in names] for row in rows)
    return aligned([[_words(name) for name in names], *cells])


def _words(name: str) -> str:
    return name.replace("_", " ")


def _percent(value: object) -> str:
    return f"{100 * float(str(value)):.4g} %"
