"""The exact rate of EF and EF21 with agents of different kinds, at short and at long step sizes.

Derived for efpep. The theorem about groups holds for wider classes ``mu' <= mu``, ``L <= L'`` too. At a short step size these are
``mu' = mu`` and ``L' = (c-1) mu`` with one c for all groups: then all k are the same, ``K1 = K2 = k^2``, the cubic has the factor
``(rho-s)^2 - (1-s)^2 k^2 rho``, and ``(1-s) k`` is theta of one agent with the average mu. At a long one they are ``L' = L`` and
``mu' = (c-1) L``. The theorem about averages says that no rate is smaller. Where all agents have one condition number, short and
long steps are all.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from efpep.theorems.averages import EF21_AVERAGES, EF_AVERAGES, AveragesTheorem
from efpep.theorems.error_feedback import EF, EF21
from efpep.theorems.functions import Function, FunctionField
from efpep.theorems.groups import EF21_GROUPS, EF_GROUPS, GroupsTheorem
from efpep.theorems.rate_theorem import RateTheorem
from efpep.theorems.report import Report
from efpep.theorems.signs import NONNEGATIVE, POSITIVE, orthant_sign
from efpep.theorems.theorem import CatalogueTheorem
from efpep.theory import formula
from efpep.theory.error_feedback import CLAIM, LONG, SHORT


@dataclass(frozen=True)
class Steps:
    """Short or long step sizes.

    Attributes:
        name: which they are.
        branch: which of the claim's branches is theta.
        end: the step size at which they end: the largest short one, the least long one.
        widened: the constants of the wider class of a group, in its own constants m and l, and c.
        ratio: c as a function of the step size eta and the averages mu and L.
        average: the average of which ``S' = c m`` or ``c l`` is a multiple.
        common: k of all groups.
        coordinates: c, kappa, a group's l/m, and L/mu of the averages, as functions of positive a, b, u, v.
    """

    name: str
    branch: int
    end: str
    widened: Mapping[str, str]
    ratio: str
    average: str
    common: str
    coordinates: Mapping[str, str]


_KINDS = {"kappa": "1+a", "own": "1+a*u/(1+u)", "averages": "1+a*v/(1+v)"}
_SHORT = Steps(
    "short",
    0,
    SHORT,
    {"mu": "m", "L": "(c-1)*m"},
    "2*(1-s)/((1+s)*mu*eta)",
    "mu",
    "(c-2)/c",
    {"c": "2+a+b", **_KINDS},
)
_LONG = Steps(
    "long",
    1,
    LONG,
    {"mu": "(c-1)*l", "L": "l"},
    "2*(1-s)/((1+s)*L*eta)",
    "L",
    "(2-c)/c",
    {"c": "1+1/((1+a)*(1+b))", **_KINDS},
)


@dataclass(frozen=True, repr=False)
class DifferentStepsTheorem(CatalogueTheorem):
    """The theorem; see the module.

    Attributes:
        method: the method's key.
        title: what it is about.
        groups: the theorem about groups, which is the upper bound.
        averages: the theorem about averages, which is the lower bound.
        alone: the theorem about one agent.
        steps: short and long step sizes.
        source: whose theorem it is.
    """

    method: str
    title: str
    groups: GroupsTheorem
    averages: AveragesTheorem
    alone: RateTheorem
    steps: tuple[Steps, ...] = (_SHORT, _LONG)
    source: str = "derived for efpep"

    def statement(self) -> list[str]:
        """Return what it says, in sentences."""
        short, long = self.steps
        claim = self.alone.claim
        return [
            f"{self.title}: shares w, constants m <= l of a group, not all equalities, one delta < 1, s = sqrt(1 - delta).",
            "With mu = sum w m, L = sum w l and kappa the largest l/m, the exact rate is",
            f"{claim.rate}, {claim.equation}, with theta = {claim.branches[short.branch]} for 0 < eta <= {short.end},",
            f"and theta = {claim.branches[long.branch]} for {long.end} <= eta < {claim.limit}:",
            "that of one agent with mu and L. Where l/m is the same for all, these are all stable steps.",
        ]

    def check(self) -> Report:
        """Check the wider classes, the factor of the cubic, and the theorems that this one uses."""
        report = Report()
        self.check_steps(report)
        report.part("")
        for theorem in (self.groups, self.averages, self.alone):
            report.step(f"the theorem holds: {theorem.name}", lambda t=theorem: t.check().proved)
        return report

    def check_steps(self, report: Report) -> None:
        """Check what this theorem adds to those that it uses."""
        same = self.alone.claim == CLAIM and {self.groups.key, self.averages.key, self.alone.key} == {self.key}
        report.step("the theorems that this one uses are about the same method", same)
        report.step("(rho-s)^2 - theta^2*rho is a multiple of the equation at rho = beta^2, and no root is larger", self._root)
        for steps in self.steps:
            report.part(f"{steps.name} steps")
            check = _StepsCheck(self, steps)
            report.step(
                f"S' = c*{steps.average} in every group, so that sigma, k = {steps.common} are as stated", check.constants
            )
            report.step(f"the step size {self.groups.law.step} of the wider classes is eta", check.step_size)
            report.step("the wider classes contain the groups' own, and k > 0", check.wider)
            report.step("these are the step sizes that are stated", check.end)
            report.step("the cubic at K1 = K2 = k^2 has the factors rho-s^2 and (rho-s)^2-theta^2*rho", check.cubic)
            report.step("theta is the larger branch for the averages", check.branch)

    def _root(self) -> bool:
        """Check ``(rho-s)^2 - theta^2 rho = e(beta) e(-beta)`` at ``rho = beta^2``, e the equation; ``e(-beta) > e(beta)``."""
        field = FunctionField("beta", "theta", "s")
        names = field.symbols

        def equation(beta: Function) -> Function:
            total = field(0)
            for text in self.alone.claim.coefficients:
                total = total * beta + formula.evaluated(formula.tree(text), names, field)
            return total

        beta, theta, s = names.values()
        both = equation(beta) * equation(-beta) == (beta**2 - s) ** 2 - theta**2 * beta**2
        return both and equation(-beta) - equation(beta) == 2 * theta * beta

    def latex(self) -> str:
        """Return the theorem and its proof."""
        from efpep.theorems.latex_others import different_steps_theorem

        return different_steps_theorem(self)


class _StepsCheck:
    """The checks about short or long steps."""

    def __init__(self, theorem: DifferentStepsTheorem, steps: Steps) -> None:
        self.theorem, self.steps = theorem, steps
        self.field = FunctionField("a", "b", "u", "v", "t", "m", "n", "rho")
        a, b, u, v, t, m, n, rho = self.field.symbols.values()
        coordinates = {"a": a, "b": b, "u": u, "v": v}
        given = {name: self._of(text, coordinates) for name, text in steps.coordinates.items()}
        s = t / (1 + t)
        self.names = {"s": s, "m": m, "l": given["own"] * m, "mu": n, "L": given["averages"] * n, "rho": rho}
        self.names |= {"c": given["c"], "kappa": given["kappa"]}
        # c is a multiple of 1/eta
        self.names["eta"] = self._of(steps.ratio, {**self.names, "eta": self.field(1)}) / given["c"]

    def _of(self, text: str, names: Mapping[str, Function]) -> Function:
        return formula.evaluated(formula.tree(text), names, self.field)

    def value(self, text: str, **others: Function) -> Function:
        return self._of(text, {**self.names, **others})

    def sign(self, function: Function, closed: tuple[str, ...] = ()) -> int:
        return orthant_sign(function, self.field, self.field.symbols, closed) or 0

    def _constants(self) -> dict[str, Function]:
        """Return the constants of the wider class by the names of the theorem about groups."""
        own = "m" if self.steps.average == "mu" else "l"
        total = self.names["c"] * self.names[self.steps.average]
        found = {**self.names, **{name: self.value(text) for name, text in self.steps.widened.items()}, "Sbar": total}
        for name, text in self.theorem.groups.law.constants.items():
            found[name] = self._of(text, found)
        return {**found, "own": self.names[own]}

    def constants(self) -> bool:
        found = self._constants()
        own, average = found["own"], self.names[self.steps.average]
        return (
            found["S"] == self.names["c"] * own
            and found["sigma"] == own / average
            and found["k"] == self.value(self.steps.common)
        )

    def step_size(self) -> bool:
        inverse = self.value(self.steps.ratio) == self.names["c"]
        return inverse and self._of(self.theorem.groups.law.step, self._constants()) == self.names["eta"]

    def wider(self) -> bool:
        """Check ``0 < mu' <= m``, ``l <= L'`` and k > 0, b = 0 included, where the step sizes end."""
        found = self._constants()
        closed = ("b", "u", "v")
        steps = [self.names["m"] - found["mu"], found["L"] - self.names["l"]]
        return (
            all(step == 0 or self.sign(step, closed) >= NONNEGATIVE for step in steps)
            and self.sign(found["mu"], closed) == POSITIVE
            and self.sign(found["k"], closed) == POSITIVE
        )

    def end(self) -> bool:
        """Check that b = 0 is where they end, that b = infinity is 0 or the limit, and that c decreases in eta."""
        zero = self._of(self.steps.coordinates["c"], {**self.field.symbols, "b": self.field(0)})
        there = self.value(self.steps.ratio, eta=self.value(self.steps.end)) == zero
        limit = self.value(self.theorem.alone.claim.limit)
        if self.steps.branch:  # c = 1 is the limit, and c > 1
            return there and self.value(self.steps.ratio, eta=limit) == 1 and self.sign(self.names["c"] - 1, ("b",)) == POSITIVE
        return (
            there
            and self.names["c"] == zero + self.field.symbols["b"]
            and self.sign(limit - self.names["eta"], ("b", "v")) == POSITIVE
        )

    def cubic(self) -> bool:
        s, rho, k = self.names["s"], self.names["rho"], self.value(self.steps.common)
        theta = self.value(self.theorem.alone.claim.branches[self.steps.branch])
        total = self.field(0)
        for text in self.theorem.groups.proof.cubic:
            total = total * rho + self.value(text, K1=k**2, K2=k**2)
        return theta == (1 - s) * k and total == (rho - s**2) * ((rho - s) ** 2 - theta**2 * rho)

    def branch(self) -> bool:
        branches = [self.value(text) for text in self.theorem.alone.claim.branches]
        larger = branches[self.steps.branch] - branches[not self.steps.branch]
        return self.sign(larger, ("b", "v")) >= NONNEGATIVE


EF21_STEPS = DifferentStepsTheorem(
    "ef21", "EF21 with agents of different kinds at short and long steps", EF21_GROUPS, EF21_AVERAGES, EF21
)
EF_STEPS = DifferentStepsTheorem(
    "ef",
    "EF with agents of different kinds that share a minimiser, at short and long steps",
    EF_GROUPS,
    EF_AVERAGES,
    EF,
)
