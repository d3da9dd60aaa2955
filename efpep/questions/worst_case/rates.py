"""``efpep.rates_in_horizon``: worst cases against the number of steps, with the literature's bounds and the order of the rate."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from efpep.conic.solver import DEFAULT
from efpep.errors import InputError
from efpep.methods.base import Method
from efpep.model.field import Scalar, positive, shown
from efpep.optional import optional
from efpep.questions.common.roots import root_below
from efpep.questions.worst_case.answer import WorstCase, worst_case
from efpep.setting import Setting

if TYPE_CHECKING:
    import pandas as pd

    from efpep.questions.worst_case.metric import Metric
    from efpep.theory.closed_form import ClosedForm

_COLUMNS = ["iterations", "lower", "upper", "literature", "ratio", "source", "standing"]


@dataclass(frozen=True, slots=True)
class HorizonRates:
    """The answer of :func:`rates_in_horizon`.

    Attributes:
        worst_cases: the worst case for each number of steps.
        literature: the literature's bound for each, or None.
    """

    worst_cases: tuple[WorstCase, ...]
    literature: tuple[ClosedForm | None, ...]

    @property
    def order(self) -> float:
        """The p of the least-squares fit ``upper ~ C (T + 1)^-p`` (a description of the table, not a claim).

        Raises:
            InputError: fewer than two numbers of steps have a positive upper end.
        """
        points = [
            (math.log(found.question.iterations + 1), math.log(float(found.upper)))
            for found in self.worst_cases
            if found.upper is not None and found.upper > 0
        ]
        if len({x for x, _ in points}) < 2:
            raise InputError("the order of a rate needs upper ends for two numbers of steps; give more horizons.")
        centre = sum(x for x, _ in points) / len(points)
        middle = sum(y for _, y in points) / len(points)
        return -sum((x - centre) * (y - middle) for x, y in points) / sum((x - centre) ** 2 for x, _ in points)

    def least_rate(self, constant: Scalar = 1) -> Fraction | None:
        """Return a rho below which no ``metric_T <= constant rho^T`` holds for all T and all runs within the initial bounds.

        Each lower end is attained by a run of T steps, so that ``rho^T >= lower / constant``; the largest of these roots is
        returned, rounded down, and None where there is no lower end. It says nothing about guarantees with larger constants.

        Raises:
            InputError: the constant is no positive number.
        """
        number = positive(constant, "constant")
        found = [root_below(lower / number, steps) for steps, lower in self._attained()]
        return max(found, default=None)

    def least_constant(self, rate: Scalar) -> Fraction | None:
        """Return a C below which no ``metric_T <= C rate^T`` holds for all T and all runs within the initial bounds.

        None where there is no lower end.

        Raises:
            InputError: the rate is no positive number.
        """
        number = positive(rate, "rate")
        return max((lower / number**steps for steps, lower in self._attained()), default=None)

    def _attained(self) -> list[tuple[int, Fraction]]:
        return [(found.question.iterations, found.lower) for found in self.worst_cases if found.lower is not None]

    def table(self) -> pd.DataFrame:
        """Return ``iterations``, ``lower``, ``upper``, ``literature``, ``ratio`` of upper to it, ``source`` and ``standing``.

        Raises:
            UnavailableError: pandas is not installed.
        """
        return optional("pandas", "data frames").DataFrame(self._rows(), columns=_COLUMNS)

    def _rows(self) -> list[tuple[object, ...]]:
        rows: list[tuple[object, ...]] = []
        for found, bound in zip(self.worst_cases, self.literature, strict=True):
            lower = None if found.lower is None else float(found.lower)
            upper = None if found.upper is None else float(found.upper)
            value, source, standing = (
                (None, None, None) if bound is None else (float(bound.value), bound.source, bound.standing.value)
            )
            ratio = None if value is None or upper is None else upper / value
            rows.append((found.question.iterations, lower, upper, value, ratio, source, standing))
        return rows

    def __str__(self) -> str:
        """Show the table."""
        lines = [_COLUMNS, *([_cell(value) for value in row] for row in self._rows())]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        return "\n".join(" ".join(cell.rjust(width) for cell, width in zip(line, widths, strict=True)) for line in lines)


def _cell(value: object) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def rates_in_horizon(
    method: Method | Callable[[int], Method],
    setting: Setting,
    horizons: Iterable[int],
    metric: Metric = "distance",
    initial: str | Mapping[str, Any] = "distance",
    *,
    at: str = "last",
    pairs: str | int = "auto",
    attained: bool | None = None,
    solver: str = DEFAULT,
) -> HorizonRates:
    """Compute :func:`efpep.worst_case` for several numbers of steps.

    Args:
        method: the method, or a function from the number of steps to the method, where the step size depends on it.
        setting: as for a worst case, and so are the other arguments.
        horizons: the numbers of steps.
        metric: what is measured.
        initial: what is bounded at the start.
        at: where it is measured.
        pairs: which inequalities between samples are used.
        attained: whether lower ends are searched for.
        solver: the solver.

    Raises:
        InputError: a question is not well posed.
    """
    if isinstance(horizons, str) or not isinstance(horizons, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError(f"horizons is {shown(horizons)}, which is no list; give numbers such as [1, 2, 5].", argument="horizons")
    found: list[WorstCase] = []
    for steps in horizons:
        chosen = method if isinstance(method, Method) else method(steps)
        found.append(worst_case(chosen, setting, steps, metric, initial, at=at, pairs=pairs, attained=attained, solver=solver))
    bounds = (item.question.method.literature.horizon_bound(item.question) for item in found)
    return HorizonRates(tuple(found), tuple(bounds))
