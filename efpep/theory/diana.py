"""DIANA on smooth strongly convex functions with unbiased compressors: the theorems of 1901.09269 and 1905.11261.

With ``omega`` the variance of a compressor, ``w = omega/n`` that of the average over n agents who draw independently (``w =
omega`` where they do not), L the largest and mu the least curvature of an agent, and
``sigma^2 = mean_i ||h_i - grad f_i(x*)||^2``:

- 1901.09269, ``alpha < 1/(1 + omega)``: ``gamma = min{alpha/mu, 2/((mu + L) (1 + c alpha))}``,
  ``c alpha = w/(1 - (1 + omega) alpha)``, rate ``1 - gamma mu`` for ``V = ||x - x*||^2 + c gamma^2 sigma^2``. With
  ``alpha = 1/(2 (1 + omega))``, which the paper recommends, ``c alpha = 2 w``.
- 1905.11261, ``alpha <= 1/(1 + omega)``: ``gamma = 1/((1 + 6 w) L)``, rate ``max{1 - gamma mu, 1 - alpha/2}`` for
  ``V = ||x - x*||^2 + M gamma^2 sigma^2`` with ``M = 4 w/alpha``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from efpep.errors import InputError
from efpep.model.field import shown
from efpep.theory.constants import averages, moments
from efpep.theory.published import Published, published, weighted

if TYPE_CHECKING:
    from efpep.setting import Setting

DIANA = "1901.09269, theorem for strongly convex functions"
UNIFIED = "1905.11261, corollary on DIANA"


def _variances(setting: Setting) -> tuple[Fraction, Fraction]:
    """Return the variance of a compressor and that of the average.

    Raises:
        InputError: the compressors are not unbiased.
    """
    bias, omega, average = moments(setting)
    if bias != 0:
        raise InputError(
            "the closed form is one for unbiased compressors; give one such as Unbiased(omega=1), or give step_size as a number.",
            argument="step_size",
        )
    return omega, average


def shift(setting: Setting) -> Fraction:
    """Return ``alpha = 1/(2 (1 + omega))``, which 1901.09269 recommends.

    Raises:
        InputError: the compressors are not unbiased, or not of one variance.
    """
    return 1 / (2 * (1 + _variances(setting)[0]))


def theorems(method: Any, setting: Setting) -> Sequence[Published]:
    """Return what the two papers say.

    Raises:
        InputError: ``alpha`` exceeds ``1/(1 + omega)``, or the setting is none of theirs.
    """
    averages(setting)  # refuses functions that are not smooth and strongly convex
    omega, average = _variances(setting)
    alpha = Fraction(method.alpha)
    if alpha * (1 + omega) > 1:
        raise InputError(
            f"alpha is {shown(alpha)}, and the theorems need alpha <= 1/(1 + omega) = {shown(1 / (1 + omega))}; give such an "
            "alpha, or give step_size as a number.",
            argument="alpha",
        )
    groups = setting.populations()
    mu = min(Fraction(group.functions.curvature) for group in groups)
    largest = max(Fraction(group.functions.smoothness) for group in groups)
    found = [
        Published(
            UNIFIED,
            1 / ((1 + 6 * average) * largest),
            "1/((1 + 6 w) L), w = omega/n",
            lambda step: max(1 - step * mu, 1 - alpha / 2),
            "max{1 - eta mu, 1 - alpha/2}",
            _lyapunov(setting, 4 * average / alpha),
        )
    ]
    if alpha * (1 + omega) < 1:
        factor = average / (1 - (1 + omega) * alpha)
        found.append(
            Published(
                DIANA,
                min(alpha / mu, 2 / ((mu + largest) * (1 + factor))),
                "min{alpha/mu, 2/((mu + L) (1 + c alpha))}, c alpha = w/(1 - (1 + omega) alpha), w = omega/n",
                lambda step: 1 - step * mu,
                "1 - eta mu",
                _lyapunov(setting, factor / alpha),
            )
        )
    return found


def _lyapunov(setting: Setting, weight: Fraction) -> Callable[[Fraction], str]:
    ones = [weight] * len(setting.populations())
    return lambda step: "|x-x*|^2" + weighted(setting, [step**2 * one for one in ones], "g{} - g-h{}")


KNOWN = published(f"{DIANA}; {UNIFIED} (upper bounds)", theorems)
