"""The proved bracket of the best step size, for figures over step sizes."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.errors import InputError
from efpep.questions.rate.lyapunov_class import WEIGHTS
from efpep.studies.rates.figures.quantities import text

if TYPE_CHECKING:
    from efpep.studies.rates.table import Table, TableRow

NAME = "best step size, proved bracket"


@dataclass(frozen=True, slots=True)
class StepBracket:
    """Where the best step size is, proved: on the axis, with the best one that was found and the bound of its rate."""

    lower: Fraction
    value: Fraction
    upper: Fraction | None
    rate: Fraction | None

    def cells(self) -> tuple[str, str]:
        """Return the ends for a CSV file."""
        return text(self.lower), text(self.upper)


def bracket_of(table: Table, row: TableRow, *, factors: bool) -> StepBracket | None:
    """Tune the step size of a row's method in its setting (:func:`efpep.tune`), and return the bracket; None without a proof.

    Args:
        table: what its rates are about.
        row: the method, the setting, and the unit of the axis.
        factors: whether the axis shows multiples of the optimal step size.

    Raises:
        InputError: the step size cannot be tuned.
    """
    from efpep.questions.tune.answer import tune

    if table.positivity not in {None, WEIGHTS}:
        raise InputError("figure.bracket is for Lyapunov functions with positive weights; leave one of them out.")
    found = tune(
        row.rate.method,
        row.rate.setting,
        table.metric,
        parameters=("step_size",),
        lyapunov=table.lyapunov,
        memory=table.memory,
        features=table.features,
    )
    if found.certificate is None:
        return None
    unit = row.step_size / row.step_size_factor if factors and row.step_size_factor else Fraction(1)
    upper = None if found.upper is None else found.upper / unit
    return StepBracket(found.lower / unit, found.value / unit, upper, None if found.rate is None else found.rate.upper)
