"""MARINA with unbiased compressors: the theorems of 2102.07845 with and without the PL condition.

With p the probability of whole gradients, ``w = omega/n`` the variance of the average over n agents who draw independently
(``w = omega`` where they do not), ``L^2 = mean L_i^2`` and mu the constant of f,

    gamma <= min{1/(L (1 + sqrt(2 (1 - p) w/p))), p/(2 mu)},   rate 1 - gamma mu,   V = f - f* + (gamma/p) ||v - grad f(x)||^2.

Where functions need not have a minimiser, ``gamma <= 1/(L (1 + sqrt((1 - p) w/p)))`` suffices for
``E Phi+ <= Phi - (gamma/2) ||grad f(x)||^2`` with ``Phi = f + gamma/(2 p) ||v - grad f(x)||^2``.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from efpep.errors import InputError
from efpep.theory.closed_form import square_root
from efpep.theory.constants import averages, moments, smoothness_in_square_mean
from efpep.theory.published import Published, gap, published

if TYPE_CHECKING:
    from efpep.setting import Setting

SOURCE = "2102.07845, theorem under the PL condition"


def theorems(method: Any, setting: Setting) -> Sequence[Published]:
    """Return the theorem under the PL condition.

    Raises:
        InputError: the compressors are biased, or the setting is not the paper's.
    """
    mu = averages(setting).mu
    bias, _, average = moments(setting)
    if bias != 0:
        raise InputError(
            "the closed form is one for unbiased compressors; give one such as Unbiased(omega=1), or give step_size as a number.",
            argument="step_size",
        )
    p = Fraction(method.p)
    largest = 1 / (smoothness_in_square_mean(setting) * (1 + square_root(2 * (1 - p) * average / p)))
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


KNOWN = published(f"{SOURCE} (an upper bound)", theorems)
