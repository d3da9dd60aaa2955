"""The earlier rate of EF21, from the theory of gradient-dominated functions: 2106.05203 (theorem under the PL condition).

With ``s = sqrt(1 - delta)``, ``theta = 1 - s``, ``beta = s^2/(1 - s)``, average constants L and mu, and ``Lt^2 = mean L_i^2``,

    gamma = min{1/(L + Lt sqrt(2 beta/theta)), theta/(2 mu)},      rate 1 - gamma mu.

It is the baseline that the tight rate (:mod:`efpep.theory.error_feedback`) is compared with.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.theory.closed_form import ClosedForm, square_root
from efpep.theory.constants import averages, contraction, smoothness_in_square_mean

if TYPE_CHECKING:
    from efpep.setting import Setting

SOURCE = "2106.05203, theorem under the PL condition"


def step_size(setting: Setting) -> ClosedForm:
    """Return ``gamma``."""
    c = averages(setting)
    epsilon = 1 - contraction(setting)
    s = square_root(epsilon)
    theta = 1 - s
    # sqrt(2 beta/theta) = sqrt(2 epsilon)/(1 - s)
    value = min(1 / (c.L + smoothness_in_square_mean(setting) * square_root(2 * epsilon) / theta), theta / (2 * c.mu))
    formula = "min{1/(L + Lt sqrt(2 beta/theta)), theta/(2 mu)}, theta = 1 - s, beta = s^2/(1 - s), Lt^2 = mean L_i^2"
    return ClosedForm(value, formula, SOURCE)


def rate(setting: Setting) -> ClosedForm:
    """Return ``1 - gamma mu``."""
    return ClosedForm(1 - step_size(setting).value * averages(setting).mu, "1 - gamma mu", SOURCE)
