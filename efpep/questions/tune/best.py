"""The best parameters of a method, numerically: a proposal that proofs start from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from efpep.conic.solver import DEFAULT, find_solver
from efpep.errors import InputError
from efpep.methods.base import Method, Range
from efpep.model.field import rounded
from efpep.questions.rate.contraction import contraction
from efpep.questions.rate.lmi import rate_lmi
from efpep.questions.rate.lyapunov_class import Shape
from efpep.questions.rate.search import newton, search
from efpep.questions.tune.optimum import Axis, minimum
from efpep.questions.tune.question import STEP
from efpep.setting import Setting

_DIGITS = 12
_SLOW = Fraction(1, 10**6)
"""Where a rate seems to be this close to 1, that is good enough for the search."""

Values = dict[str, Fraction]


@dataclass(frozen=True, slots=True)
class Asked:
    """What a question is about besides the method."""

    setting: Setting
    metric: str
    shape: Shape


def best_parameters(template: Method, names: tuple[str, ...], asked: Asked, starts: Sequence[Values]) -> Values:
    """Return the numerically best parameters, rounded to 12 digits.

    Args:
        template: the method, whose other parameters are kept.
        names: the parameters to choose.
        asked: setting, metric and class of Lyapunov functions.
        starts: parameters that are tried besides the search's own.
    """
    if STEP not in names:
        template = template.resolved(asked.setting)
    solver = find_solver(DEFAULT)

    def objective(values: tuple[float, ...]) -> float:
        at = replace(template, **_rounded(names, values))
        question = contraction(at, asked.setting, asked.metric, shape=asked.shape)
        estimate = newton(rate_lmi(question), solver, Fraction(0))
        if estimate.confident or estimate.q < _SLOW or len(names) > 1:
            return 1 - float(estimate.q) if estimate.contracts else 1.0
        for extended in (False, True):
            upper = search(question, solver, extended=extended, width=Fraction(1, 10**6)).upper
            if upper is not None:
                return float(upper.theta)
        return 1.0

    smoothness = max(float(group.functions.smoothness) for group in asked.setting.populations())
    axes = [_axis(template.ranges.get(name), 8 / smoothness) for name in names]
    given = [tuple(float(start[name]) for name in names) for start in starts]
    return _rounded(names, minimum(objective, axes, given))


def _axis(interval: Range | None, longest: float) -> Axis:
    if interval is None:
        return Axis(0.0, longest, logarithmic=True)
    lower, upper = interval.lower, interval.upper
    if lower is None or upper is None:
        raise InputError(f"a parameter's range is {interval}, which is infinite, so it cannot be searched; give it both ends.")
    margin = (upper - lower) / 1000
    ends = tuple(float(end) for end in (interval.least, interval.most) if end is not None)
    low = float(lower) if interval.least is not None else lower + margin
    high = float(upper) if interval.most is not None else upper - margin
    return Axis(low, high, logarithmic=False, ends=ends)


def _rounded(names: Sequence[str], values: Sequence[float]) -> dict[str, Fraction]:
    return {name: rounded(Fraction(value), _DIGITS) for name, value in zip(names, values, strict=True)}
