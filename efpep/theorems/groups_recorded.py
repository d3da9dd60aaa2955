"""What the names of the identity for groups stand for, checked on what a method's own step records."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from efpep.compressors import Contractive
from efpep.functions import SmoothStronglyConvex
from efpep.methods import METHODS
from efpep.model.form import Form, paired
from efpep.model.linear import ZERO, Linear
from efpep.questions.common.step_inequalities import StepInequalities
from efpep.questions.rate.inequalities import rate_inequalities
from efpep.setting import Group, Setting
from efpep.theorems.functions import Function, FunctionField
from efpep.theorems.identity import with_step_size
from efpep.theorems.report import Report
from efpep.theory import formula
from efpep.theory.statement import GroupClaim, GroupDomination, GroupProof

COUNTS = (1, 2, 3)
"""How many groups the method is recorded with."""


@dataclass(frozen=True)
class Meaning:
    """The identity's names in the features of a method, with a ``+`` after the step.

    Attributes:
        error: sigma_a e, whose value after the step is sigma_a r.
        change: sigma_a y.
        server: G, averaged over all agents; after the step it is ``G - Ey``.
        direction: d.
        samples: the two points whose inequalities add up to the row.
        scale: by what they are multiplied besides ``(L - mu)/sigma_a^2``.
    """

    error: Mapping[str, str]
    change: Mapping[str, str]
    server: Mapping[str, str]
    direction: Mapping[str, str]
    samples: tuple[str, str]
    scale: str


MEANINGS = {
    "ef21": Meaning({"g-d": "1"}, {"g": "1", "g+": "-1"}, {"g": "1"}, {"x": "1/eta", "x+": "-1/eta"}, ("0", "1"), "1"),
    "ef": Meaning({"e": "-1"}, {"g": "eta"}, {"x": "1", "e": "-1"}, {"x": "1"}, ("*", "0"), "eta^2"),
}

DOMINATION = {
    "ef21": Meaning({"g-d": "1"}, {"g": "eta"}, {"g": "eta"}, {"x": "1"}, ("*", "0"), "eta^2"),
    "ef": MEANINGS["ef"],
}
"""The same names where V is compared with the metric; y and Ey of EF21 are there eta times gradients."""


class FormulaForm:
    """A quadratic form in formulas."""

    def __init__(self, form: Form) -> None:
        """Take the form."""
        self.form = form

    def __add__(self, other: FormulaForm) -> FormulaForm:
        """Return the sum."""
        return FormulaForm(self.form + other.form)

    def __sub__(self, other: FormulaForm) -> FormulaForm:
        """Return the difference."""
        return FormulaForm(self.form - other.form)

    def __rmul__(self, factor: Function) -> FormulaForm:
        """Return the multiple."""
        return FormulaForm(factor * self.form)

    def __truediv__(self, divisor: Function) -> FormulaForm:
        """Return the part."""
        return FormulaForm((1 / divisor) * self.form)


class FormulaVector:
    """A vector of one block in formulas."""

    def __init__(self, block: int, linear: Linear) -> None:
        """Take the linear form."""
        self.block, self.linear = block, linear

    def __add__(self, other: FormulaVector) -> FormulaVector:
        """Return the sum."""
        return FormulaVector(self.block, self.linear + other.linear)

    def __sub__(self, other: FormulaVector) -> FormulaVector:
        """Return the difference."""
        return FormulaVector(self.block, self.linear - other.linear)

    def __rmul__(self, factor: Function) -> FormulaVector:
        """Return the multiple."""
        return FormulaVector(self.block, factor * self.linear)

    def __pow__(self, exponent: int) -> FormulaForm:
        """Return the squared norm."""
        if exponent != 2:
            raise ZeroDivisionError("a vector has a square and no other power")
        return FormulaForm(paired(self.block, self.linear, self.linear))


def check_recorded(key: str, claim: GroupClaim, proof: GroupProof, domination: GroupDomination, report: Report) -> None:
    """Check, for one, two and three groups with arbitrary constants, that rows and vectors are the method's own."""
    for count in COUNTS:
        groups = "1 group" if count == 1 else f"{count} groups"
        report.step(
            f"{groups} with arbitrary constants: their constants, d, V, V+ and the rows are what {key} records",
            lambda n=count: _recorded(key, claim, proof, n, MEANINGS[key]).hold(),
        )
    report.step(
        "the same of the rows by which V controls the metric, and of the metric",
        lambda: all(_recorded(key, claim, proof, n, DOMINATION[key]).dominate(domination) for n in COUNTS[:2]),
    )


