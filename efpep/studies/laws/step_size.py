"""The step-size law."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from efpep.methods import METHODS
from efpep.methods.base import Method
from efpep.model.field import rounded
from efpep.setting import Setting
from efpep.studies.laws.candidates import CandidateLaw
from efpep.studies.laws.decide import fastest
from efpep.studies.laws.grid import DIGITS, WorkerConfiguration, step_sizes
from efpep.studies.laws.law import Finding
from efpep.studies.laws.theorems import nothing_better


@dataclass(frozen=True)
class StepSizeLaw(CandidateLaw):
    """Empirical law 4.1 of 2605.31594: EF and EF21 are fastest at ``eta* = 2/mean(L_i + mu_i) (1 - s)/(1 + s)``.

    Attributes:
        method: the method's key.
        steps: how many step sizes are tried, equally spaced in the range of :func:`efpep.studies.laws.grid.step_range`.
        factors: multiples of ``eta*`` that are tried besides.
        search: whether the best step size that a numeric search between ``0.7 eta*`` and ``1.4 eta*`` finds is tried too.
    """

    key: ClassVar[str] = "step-size"
    title: ClassVar[str] = "step-size law 4.1"
    statement: ClassVar[str] = "no step size improves the rate at eta* = 2/mean(L_i + mu_i) (1 - s)/(1 + s)"
    source: ClassVar[str] = "2605.31594, empirical law 4.1"

    method: str = "ef21"
    steps: int = 40
    factors: tuple[Fraction, ...] = ()
    search: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The step size alone."""
        return ("step_size",)

    def methods(self, configuration: WorkerConfiguration) -> list[Method]:
        """Return the method at its step size."""
        return [self.reference(configuration.setting())]

    def by_theorem(self, configuration: WorkerConfiguration) -> Finding | None:
        """Return that no step size at all is better, where theorems say so; always for agents of one kind."""
        return nothing_better(configuration, self.improvement, (self.method,))

    def reference(self, setting: Setting) -> Method:
        """Return the method at ``eta*``, rounded to 17 digits."""
        return METHODS.build({"class": self.method}).resolved(setting)

    def choices(self, setting: Setting, rate: Fraction) -> Sequence[tuple[Fraction, ...]]:
        """Return the step sizes."""
        best = self.reference(setting).step_size
        tried = [rounded(best * factor, DIGITS) for factor in self.factors]
        return [(step,) for step in [*(step_sizes(setting, rate, self.steps) if self.steps else []), *tried]]

    def searched(self, setting: Setting, rate: Fraction) -> Sequence[tuple[Fraction, ...]]:
        """Return the step size that a numeric search finds."""
        if not self.search:
            return ()
        best = self.reference(setting)
        return [(rounded(best.step_size * Fraction(fastest(best, setting, 1 - rate)), DIGITS),)]
