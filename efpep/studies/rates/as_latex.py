"""Rate tables in LaTeX, for documents with booktabs and siunitx.

Rows are settings, and every method has a column for its rate (and one for its step size where the study does not fix it), unless
the layout says otherwise. Parameters that are the same throughout stand in the caption.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from efpep.methods.base import LITERATURE
from efpep.report.arrangement import LONG, METHOD
from efpep.report.cells import STEP_DIGITS, Parameter, parameters, varying
from efpep.report.latex import SYMBOLS, escaped, throughout
from efpep.report.latex_tables import Typeset, tables, typeset
from efpep.studies.rates.caption import sentences
from efpep.studies.rates.shown import columns_of, shows_of, told

if TYPE_CHECKING:
    from efpep.studies.rates.table import Table

_LABELS = {
    "step": r"$\eta$",
    "rho": r"$\rho$",
    "iterations": r"$1/\log(1/\rho)$",
    "lower": r"$\rho$ at least",
    "upper": r"$\rho$ at most",
    "ratio": "ratio",
    "difference": "difference",
    "theory": r"closed form of $\rho$",
}
_MATHEMATICS = {
    "1/log(1/rho)": r"$1/\log(1/\rho)$",
    "rho": r"$\rho$",
    "V": "$V$",
    "factor e": "factor $e$",
    "kappa =": r"$\kappa =$",
    "delta =": r"$\delta =$",
    "L =": "$L =$",
    "agents =": "$n =$",
}
_WORDS = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, _MATHEMATICS))})(?!\w)")
"""What sentences have in mathematics mode."""


def as_latex(table: Table) -> str:
    """Return a fragment with ``table`` environments, or a document with the packages that they need.

    Methods stand across, unless the layout says otherwise, or they do not fit side by side.
    """
    axes = varying(table.rows)
    pivot = table.layout.pivot or METHOD
    found, shows = _typeset(table, axes, pivot)
    if table.layout.pivot is None and not found.fits:
        pivot = LONG
        found, shows = _typeset(table, axes, pivot)
    caption = _caption(table, axes, shows, pivot)
    return tables(found, caption, title=escaped(table.title), layout=table.layout, notes=table.notes)


def _typeset(table: Table, axes: Sequence[str], pivot: str) -> tuple[Typeset, Sequence[str]]:
    several = any(row.chosen for row in table.rows)
    steps = pivot in {METHOD, LONG} and "step" not in axes and several
    shows = shows_of(table, [*["step"] * steps, "rho"])
    return typeset(columns_of(table, pivot, shows, axes, named=False), {**SYMBOLS, **_LABELS}), shows


def _caption(table: Table, axes: Sequence[str], shows: Sequence[str], pivot: str) -> str:
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
    pieces += [_WORDS.sub(lambda word: _MATHEMATICS[word[0]], escaped(sentence)) for sentence in told(table, shows, pivot)]
    if "step" in shows:
        kind = r"optimal step sizes $\eta$ of the literature" if optimal else r"step sizes $\eta$"
        pieces.append(f"The {kind} are rounded to {STEP_DIGITS} digits.")
    return " ".join(pieces)
