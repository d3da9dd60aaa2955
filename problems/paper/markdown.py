"""The page in Markdown: what the site shows, and, with what became of each command, what stands in ``paper/``."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence

from problems.paper.kinds import Difference, Entry, Outcome, Part

TITLE = "The papers' tables and figures"
ABOUT = (
    "`make paper` makes all of this: what the papers of error feedback print and efpep can answer, with proved numbers, and "
    "efpep's "
    "own results. Each line is one command, whose output goes to the folder `paper/`; `paper/paper.pdf` has everything in one "
    "document. "
    "Where a whole grid takes too long, a sample is taken (`--sample N`: every N-th configuration), and the line says what "
    "answers "
    "the whole. Letters name the differences from what was published, which follow each list."
)


def page(parts: Sequence[Part], outcomes: Mapping[str, Outcome] | None = None) -> str:
    """Return the page; with what became of the commands where they were run."""
    lines = [f"# {TITLE}", "", ABOUT]
    if outcomes is not None:
        lines += ["", summary(outcomes)]
    for part in parts:
        marks = lettered(part.differences)
        lines += ["", f"## {part.title}", "", part.about, ""]
        lines += ["| published | shows | command | file | differs |" + (" took |" if outcomes else "")]
        lines += ["|---|---|---|---|---|" + ("---|" if outcomes else "")]
        lines += [_row(entry, marks, outcomes) for entry in part.entries]
        for difference in part.differences:
            lines += ["", f"**{marks[difference.key]}. {difference.about}.** {sentences(difference)}"]
            lines += ["", *evidence(difference)] if difference.evidence or difference.recorded else []
            if outcomes is not None and difference.evidence:
                failure = outcomes[difference.key].failure
                ran = "Confirmed in this run." if outcomes[difference.key].ran else "Left out of this run."
                lines += ["", f"NOT CONFIRMED: {failure}" if failure else ran]
    return "\n".join(lines) + "\n"


def summary(outcomes: Mapping[str, Outcome]) -> str:
    """Return how many commands were answered, in what time."""
    failed = [name for name, outcome in outcomes.items() if outcome.failure]
    seconds, processor = (sum(getattr(o, name) for o in outcomes.values()) for name in ("seconds", "processor"))
    ran = sum(outcome.ran for outcome in outcomes.values())
    left = f" {len(outcomes) - ran} were left out." if ran < len(outcomes) else ""
    said = f"Failed: {', '.join(failed)}." if failed else "None failed."
    return f"{ran} commands or pieces of evidence took {seconds:.0f} s, {processor:.0f} s of processor time.{left} {said}"


def lettered(differences: tuple[Difference, ...]) -> dict[str, str]:
    """Return the letter of each difference of a part."""
    return {difference.key: chr(ord("A") + k) for k, difference in enumerate(differences)}


def sentences(difference: Difference) -> str:
    """Return what was published, what is found here, and why they differ."""
    return f"Published: {difference.published}. Here: {difference.here}. Why: {difference.why}."


def evidence(difference: Difference) -> list[str]:
    """Return the commands of the evidence, and where the rest is recorded, as a list."""
    lines = [f"- `efpep {one.command}` prints `{one.says}`" for one in difference.evidence]
    return [*lines, *([f"- recorded in `{difference.recorded}`"] if difference.recorded else [])]


def whole_grid(entry: Entry) -> str:
    """Return what answers the whole of an entry that is a part; empty where it is the whole."""
    return f"; the whole{', ' * bool(entry.takes)}{entry.takes}: `efpep {entry.whole}`" if entry.whole else ""


def _row(entry: Entry, marks: Mapping[str, str], outcomes: Mapping[str, Outcome] | None) -> str:
    differs = ", ".join(sorted(marks[key] for key in entry.differs)) or "-"
    command = f"`{shlex.join(['efpep', *entry.words])}`{whole_grid(entry)}"
    report = f", `{entry.name}/`" if entry.command.startswith("run ") else ""
    cells = [
        entry.published or "-",
        entry.shows,
        command,
        f"`{entry.file}`{report}",
        differs,
    ]
    if outcomes is not None:
        cells.append(outcomes[entry.name].said)
    return "| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |"