def _recorded(key: str, claim: GroupClaim, proof: GroupProof, count: int, meaning: Meaning) -> _Groups:
    places = range(count)
    field = FunctionField("s", "Sbar", *(f"{name}{a}" for a in places for name in ("omega", "sigma", "k")))
    names = dict(field.symbols)
    # shares are omega/sigma and add up to 1, as the omega do
    rest = places[:-1]
    names[f"omega{count - 1}"] = 1 - sum((names[f"omega{a}"] for a in rest), field(0))
    share = 1 - sum((names[f"omega{a}"] / names[f"sigma{a}"] for a in rest), field(0))
    names[f"sigma{count - 1}"] = names[f"omega{count - 1}"] / share
    s, total = names["s"], names["Sbar"]
    names["eta"] = formula.evaluated(formula.tree(claim.step), {"s": s, "Sbar": total}, field)
    for name, text in proof.abbreviations.items():
        if formula.names_of(text) <= {"s"}:
            names[name] = formula.evaluated(formula.tree(text), names, field)
    agents: list[Group] = []
    for a in places:
        both = total * names[f"sigma{a}"]
        functions = SmoothStronglyConvex(both * (1 - names[f"k{a}"]) / 2, both * (1 + names[f"k{a}"]) / 2)
        agents.append(Group(functions, share=names[f"omega{a}"] / names[f"sigma{a}"]))
    method: Any = METHODS.find(key)()
    setting = Setting(compressor=Contractive(formula.evaluated(formula.tree(claim.loss), {"s": s}, field)), agents=agents)
    question = rate_inequalities(with_step_size(method, names["eta"]), setting, "distance", field)
    return _Groups(claim, meaning, MEANINGS[key], proof, question, names, field, count)


