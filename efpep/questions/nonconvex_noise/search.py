"""The least constant of the noise beside a decrease, enclosed by exact witnesses, and the decrease with the lowest floor."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction

from efpep.conic.bound_enclosure import Ends, approximate_upper
from efpep.conic.lmi import Lmi
from efpep.conic.several_units import enclosed_in_units
from efpep.conic.solver import Solver
from efpep.conic.units import Measures, Units, column_sizes, dyadic, linear_size
from efpep.errors import InputError
from efpep.methods import Method
from efpep.model.column import Unit
from efpep.questions.common.minimum import Minimum
from efpep.questions.nonconvex.answer import approximate_decrease
from efpep.questions.nonconvex.question import NonconvexQuestion
from efpep.questions.nonconvex_noise.question import NonconvexNoiseQuestion
from efpep.setting import Setting

_SPAN, _CLOSE, _DIGITS = 1000.0, 0.02, 4
"""Decreases of so many digits are tried from the largest one down to that over the span, until their logarithms are close."""


def least_constant(question: NonconvexNoiseQuestion, solver: Solver, none: Callable[[], bool]) -> tuple[Ends, str]:
    """Enclose the least constant, and say whose proposals the ends rest on; ``none`` says whether there is none."""
    return enclosed_in_units(_lmi(question), lambda size: [_lmi(question, size**2)], solver, none)


def lowest_floor(method: Method, setting: Setting, solver: Solver) -> Fraction:
    """Return about the decrease a with the least ``c/a``, by approximate values.

    Raises:
        InputError: no potential decreases at this step size.
    """
    most = approximate_decrease(NonconvexQuestion(method, replace(setting, noise=None)), solver)
    if not 0 < most < math.inf:
        raise InputError(
            f"no potential of {method.called()} decreases at the step size {float(method.step_size):.6g}, so that noise adds no "
            "constant to one; give a smaller step size, fewer agents or another method: efpep.potential says which have one.",
            argument="step_size",
        )
    search = Minimum(lambda a: _approximate(NonconvexNoiseQuestion(method, setting, a), solver) / float(a), digits=_DIGITS)
    search.close_in(math.log(most / _SPAN), math.log(most), _CLOSE)
    return search.best


def _approximate(question: NonconvexNoiseQuestion, solver: Solver) -> float:
    """Return about the least constant, of which nothing is proved; infinity where the solver does not solve."""
    witness = approximate_upper(_lmi(question), solver)
    return math.inf if witness is None else float(witness.theta)


def _lmi(question: NonconvexNoiseQuestion, theta: Fraction | None = None) -> Lmi:
    """Measure gradients by the noise, points and values by 1/L times that, and theta by what is given or by 1/L."""
    step = question.inequalities
    point = 1 / dyadic(step.unit)
    columns = tuple(column_sizes(block, {Unit.POINT: point, Unit.GRADIENT: Fraction(1)}) for block in step.columns)
    features = tuple(tuple(linear_size(f.before, columns[block.index]) for f in block.features) for block in step.blocks)
    units = Units(columns, features, point, {step.values.index("1"): 1 / dyadic(question.sigma) ** 2})
    return Lmi(question.system, Measures((units,) * 2, features, point if theta is None else theta))
