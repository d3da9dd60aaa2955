"""The switching rule of constrained subgradient methods."""

from __future__ import annotations

from dataclasses import dataclass

from efpep.methods.base import Method, Run, Vec
from efpep.model.field import Scalar, is_symbolic, rational

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


@dataclass(frozen=True)
class SwitchingMethod(Method):
    """Base of the methods whose step is along subgradients of f or of g, by the constraint's value.

    Attributes:
        threshold: the c up to which a constraint value counts as satisfied, or ``"none"`` without a constraint.
    """

    threshold: Scalar = UNCONSTRAINED

    def __post_init__(self) -> None:
        """Read the parameters exactly."""
        super().__post_init__()
        object.__setattr__(self, "threshold", read_threshold(self.threshold))

    def active_subgradient(self, x: Vec, run: Run) -> Vec:
        """Return ``f_i'(x)`` where ``mean_i g_i(x) <= threshold``, else ``g_i'(x)``; ``f_i'(x)`` where there is no constraint."""
        if self.threshold == UNCONSTRAINED or run.at_most(run.constraint_value(x), self.threshold):
            return run.gradient(x)
        return run.constraint_gradient(x)