@dataclass(frozen=True)
class _Groups:
    """The recorded step of some groups."""

    claim: GroupClaim
    meaning: Meaning
    own: Meaning
    proof: GroupProof
    question: StepInequalities
    names: Mapping[str, Function]
    field: FunctionField
    count: int

    def _vector(self, vector: Mapping[str, str], group: int, block: int, after: str = "") -> Linear:
        known: dict[str, Linear] = {}
        for each in self.question.blocks:
            if each.index == block:
                for feature in each.features:
                    known |= {feature.name: feature.before, f"{feature.name}+": feature.after}
        total = ZERO
        for name, text in vector.items():
            plain, plus = name.rstrip("+"), "+" if name.endswith("+") else after
            own = plain if plain == "x" or self.count == 1 else f"{plain}[{group + 1}]"
            if own == "x" and block:
                continue
            total = total + formula.evaluated(formula.tree(text), self.names, self.field) * known[own + plus]
        return total

    def _mean(self, vector: Mapping[str, str], after: str = "") -> Linear:
        total = ZERO
        for a in range(self.count):
            share = self.names[f"omega{a}"] / self.names[f"sigma{a}"]
            total = total + share * self._vector(vector, a, 0, after)
        return total

    def hold(self) -> bool:
        meaning = self.meaning
        server, errors, changes = (self._mean(v) for v in (meaning.server, meaning.error, meaning.change))
        moved = self._mean(meaning.server, "+") == server - changes
        direction = self._mean(meaning.direction)
        rows = [row for _, row in self.proof.rows]
        rows_hold = all(self._rows(a, direction, rows) for a in range(self.count))
        return moved and direction == server - errors and rows_hold and self._constants() and self._potential()

    def _constants(self) -> bool:
        """Return whether the names of a group are the claim's constants, and the weights of averages the claim's."""
        claim, names = self.claim, self.names
        mean = self.field(0)
        for a in range(self.count):
            sigma, k, omega = (names[f"{name}{a}"] for name in ("sigma", "k", "omega"))
            share, both = omega / sigma, names["Sbar"] * sigma
            known = {**names, "w": share, "mu": both * (1 - k) / 2, "L": both * (1 + k) / 2}
            for name, text in claim.constants.items():
                known[name] = formula.evaluated(formula.tree(text), known, self.field)
            mean = mean + share * known["S"]
            weight = formula.evaluated(formula.tree(claim.average), known, self.field)
            if (known["sigma"], known["k"], weight) != (sigma, k, omega):
                return False
        return mean == names["Sbar"]

    def _potential(self) -> bool:
        """Return whether V before and after the step is the proof's, in the mean and in deviations."""
        for after, (server, group) in (("", self.proof.before), ("+", self.proof.after)):
            own = self._mean(self.claim.server, after)
            left = paired(0, own, own)
            shared = {"G": self._mean(self.meaning.server), "Ey": self._mean(self.meaning.change)}
            left = left - self._form(server, {name: FormulaVector(0, linear) for name, linear in shared.items()})
            for a in range(self.count):
                sigma, omega = self.names[f"sigma{a}"], self.names[f"omega{a}"]
                text = self.claim.weight
                weight = formula.evaluated(formula.tree(text), {**self.names, "sigma": sigma}, self.field)
                for block in (0, a + 1):
                    errors = self._vector(self.claim.errors, a, block, after)
                    found = {
                        "e": self._vector(self.meaning.error, a, block),
                        "r": self._vector(self.meaning.error, a, block, "+"),
                    }
                    scaled = {name: FormulaVector(block, (1 / sigma) * linear) for name, linear in found.items()}
                    left = left + omega / sigma * weight * paired(block, errors, errors) - omega * self._form(group, scaled)
            if left.nonzero:
                return False
        return True

    def _form(self, text: str, vectors: Mapping[str, FormulaVector]) -> Form:
        names: Any = {**self.names, **vectors}
        found: Any = formula.evaluated(formula.tree(text), names, self.field)
        return found.form

    def dominate(self, domination: GroupDomination) -> bool:
        """Return whether the metric is ``|d|^2``, V's own vector the scaled one, and rows are the formulas'."""
        meaning = self.meaning
        direction, server, own = (self._mean(v) for v in (meaning.direction, meaning.server, self.own.server))
        average = self._mean(meaning.change) if domination.server == "Ey" else direction + self._mean(meaning.error)
        scale = formula.evaluated(formula.tree(domination.scale), self.names, self.field)
        left = [self.question.metric - paired(0, direction, direction), paired(0, server, server) - scale * paired(0, own, own)]
        rows = [row for _, row in domination.rows]
        same = server == average and not any(form.nonzero for form in left)
        return same and all(self._rows(a, direction, rows) for a in range(self.count))

    def _rows(self, group: int, direction: Linear, rows: Sequence[str]) -> bool:
        """Return whether a group's rows are the formulas' in the mean and in the deviations."""
        sigma, k = self.names[f"sigma{group}"], self.names[f"k{group}"]
        vectors: list[dict[str, object]] = []
        for block in (0, group + 1):
            error, after = (self._vector(self.meaning.error, group, block, plus) for plus in ("", "+"))
            found = {
                "e": error,
                "r": after,
                "y": self._vector(self.meaning.change, group, block),
                "d": direction if not block else ZERO,
            }
            scaled = {
                name: FormulaVector(block, linear if name == "d" else (1 / sigma) * linear) for name, linear in found.items()
            }
            vectors.append({**self.names, **scaled, "k": k})
        return all(self._same(text, vectors, self._recorded(text, group, sigma, k)) for text in rows)

    def _recorded(self, text: str, group: int, sigma: Function, k: Function) -> Form:
        total = Form()
        pairs = {self.meaning.samples, self.meaning.samples[::-1]}
        for row in self.question.rows:
            origin = row.origin
            if origin.group != group and self.count > 1:
                continue
            if "r" in formula.names_of(text):
                if origin.inequality == "compression":
                    total = total + 1 / sigma**2 * row.form
            elif origin.inequality == "interpolation" and origin.about in pairs:
                scale = formula.evaluated(formula.tree(self.meaning.scale), self.names, self.field)
                total = total + scale * self.names["Sbar"] * sigma * k / sigma**2 * row.form
        return total

    def _same(self, text: str, vectors: list[dict[str, object]], recorded: Form) -> bool:
        node: Any = formula.tree(text)
        forms: list[Any] = [formula.evaluated(node, names, self.field) for names in vectors]
        left = recorded - forms[0].form - forms[1].form
        zero = all(value == 0 for entries in left.blocks.values() for value in entries.values())
        return zero and all(value == 0 for value in left.values.values())
