"""The tuning law of EControl."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from efpep.methods import EControl
from efpep.methods.base import Method
from efpep.model.field import rounded
from efpep.setting import Setting
from efpep.studies.laws.candidates import CandidateLaw
from efpep.studies.laws.grid import DIGITS, WorkerConfiguration, evenly, step_sizes
from efpep.studies.laws.law import Finding
from efpep.studies.laws.theorems import nothing_better


@dataclass(frozen=True)
class EControlLaw(CandidateLaw):
    """Empirical law of 2605.31594: EControl is fastest at ``eta = 0`` and EF21's step size, where it is EF21.

    The weights ``eta`` tried are equally spaced in [0, 1], the step sizes in the range of
    :func:`efpep.studies.laws.grid.step_range`.

    Attributes:
        steps: how many step sizes and how many weights.
        factors: multiples of EF21's step size that are tried besides, with every weight of ``weights``.
        weights: weights for these.
    """

    key: ClassVar[str] = "econtrol"
    title: ClassVar[str] = "EControl tuning law"
    statement: ClassVar[str] = "no weight eta and step size improve the rate at eta = 0 and EF21's step size"
    source: ClassVar[str] = "2605.31594, empirical law on EControl"

    steps: int = 10
    factors: tuple[Fraction, ...] = ()
    weights: tuple[Fraction, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The weight and the step size."""
        return ("eta", "step_size")

    def by_theorem(self, configuration: WorkerConfiguration) -> Finding | None:
        """Return that no weight and no step size at all is better, where theorems say so; always for agents of one kind."""
        return nothing_better(configuration, self.improvement, ("econtrol", "ef21"))

    def reference(self, setting: Setting) -> Method:
        """Return EControl at ``eta = 0`` and EF21's step size."""
        return EControl(eta=Fraction(0)).resolved(setting)

    def choices(self, setting: Setting, rate: Fraction) -> Sequence[tuple[Fraction, ...]]:
        """Return the pairs."""
        best = self.reference(setting).step_size
        grid = itertools.product(evenly(Fraction(0), Fraction(1), self.steps), step_sizes(setting, rate, self.steps))
        near = itertools.product(self.weights, [rounded(best * factor, DIGITS) for factor in self.factors])
        return [*(grid if self.steps else ()), *near]
