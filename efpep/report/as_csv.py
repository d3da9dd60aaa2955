"""Rate tables as CSV, with exact numbers and proved ends rounded outward."""

from __future__ import annotations

import csv
import io
from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.model.text import exact
from efpep.report.answer import interval_object

if TYPE_CHECKING:
    from efpep.report.table import Table

HEADER = ("method", "kappa", "mu", "L", "delta", "agents", "step_size", "metric", "lower", "upper", "verdict")


def as_csv(table: Table) -> str:
    """Return one line for each row; what is undecided, or differs between agents, is left empty.

    Where the study gives a Lyapunov function, a last column ``lyapunov`` repeats it.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    given = [] if table.lyapunov is None else [table.lyapunov]
    writer.writerow([*HEADER, *["lyapunov"] * len(given)])
    for row in table.rows:
        ends = interval_object(row.lower, row.upper)
        constants = [_exact(number) for number in (row.kappa, row.mu, row.L, row.delta)]
        agents = "" if row.agents is None else row.agents
        step = exact(row.step_size)
        answer = [ends["lower"], ends["upper"], row.verdict.name.lower()]
        writer.writerow([row.method, *constants, agents, step, table.metric, *answer, *given])
    return text.getvalue().removesuffix("\n")


def _exact(number: Fraction | None) -> str:
    return "" if number is None else exact(number)
