"""Tables of questions: in Markdown, HTML, CSV, LaTeX and JSON, one row a question, with the proved ends rounded outward."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.model.text import down, exact, up
from efpep.questions.base import Verdict
from efpep.report.answer import in_expectation, method_object, setting_object
from efpep.report.arrangement import LONG, METHOD, Line, Shown, TableColumn, arranged
from efpep.report.captions import class_cells, class_sentences, impossible_sentences, tuned_sentences
from efpep.report.cells import STEP_DIGITS, Parameter, exact_cells, method_names, parameters, shown_columns, varying
from efpep.report.digits import significant
from efpep.report.latex import SYMBOLS, escaped, throughout
from efpep.report.latex_tables import tables, typeset
from efpep.report.text_tables import csv_text, flat, html_table, markdown_table, text_table

if TYPE_CHECKING:
    from efpep.questions.common.study_form import Quantity
    from efpep.studies.questions.table import AnsweredQuestion, QuestionTable

_WORDS = {True: "yes", False: "no", None: "-"}


def as_markdown(table: QuestionTable) -> str:
    """Return the title, one line for each question with aligned columns, and what the numbers mean."""
    return markdown_table(*_written(table))


def as_text(table: QuestionTable) -> str:
    """Return the same table as plain text."""
    return text_table(*_written(table))


def as_html(table: QuestionTable) -> str:
    """Return the same table in HTML."""
    return html_table(table.called, _columns(table, shown_columns(table.rows)), _below(table))


def _written(table: QuestionTable) -> tuple[str, list[list[str]], list[str]]:
    return table.called, flat(_columns(table, shown_columns(table.rows))), _below(table)


def _below(table: QuestionTable) -> list[str]:
    return [" ".join(_sentences(table.rows)), *table.notes]


def _columns(table: QuestionTable, about: Sequence[str], *, verdicts: bool = True) -> list[TableColumn]:
    """Return the columns: these parameters, step sizes, what else is asked, what is proved, and the verdicts if any differ.

    Raises:
        InputError: the questions do not differ in the pivot.
    """
    rows, pivot, lines = table.rows, table.layout.pivot, list[Line]()
    across = pivot not in {None, LONG}
    told = verdicts and not (across and all(row.verdict is Verdict.PROVED for row in rows))
    for row, name, more in zip(rows, method_names(rows), further(rows), strict=True):
        values = parameters(row)
        asked: dict[str, Parameter] = {METHOD: name, **{each: values[each] for each in about}}
        # optimal step sizes follow what stands across
        step: dict[str, Parameter] = {"step": "-" if row.impossible else _step(row)}
        asked |= {} if across and values["step"] is None else step
        asked |= more
        missing = row.word if row.impossible and not verdicts else "-"
        found = {each: Shown(missing if end == "-" else end) for each, end in _cells(row, table.decimals).items()}
        lines.append(Line(asked, {**found, **({"verdict": Shown(row.word)} if told else {})}))
    return arranged(lines, pivot)


def as_csv(table: QuestionTable) -> str:
    """Return the cells as CSV."""
    return csv_text(csv_cells(table))


def csv_cells(table: QuestionTable) -> list[dict[str, object]]:
    """Return one line for each question, with exact numbers and at least 15 decimals of the ends; what is not proved is empty."""
    return [
        {
            **exact_cells(row),
            **row.task.form.further(),
            **{name.replace(" ", "_"): text or "" for name, text in _ends(row, row.task.form.decimals, _text).items()},
            "verdict": row.word,
            **class_cells(row),
            **({"reason": row.impossible} if row.impossible else {}),
        }
        for row in table.rows
    ]


def as_json(table: QuestionTable) -> str:
    """Return the table as one JSON object with the question, and the rows."""
    rows = [
        {
            **method_object(row.asked),
            **setting_object(row.setting),
            "kappa": None if row.kappa is None else exact(row.kappa),
            **row.task.form.further(),
            **row.task.described(row.outcome),
            "verdict": row.word,
            "reason": row.outcome.reason or None,
            **({"step_size": None} if row.impossible and row.tuned else {}),
        }
        for row in table.rows
    ]
    about = {"title": table.study.title, "question": table.study.question, **table.rows[0].task.form.about()}
    return json.dumps({**about, "rows": rows}, indent=1)


def as_latex(table: QuestionTable) -> str:
    """Return a fragment with ``table`` environments, or a document with the packages that they need."""
    rows = table.rows
    axes = [name for name in varying(rows) if name != "step"]
    fixed = {name: value for name, value in parameters(rows[0]).items() if name not in {*axes, "step", "factor"}}
    told = " ".join(escaped(sentence) for sentence in _sentences(rows))
    title = escaped(table.study.title).rstrip(".")
    caption = " ".join(filter(None, [f"{title}.", throughout(fixed), told]))
    found = typeset(_columns(table, axes, verdicts=False), SYMBOLS)
    return tables(found, caption, title=title, layout=table.layout, notes=table.notes)


RENDERERS: Mapping[str, Callable[[QuestionTable], str]] = {
    "md": as_markdown,
    "html": as_html,
    "csv": as_csv,
    "latex": as_latex,
    "json": as_json,
    "text": as_text,
}
"""The forms of tables by name."""


def further(rows: Sequence[AnsweredQuestion]) -> list[dict[str, Parameter]]:
    """Return what else each question asks: all keys in which any differ, as text, with a dash where a question has none."""
    found = [row.task.form.further() for row in rows]
    names = list(dict.fromkeys(name for each in found for name in each))
    return [{name: str(each.get(name, "-")) for name in names} for each in found]


def _step(row: AnsweredQuestion) -> str:
    step = row.asked.step_size
    return significant(step, STEP_DIGITS) if isinstance(step, Fraction) else "-" if row.impossible else str(step)


def _ends(
    row: AnsweredQuestion,
    interval: Callable[[Fraction | None, Fraction | None], Mapping[str, str | None]],
    word: Callable[[bool | None], str | None],
) -> dict[str, str | None]:
    """Return what is proved as cells; the ends of an interval are called by its name too where there are several."""
    found: Mapping[str, Quantity] = row.task.quantities(row.outcome)
    several = sum(isinstance(part, tuple) for part in found.values()) > 1
    cells: dict[str, str | None] = {}
    for name, part in found.items():
        if isinstance(part, tuple):
            cells |= {f"{name} {end}" if several else end: text for end, text in interval(*part).items()}
        else:
            cells[name] = word(part)
    return cells


def _text(word: bool | None) -> str | None:
    return None if word is None else _WORDS[word]


def _cells(row: AnsweredQuestion, digits: int) -> dict[str, str]:
    """Return what is proved, with so many significant digits rounded outward; a dash for what is not proved."""

    def interval(lower: Fraction | None, upper: Fraction | None) -> dict[str, str | None]:
        return {
            "lower": None if lower is None else down(lower, _places(lower, digits)),
            "upper": None if upper is None else up(upper, _places(upper, digits)),
        }

    return {name: text or "-" for name, text in _ends(row, interval, _text).items()}


def _places(end: Fraction, digits: int) -> int:
    return digits if end <= 0 else max(0, digits - 1 - math.floor(math.log10(end)))


def _sentences(rows: Sequence[AnsweredQuestion]) -> list[str]:
    forms = [row.task.form for row in rows]
    told = [*dict.fromkeys(form.told() for form in forms), *dict.fromkeys(form.MEANING for form in forms), *class_sentences(rows)]
    told += [*tuned_sentences(rows), *impossible_sentences(rows)]
    if any(in_expectation(row.task) for row in rows):
        told.append("With random compressors all numbers are in expectation.")
    return told
