"""``efpep.compare``: a method's run beside its proved rate."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np

from efpep.compressors.contractive import Contractive
from efpep.functions.smooth_strongly_convex import SmoothStronglyConvex
from efpep.methods.base import Method
from efpep.model.argument import require_kind
from efpep.model.compressor_class import Loss
from efpep.questions.rate.answer import Rate, rate
from efpep.setting import Setting
from efpep.simulate.follow import Comparison, follow
from efpep.simulate.prepare import declared_class, proved_curvatures, starting_point

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

    from efpep.compressors.operator import CompressionOperator
    from efpep.simulate.problem import Problem

_DIGITS = 10
_SAME = 1e-12


def compare(
    method: Method,
    problem: Problem,
    iterations: int = 200,
    compressor: CompressionOperator | None = None,
    *,
    metric: str = "distance",
    seed: int = 0,
    start: ArrayLike | None = None,
) -> Comparison:
    """Run a method on a problem, and compare the run with the rate that is proved for the problem's constants.

    The certified Lyapunov function is evaluated along the run. That no step contracts it slower than proved is checked on every
    run. ``plot`` draws both.

    Args:
        method: the method; ``step_size="optimal"`` takes the literature's tight step size for the problem's mu and L and
            contractive compressors of the operator's delta.
        problem: a problem whose ``mu``, ``L``, ``values`` and ``minimiser`` are known.
        iterations: how many steps are made.
        compressor: the clients' operator; the rate is that of the class that it declares.
        metric: what V controls; see :func:`efpep.rate`.
        seed: of the operator.
        start: the starting point, shape ``(d,)``; without it the problem's ``start``, else zeros.

    Raises:
        InputError: something is missing, or no contraction is proved.
        ContradictionError: the run contracts V slower than proved.
    """
    found = proved_rate(method, problem, compressor, metric=metric, start=start)
    return follow(found, problem, iterations, compressor, seed=seed, start=start)


def proved_rate(
    method: Method,
    problem: Problem,
    compressor: CompressionOperator | None = None,
    *,
    metric: str = "distance",
    start: ArrayLike | None = None,
) -> Rate:
    """Return the certified rate of a method for the constants of a problem and the class of an operator.

    Raises:
        InputError: a constant is not known, or there is no tight step size.
    """
    require_kind(method, Method, "method", "one such as EF21()")
    mu, smoothness = proved_curvatures(problem)
    x0 = starting_point(problem, start)
    functions = SmoothStronglyConvex(outward(mu, up=False), outward(smoothness, up=True))
    declared = declared_class(compressor, len(x0)) if method.compresses else None
    setting = Setting(functions, declared, len(problem.gradients(x0)))
    others = {Loss.ORTHOGONAL, Loss.EXPECTED}  # the closed forms are those of contractive compressors
    if method.unresolved() and declared is not None and declared.loss in others:
        method = method.resolved(Setting(functions, Contractive(declared.contraction), setting.agents))
    return rate(method, setting, metric)


def outward(constant: float, *, up: bool) -> Fraction:
    """Return a decimal of 10 digits on the safe side of a constant, or the nearest one where only rounding is between."""
    nearest = Fraction(f"{constant:.{_DIGITS - 1}e}")
    if abs(nearest - Fraction(constant)) <= Fraction(_SAME) * nearest:
        return nearest
    unit = Fraction(10) ** (int(np.floor(np.log10(constant))) - _DIGITS + 1)
    return nearest + unit if up else nearest - unit
