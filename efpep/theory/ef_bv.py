"""EF-BV for compressors of bias eta and variance omega: the theorem of 2205.04180 for gradient-dominated functions.

With ``omega_av`` the variance of the average (``omega/n`` for independent draws),
``r = (1 - lam + lam eta)^2 + lam^2 omega < 1``, ``r_av = (1 - nu + nu eta)^2 + nu^2 omega_av``, the average constants L and mu,
and ``Lt^2 = mean L_i^2``,

    gamma = 1/(L + Lt sqrt(r_av/r)/s*),   s* = sqrt((1 + r)/(2 r)) - 1,   rate max{1 - gamma mu, (1 + r)/2},
    V = f - f* + gamma/(2 theta*) mean_i ||grad f_i(x) - h_i||^2,   theta* = s* (1 + s*) r/r_av.

It recommends ``lam = min{(1 - eta)/((1 - eta)^2 + omega), 1}``, and for nu the same with ``omega_av``.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from efpep.errors import InputError
from efpep.model.field import rounded
from efpep.theory.closed_form import square_root
from efpep.theory.constants import averages, moments, smoothness_in_square_mean
from efpep.theory.published import Published, gap, published, weighted

if TYPE_CHECKING:
    from efpep.setting import Setting

SOURCE = "2205.04180, Theorem 1"


def weights(setting: Setting) -> tuple[Fraction, Fraction]:
    """Return the ``lam`` and ``nu`` that 2205.04180 recommends, to 17 digits.

    Raises:
        InputError: the agents' compressors have no bounds of bias and variance, or different ones.
    """
    bias, omega, average = moments(setting)
    kept = 1 - square_root(bias)
    lam, nu = (rounded(min(kept / (kept**2 + variance), Fraction(1)), 17) for variance in (omega, average))
    return lam, nu


def contraction(bias_square: Fraction, omega: Fraction, weight: Fraction) -> Fraction:
    """Return ``(1 - weight + weight eta)^2 + weight^2 omega``."""
    if weight == 1:
        return bias_square + omega
    return (1 - weight + weight * square_root(bias_square)) ** 2 + weight**2 * omega


def theorems(method: Any, setting: Setting) -> Sequence[Published]:
    """Return what the paper says.

    Raises:
        InputError: ``r`` is not below 1, or the setting is none of the paper's.
    """
    c = averages(setting)
    bias, omega, average = moments(setting)
    r, r_av = contraction(bias, omega, Fraction(method.lam)), contraction(bias, average, Fraction(method.nu))
    if r >= 1:
        raise InputError(
            "lam is so large that r = (1 - lam + lam eta)^2 + lam^2 omega >= 1, and the theorem needs r < 1; give "
            "lam = (1 - eta)/((1 - eta)^2 + omega), or give step_size as a number.",
            argument="lam",
        )
    half, root = square_root((1 + r) / 2), square_root(r)
    # sqrt(r_av/r)/s* = sqrt(r_av)/(half - root), and 1/theta* = r_av/((half - root) half), where r may be 0
    weight = r_av / (2 * (half - root) * half)
    groups = setting.populations()
    found = Published(
        SOURCE,
        1 / (c.L + smoothness_in_square_mean(setting) * square_root(r_av) / (half - root)),
        "1/(L + Lt sqrt(r_av/r)/s*), s* = sqrt((1 + r)/(2 r)) - 1, r = (1 - lam + lam eta)^2 + lam^2 omega, "
        "r_av = (1 - nu + nu eta)^2 + nu^2 omega_av",
        lambda step: max(1 - step * c.mu, (1 + r) / 2),
        "max{1 - eta mu, (1 + r)/2}",
        lambda step: gap(setting) + weighted(setting, [rounded(step * weight, 17)] * len(groups), "g-h{}"),
    )
    return (found,)


KNOWN = published(f"{SOURCE} (gradient-dominated functions, an upper bound)", theorems)
