"""Rate tables as CSV, with exact numbers and proved ends rounded outward."""

from __future__ import annotations

import csv
import io
from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.model.text import exact
from efpep.questions.rate.lyapunov_class import WEIGHTS
from efpep.report.answer import interval_object
from efpep.report.notes import classes, groups

if TYPE_CHECKING:
    from efpep.studies.rates.table import Table

HEADER = ("method", "kappa", "mu", "L", "delta", "agents", "step_size", "metric", "lower", "upper", "verdict")


def as_csv(table: Table) -> str:
    """Return one line for each row; what is undecided, or differs between agents, is left empty.

    Further columns follow where the study needs them: classes of functions and compressors, groups, memory and features of the
    Lyapunov function, what makes it nonnegative, and the Lyapunov function where it is given.
    """
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    further = _further(table)
    names = list(dict.fromkeys(name for cells in further for name in cells))
    writer.writerow([*HEADER, *names])
    for row, cells in zip(table.rows, further, strict=True):
        ends = interval_object(row.lower, row.upper)
        constants = [_exact(number) for number in (row.kappa, row.mu, row.L, row.delta)]
        agents = "" if row.agents is None else row.agents
        step = exact(row.step_size)
        answer = [ends["lower"], ends["upper"], row.verdict.name.lower()]
        writer.writerow([row.method, *constants, agents, step, table.metric, *answer, *(cells.get(name, "") for name in names)])
    return text.getvalue().removesuffix("\n")


def _further(table: Table) -> list[dict[str, str]]:
    about = {} if not table.memory else {"memory": str(table.memory)}
    about |= {} if table.features is None else {"features": ",".join(table.features)}
    about |= {} if table.positivity == WEIGHTS else {"positivity": table.positivity}
    about |= {} if table.lyapunov is None else {"lyapunov": table.lyapunov}
    return [{**classes(row), **({} if (kinds := groups(row)) is None else {"groups": kinds}), **about} for row in table.rows]


def _exact(number: Fraction | None) -> str:
    return "" if number is None else exact(number)
