"""EF and EF21 on smooth strongly convex functions, any number of agents.

Sources: 2506.05271 (one agent), 2605.31594 (any number of agents of one kind); both methods have the same optimal step size
and rate. With ``s = sqrt(1 - delta)`` and ``kappa = L/mu``,

    eta* = 2/(L + mu) (1 - s)/(1 + s)
    rho* = s + (1 - s)/2 ((kappa - 1)/(kappa + 1))^2 (1 - s + sqrt((1 + s)^2 + 16 s kappa/(kappa - 1)^2)).

For agents with different constants ``eta*`` with averaged constants is the empirical step-size law 4.1 of 2605.31594.
Both methods converge linearly if and only if ``eta < (2/L) (1 - s)/(1 + s)``.
"""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.errors import InputError
from efpep.theory.closed_form import ClosedForm, largest_root, square_root
from efpep.theory.constants import averages, contraction, free

if TYPE_CHECKING:
    from efpep.setting import Setting

SOURCE = "2506.05271 (one agent), 2605.31594 (n agents)"
LAW = "2605.31594, empirical law 4.1 (step sizes for agents of different kinds)"


def optimal_step_size(setting: Setting) -> ClosedForm:
    """Return ``eta*``; averaged constants for agents of different kinds."""
    c = averages(setting)
    s = square_root(1 - contraction(setting))
    value = 2 / (c.L + c.mu) * (1 - s) / (1 + s)
    return ClosedForm(value, "2/(L + mu) (1 - s)/(1 + s), s = sqrt(1 - delta)", SOURCE if c.uniform else LAW)


def rate(setting: Setting) -> ClosedForm | None:
    """Return ``rho*`` for agents of one kind, else None."""
    c = averages(setting)
    if not c.uniform:
        return None
    s = square_root(1 - contraction(setting))
    gap, total = c.L - c.mu, c.L + c.mu
    # ((kappa - 1)/(kappa + 1))^2 sqrt(...) with the factor kappa - 1 taken under the root, so that kappa = 1 is allowed
    root = square_root((1 + s) ** 2 * gap**2 + 16 * s * c.L * c.mu)
    value = s + (1 - s) / 2 * ((1 - s) * gap**2 + gap * root) / total**2
    formula = "s + (1 - s)/2 ((kappa - 1)/(kappa + 1))^2 (1 - s + sqrt((1 + s)^2 + 16 s kappa/(kappa - 1)^2))"
    return ClosedForm(value, formula, SOURCE)


def stability_limit(setting: Setting) -> ClosedForm | None:
    """Return ``(2/L) (1 - s)/(1 + s)``, below which EF and EF21 converge linearly and beyond which they do not.

    None for agents of different kinds, and for projections, which need not attain it.
    """
    c = averages(setting)
    if not c.uniform or not free(setting):
        return None
    s = square_root(1 - contraction(setting))
    value = Fraction(2) / c.L * (1 - s) / (1 + s)
    return ClosedForm(value, "(2/L) (1 - s)/(1 + s)", "2506.05271; 2-cycle of f = L x^2/2 with C(v) = (1 + s) v beyond it")


def ef_lyapunov(setting: Setting) -> str:
    """Return ``||x - x* - mean e||^2 + dev(e, e) + ||mean e||^2 / s``: 2605.31594, agents of one kind.

    Raises:
        InputError: agents of different kinds, or no compression (``s = 0``).
    """
    if len(setting.populations()) != 1:
        raise InputError(
            "the literature's Lyapunov function of EF is for agents of one kind; give one as a formula, or none.",
            argument="lyapunov",
        )
    s = _compressed(setting)
    deviation = "" if averages(setting).alone else " + dev(e, e)"
    return f"|x-x* - mean(e)|^2 + {1 / s} |mean(e)|^2{deviation}"


def ef21_lyapunov(setting: Setting) -> str:
    """Return the Lyapunov law of EF21: 2605.31594, empirical law 4.2, with weighted groups.

    ``||mean g||^2 + (Sbar/s) sum_a w_a mean_a ||g_i - d_i||^2 / S_a`` with ``S_a = L_a + mu_a``, ``Sbar = sum_a w_a S_a`` and w_a
    the groups' shares; for agents of one kind ``||mean g - mean d||^2 + dev(g - d, g - d) + s ||mean g||^2`` up to scale.

    Raises:
        InputError: no compression (``s = 0``).
    """
    s = _compressed(setting)
    groups = setting.populations()
    sums = [group.functions.smoothness + group.functions.curvature for group in groups]
    average = sum((group.share * total for group, total in zip(groups, sums, strict=True)), Fraction(0))
    terms = ["|mean(g)|^2"]
    for a, (group, total) in enumerate(zip(groups, sums, strict=True), 1):
        name = "g-d" if len(groups) == 1 else f"g-d[{a}]"
        weight = average / s * group.share / total
        terms.append(f"{weight} |mean({name})|^2")
        if not group.single:
            terms.append(f"{weight} dev({name}, {name})")
    return " + ".join(terms)


def cubic_rate(setting: Setting) -> ClosedForm:
    """Return the rate law 4.3 of 2605.31594 for EF21 at ``eta*``, generalised to weighted groups.

    The largest real root of

        rho^3 - [s (2 + s) + r (s K1 + K2)] rho^2 + s^2 [1 + 2 s + r (K1 + s K2)] rho - s^4,

    ``r = (1 - s)^2/(1 + s)``, ``K1 = sum_a w_a D_a^2/S_a / Sbar``, ``K2 = (sum_a w_a D_a)^2/Sbar^2``, ``D_a = L_a - mu_a``. It is
    exact for the Lyapunov law's V (:func:`ef21_lyapunov`); it is not the optimum over all V.

    Raises:
        InputError: no compression, or agents whose ``delta`` differ.
    """
    value = largest_root(cubic(setting, _compressed(setting)), Fraction(2))
    return ClosedForm(value, "largest root of the cubic law 4.3, weighted groups", "2605.31594, empirical law 4.3")


def cubic(setting: Setting, s: Fraction) -> list[Fraction]:
    """Return the coefficients of the cubic of :func:`cubic_rate`, the highest power first, for the agents of a setting.

    Args:
        setting: the agents; their compressors are not looked at.
        s: ``sqrt(epsilon)``.
    """
    groups = setting.populations()
    sums = [group.functions.smoothness + group.functions.curvature for group in groups]
    gaps = [group.functions.smoothness - group.functions.curvature for group in groups]
    total = sum((group.share * both for group, both in zip(groups, sums, strict=True)), Fraction(0))
    squares = (group.share * gap**2 / both for group, gap, both in zip(groups, gaps, sums, strict=True))
    first = sum(squares, Fraction(0)) / total
    second = sum((group.share * gap for group, gap in zip(groups, gaps, strict=True)), Fraction(0)) ** 2 / total**2
    r = (1 - s) ** 2 / (1 + s)
    quadratic = -(s * (2 + s) + r * (s * first + second))
    linear = s**2 * (1 + 2 * s + r * (first + s * second))
    return [Fraction(1), quadratic, linear, -(s**4)]


def _compressed(setting: Setting) -> Fraction:
    s = square_root(1 - contraction(setting))
    if s == 0:
        raise InputError(
            "the formula needs compression (delta < 1), and the compressor is the identity; use GD's theory instead.",
            argument="compressor",
        )
    return Fraction(round(s * 10**40), 10**40)
