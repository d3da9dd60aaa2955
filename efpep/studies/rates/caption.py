"""What a rate table says besides its numbers: which classes, which Lyapunov functions, what is assumed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.questions.rate.lyapunov_class import WEIGHTS
from efpep.report.answer import in_expectation
from efpep.report.captions import class_sentences, impossible_sentences, tuned_sentences

if TYPE_CHECKING:
    from efpep.studies.rates.table import Table


def sentences(table: Table) -> list[str]:
    """Return one sentence for everything that holds for a whole table and is not in its columns."""
    found = [*class_sentences(table.rows), *tuned_sentences(table.rows), *impossible_sentences(table.rows)]
    if any(in_expectation(row.rate) for row in table.rows):
        found.append("With random compressors all rates are in expectation.")
    if table.memory:
        found.append(f"V may depend on {table.memory} past state{'s' * (table.memory > 1)} besides the current one.")
    if table.features is not None:
        found.append(f"V is made of {', '.join(table.features)} only.")
    signed = {row.rate.method.title for row in table.rows if (table.positivity or row.rate.method.positivity) != WEIGHTS}
    if signed:
        whose = "" if signed == {row.rate.method.title for row in table.rows} else f" of {', '.join(sorted(signed))}"
        found.append(f"The weights of V{whose} may have any sign; V is nonnegative by the interpolation inequalities.")
    return found
