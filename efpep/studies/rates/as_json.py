"""Rate tables as JSON: the rows are the objects that ``efpep rate --json`` prints."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from efpep.model.text import exact
from efpep.questions.rate.lyapunov_class import WEIGHTS
from efpep.questions.rate.report import answer_object

if TYPE_CHECKING:
    from efpep.studies.rates.table import Table


def as_json(table: Table) -> str:
    """Return the table as one JSON object ``{"title", "metric", "lyapunov", "memory", "features", "certified", "rows"}``."""
    rows = [
        {
            **answer_object(row.rate),
            "kappa": None if row.kappa is None else exact(row.kappa),
            **({"verdict": row.word, "reason": row.impossible} if row.impossible else {}),
            **({"step_size": None} if row.impossible and row.tuned else {}),
        }
        for row in table.rows
    ]
    certified = all(row.rate.certified for row in table.rows)
    about = {
        "title": table.title,
        "metric": table.metric,
        "lyapunov": table.lyapunov,
        "memory": table.memory,
        "features": table.features,
        **({} if table.positivity in {None, WEIGHTS} else {"positivity": table.positivity}),
    }
    return json.dumps({**about, "certified": certified, "rows": rows}, indent=1)
