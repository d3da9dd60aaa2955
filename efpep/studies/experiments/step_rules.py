"""Step sizes that experiments know by name: closed forms of the literature."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from efpep.methods.base import OPTIMAL, Method
from efpep.setting import Setting
from efpep.theory import earlier_ef21
from efpep.theory.closed_form import ClosedForm


def _optimal(method: Method, setting: Setting) -> ClosedForm:
    return method.literature.optimal_step_size(method, setting)


def _earlier_ef21(method: Method, setting: Setting) -> ClosedForm:
    del method
    return earlier_ef21.step_size(setting)


RULES: Mapping[str, Callable[[Method, Setting], ClosedForm]] = {OPTIMAL: _optimal, "earlier-ef21": _earlier_ef21}
"""The method's tight step size, and the one of EF21's earlier analysis (:mod:`efpep.theory.earlier_ef21`)."""
