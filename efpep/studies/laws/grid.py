"""The grids on which laws about agents of different kinds are tested.

A *worker type* is a pair ``(L, kappa)`` with ``mu = L / kappa``. A configuration is a multiset of worker types, one for each
agent, with a contraction parameter ``delta = 1 - epsilon`` that all compressors share. Agents of one type are one group: they
are exchangeable, so the worst case is the same and the SDP is smaller.
"""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction

from efpep.compressors import Compressor, Contractive
from efpep.functions import SmoothStronglyConvex
from efpep.model.field import rounded
from efpep.setting import Group, Setting
from efpep.theory.constants import averages

Worker = tuple[Fraction, Fraction]
"""A worker type ``(L, kappa)``."""

DIGITS = 12
"""Step sizes of a grid are rounded to so many significant digits."""


@dataclass(frozen=True, slots=True)
class WorkerConfiguration:
    """The workers and their compression.

    Attributes:
        workers: the type of each agent, sorted.
        epsilon: ``1 - delta``.
    """

    workers: tuple[Worker, ...]
    epsilon: Fraction

    def setting(self, compressor: Callable[[Fraction], Compressor] = Contractive) -> Setting:
        """Return the setting, with agents of one type in one group."""
        counts = Counter(self.workers)
        shared = compressor(1 - self.epsilon)
        groups = [(SmoothStronglyConvex(mu=L / kappa, L=L), count) for (L, kappa), count in counts.items()]
        if len(groups) == 1:
            return Setting(groups[0][0], shared, groups[0][1])
        return Setting(None, shared, [Group(functions, count=count) for functions, count in groups])

    def averaged(self) -> Setting:
        """Return one agent with the averaged constants."""
        c, setting = averages(self.setting()), self.setting()
        return Setting(SmoothStronglyConvex(mu=c.mu, L=c.L), setting.populations()[0].compressor, 1)

    @property
    def uniform(self) -> bool:
        """Whether all agents are of one type."""
        return len(set(self.workers)) == 1

    def describe(self) -> dict[str, object]:
        """Return the configuration as text, for reports."""
        return {"workers": [{"L": str(L), "kappa": str(kappa)} for L, kappa in self.workers], "epsilon": str(self.epsilon)}

    def __str__(self) -> str:
        """Write the workers as ``L/kappa``, with their number, and epsilon."""
        counts = Counter(self.workers)
        names = (f"{f'{count} x ' if count > 1 else ''}(L {L}, kappa {kappa})" for (L, kappa), count in counts.items())
        return f"{' + '.join(names)}, epsilon {self.epsilon}"


def configurations(
    smoothness: Sequence[Fraction], kappas: Sequence[Fraction], epsilons: Sequence[Fraction], agents: int
) -> Iterator[WorkerConfiguration]:
    """Yield every multiset of ``agents`` worker types with every epsilon."""
    types = sorted(itertools.product(smoothness, kappas))
    for workers in itertools.combinations_with_replacement(types, agents):
        for epsilon in epsilons:
            yield WorkerConfiguration(workers, epsilon)


def evenly(first: Fraction, last: Fraction, count: int) -> list[Fraction]:
    """Return ``count`` equally spaced numbers from ``first`` to ``last``."""
    return [first] if count == 1 else [first + (last - first) * Fraction(i, count - 1) for i in range(count)]


def step_range(setting: Setting, rate: Fraction) -> tuple[Fraction, Fraction]:
    """Return ``[max(0, (1 - sqrt rho)/mubar), min(2/mean(L_i + mu_i), (1 + sqrt rho)/Lbar)]``, rounded to 17 digits.

    Outside ``[(1 - sqrt rho)/mubar, (1 + sqrt rho)/Lbar]`` no step size of a gradient method has a rate below rho.
    """
    mu = sum((group.share * group.functions.curvature for group in setting.populations()), Fraction(0))
    smoothness = sum((group.share * group.functions.smoothness for group in setting.populations()), Fraction(0))
    root = Fraction(math.sqrt(rate))
    ends = (max(Fraction(0), (1 - root) / mu), min(2 / (smoothness + mu), (1 + root) / smoothness))
    return rounded(ends[0], 17), rounded(ends[1], 17)


def step_sizes(setting: Setting, rate: Fraction, count: int) -> list[Fraction]:
    """Return ``count`` equally spaced step sizes of :func:`step_range`, each rounded to 12 digits."""
    return [rounded(step, DIGITS) for step in evenly(*step_range(setting, rate), count)]
