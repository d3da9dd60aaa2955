"""Rate tables in LaTeX: a complete document with booktabs tables that compiles as it stands.

Rows are settings, and every method has a column for its rate (and one for its step size where the study does not fix it).
Parameters that are the same throughout stand in the caption.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

from efpep.methods.base import LITERATURE
from efpep.report.cells import STEP_DIGITS, Parameter, parameters, varying
from efpep.report.digits import printed, significant
from efpep.report.latex import SYMBOLS, cell, decimal, document, escaped, pages, throughout
from efpep.studies.rates.caption import sentences

if TYPE_CHECKING:
    from efpep.studies.rates.table import Table, TableRow

Key: TypeAlias = tuple[Parameter, ...]


def as_latex(table: Table) -> str:
    """Return a document with the packages that its tables need; paste the ``table`` environments into a paper."""
    axes = varying(table.rows)
    steps = "step" not in axes and any(row.step_size_factor is not None for row in table.rows)
    methods = list(dict.fromkeys(row.method for row in table.rows))
    settings: dict[Key, dict[str, TableRow]] = {}
    for row in table.rows:
        about = parameters(row)
        settings.setdefault(tuple(about[name] for name in axes), {})[row.method] = row
    lines = [_line(key, answers, methods, table.digits, steps=steps) for key, answers in settings.items()]
    head = _head(axes, methods, steps=steps)
    return document(pages(head, lines, escaped(table.title), _caption(table, axes, steps=steps)))


def _head(axes: Sequence[str], methods: Sequence[str], *, steps: bool) -> list[str]:
    each = 2 if steps else 1
    columns = "".join("l" if name == "groups" else "r" for name in axes) + "r" * each * len(methods)
    names = " & ".join([*[""] * len(axes), *(rf"\multicolumn{{{each}}}{{c}}{{{escaped(name)}}}" for name in methods)])
    first = [len(axes) + 1 + each * i for i in range(len(methods))]
    rules = " ".join(rf"\cmidrule(lr){{{k}-{k + each - 1}}}" for k in first)
    labels = " & ".join([*(SYMBOLS[name] for name in axes), *([r"$\eta$"] * steps + [r"$\rho$"]) * len(methods)])
    return [rf"\begin{{tabular}}{{{columns}}}", names + r" \\", rules, labels + r" \\"]


def _line(key: Key, answers: dict[str, TableRow], methods: Sequence[str], digits: int, *, steps: bool) -> str:
    cells = [cell(value) for value in key]
    for name in methods:
        row = answers.get(name)
        if row is None:
            cells += ["--"] * (2 if steps else 1)
            continue
        cells += [decimal(significant(row.step_size, STEP_DIGITS))] * steps + [_rate(row, digits)]
    return " & ".join(cells) + r" \\"


def _rate(row: TableRow, digits: int) -> str:
    if row.upper is None:
        return r"\textit{no contraction}" if row.lower is not None and row.lower >= 1 else r"\textit{undecided}"
    rho = printed(row.lower, row.upper, digits)
    return f"${rho.number}$" if rho.tight else rf"$\le {rho.number}$"


def _caption(table: Table, axes: Sequence[str], *, steps: bool) -> str:
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
    if steps:
        kind = r"optimal step sizes $\eta$ of the literature" if optimal else r"step sizes $\eta$"
        pieces.append(f"The {kind} are rounded to {STEP_DIGITS} digits.")
    return " ".join(pieces)
