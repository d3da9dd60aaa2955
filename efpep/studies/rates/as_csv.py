"""Rate tables as CSV, with exact numbers and proved ends rounded outward."""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.questions.rate.lyapunov_class import WEIGHTS
from efpep.report.answer import interval_object
from efpep.report.captions import class_cells
from efpep.report.cells import exact_cells
from efpep.report.text_tables import csv_text

if TYPE_CHECKING:
    from efpep.studies.rates.table import Table


def as_csv(table: Table) -> str:
    """Return the cells as CSV."""
    return csv_text(csv_cells(table))


def csv_cells(table: Table) -> list[dict[str, object]]:
    """Return one line for each row; what is undecided, or differs between agents, is left empty.

    Further columns follow where the study needs them: classes of functions and compressors, groups, memory and features of the
    Lyapunov function, what makes it nonnegative, and the Lyapunov function where it is given.
    """
    about = {} if not table.memory else {"memory": str(table.memory)}
    about |= {} if table.features is None else {"features": ",".join(table.features)}
    about |= {} if table.positivity in {None, WEIGHTS} else {"positivity": table.positivity}
    about |= {} if table.lyapunov is None else {"lyapunov": table.lyapunov}
    return [
        {
            **exact_cells(row),
            "metric": table.metric,
            **{end: text or "" for end, text in interval_object(row.lower, row.upper).items()},
            "verdict": row.word,
            **class_cells(row),
            **about,
            **({"reason": row.impossible} if row.impossible else {}),
        }
        for row in table.rows
    ]
