"""The theorem about agents of different kinds: none of these methods is faster than for one agent with average constants.

Derived for efpep; 2605.31594 says so of linear compressors. On ``f_i = a_i x^2/2``, with the same ``C(v) = c v`` for all agents,
the averages of a step are the step of one agent with the average of the a_i. With ``a_i = mu_i`` or ``a_i = L_i`` the worst cases
of one agent with the averages of mu and L thus are worst cases of these agents, at every choice of parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from efpep.methods import METHODS
from efpep.questions.quadratic.line import LinearRun, numbers_of, sizes, state_of
from efpep.theorems.functions import Function, FunctionField
from efpep.theorems.report import Report
from efpep.theorems.theorem import CatalogueTheorem
from efpep.theory import formula

SHARES = ("v", "w", "1-v-w")
"""The shares of three groups, which stand for any number."""


@dataclass(frozen=True, repr=False)
class AveragesTheorem(CatalogueTheorem):
    """The theorem; see the module.

    Attributes:
        method: the method's key.
        title: what it is about.
        parameters: the method's parameters, each after the symbol that stands for it.
        worst: what one agent's worst cases say.
        average: the weights of the agents' curvatures.
        source: whose theorem it is.
    """

    method: str
    title: str
    parameters: tuple[tuple[str, str], ...]
    worst: str
    average: tuple[str, ...] = SHARES
    source: str = "derived for efpep; 2605.31594 on linear compressors"

    def statement(self) -> list[str]:
        """Return what it says, in sentences."""
        return [
            f"{self.title}: shares w_a, 0 < mu_a <= L_a, one delta for all, s = sqrt(1 - delta).",
            f"With mu = sum w_a mu_a and L = sum w_a L_a, {self.worst}.",
        ]

    def check(self) -> Report:
        """Check that averages move as one agent with the average curvature does."""
        report = Report()
        report.step("on f_i = a_i x^2/2 with C(v) = c v the averages of a step are the step of one agent", self._averages)
        report.step(
            "a_i = mu_i have the average mu, a_i = L_i the average L, and all of an agent's states are averages of the agents'",
            self._states,
        )
        return report

    def latex(self) -> str:
        """Return the theorem and its proof."""
        from efpep.theorems.latex_others import averages_theorem

        return averages_theorem(self)

    def _averages(self) -> bool:
        numbers = [f"z{k}" for k in range(sum(sizes(METHODS.find(self.method)(), len(SHARES))))]
        curvatures = [f"a{k}" for k in range(len(SHARES))]
        field = FunctionField("v", "w", *curvatures, "c", *(letter for letter, _ in self.parameters), *numbers)
        symbol = field.symbols
        shares, weights = _values(SHARES, field), _values(self.average, field)
        method: Any = METHODS.build({"class": self.method, **{name: symbol[letter] for letter, name in self.parameters}})
        state, steep = [symbol[name] for name in numbers], [symbol[name] for name in curvatures]
        after = _stepped(method, shares, steep, symbol["c"], state)
        mean = sum((weight * a for weight, a in zip(weights, steep, strict=True)), field(0))
        alone = _stepped(method, [field(1)], [mean], symbol["c"], _average(method, shares, state))
        return _average(method, shares, after) == alone

    def _states(self) -> bool:
        """Check that agents that hold one agent's state have it as their average."""
        method: Any = METHODS.find(self.method)()
        field = FunctionField("v", "w", *(f"z{k}" for k in range(sum(sizes(method, 1)))))
        shares = _values(SHARES, field)
        alone = [field.symbols[name] for name in field.names[2:]]
        spread = [a for a, size in zip(alone, sizes(method, len(shares)), strict=True) for _ in range(size)]
        return _average(method, shares, spread) == alone


def _values(texts: Sequence[str], field: FunctionField) -> list[Function]:
    return [formula.evaluated(formula.tree(text), field.symbols, field) for text in texts]


def _stepped(method: Any, shares: Sequence[Any], curvatures: Sequence[Any], factor: Any, state: Sequence[Any]) -> list[Any]:
    run: Any = LinearRun(shares, curvatures, [factor] * len(shares))
    return numbers_of(method, method.step(state_of(method, state, len(shares)), run), len(shares))


def _average(method: Any, shares: Sequence[Any], state: Sequence[Any]) -> list[Any]:
    """Return the averages over the agents of the iterate and the memories."""
    rest: list[Any] = list(state)
    found: list[Any] = []
    for size in sizes(method, len(shares)):
        mine, rest = rest[:size], rest[size:]
        zero = 0 * mine[0]
        found.append(mine[0] if size == 1 else sum((w * a for w, a in zip(shares, mine, strict=True)), zero))
    return found


_RATE = (
    "the rate at a step size is at least that of one agent with mu, L and delta, "
    "and from (2/L)*(1-s)/(1+s) on the method need not converge"
)
EF_AVERAGES = AveragesTheorem(
    "ef", "EF is no faster for agents of different kinds that share a minimiser", (("eta", "step_size"),), _RATE
)
EF21_AVERAGES = AveragesTheorem("ef21", "EF21 is no faster for agents of different kinds", (("eta", "step_size"),), _RATE)
ECONTROL_AVERAGES = AveragesTheorem(
    "econtrol",
    "EControl is no faster for agents of different kinds",
    (("gamma", "step_size"), ("eta", "eta")),
    "mu < L, 0 < delta < 1, every eta != 0 and gamma is slower than EF21 at its best step size for one agent with mu, L, delta",
)
