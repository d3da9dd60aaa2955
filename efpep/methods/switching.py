"""The switching rule of constrained subgradient methods."""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.model.field import is_symbolic, rational

if TYPE_CHECKING:
    from efpep.methods.base import Run, Vec
    from efpep.model.field import Scalar

UNCONSTRAINED = "none"
"""The threshold of a method that looks at no constraint."""


def read_threshold(threshold: object) -> Scalar:
    """Read a threshold exactly: a number, or ``"none"`` where there is no constraint.

    Raises:
        InputError: it is neither.
    """
    if threshold is None or (isinstance(threshold, str) and threshold.strip().lower() == UNCONSTRAINED):
        return UNCONSTRAINED
    return threshold if is_symbolic(threshold) else rational(threshold, "threshold")


def active_subgradient(run: Run, x: Vec, threshold: Scalar) -> Vec:
    """Return ``f_i'(x)`` where ``mean_i g_i(x) <= threshold``, else ``g_i'(x)``; ``f_i'(x)`` where there is no constraint."""
    if threshold == UNCONSTRAINED or run.at_most(run.constraint_value(x), threshold):
        return run.gradient(x)
    return run.constraint_gradient(x)
