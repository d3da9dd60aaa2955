"""Tables of least constants as Markdown and as JSON objects, and their certificates as files."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from efpep.model.text import exact
from efpep.report.answer import interval_object, setting_object
from efpep.report.folder import write_folder
from efpep.theory import safe_ef as theory

if TYPE_CHECKING:
    from efpep.studies.constants.run import ConstantAnswers

_DIGITS = 6
_NAMES = {"none": "general", "uplink": "projection uplink", "downlink": "projection downlink", "both": "projection both"}


def proved_digits(lower: Fraction | None, upper: Fraction | None) -> str:
    """Return K to as many of six significant digits as both ends agree on, or ``"undecided"``."""
    if lower is not None and upper is not None:
        for digits in range(_DIGITS, 0, -1):
            ends = {f"{float(end):.{digits}g}" for end in (lower, upper)}
            if len(ends) == 1:
                return ends.pop()
    return "undecided"


def constants_markdown(found: ConstantAnswers) -> str:
    """Return the table: a row for each pair (delta, delta_s), with the closed forms of :mod:`efpep.theory.safe_ef` beside it."""
    study = found.study
    names = [_NAMES[column] for column in study.columns]
    cells = [proved_digits(*ends) for ends in found.intervals()]
    lines = [f"# {study.title}", "", f"| delta | delta_s | {' | '.join(names)} | product formula | K_P |"]
    lines.append("|---" * (len(names) + 4) + "|")
    for k, (delta, server) in enumerate(study.rows):
        row = cells[k * len(names) : (k + 1) * len(names)]
        known = [f"{float(f(delta, server).value):.{_DIGITS}g}" for f in (theory.constant, theory.projection_constant)]
        lines.append(f"| {' | '.join([exact(delta), exact(server), *row, *known])} |")
    return "\n".join(lines)


def constants_object(found: ConstantAnswers) -> dict[str, object]:
    """Return the study with the interval of every constant."""
    points: list[dict[str, object]] = [
        {
            "method": task.method.identifier(),
            **setting_object(task.setting),
            "state": outcome.state.value,
            "K": interval_object(*ends),
            "reason": outcome.reason or None,
        }
        for task, outcome, ends in zip(found.study.tasks, found.outcomes, found.intervals(), strict=True)
    ]
    return {"title": found.study.title, "stored": found.stored, "seconds": round(found.seconds, 6), "points": points}


def save_constants(found: ConstantAnswers, folder: str | Path) -> list[Path]:
    """Write the table and all certificates to a folder, and return the files.

    Raises:
        InputError: the folder or a file cannot be written.
    """
    place = Path(folder)
    written = write_folder(place, {"constants.md": constants_markdown(found)})
    count = len(found.study.columns)
    for k, (task, outcome) in enumerate(zip(found.study.tasks, found.outcomes, strict=True)):
        certificate = task.certificate(outcome)
        if certificate is not None:
            delta, server = (exact(number).replace("/", "-") for number in found.study.rows[k // count])
            written.append(place / f"{found.study.columns[k % count]}_{delta}_{server}.json")
            certificate.save(written[-1])
    return written
