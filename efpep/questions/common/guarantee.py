"""``efpep.guarantee``: the best step size and threshold of a subgradient method for T rounds, and what they prove."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from efpep.errors import InputError
from efpep.methods.base import Method
from efpep.model.field import double, rational, shown
from efpep.questions.common.required import require_method, require_setting
from efpep.theory import safe_ef as theory

if TYPE_CHECKING:
    from efpep.setting import Setting
    from efpep.theory.closed_form import ClosedForm


@dataclass(frozen=True, slots=True)
class Guarantee:
    """The answer of :func:`guarantee`.

    Attributes:
        method: the method with step size and threshold.
        setting: the setting.
        iterations: the number T of rounds.
        radius: the bound R of ``||x^0 - x*||``.
        bound: the c with ``f(xbar) - f* <= c`` and ``g(xbar) <= c`` for the average xbar over the rounds with ``g(x) <= c``.
        at_start: ``R M``, which bounds ``f(x^0) - f*`` and ``g(x^0)`` before the first step.
        K: the constant on which it rests.
        probability: with which it holds; 1 where every compressor contracts almost surely, None with stochastic subgradients,
            where only the next statement is proved.
        in_expectation: where a compressor contracts in expectation only, or subgradients are stochastic, the least c of the
            weighted guarantee ``E[(|B|/T) (f(xbar) - f* - c)] <= 0``, which holds for it and for all larger thresholds; without
            a constraint it says ``E f(xbar) - f* <= c``. None otherwise.
    """

    method: Method
    setting: Setting
    iterations: int
    radius: Fraction
    bound: Fraction
    at_start: Fraction
    K: ClosedForm
    probability: Fraction | None
    in_expectation: Fraction | None = None

    @property
    def vacuous(self) -> bool:
        """Whether the bound is no better than what holds before the first step."""
        return self.bound >= self.at_start

    def __str__(self) -> str:
        """Say what is promised."""
        sure = "" if self.probability == 1 else f" with probability {float(self.probability or 0):g}"
        sure = " in expectation" if self.probability is None else sure
        start = f", which is vacuous, as x^0 is within {float(self.at_start):.12g}" if self.vacuous else ""
        return (
            f"{self.method.title or type(self.method).__name__} with step size {float(self.method.step_size):.12g} is within "
            f"{float(self.bound):.12g} of the optimum and of feasibility after {self.iterations} rounds{sure}{start}."
        )


def guarantee(
    method: Method | type[Method],
    setting: Setting,
    iterations: int,
    *,
    radius: object = 1,
    failure: object = None,
) -> Guarantee:
    """Return the best step size and threshold of a subgradient method with error feedback for T rounds, and what they prove.

    Args:
        method: the class, or a method whose step size, where it is a number, is kept.
        setting: convex functions with bounded subgradients, and the compressors; with ``noise`` stochastic subgradients, those of
            constraints among them, whose values are exact.
        iterations: the number T of rounds.
        radius: a bound of ``||x^0 - x*||``.
        failure: the probability with which the guarantee may fail, needed where a compressor contracts in expectation only.

    Raises:
        InputError: the method has no such guarantee, or numbers are missing or out of range.
    """
    cls = method if isinstance(method, type) else type(method)
    if not issubclass(cls, Method):  # pyright: ignore[reportUnnecessaryIsInstance]
        require_method(method, "a class such as SafeEF, or one with its parameters")
    require_setting(setting)
    K = cls.literature.averaging_constant(setting, iterations)
    if K is None:
        raise InputError(
            f"{cls.title or cls.__name__} has no guarantee for averages of its iterates; take a method such as SafeEF, "
            "or give no number of rounds.",
            argument="method",
        )
    classes = [group.functions for group in setting.populations()]
    classes += [] if setting.constraint is None else [setting.constraint]
    bounds = [bound for functions in classes if (bound := functions.subgradient_bound) is not None]
    if len(bounds) != len(classes):
        raise InputError(
            "the guarantee is about convex functions and constraints with bounded subgradients; give BoundedSubgradients(M).",
            argument="functions",
        )
    mean: Fraction | None = None
    step = None if isinstance(method, type) or not isinstance(method.step_size, Fraction) else method.step_size
    options: dict[str, Any] = {"R": radius, "M": max(bounds), "step_size": step}
    if setting.noise is not None:
        if failure is not None:
            raise InputError(
                f"failure is {shown(failure)}, but the guarantee for stochastic subgradients holds in expectation; leave it out.",
                argument="failure",
            )
        found = theory.guarantee(K, iterations, **options)
        mean = found.threshold
    elif setting.random:
        if failure is None:
            raise InputError(
                "a compressor contracts in expectation only, so there may be runs without any feasible iterate; give failure, "
                "the probability with which the guarantee may fail.",
                argument="failure",
            )
        found = theory.in_expectation(K, iterations, failure, **options)
        mean = theory.guarantee(K, iterations, **options).threshold
    elif failure is not None:
        raise InputError(
            f"failure is {shown(failure)}, but the compressors contract almost surely, so nothing fails; leave it out.",
            argument="failure",
        )
    else:
        found = theory.guarantee(K, iterations, **options)
    names = {field.name for field in dataclasses.fields(cls)}
    changed: dict[str, Any] = {"step_size": found.step_size}
    if "threshold" in names:
        changed["threshold"] = found.threshold
    made = cls(**changed) if isinstance(method, type) else replace(method, **changed)
    R = rational(radius, "radius")
    double(R, "radius")  # which is printed
    probability = None if setting.noise is not None else found.probability
    return Guarantee(made, setting, iterations, R, found.threshold, R * rational(max(bounds), "M"), K, probability, mean)
