"""EF and EF21 on smooth strongly convex functions, any number of agents.

Sources: 2506.05271 (one agent), 2605.31594 (any number of agents of one kind); both methods have the same optimal step size
and rate. With ``s = sqrt(1 - delta)`` and ``kappa = L/mu``,

    eta* = 2/(L + mu) (1 - s)/(1 + s)
    rho* = s + (1 - s)/2 ((kappa - 1)/(kappa + 1))^2 (1 - s + sqrt((1 + s)^2 + 16 s kappa/(kappa - 1)^2)).

For agents with different constants ``eta*`` with averaged constants is the empirical step-size law 4.1 of 2605.31594.
Both methods converge linearly if and only if ``eta < (2/L) (1 - s)/(1 + s)``, at the rate ``beta^2``, beta the positive root of
``beta^2 - theta beta - s = 0`` with ``theta = max(1 - s - (1 + s) mu eta, (1 + s) L eta - (1 - s))`` (derived for efpep).
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.errors import InputError
from efpep.theory.closed_form import ClosedForm, Standing, Statement, largest_root, number, square_root
from efpep.theory.constants import averages, contraction, free, quantities
from efpep.theory.rate_claim import KnownRate, RateClaim

if TYPE_CHECKING:
    from efpep.model.field import Scalar
    from efpep.setting import Setting

SOURCE = "2506.05271 (one agent), 2605.31594 (n agents)"
LAW = "2605.31594, empirical law 4.1 (step sizes for agents of different kinds)"
CLAIM = RateClaim(
    root="beta",
    branches=("1-s-(1+s)*mu*eta", "(1+s)*L*eta-(1-s)"),
    coefficients=("1", "-theta", "-s"),
    rate="beta^2",
    limit="2/L*(1-s)/(1+s)",
    step_size="2/(L+mu)*(1-s)/(1+s)",
)
SHORT = "2/(mu*(1+kappa))*(1-s)/(1+s)"
LONG = "2/(L*(1+1/kappa))*(1-s)/(1+s)"
"""Up to the one step size and from the other one on the claim, with average constants, is a theorem for different agents;
kappa is the largest condition number of an agent."""
EF = KnownRate(CLAIM, SOURCE, "derived for efpep", "2506.05271", Standing.PROVED, "ef")
EF21 = KnownRate(CLAIM, SOURCE, "derived for efpep", "2506.05271", Standing.PROVED, "ef21")
"""The two theorems: for EF the agents share a minimiser, for EF21 they need not."""


def optimal_step_size(setting: Setting, known: KnownRate = EF21) -> ClosedForm:
    """Return ``eta*``; averaged constants for agents of different kinds, for which it is the law."""
    statement = known.step_size if averages(setting).uniform else known.step_size.conjectured(LAW)
    return statement.of(**quantities(setting))


def rate(setting: Setting, known: KnownRate = EF21) -> ClosedForm | None:
    """Return ``rho*`` for agents of one kind, else None."""
    return known.rate(quantities(setting)) if averages(setting).uniform else None


def rate_at(setting: Setting, step_size: Scalar, known: KnownRate = EF21) -> ClosedForm | None:
    """Return the rate at a step size, or None from the stability limit on.

    For agents of different kinds that of one agent with average constants, at short and long step sizes; None between these.
    """
    names = {**quantities(setting), "eta": step_size}
    return known.rate(names) if averages(setting).uniform or _as_on_average(setting, names) else None


def _as_on_average(setting: Setting, names: Mapping[str, Scalar]) -> bool:
    """Return whether different agents have the rate of one agent with average constants, by the theorem about such steps."""
    kappa = max(group.functions.smoothness / group.functions.curvature for group in setting.populations())
    if kappa == 1 or names["s"] == 0 or not free(setting):
        return False
    where = {**names, "kappa": kappa}
    return names["eta"] <= number(SHORT, where) or names["eta"] >= number(LONG, where)


def stability_limit(setting: Setting, known: KnownRate = EF21) -> ClosedForm | None:
    """Return ``(2/L) (1 - s)/(1 + s)``, below which EF and EF21 converge linearly and beyond which they do not.

    None for agents of different kinds, and for projections, which need not attain it.
    """
    return known.limit.of(**quantities(setting)) if averages(setting).uniform and free(setting) else None


def ef_lyapunov(setting: Setting) -> str:
    """Return ``||x - x* - mean e||^2 + dev(e, e) + ||mean e||^2 / s`` for agents of one kind (2605.31594).

    For groups that share a minimiser ``||x - x* - mean e||^2 + (Sbar/s) sum_a w_a mean_a ||e_i||^2 / S_a``, with the names of
    :func:`ef21_lyapunov` (derived for efpep).

    Raises:
        InputError: no compression (``s = 0``).
    """
    if len(setting.populations()) > 1:
        return " + ".join(["|x-x* - mean(e)|^2", *_weighted(setting, "e")])
    deviation = "" if averages(setting).alone else " + dev(e, e)"
    return f"|x-x* - mean(e)|^2 + {1 / _compressed(setting)} |mean(e)|^2{deviation}"


def ef21_lyapunov(setting: Setting) -> str:
    """Return the Lyapunov law of EF21: 2605.31594, empirical law 4.2, with weighted groups.

    ``||mean g||^2 + (Sbar/s) sum_a w_a mean_a ||g_i - d_i||^2 / S_a`` with ``S_a = L_a + mu_a``, ``Sbar = sum_a w_a S_a`` and w_a
    the groups' shares; for agents of one kind ``||mean g - mean d||^2 + dev(g - d, g - d) + s ||mean g||^2`` up to scale.

    Raises:
        InputError: no compression (``s = 0``).
    """
    return " + ".join(["|mean(g)|^2", *_weighted(setting, "g-d")])


def _weighted(setting: Setting, vector: str) -> list[str]:
    """Return the terms of ``(Sbar/s) sum_a w_a mean_a ||vector||^2 / S_a``."""
    s = _compressed(setting)
    groups = setting.populations()
    sums = [group.functions.smoothness + group.functions.curvature for group in groups]
    average = sum((group.share * total for group, total in zip(groups, sums, strict=True)), Fraction(0))
    terms: list[str] = []
    for a, (group, total) in enumerate(zip(groups, sums, strict=True), 1):
        name = vector if len(groups) == 1 else f"{vector}[{a}]"
        weight = average / s * group.share / total
        terms.append(f"{weight} |mean({name})|^2")
        if not group.single:
            terms.append(f"{weight} dev({name}, {name})")
    return terms


def cubic_rate(setting: Setting) -> ClosedForm:
    """Return the rate law 4.3 of 2605.31594 for EF21 at ``eta*``, generalised to weighted groups.

    The largest real root of

        rho^3 - [s (2 + s) + r (s K1 + K2)] rho^2 + s^2 [1 + 2 s + r (K1 + s K2)] rho - s^4,

    ``r = (1 - s)^2/(1 + s)``, ``K1 = sum_a w_a D_a^2/S_a / Sbar``, ``K2 = (sum_a w_a D_a)^2/Sbar^2``, ``D_a = L_a - mu_a``. It is
    exact for the Lyapunov law's V (:func:`ef21_lyapunov`); it is not the optimum over all V.

    Raises:
        InputError: no compression, or agents whose ``delta`` differ.
    """
    curved = any(group.functions.smoothness != group.functions.curvature for group in setting.populations())
    statement = RATE_LAW if curved else RATE_LAW.conjectured("2605.31594, empirical law 4.3")
    return statement.at(largest_root(cubic(setting, _compressed(setting)), Fraction(2)))


CUBIC = (
    "1",
    "-(s*(2+s)+(1-s)^2/(1+s)*(s*K1+K2))",
    "s^2*(1+2*s+(1-s)^2/(1+s)*(K1+s*K2))",
    "-s^4",
)
"""The coefficients of the cubic, the highest power first, in s, K1 and K2 of :func:`cubic_rate`."""
RATE_LAW = Statement(
    "largest root of the cubic law 4.3, weighted groups",
    "derived for efpep; 2605.31594, empirical law 4.3",
    Standing.PROVED,
    "ef21",
)


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
    return [number(text, {"s": s, "K1": first, "K2": second}) for text in CUBIC]


def _compressed(setting: Setting) -> Fraction:
    s = square_root(1 - contraction(setting))
    if s == 0:
        raise InputError(
            "the formula needs compression (delta < 1), and the compressor is the identity; use GD's theory instead.",
            argument="compressor",
        )
    return Fraction(round(s * 10**40), 10**40)
