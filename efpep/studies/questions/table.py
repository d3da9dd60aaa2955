"""Tables of questions: in Markdown, CSV, LaTeX and JSON, one row a question, with the proved ends rounded outward."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from fractions import Fraction

from efpep.model.text import down, exact, up
from efpep.report.answer import in_expectation, method_object, setting_object
from efpep.report.cells import STEP_DIGITS, Parameter, number, parameters, varying
from efpep.report.digits import significant
from efpep.report.latex import ROWS_ON_A_PAGE, SYMBOLS, cell, decimal, document, environment, escaped, numeral
from efpep.report.notes import class_sentences, classes, groups
from efpep.report.written import aligned, csv_text
from efpep.studies.questions.answers import AnsweredQuestion, QuestionAnswers

_ABOUT = ("kappa", "L", "delta", "agents", "groups", "factor")
_ALWAYS = ("kappa", "delta", "agents")
_NAMES = {"factor": "step size / optimal", "step": "step size"}


def as_markdown(found: QuestionAnswers) -> str:
    """Return the title, one line for each question with aligned columns, and what the numbers mean."""
    rows = found.rows()
    shown = varying(rows)
    about = [n for n in _ABOUT if n in shown or n in _ALWAYS or (n == "groups" and any(groups(row) for row in rows))]
    further = _further(rows)
    header = ["method", *(_NAMES.get(name, name) for name in about), "step size", *further, "lower", "upper", "verdict"]
    lines = [header]
    for row in rows:
        values = parameters(row)
        asked = [row.method, *(number(values[name]) for name in about), _step(row)]
        more = [str(row.task.further().get(name, "-")) for name in further]
        lines.append([*asked, *more, *_ends(row, found.study.digits), row.outcome.state.value])
    return "\n".join([f"# {found.study.title}", "", *aligned(lines), "", " ".join(_sentences(found, rows))])


def as_csv(found: QuestionAnswers) -> str:
    """Return one line for each question, with exact numbers and at least 15 decimals of the ends; what is not proved is empty."""
    lines: list[dict[str, object]] = []
    for row in found.rows():
        constants = {"kappa": row.kappa, "mu": row.mu, "L": row.L, "delta": row.delta}
        lines.append(
            {
                "method": row.method,
                **{name: "" if value is None else exact(value) for name, value in constants.items()},
                "agents": "" if row.agents is None else row.agents,
                "step_size": _exact_step(row),
                **row.task.further(),
                **{name: end or "" for name, end in row.task.shown(row.outcome).items()},
                "verdict": row.outcome.state.value,
                **classes(row),
                **({} if (kinds := groups(row)) is None else {"groups": kinds}),
            }
        )
    return csv_text(lines)


def as_json(found: QuestionAnswers) -> str:
    """Return the table as one JSON object with the question, and the rows."""
    rows = [
        {
            **method_object(row.asked),
            **setting_object(row.setting),
            "kappa": None if row.kappa is None else exact(row.kappa),
            **row.task.further(),
            row.task.ends: row.task.shown(row.outcome),
            "verdict": row.outcome.state.value,
            "reason": row.outcome.reason or None,
        }
        for row in found.rows()
    ]
    return json.dumps({"title": found.study.title, **found.study.about(), "rows": rows}, indent=1)


def as_latex(found: QuestionAnswers) -> str:
    """Return a document with booktabs tables that compiles as it stands."""
    rows = found.rows()
    axes = [name for name in varying(rows) if name != "step"]
    further = _further(rows)
    names = ["method", *(SYMBOLS[name] for name in axes), r"$\eta$", *further, "lower", "upper"]
    columns = "".join("l" if name in {"method", "groups", "metric"} else "r" for name in names)
    head = [rf"\begin{{tabular}}{{{columns}}}", " & ".join(names) + r" \\"]
    lines: list[str] = []
    for row in rows:
        values = parameters(row)
        more = [escaped(str(row.task.further().get(name, "--"))) for name in further]
        ends = ["--" if end == "-" else f"${end}$" for end in _ends(row, found.study.digits)]
        cells = [escaped(row.method), *(cell(values[name]) for name in axes), decimal(_step(row)), *more, *ends]
        lines.append(" & ".join(cells) + r" \\")
    body: list[str] = []
    for first in range(0, len(lines), ROWS_ON_A_PAGE):
        title = escaped(found.study.title).rstrip(".")
        told = " ".join(escaped(sentence) for sentence in _sentences(found, rows))
        caption = f"{title} (continued)." if first else f"{title}. {_fixed(rows, axes)}{told}"
        body += [*environment(head, lines[first : first + ROWS_ON_A_PAGE], caption), ""]
    return document(body)


RENDERERS: Mapping[str, Callable[[QuestionAnswers], str]] = {
    "md": as_markdown,
    "csv": as_csv,
    "latex": as_latex,
    "json": as_json,
}
"""The forms of tables by name."""


def _further(rows: list[AnsweredQuestion]) -> list[str]:
    return list(dict.fromkeys(name for row in rows for name in row.task.further()))


def _step(row: AnsweredQuestion) -> str:
    step = row.asked.step_size
    return significant(step, STEP_DIGITS) if isinstance(step, Fraction) else str(step)


def _exact_step(row: AnsweredQuestion) -> str:
    step = row.asked.step_size
    return exact(step) if isinstance(step, Fraction) else str(step)


def _ends(row: AnsweredQuestion, digits: int) -> tuple[str, str]:
    """Return both ends with so many significant digits, rounded outward; a dash for one that is not proved."""
    lower, upper = row.outcome.interval()
    return (
        "-" if lower is None else down(lower, _places(lower, digits)),
        "-" if upper is None else up(upper, _places(upper, digits)),
    )


def _places(end: Fraction, digits: int) -> int:
    return digits if end <= 0 else max(0, digits - 1 - math.floor(math.log10(end)))


def _sentences(found: QuestionAnswers, rows: list[AnsweredQuestion]) -> list[str]:
    told = [found.study.told(), found.study.meaning, *class_sentences(rows)]
    if any(in_expectation(row.task) for row in rows):
        told.append("With random compressors all numbers are in expectation.")
    return told


def _fixed(rows: list[AnsweredQuestion], axes: list[str]) -> str:
    """Return the parameters that are the same throughout, as a sentence of a caption."""
    values: dict[str, Parameter] = {
        name: value
        for name, value in parameters(rows[0]).items()
        if value is not None and name not in {*axes, "groups", "step", "factor"}
    }
    told = ", ".join(f"${SYMBOLS[name].strip('$')} = {numeral(value)}$" for name, value in values.items())
    kinds = groups(rows[0]) if "groups" not in axes else None
    named = "" if kinds is None else f"The groups of agents are {escaped(kinds)}. "
    return (f"Throughout, {told}. " if told else "") + named
