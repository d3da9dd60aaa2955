"""Gradient descent: Nesterov, Introductory Lectures on Convex Optimization, 2004, Theorem 2.1.15."""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.theory.closed_form import ClosedForm
from efpep.theory.constants import averages

if TYPE_CHECKING:
    from efpep.setting import Setting

SOURCE = "Nesterov 2004, Theorem 2.1.15"


def optimal_step_size(setting: Setting) -> ClosedForm:
    """Return ``2/(L + mu)``; f is smooth and strongly convex with the agents' average constants."""
    c = averages(setting)
    return ClosedForm(2 / (c.L + c.mu), "2/(L + mu)", SOURCE)


def rate(setting: Setting) -> ClosedForm | None:
    """Return ``((L - mu)/(L + mu))^2``."""
    c = averages(setting)
    return ClosedForm(((c.L - c.mu) / (c.L + c.mu)) ** 2, "((L - mu)/(L + mu))^2", SOURCE)


def stability_limit(setting: Setting) -> ClosedForm | None:
    """Return ``2/L``, below which gradient descent converges linearly, or None for agents of different kinds."""
    c = averages(setting)
    return ClosedForm(2 / c.L, "2/L", SOURCE) if c.uniform else None
