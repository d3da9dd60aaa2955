"""MARINA with unbiased compressors: the theorems of 2102.07845 with and without the PL condition.

With p the probability of whole gradients, ``w = omega/n`` the variance of the average over n agents who draw independently
(``w = omega`` where they do not), ``L^2 = mean L_i^2`` and mu the constant of f,

    gamma <= min{1/(L (1 + sqrt(2 (1 - p) w/p))), p/(2 mu)},   rate 1 - gamma mu,   V = f - f* + (gamma/p) ||v - grad f(x)||^2.

Where functions need not have a minimiser, ``gamma <= 1/(L (1 + sqrt((1 - p) w/p)))`` suffices for
``E Phi+ <= Phi - (gamma/2) ||grad f(x)||^2`` with ``Phi = f + gamma/(2 p) ||v - grad f(x)||^2``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from efpep.errors import InputError
from efpep.model.function_class import Convexity
from efpep.theory.closed_form import ClosedForm, square_root
from efpep.theory.constants import averages, moments, smoothness_in_square_mean
from efpep.theory.published import Published, gap, published

if TYPE_CHECKING:
    from efpep.setting import Setting

SOURCE = "2102.07845, theorem under the PL condition"
NONCONVEX = "2102.07845, theorem for nonconvex functions"


def theorems(method: Any, setting: Setting) -> Sequence[Published]:
    """Return the theorem under the PL condition.

    Raises:
        InputError: the compressors are biased, or the setting is not the paper's.
    """
    mu, p = averages(setting).mu, Fraction(method.p)
    largest = _longest(method, setting, 2)
    return (
        Published(
            SOURCE,
            min(largest, p / (2 * mu)),
            "min{1/(L (1 + sqrt(2 (1 - p) w/p))), p/(2 mu)}, w = omega/n",
            lambda step: 1 - step * mu,
            "1 - eta mu",
            lambda step: f"{gap(setting)} + {step / p} |{_error(setting)}|^2",
        ),
    )


def _error(setting: Setting) -> str:
    """Return ``grad f(x) - v`` as a formula."""
    groups = setting.populations()
    if len(groups) == 1:
        return "g - v"
    return " + ".join(f"{group.share} g[{a}]" for a, group in enumerate(groups, 1)) + " - v"


def _longest(method: Any, setting: Setting, factor: int) -> Fraction:
    """Return ``1/(L (1 + sqrt(factor (1 - p) w/p)))``.

    Raises:
        InputError: the compressors are biased, or not of one variance.
    """
    bias, _, average = moments(setting)
    if bias != 0:
        raise InputError(
            "the closed form is one for unbiased compressors; give one such as Unbiased(omega=1), or give step_size as a number.",
            argument="step_size",
        )
    p = Fraction(method.p)
    return 1 / (smoothness_in_square_mean(setting) * (1 + square_root(factor * (1 - p) * average / p)))


def half(method: Any, setting: Setting) -> ClosedForm | None:
    """Return the step size up to which half of it is the decrease on functions without a minimiser, where that is known."""
    if setting.mean is not None or any(group.functions.convexity is not Convexity.WEAK for group in setting.populations()):
        return None
    return ClosedForm(_longest(method, setting, 1), "1/(L (1 + sqrt((1 - p) w/p))), w = omega/n", NONCONVEX)


def decrease(method: Any, setting: Setting) -> ClosedForm | None:
    """Return half the step size, up to that of :func:`half`."""
    most = half(method, setting)
    return None if most is None or method.step_size > most.value else ClosedForm(method.step_size / 2, "eta/2", NONCONVEX)


KNOWN = replace(
    published(f"{SOURCE}, and for nonconvex functions (upper bounds)", theorems), half_decrease_step=half, decrease=decrease
)
