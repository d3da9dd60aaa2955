"""How tight a proved rate is: the slowest quadratic that a search finds, beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from efpep.analysis.quadratic import QuadraticInstance, slowest_quadratic
from efpep.analysis.rate import Rate, rate
from efpep.errors import ContradictionError
from efpep.simulate.prepare import described

if TYPE_CHECKING:
    from efpep.methods.base import Method
    from efpep.setting import Setting


@dataclass(frozen=True, slots=True)
class Tightness:
    """A proved rate and the slowest quadratic that was found.

    Attributes:
        rate: the certified rate: no instance of the classes is slower than its upper end.
        slowest: the quadratic, with a proved spectral radius; its compressors are linear.
    """

    rate: Rate
    slowest: QuadraticInstance

    @property
    def found(self) -> float:
        """The factor by which squares shrink a step on the quadratic."""
        return float(self.slowest.rate)

    @property
    def proved(self) -> float:
        """The proved rate; nan where none is proved."""
        return float("nan") if self.rate.upper is None else float(self.rate.upper)

    @property
    def gap(self) -> float:
        """How far the quadratic stays below the proved rate, as part of the proved rate."""
        return (self.proved - self.found) / self.proved

    @property
    def gap_of_progress(self) -> float:
        """How far ``1 - rho`` of the proof stays below that of the quadratic, as part of the latter."""
        return (self.proved - self.found) / (1 - self.found)

    def __str__(self) -> str:
        """Say how tight the rate is."""
        return (
            f"{described(self.rate.method)}: proved {self.proved:.9g}, slowest quadratic {self.found:.9g}, {100 * self.gap:.2g} "
            f"% below ({100 * self.gap_of_progress:.2g} % of 1 - rho)"
        )


def tightness(method: Method, setting: Setting, period: int = 1, *, seed: int = 0) -> Tightness:
    """Search the slowest quadratic of a setting, with the worst linear compressors, beside the proved rate.

    Args:
        method: the method with its parameters.
        setting: functions, contractive compressors and agents.
        period: after how many steps the compressors may repeat; see :func:`efpep.slowest_quadratic`.
        seed: of the global search.

    Raises:
        InputError: the question is not well posed, or the compressors are not contractive.
        ContradictionError: a quadratic is slower than the proved rate.
    """
    certified = rate(method, setting)
    slowest = slowest_quadratic(method, setting, period, seed=seed)
    if certified.upper is not None and slowest.rate > certified.upper:
        raise ContradictionError(
            f"on a quadratic of the class {method.title} contracts by {float(slowest.rate):.9g} a step, and a rate of "
            f"{float(certified.upper):.9g} is proved, so efpep is wrong; please report it."
        )
    return Tightness(certified, slowest)
