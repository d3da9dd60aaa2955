"""The theorem that CGD beats EF and EF21 for one agent, each at its best step size, for all parameters.

Derived for efpep; 2506.05271 compares numbers. With ``k = (L-mu)/(L+mu)`` CGD's root is ``r = (k+s)/(1+ks)``. In the equation
``z^2 - (1-s) k z - s = 0`` of EF's and EF21's root beta it gives ``-s (1-s) (1-k)^2 (1+k)/(1+ks)^2 < 0``, so that ``r < beta``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from efpep.theorems.functions import Function, FunctionField
from efpep.theorems.report import Report
from efpep.theorems.signs import NONNEGATIVE, POSITIVE, orthant_sign
from efpep.theorems.theorem import CatalogueTheorem
from efpep.theory import cgd, error_feedback, formula
from efpep.theory.rate_claim import RateClaim


@dataclass(frozen=True, repr=False)
class ComparisonTheorem(CatalogueTheorem):
    """The theorem; see the module.

    Attributes:
        method: the key of the faster method.
        title: what it is about.
        faster: the faster method's claim.
        slower: the other methods' claim.
        root: the faster method's root at its best step size.
        theta: the other methods' theta at their best step size.
        value: what the other methods' equation has as its value at ``root``.
        source: whose theorem it is.
    """

    method: str = "cgd"
    title: str = "CGD beats EF and EF21 for one agent"
    faster: RateClaim = cgd.CLAIM
    slower: RateClaim = error_feedback.CLAIM
    root: str = "(k+s)/(1+k*s)"
    theta: str = "(1-s)*k"
    value: str = "-s*(1-s)*(1-k)^2*(1+k)/(1+k*s)^2"
    source: str = "derived for efpep; 2506.05271 compares numbers"

    def statement(self) -> list[str]:
        """Return what it says, in sentences."""
        return [
            f"{self.title}, each at its best step size: 0 < mu <= L, 0 < delta < 1, s = sqrt(1 - delta), k = (L-mu)/(L+mu).",
            f"CGD's rate is r^2, r = {self.root}; that of EF and EF21 is beta^2 with",
            f"beta^2 - {self.theta}*beta - s = 0, and r < beta. Where delta = 1, all are gradient descent.",
        ]

    def check(self) -> Report:
        """Check both roots, the value of one equation at the other's root, and the signs."""
        report = Report()
        field = FunctionField("m", "c", "a")
        m, c, a = field.symbols.values()
        names: dict[str, Function] = {"mu": m, "L": m + c, "s": a / (1 + a)}
        names["k"] = c / (2 * m + c)

        def at(text: str, **others: Any) -> Function:
            return formula.evaluated(formula.tree(text), {**names, **others}, field)

        def sign(function: Function) -> int | None:
            return orthant_sign(function, field, field.symbols, ["c"])

        def branches(claim: RateClaim) -> list[Function]:
            return [at(text, eta=at(claim.step_size)) for text in claim.branches]

        def below() -> bool:
            root, theta = at(self.root), at(self.theta)
            found = at(self.slower.coefficients[0])
            for text in self.slower.coefficients[1:]:
                found = found * root + at(text, theta=theta)
            return found == at(self.value) and sign(found) == -POSITIVE

        def one_root() -> bool:
            """Check that the equation has one root that is not negative: it is below 0 at 0, and its first term is positive."""
            first, _, last = (at(text, theta=at(self.theta)) for text in self.slower.coefficients)
            return sign(first) == POSITIVE and sign(last) == -POSITIVE

        both = self.faster.rate == f"{self.faster.root}^2" and self.slower.rate == f"{self.slower.root}^2"
        report.step("the rates are the squares of the roots that the theorems about all step sizes have", both)
        report.step(f"CGD's root at {self.faster.step_size} is r = {self.root}", self._linear(branches, at))
        report.step(
            f"theta of EF and EF21 at {self.slower.step_size} is {self.theta}",
            lambda: branches(self.slower) == [at(self.theta)] * 2,
        )
        report.step(f"r^2 - {self.theta}*r - s = {self.value} < 0", below)
        report.step("the equation has one root that is not negative, and is positive beyond it: r < beta", one_root)
        report.step("r is not negative", lambda: (sign(at(self.root)) or 0) >= NONNEGATIVE)
        return report

    def _linear(self, branches: Any, at: Any) -> bool:
        """Check that CGD's equation is root = theta, and both branches are the root."""
        return self.faster.coefficients == ("1", "-theta") and branches(self.faster) == [at(self.root)] * 2

    def latex(self) -> str:
        """Return the theorem and its proof."""
        from efpep.theorems.latex_others import comparison_theorem

        return comparison_theorem(self)


CGD_BEATS = ComparisonTheorem()
