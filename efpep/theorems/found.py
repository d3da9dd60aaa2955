"""Theorems that the search finds: the exact rate at the step sizes at which two linear instances are in balance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from efpep.methods.base import Method
from efpep.model.text import exact
from efpep.theorems.identity import recorded
from efpep.theorems.proof import check_instance, check_proof, formulas
from efpep.theorems.quantities import BoxQuantities, Quantities
from efpep.theorems.report import Report
from efpep.theorems.signs import Box
from efpep.theorems.theorem import Theorem
from efpep.theory.statement import Coordinate, Instance, Proof

if TYPE_CHECKING:
    from collections.abc import Mapping

FREE = ("s", "beta", "eta")
REGIONS = {
    "0 < s, beta < 1": ("s/(1-s)", "a/(1+a)"),
    "0 < s < beta < 1": ("s/(beta-s)", "beta*a/(1+a)"),
    "0 < s < beta^2 < 1": ("s/(beta^2-s)", "beta^2*a/(1+a)"),
}
"""Regions by name, the largest first: the coordinate ``a`` as a function of s and beta, and s as one of ``a`` and beta."""


def quantities(region: str | Box, defined: Mapping[str, str]) -> Quantities:
    """Return s, beta and eta on a region or on a box of s and beta, with the quantities that they define."""
    if isinstance(region, str):
        inverse, s = REGIONS[region]
        coordinates = [Coordinate("b", "beta/(1-beta)"), Coordinate("a", inverse), Coordinate("eta", "eta")]
        found = Quantities(FREE, defined, coordinates, {"beta": "b/(1+b)", "s": s, "eta": "eta"})
    else:
        found = BoxQuantities(FREE, defined, region)
    found.define("delta", "1-s^2")
    found.define("rate", "beta^2")
    return found


@dataclass(frozen=True, repr=False)
class FoundTheorem(Theorem):
    """A theorem about the rate ``beta^2`` of a method on the curvatures that ``s = sqrt(1 - delta)``, beta and eta determine.

    Attributes:
        method: the method.
        region: the name of the region of s and beta, or a box of them.
        curvatures: mu and L as functions of s, beta and eta.
        proof: the Lyapunov function, and why it decreases.
        instances: the two worst cases.
        counts: numbers of agents that it is about: 1, and 2 for any number of at least two.
    """

    method: Method
    region: str | Box
    curvatures: Mapping[str, str]
    proof: Proof
    instances: tuple[Instance, ...]
    counts: tuple[int, ...]

    @property
    def key(self) -> str:
        """The identifier of the method."""
        return self.method.identifier()

    @property
    def name(self) -> str:
        """The method with its parameters."""
        others = self.method.other_parameters()
        return f"{self.method.called()} at its balanced step size" + (f", {others}" if others else "")

    @property
    def reference(self) -> str:
        """Where it comes from."""
        return "found by efpep's search"

    @property
    def where(self) -> str:
        """The region in words."""
        if isinstance(self.region, str):
            return self.region
        return ", ".join(f"{exact(low)} <= {name} <= {exact(high)}" for name, (low, high) in self.region.items())

    def statement(self) -> list[str]:
        """Return what it says, in sentences."""
        who = "every number of agents" if self.counts == (1, 2) else "one agent"
        shared = " that share a minimiser" if self.method.common_minimiser and self.counts == (1, 2) else ""
        weights = [f"({square.coefficient}) |{_combination(square.vector)}|^2" for square in self.proof.lyapunov.get("mean", ())]
        gaps = [f"({weight}) ({name} - {name}*)" for name, weight in self.proof.gaps.items()]
        curvatures = f"mu = {self.curvatures['mu']} and L = {self.curvatures['L']}"
        return [
            f"{self.name}; {who}{shared}.",
            f"For {self.where}, s = sqrt(1 - delta), eta > 0, {curvatures}, the exact rate is beta^2.",
            f"V = {' + '.join([*weights, *gaps])}{' + deviations' if 'deviation' in self.proof.lyapunov else ''}.",
        ]

    def check(self) -> Report:
        """Check the curvatures, the proof block by block, and the worst cases."""
        report = Report()
        report.part(self.where)
        try:
            values = quantities(self.region, self.curvatures)
            records = {count: recorded(self.method, values, count, "distance") for count in self.counts}
        except (ZeroDivisionError, ValueError) as error:
            report.step(f"the formulas can be read ({error})", holds=False)
            return report
        names = values.names
        gap = names["L"] - names["mu"]
        report.step("0 < mu < L", values.positive(names["mu"]) and values.positive(gap))
        report.step("no denominator of the proof vanishes", lambda: all(map(values.defined, formulas(self.proof))), detail=True)
        for count, record in records.items():
            check_proof(self.proof, record, report, count)
        for instance in self.instances:
            check_instance(instance, self.method, values, report)
        return report

    def latex(self) -> str:
        """Return the theorem with the weighted sum and the squares."""
        from efpep.theorems.latex import found_theorem

        return found_theorem(self)


def _combination(vector: Mapping[str, str]) -> str:
    return " + ".join(f"({text}) {name}" if text != "1" else name for name, text in vector.items())
