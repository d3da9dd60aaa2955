"""Compressed gradient descent with one agent: 2506.05271 (the theorem on CGD)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.errors import InputError
from efpep.theory.closed_form import ClosedForm, square_root
from efpep.theory.constants import averages, contraction, free

if TYPE_CHECKING:
    from efpep.setting import Setting

SOURCE = "2506.05271, theorem on CGD, one agent"


def optimal_step_size(setting: Setting) -> ClosedForm:
    """Return ``2/((1 - s) mu + (1 + s) L)``, ``s = sqrt(1 - delta)``.

    Raises:
        InputError: more than one agent, or no contractive compressor.
    """
    c = averages(setting)
    if not c.alone:
        raise InputError(
            "the optimal step size of CGD is known in closed form for one agent only; give step_size as a number.",
            argument="step_size",
        )
    s = square_root(1 - contraction(setting))
    return ClosedForm(2 / ((1 - s) * c.mu + (1 + s) * c.L), "2/((1 - s) mu + (1 + s) L), s = sqrt(1 - delta)", SOURCE)


def rate(setting: Setting) -> ClosedForm | None:
    """Return ``((k - 1)/(k + 1))^2`` with ``k = (L/mu) (1 + s)/(1 - s)``, or None with more than one agent."""
    c = averages(setting)
    if not c.alone:
        return None
    s = square_root(1 - contraction(setting))
    high, low = (1 + s) * c.L, (1 - s) * c.mu
    return ClosedForm(((high - low) / (high + low)) ** 2, "((k - 1)/(k + 1))^2, k = kappa (1 + s)/(1 - s)", SOURCE)


def stability_limit(setting: Setting) -> ClosedForm | None:
    """Return ``2/((1 + s) L)``, below which CGD converges linearly and beyond which it does not.

    None with several agents, and for projections, which need not attain it.
    """
    c = averages(setting)
    if not c.alone or not free(setting):
        return None
    s = square_root(1 - contraction(setting))
    return ClosedForm(2 / ((1 + s) * c.L), "2/((1 + s) L)", "2-cycle of f = L x^2/2 with C(v) = (1 + s) v at the limit")
