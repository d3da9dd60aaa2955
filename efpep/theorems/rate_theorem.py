"""Theorems about the exact rate of a method at every stable step size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from efpep.errors import InputError
from efpep.model.field import positive, shown
from efpep.theorems.check import check
from efpep.theorems.theorem import CatalogueTheorem
from efpep.theory.closed_form import ClosedForm, Standing, number
from efpep.theory.constants import averages, quantities
from efpep.theory.rate_claim import KnownRate

if TYPE_CHECKING:
    from efpep.setting import Setting
    from efpep.theorems.report import Report
    from efpep.theory.rate_claim import RateClaim
    from efpep.theory.statement import Case


@dataclass(frozen=True, repr=False)
class RateTheorem(CatalogueTheorem):
    """A theorem about the rate of a method on smooth strongly convex functions with contractive compressors.

    Attributes:
        method: the method's key.
        title: what it is about.
        agents: which numbers of agents it is about, in words.
        counts: numbers of agents that stand for them: 1, and 2 for any number of at least two.
        claim: what is claimed.
        cases: the cases, which together are all.
        source: whose theorem it is.
    """

    method: str
    title: str
    agents: str
    counts: tuple[int, ...]
    claim: RateClaim
    cases: tuple[Case, ...]
    source: str

    def statement(self) -> list[str]:
        """Return what it says, in sentences."""
        claim = self.claim
        functions = "Functions are L-smooth and mu-strongly convex, 0 < mu <= L; "
        compressors = "compressors have |C(v) - v|^2 <= (1 - delta) |v|^2, 0 < delta <= 1; s = sqrt(1 - delta)."
        rate = (
            f"For 0 < eta < {claim.limit} the exact rate is {claim.rate}, {claim.root} the largest root of {claim.equation} with "
        )
        return [
            f"{self.title}; {self.agents}.",
            functions + compressors,
            rate + f"theta = {claim.theta}.",
            f"The best step size is eta = {claim.step_size}. From {claim.limit} on the method need not converge.",
        ]

    def check(self) -> Report:
        """Check every case."""
        return check(self)

    def latex(self) -> str:
        """Return the theorem with the weighted sum and the squares of every case."""
        from efpep.theorems.latex import rate_theorem

        return rate_theorem(self)

    def coq(self) -> str:
        """Return the decrease in every case as a file for Coq; see :mod:`efpep.theorems.coq`."""
        from efpep.theorems.coq import rate_theorem

        return rate_theorem(self)

    def rate(self, setting: Setting, step_size: object) -> ClosedForm:
        """Return the rate in a setting at a step size, to about 40 digits.

        Raises:
            InputError: the theorem is not about this setting, or the step size is not positive or not below the limit.
        """
        constants = averages(setting)
        if not constants.uniform or (2 not in self.counts and not constants.alone):
            raise InputError(f"the theorem is about {self.agents}, all of one kind; give such agents.", argument="agents")
        values = {**quantities(setting), "eta": positive(step_size, "step_size")}
        found = KnownRate(self.claim, self.source, self.source, self.source, Standing.PROVED, self.method).rate(values)
        if found is None:
            raise InputError(
                f"step_size is {shown(values['eta'])}, but the method need not converge from {self.claim.limit}, about "
                f"{float(number(self.claim.limit, values)):.6g}, on; give a smaller one.",
                argument="step_size",
            )
        return found
