"""Theorems about the exact rate of a method at every stable step size."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.errors import InputError
from efpep.model.field import positive, shown
from efpep.theorems import formula
from efpep.theorems.check import check
from efpep.theorems.theorem import CatalogueTheorem
from efpep.theory.closed_form import ClosedForm, largest_root, square_root
from efpep.theory.constants import averages, contraction

if TYPE_CHECKING:
    from efpep.setting import Setting
    from efpep.theorems.report import Report
    from efpep.theorems.statement import Case, RateClaim


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

    @property
    def equation(self) -> str:
        """The equation of the root."""
        root, degree = self.claim.root, len(self.claim.coefficients) - 1
        powers = [f"{root}^{k}" if k > 1 else root if k else "" for k in range(degree, -1, -1)]
        terms = [
            "*".join(p for p in (c if c not in ("1", "-1") or not p else c[:-1], p) if p)
            for c, p in zip(self.claim.coefficients, powers, strict=True)
        ]
        return " + ".join(terms).replace("+ -", "- ") + " = 0"

    def statement(self) -> list[str]:
        """Return what it says, in sentences."""
        claim = self.claim
        functions = "Functions are L-smooth and mu-strongly convex, 0 < mu <= L; "
        compressors = "compressors have |C(v) - v|^2 <= (1 - delta) |v|^2, 0 < delta <= 1; s = sqrt(1 - delta)."
        rate = (
            f"For 0 < eta < {claim.limit} the exact rate is {claim.rate}, {claim.root} the largest root of {self.equation} with "
        )
        return [
            f"{self.title}; {self.agents}.",
            functions + compressors,
            rate + f"theta = max({', '.join(claim.branches)}).",
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
        values = self._quantities(setting)
        values["eta"] = positive(step_size, "step_size")
        claim = self.claim
        limit = _number(claim.limit, values)
        if values["eta"] >= limit:
            raise InputError(
                f"step_size is {shown(values['eta'])}, but the method need not converge from {claim.limit}, about "
                f"{float(limit):.6g}, on; give a smaller one.",
                argument="step_size",
            )
        values["theta"] = max(_number(branch, values) for branch in claim.branches)
        root = largest_root([_number(text, values) for text in claim.coefficients], Fraction(2))
        return ClosedForm(_number(claim.rate, {**values, claim.root: root}), f"{claim.rate}, {self.equation}", self.source)

    def _quantities(self, setting: Setting) -> dict[str, Fraction]:
        constants = averages(setting)
        if not constants.uniform or (2 not in self.counts and not constants.alone):
            raise InputError(f"the theorem is about {self.agents}, all of one kind; give such agents.", argument="agents")
        return {"mu": constants.mu, "L": constants.L, "s": square_root(1 - contraction(setting))}


def _number(text: str, values: dict[str, Fraction]) -> Fraction:
    return formula.evaluated(formula.tree(text), values, Fraction)
