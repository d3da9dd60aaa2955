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

from efpep.theory.closed_form import ClosedForm, square_root
from efpep.theory.constants import averages, contraction

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


def stability_limit(setting: Setting) -> ClosedForm:
    """Return ``(2/L) (1 - s)/(1 + s)``, below which EF and EF21 converge linearly and beyond which they do not."""
    c = averages(setting)
    s = square_root(1 - contraction(setting))
    value = Fraction(2) / c.L * (1 - s) / (1 + s)
    return ClosedForm(value, "(2/L) (1 - s)/(1 + s)", "2506.05271; 2-cycle of f = L x^2/2 with C(v) = (1 + s) v beyond it")
