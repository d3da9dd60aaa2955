"""Gradient descent: Nesterov, Introductory Lectures on Convex Optimization, 2004, Theorem 2.1.15.

At other step sizes: Taylor, Hendrickx, Glineur, J. Optim. Theory Appl. 178, 2018 (1705.04398), without a second term.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.theory.closed_form import ClosedForm, Standing
from efpep.theory.constants import averages
from efpep.theory.rate_claim import KnownRate, RateClaim

if TYPE_CHECKING:
    from efpep.model.field import Scalar
    from efpep.setting import Setting

CLAIM = RateClaim(
    root="r",
    branches=("1-mu*eta", "L*eta-1"),
    coefficients=("1", "-theta"),
    rate="r^2",
    limit="2/L",
    step_size="2/(L+mu)",
)
EVERYWHERE = "1705.04398 (every step size)"
KNOWN = KnownRate(CLAIM, "Nesterov 2004, Theorem 2.1.15", EVERYWHERE, EVERYWHERE, Standing.LITERATURE)


def _names(setting: Setting) -> dict[str, Scalar]:
    """Return the agents' average constants: f is smooth and strongly convex with these."""
    c = averages(setting)
    return {"mu": c.mu, "L": c.L}


def optimal_step_size(setting: Setting) -> ClosedForm:
    """Return ``2/(L + mu)``."""
    return KNOWN.step_size.of(**_names(setting))


def rate(setting: Setting) -> ClosedForm | None:
    """Return ``((L - mu)/(L + mu))^2``, the rate at the optimal step size."""
    return KNOWN.rate(_names(setting))


def rate_at(setting: Setting, step_size: Scalar) -> ClosedForm | None:
    """Return ``max(1 - mu eta, L eta - 1)^2``, or None from the stability limit on."""
    return KNOWN.rate({**_names(setting), "eta": step_size})


def stability_limit(setting: Setting) -> ClosedForm | None:
    """Return ``2/L``, below which gradient descent converges linearly, or None for agents of different kinds."""
    return KNOWN.limit.of(**_names(setting)) if averages(setting).uniform else None
