"""Compressed gradient descent with one agent: 2506.05271 (the theorem on CGD); at other step sizes derived for efpep."""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.errors import InputError
from efpep.theory.closed_form import ClosedForm, Standing
from efpep.theory.constants import averages, free, quantities
from efpep.theory.rate_claim import KnownRate, RateClaim

if TYPE_CHECKING:
    from efpep.model.field import Scalar
    from efpep.setting import Setting

CLAIM = RateClaim(
    root="r",
    branches=("1-(1-s)*mu*eta", "(1+s)*L*eta-1"),
    coefficients=("1", "-theta"),
    rate="r^2",
    limit="2/((1+s)*L)",
    step_size="2/((1-s)*mu+(1+s)*L)",
)
KNOWN = KnownRate(
    CLAIM, "2506.05271, theorem on CGD, one agent", "derived for efpep", "derived for efpep", Standing.PROVED, "cgd"
)


def optimal_step_size(setting: Setting) -> ClosedForm:
    """Return ``2/((1 - s) mu + (1 + s) L)``, ``s = sqrt(1 - delta)``.

    Raises:
        InputError: more than one agent, or no contractive compressor.
    """
    if not averages(setting).alone:
        raise InputError(
            "the optimal step size of CGD is known in closed form for one agent only; give step_size as a number.",
            argument="step_size",
        )
    return KNOWN.step_size.of(**quantities(setting))


def rate(setting: Setting) -> ClosedForm | None:
    """Return ``((k - 1)/(k + 1))^2``, ``k = (L/mu) (1 + s)/(1 - s)``, at the optimal step size of one agent, else None."""
    return KNOWN.rate(quantities(setting)) if averages(setting).alone else None


def rate_at(setting: Setting, step_size: Scalar) -> ClosedForm | None:
    """Return ``max(1 - (1 - s) mu eta, (1 + s) L eta - 1)^2``; None with more agents, or from the stability limit on."""
    return KNOWN.rate({**quantities(setting), "eta": step_size}) if averages(setting).alone else None


def stability_limit(setting: Setting) -> ClosedForm | None:
    """Return ``2/((1 + s) L)``, below which CGD converges linearly and beyond which it does not.

    None with several agents, and for projections, which need not attain it.
    """
    return KNOWN.limit.of(**quantities(setting)) if averages(setting).alone and free(setting) else None
