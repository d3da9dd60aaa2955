"""The theorem about EControl: no weight eta but 0 reaches the rate of EF21 at its best step size, whatever the step size gamma.

Derived for efpep; 2605.31594 found empirically that no eta improves on eta = 0. Agents of one class, ``0 < delta < 1``, any
number of them, ``beta^2`` the rate of EF21 at ``eta*``. Every other EControl has, on ``f_i = mu x^2/2`` or ``L x^2/2`` with
``C(v) = (1 +- s) v``, a real eigenvalue of modulus larger than beta with the iterate taking part. With chi the characteristic
polynomial of the step, a monic cubic:

- ``chi(1 - eta) = +- s eta^3`` gives one beyond ``1 - eta``: so ``D = beta - (1 - eta)`` and ``Z = beta + (1 - eta)`` are
  positive.
- ``chi(beta)`` on mu with 1 - s must be nonnegative, ``chi(-beta)`` on L with 1 + s nonpositive: ``gamma mu >= m`` and
  ``gamma L <= l``.
- ``L/mu m > l``, which contradicts them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from efpep.methods import METHODS
from efpep.model.field import Scalar
from efpep.questions.quadratic.line import matrix
from efpep.theorems.functions import Function, FunctionField
from efpep.theorems.report import Report
from efpep.theorems.signs import POSITIVE, orthant_sign
from efpep.theorems.theorem import Theorem
from efpep.theorems.witness import ALONE, determinant
from efpep.theory import formula
from efpep.theory.error_feedback import CLAIM
from efpep.theory.error_feedback_proof import HIGH, LOW

Numbers = Mapping[str, Function]


@dataclass(frozen=True)
class Extreme:
    """``f = curvature x^2/2`` with ``C(v) = factor v``, and the point at which the characteristic polynomial is looked at."""

    curvature: str
    factor: str
    point: str


@dataclass(frozen=True, repr=False)
class LawTheorem(Theorem):
    """The theorem; see the module.

    Attributes:
        rate: the rate of EF21 at its best step size, which no weight but 0 reaches.
        slowest: the instance that a short step is slow on.
        fastest: the instance that a long step is slow on.
        corner: ``chi(1 - eta)`` for the factor ``1 + sigma s``.
        slow: ``chi(beta)`` on mu with ``1 - s``, in terms of m.
        fast: ``chi(-beta)`` on L with ``1 + s``, in terms of l.
        least: m.
        most: l.
        ratio: mu/L for EF21 at its best step size.
        gap: what ``L/mu m - l`` is.
        distances: D and Z.
    """

    rate: str = "beta^2"
    slowest: Extreme = Extreme("mu", "1-s", "beta")
    fastest: Extreme = Extreme("L", "1+s", "-beta")
    corner: str = "sigma*s*eta^3"
    slow: str = "(1-s)*beta*D*(gamma*mu-m)"
    fast: str = "(1+s)*beta*Z*(gamma*L-l)"
    least: str = "(1-beta)*(1+s*(1-beta)^2/(beta*(1-s)*D))"
    most: str = "(1+beta)*(1-s*(1+beta)^2/(beta*(1+s)*Z))"
    ratio: str = "(1-beta)*(beta+s)/((1+beta)*(beta-s))"
    gap: str = "(1+beta)*s/(beta+s)*((beta-s)*(1-beta)^2/(beta*(1-s)*D)+(beta+s)*(1+beta)^2/(beta*(1+s)*Z)-2)"
    distances: Mapping[str, str] = field(default_factory=lambda: {"D": "beta+eta-1", "Z": "1+beta-eta"})

    @property
    def key(self) -> str:
        """The key of the method."""
        return "econtrol"

    @property
    def name(self) -> str:
        """What it is about."""
        return "no EControl reaches the rate of EF21"

    @property
    def reference(self) -> str:
        """Whose theorem it is."""
        return "derived for efpep; an empirical law of 2605.31594"

    def statement(self) -> list[str]:
        """Return what it says, in sentences."""
        slow, fast = self.slowest, self.fastest
        return [
            "EControl with any weight eta != 0 and any step size gamma, agents of one class, every n, 0 < mu < L, 0 < delta < 1:",
            f"some f_i = ({slow.curvature}) x^2/2 or ({fast.curvature}) x^2/2, C(v) = ({slow.factor}) v or ({fast.factor}) v,",
            f"s = sqrt(1 - delta), decreases more slowly, from some state, than {self.rate}, the rate of EF21 at eta*,",
            f"{CLAIM.equation} at {CLAIM.step_size} (eta = 0, gamma = eta*). So the law that eta = 0 is best is a theorem.",
        ]

    def check(self) -> Report:
        """Check the values of the characteristic polynomial, and that the inequalities contradict each other."""
        report = Report()
        check, slow, fast = _LawCheck(self), self.slowest, self.fastest
        report.step("instances have curvature mu or L and |C(v) - v| = s |v|; the points have modulus beta", check.instances)
        report.step(f"{self.rate} is the rate of EF21 at {CLAIM.step_size}", check.reference)
        report.step(f"chi(1-eta) = {self.corner} for C(v) = (1 + sigma s) v, sigma = 1 and -1", check.corner)
        report.step("so a real root lies beyond 1-eta unless D > 0 and Z > 0; D + Z = 2 beta", check.between)
        report.step(
            f"chi({slow.point}) = {self.slow} on {slow.curvature} with C(v) = ({slow.factor}) v",
            check.slow,
        )
        report.step(
            f"chi({fast.point}) = {self.fast} on {fast.curvature} with C(v) = ({fast.factor}) v",
            check.fast,
        )
        report.step(f"mu/L = {self.ratio} at the best step size of EF21", check.ratio)
        report.step(f"L/mu m - l = {self.gap}", check.gap)
        report.step(
            "it is positive for 0 < s < beta^2 < 1, D, Z > 0: gamma mu >= m and gamma L <= l contradict it", check.positive
        )
        report.step(
            "an eigenvector without x vanishes: x+ = x - gamma h+; h+ = (1 + sigma s) eta e for x = h = 0", check.takes_part
        )
        return report

    def latex(self) -> str:
        """Return the theorem and its proof."""
        from efpep.theorems.latex_others import law_theorem

        return law_theorem(self)


class _LawCheck:
    """The steps of the proof."""

    def __init__(self, theorem: LawTheorem) -> None:
        self.theorem = theorem
        self.field = FunctionField("s", "beta", "eta", "gamma", "mu", "L", "theta")
        self.names: dict[str, Any] = dict(self.field.symbols)
        try:
            for name, text in {**theorem.distances, "m": theorem.least, "l": theorem.most}.items():
                self.names[name] = self.value(text)
        except ZeroDivisionError:
            self.names |= dict.fromkeys(("m", "l"), self.field(0))

    def value(self, text: str, **others: Scalar) -> Function:
        return formula.evaluated(formula.tree(text), {**self.names, **others}, self.field)

    def _step(self, factor: Function, curvature: Function) -> list[list[Function]]:
        """Return the step's matrix over the iterate and the memories, by the method's own definition."""
        method: Any = METHODS.build({"class": self.theorem.key, "step_size": self.names["gamma"], "eta": self.names["eta"]})
        rows = matrix(method, ALONE, [curvature], [[factor]])
        return [[self.field(value) for value in row] for row in rows]

    def _chi(self, factor: Function, curvature: Function, z: Function) -> Function:
        step = self._step(factor, curvature)
        return determinant([[(z if i == j else 0) - value for j, value in enumerate(row)] for i, row in enumerate(step)])

    def corner(self) -> bool:
        z = 1 - self.names["eta"]
        for sigma in (1, -1):
            chi = self._chi(1 + sigma * self.names["s"], self.names["theta"], z)
            # a monic cubic that is negative at z has a root above it, positive a root below it: the sign is that of sigma eta^3
            expected = sigma * self.names["s"] * self.names["eta"] ** 3
            if chi != expected or chi != self.value(self.theorem.corner, sigma=self.field(sigma)):
                return False
        return True

    def between(self) -> bool:
        beta, eta = self.names["beta"], self.names["eta"]
        return self.names["D"] == beta - (1 - eta) and self.names["Z"] == beta + (1 - eta)

    def instances(self) -> bool:
        names, extremes = self.names, (self.theorem.slowest, self.theorem.fastest)
        admissible = {self.value(each.curvature) for each in extremes} == {names["mu"], names["L"]}
        lossy = all((self.value(each.factor) - 1) ** 2 == names["s"] ** 2 for each in extremes)
        points = [self.value(each.point) for each in extremes]
        return admissible and lossy and points == [names["beta"], -names["beta"]]

    def reference(self) -> bool:
        """Check that both branches of EF21's theta at LOW and HIGH solve its equation, and that eta is its best step size."""
        ends = {"mu": self.value(LOW), "L": self.value(HIGH)}
        thetas = [self.value(text, **ends) for text in CLAIM.branches]
        left = [self.field(0)] * len(thetas)
        for text in CLAIM.coefficients:
            left = [a * self.names["beta"] + self.value(text, theta=theta) for a, theta in zip(left, thetas, strict=True)]
        best = self.value(CLAIM.step_size, **ends) == self.names["eta"]
        rates = self.value(self.theorem.rate), self.value(CLAIM.rate, **{CLAIM.root: self.names["beta"]})
        return best and rates[0] == rates[1] and all(a == 0 for a in left)

    def _at(self, extreme: Extreme) -> Function:
        return self._chi(self.value(extreme.factor), self.value(extreme.curvature), self.value(extreme.point))

    def slow(self) -> bool:
        return self._at(self.theorem.slowest) == self.value(self.theorem.slow)

    def fast(self) -> bool:
        return self._at(self.theorem.fastest) == self.value(self.theorem.fast)

    def ratio(self) -> bool:
        return self.value(LOW) / self.value(HIGH) == self.value(self.theorem.ratio)

    def gap(self) -> bool:
        names = self.names
        return names["m"] / self.value(self.theorem.ratio) - names["l"] == self.value(self.theorem.gap)

    def positive(self) -> bool:
        """Check the signs on ``beta = b/(1+b)``, ``s = beta^2 a/(1+a)``, ``D = 2 beta u/(1+u)``, ``Z = 2 beta/(1+u)``."""
        orthant = FunctionField("a", "b", "u")
        a, b, u = orthant.symbols.values()
        beta = b / (1 + b)
        images = {"s": beta**2 * a / (1 + a), "beta": beta, "eta": 2 * beta * u / (1 + u) - beta + 1}
        images |= dict.fromkeys(("gamma", "mu", "L", "theta"), orthant(1))
        texts = ["D", "Z", self.theorem.gap, self.theorem.ratio, "(1-s)*beta", "(1+s)*beta"]
        # gamma mu - m and gamma L - l enter with positive coefficients
        texts += [f"({self.theorem.slow})/(gamma*mu-m)", f"({self.theorem.fast})/(gamma*L-l)"]
        return all(orthant_sign(self.value(text), orthant, images, []) == POSITIVE for text in texts)

    def takes_part(self) -> bool:
        names = self.names
        for sigma in (1, -1):
            step = self._step(1 + sigma * names["s"], names["theta"])
            moves = all(step[0][j] == (1 if j == 0 else 0) - names["gamma"] * step[1][j] for j in range(3))
            if not moves or step[1][2] != (1 + sigma * names["s"]) * names["eta"]:
                return False
        return True


ECONTROL = LawTheorem()
