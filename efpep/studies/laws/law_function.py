"""The proof that the Lyapunov law's function contracts at a rate: multipliers of EF21's inequalities in closed form.

The law's function is ``V = |gbar|^2 + (Sbar/s) sum_a w_a |g_a - d_a|^2 / S_a``, with the shares w_a, ``S_a = L_a + mu_a`` and
``Sbar = sum w_a S_a``; deviations alike. Let X be the step and G_a the change of gradients. With ``G_a = S_a X/2 + z_a`` both
interpolations between the two iterates say together ``|z_a| <= D_a |X|/2``, ``D_a = L_a - mu_a``. The compression's multiplier is
``(Sbar/s) w_a/S_a``. In the worst case everything is parallel, ``z_a = +-D_a X/2``, and the derivatives of the decrease in gbar,
``e_a = g_a - d_a`` and z_a vanish:

    (rho - eps) e_a = eps G_a - s kappa S_a/Sbar,      kappa = rho gbar - gbar+,      X = -eta (gbar - ebar),
    beta_a z_a = S_a gbar+ + (Sbar/s) eps (G_a + e_a),

which gives the multiplier ``w_a beta_a D_a / S_a`` of each of the two interpolations. A little of the inequality between the
iterate and the minimiser makes V dominate the distance. The multipliers are checked exactly for every configuration.
"""

from __future__ import annotations

from fractions import Fraction

from efpep.errors import CertificateError
from efpep.methods.base import Method
from efpep.model.population import Population
from efpep.proof.conditions import check_upper
from efpep.proof.witness import UpperWitness
from efpep.questions.common.step_inequalities import StepInequalities
from efpep.setting import Setting
from efpep.theory.closed_form import square_root
from efpep.theory.constants import averages, contraction

_DIGITS = 25
_BETWEEN = (("0", "1"), ("1", "0"))
_MINIMISER = ("*", "0")


def law_upper(
    question: StepInequalities, method: Method, setting: Setting, root: Fraction, rate: Fraction
) -> UpperWitness | None:
    """Return a checked witness that the law's function, which ``question`` is about, contracts at ``rate``, or None.

    ``root`` is the least rate of the law's function, the root of the cubic; ``rate`` is a little larger.
    """
    given = question.given
    if given is None:
        return None
    for sign in (-1, 1):
        betas = _betas(method, setting, root, sign)
        if betas is None:
            continue
        for part in (10**4, 10**6, 10**8, 10**10, 10**12):
            found = _witness(question, setting, betas, rate, (1 - rate) / part)
            try:
                check_upper(question.system, found)
            except CertificateError:
                continue
            return found
    return None


def _witness(
    question: StepInequalities, setting: Setting, betas: list[Fraction], rate: Fraction, distance: Fraction
) -> UpperWitness:
    """Return the multipliers; ``distance`` says how much is left for the distance to the minimiser."""
    groups = setting.populations()
    c = averages(setting)
    total = c.mu + c.L
    s = _root(setting)
    multipliers: list[Fraction] = []
    for row in question.rows:
        origin = row.origin
        a = origin.group or 0
        group = groups[a]
        if origin.inequality == "compression":
            multipliers.append(total / s * group.share / _sum(group))
        elif origin.inequality == "interpolation" and origin.about in _BETWEEN:
            multipliers.append(betas[a] * group.share * _gap(group) / _sum(group))
        elif origin.inequality == "interpolation" and origin.about == _MINIMISER:
            multipliers.append(distance * total * group.share * _gap(group) / group.functions.smoothness)
        else:
            multipliers.append(Fraction(0))
    weights = question.given
    assert weights is not None  # noqa: S101 - law_upper made sure
    return UpperWitness(rate, weights.blocks, weights.gaps, (tuple(multipliers),), distance * c.mu * total / 4)


def _betas(method: Method, setting: Setting, rate: Fraction, sign: int) -> list[Fraction] | None:
    """Return ``beta_a`` by group with ``z_a = sign D_a`` and ``X = 2``, or None where one is negative."""
    groups = setting.populations()
    total = sum((group.share * _sum(group) for group in groups), Fraction(0))
    gaps = sum((group.share * _gap(group) for group in groups), Fraction(0))
    s = _root(setting)
    epsilon = s**2
    # e_a = alpha S_a + gamma D_a, gbar = ebar - 2/eta, kappa = (rho - 1) gbar - Gbar, and Gbar = sum w_a (S_a + sign D_a)
    gamma = sign * epsilon / (rate - epsilon)
    change = total + sign * gaps
    fixed = (rate - 1) * (gamma * gaps - 2 / method.step_size) - change
    # (rho - eps) alpha = eps - (s/Sbar) ((rho - 1) Sbar alpha + fixed)
    alpha = (epsilon - s * fixed / total) / (rate - epsilon + s * (rate - 1))
    gbar = alpha * total + gamma * gaps - 2 / method.step_size
    found: list[Fraction] = []
    for group in groups:
        both, gap = _sum(group), _gap(group)
        if gap == 0:
            found.append(Fraction(0))
            continue
        message = both + sign * gap + alpha * both + gamma * gap
        beta = (both * (gbar + change) + total / s * epsilon * message) / (sign * gap)
        found.append(round(beta / total * 10**_DIGITS) * total / 10**_DIGITS)
    return found if all(beta >= 0 for beta in found) else None


def _root(setting: Setting) -> Fraction:
    return Fraction(round(square_root(1 - contraction(setting)) * 10**40), 10**40)


def _sum(group: Population) -> Fraction:
    return group.functions.smoothness + group.functions.curvature


def _gap(group: Population) -> Fraction:
    return group.functions.smoothness - group.functions.curvature
