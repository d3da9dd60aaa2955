"""The triple momentum method: Van Scoy, Freeman, Lynch, IEEE Control Systems Letters 2 (1), 2018, Theorem 1."""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.theory.closed_form import ClosedForm, square_root
from efpep.theory.constants import averages

if TYPE_CHECKING:
    from efpep.model.field import Scalar
    from efpep.setting import Setting

SOURCE = "Van Scoy, Freeman, Lynch 2018, Theorem 1"


def factor(setting: Setting) -> ClosedForm:
    """Return ``rho = 1 - sqrt(mu/L)``, by which distances contract a step."""
    c = averages(setting)
    return ClosedForm(1 - square_root(c.mu / c.L), "1 - sqrt(mu/L)", SOURCE)


def step_size(setting: Setting, rho: Scalar) -> ClosedForm:
    """Return ``(1 + rho)/L``."""
    return ClosedForm((1 + rho) / averages(setting).L, "(1 + rho)/L", SOURCE)
