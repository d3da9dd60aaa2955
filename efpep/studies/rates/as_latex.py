"""Rate tables in LaTeX, for documents with booktabs and siunitx.

Rows are settings, and every method has a column for its rate (and one for its step size where the study does not fix it).
Parameters that are the same throughout stand in the caption.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from efpep.methods.base import LITERATURE
from efpep.report.cells import STEP_DIGITS, Parameter, parameters, varying
from efpep.report.latex import SYMBOLS, cell, column, decimal, escaped, tables, tabular, throughout
from efpep.studies.rates.caption import sentences
from efpep.studies.rates.shown import Key, best, shown, told

if TYPE_CHECKING:
    from efpep.studies.rates.table import Table

_LABELS = {
    "step": r"$\eta$",
    "rho": r"$\rho$",
    "iterations": r"$1/\log(1/\rho)$",
    "lower": r"$\rho$ at least",
    "upper": r"$\rho$ at most",
    "verdict": "verdict",
}


def as_latex(table: Table) -> str:
    """Return a fragment with ``table`` environments, or a document with the packages that they need."""
    axes, methods = varying(table.rows), list(dict.fromkeys(row.method for row in table.rows))
    steps = "step" not in axes and any(row.step_size_factor is not None for row in table.rows)
    shows = table.layout.columns or (*["step"] * steps, "rho")
    settings: dict[Key, dict[str, int]] = {}
    for k, row in enumerate(table.rows):
        about = parameters(row)
        settings.setdefault(tuple(about[name] for name in axes), {})[row.method] = k
    bold = best(table)
    found = [[cell(key[i]) for key in settings] for i in range(len(axes))]
    for method in methods:
        places = [answers.get(method) for answers in settings.values()]
        found += [[_cell(table, k, name, bold=k in bold) for k in places] for name in shows]
    columns = [column(cells) for cells in found]
    begin, labels = tabular(
        [kind for kind, _ in columns], [*(SYMBOLS[name] for name in axes), *[_LABELS[name] for name in shows] * len(methods)]
    )
    lines = [" & ".join(cells) + r" \\" for cells in zip(*(cells for _, cells in columns), strict=True)]
    head = [begin, *_names(len(axes), methods, len(shows)), labels]
    caption = _caption(table, axes, shows)
    return tables(head, lines, caption, title=escaped(table.title), layout=table.layout, notes=table.notes)


def _names(axes: int, methods: Sequence[str], each: int) -> list[str]:
    names = " & ".join([*[""] * axes, *(rf"\multicolumn{{{each}}}{{c}}{{{escaped(name)}}}" for name in methods)])
    first = [axes + 1 + each * i for i in range(len(methods))]
    return [names + r" \\", " ".join(rf"\cmidrule(lr){{{k}-{k + each - 1}}}" for k in first)]


def _cell(table: Table, k: int | None, name: str, *, bold: bool) -> str:
    if k is None:
        return "--"
    found = shown(table.rows[k], name, table.decimals)
    text = decimal(found.text) if name == "step" else found.text
    if text[0].isdigit():
        if found.bound:
            return rf"{{\boldmath$\le {text}$}}" if bold and name == "rho" else rf"$\le {text}$"
        return rf"\bfseries {text}" if bold and name == "rho" else text
    return {"-": "--"}.get(text, rf"\textit{{{escaped(text)}}}")


def _caption(table: Table, axes: Sequence[str], shows: Sequence[str]) -> str:
    fixed: dict[str, Parameter] = {
        name: value for name, value in parameters(table.rows[0]).items() if name not in axes and value is not None
    }
    optimal = fixed.pop("factor", None) == 1
    pieces = [escaped(table.title).rstrip(".") + ".", *filter(None, [throughout(fixed)])]
    best = r"no $V$ of the class (quadratics plus function gaps) proves"
    pieces.append(
        rf"Worst-case contraction factors $\rho$, $V_{{k+1}} \le \rho V_k$ for a Lyapunov function $V$ that controls the "
        rf"{escaped(table.metric)}. Each $\rho$ is an upper bound rounded up, proved in exact arithmetic; "
        rf"{best if table.lyapunov is None else 'this $V$ does not prove'} a factor more than two units of the last place "
        r"below it, except where $\le$ marks a mere bound."
    )
    pieces += [escaped(sentence) for sentence in sentences(table)]
    if table.lyapunov == LITERATURE:
        pieces.append("$V$ is the literature's Lyapunov function of each method.")
    elif table.lyapunov is not None:
        pieces.append(rf"$V$ is the given Lyapunov function \texttt{{{escaped(table.lyapunov)}}}.")
    if table.shared_minimiser:
        names = " and ".join(escaped(name) for name in table.shared_minimiser)
        pieces.append(f"The numbers of {names} for several agents hold where all agents share one minimiser.")
    pieces += [escaped(sentence).replace("1/log(1/rho)", r"$1/\log(1/\rho)$") for sentence in told(table, shows)]
    if "step" in shows:
        kind = r"optimal step sizes $\eta$ of the literature" if optimal else r"step sizes $\eta$"
        pieces.append(f"The {kind} are rounded to {STEP_DIGITS} digits.")
    return " ".join(pieces)
