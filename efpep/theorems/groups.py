"""The theorem about groups of agents: EF21, and EF with a shared minimiser, at the step size of averaged constants.

Derived for efpep; for EF21 it is law 4.3 of 2605.31594, found empirically. Groups have shares w_a and constants mu_a <= L_a;
``S_a = L_a + mu_a``, ``Sbar = sum w_a S_a``, ``k_a = (L_a - mu_a)/S_a``, ``sigma_a = S_a/Sbar``, and E is the average with the
weights ``w_a sigma_a``. At ``eta = (2/Sbar) (1-s)/(1+s)`` the function

    EF21:  V = |mean g|^2 + (1/s) sum_a w_a mean_i |g_i - d_i|^2 / sigma_a
    EF:    V = |x - x* - mean e|^2 + (1/s) sum_a w_a mean_i |e_i|^2 / sigma_a

decreases by the largest root rho of the cubic, and by no smaller factor: there is a state in which every inequality and every
square of the proof is an equality. The proof is one identity for any number of groups. In formulas of one group ``e, y, r`` are
its vectors (errors before and after the step, and the change of gradients, divided by sigma_a), k its k_a; ``G`` and
``d = G - Ee`` are vectors of the server, ``Ee``, ``Ey`` and ``kbar`` averages. The cubic is linear in ``K1 = E k^2``, which is
thus a rational function.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from efpep.errors import InputError
from efpep.theorems.functions import Function, FunctionField
from efpep.theorems.groups_recorded import check_recorded
from efpep.theorems.quantities import nonzero
from efpep.theorems.report import Report
from efpep.theorems.signs import NONNEGATIVE, POSITIVE, orthant_sign
from efpep.theorems.theorem import CatalogueTheorem
from efpep.theory import formula
from efpep.theory.error_feedback import CUBIC, cubic_rate
from efpep.theory.statement import GroupClaim, GroupDomination, GroupProof

if TYPE_CHECKING:
    from efpep.setting import Setting
    from efpep.theory.closed_form import ClosedForm

SYMBOLS = ("s", "rho", "kbar", "G", "Ee", "Ey", "e", "y", "r", "k")


@dataclass(frozen=True, repr=False)
class GroupsTheorem(CatalogueTheorem):
    """The theorem about a method with groups of agents; see the module.

    Attributes:
        method: the method's key.
        title: what it is about.
        law: V, the step size, and the constants of groups.
        proof: the identity.
        domination: why V controls the metric.
        source: whose theorem it is.
    """

    method: str
    title: str
    law: GroupClaim
    proof: GroupProof
    domination: GroupDomination
    source: str

    def statement(self) -> list[str]:
        """Return what it says, in sentences."""
        claim, powers = self.law, ("rho^3", "rho^2", "rho", "")
        pieces = [f"({text}){'*' if power else ''}{power}" for text, power in zip(self.proof.cubic, powers, strict=True)]
        cubic = " + ".join(pieces).replace("(1)*", "")
        constants = ", ".join(f"{name} = {text}" for name, text in claim.constants.items())
        server, errors = combination(claim.server), combination(claim.errors)
        potential = f"|mean({server})|^2 + sum of w*{claim.weight}*mean(|{errors}|^2)"
        return [
            f"{self.title}: shares w, 0 < mu <= L, not all equalities, 0 < delta < 1, delta = {claim.loss}.",
            f"In each group {constants}, with Sbar the mean of S; K1 = E k^2 and K2 = (E k)^2 with the weights {claim.average}.",
            f"At eta = {claim.step}, V = {potential} decreases by the largest root of",
            f"{cubic} = 0, and by no smaller factor.",
        ]

    def check(self) -> Report:
        """Check the identity, the signs, the roots of the cubic, and the state in which all are equalities."""
        report = Report()
        report.part("any number of groups")
        check_groups(self.proof, report)
        check_domination(self.proof, self.domination, report)
        report.part("the method's own step")
        check_recorded(self.method, self.law, self.proof, self.domination, report)
        return report

    def latex(self) -> str:
        """Return the theorem and the identity."""
        from efpep.theorems.latex_others import groups_theorem

        return groups_theorem(self)

    def rate(self, setting: Setting) -> ClosedForm:
        """Return the factor in a setting, to about 40 digits.

        Raises:
            InputError: agents whose ``delta`` differ, no compression, or all of them with ``mu = L``.
        """
        groups = setting.populations()
        if all(group.functions.curvature == group.functions.smoothness for group in groups):
            raise InputError("the theorem is about agents not all of which have mu = L; give other constants.", argument="mu")
        return replace(cubic_rate(setting), source=self.source, theorem=self.method)


def combination(features: Mapping[str, str]) -> str:
    """Return a vector as text."""
    signs = {"1": " + ", "-1": " - "}
    terms = [f"{signs.get(text, f' + ({text})*')}{'x-x*' if name == 'x' else name}" for name, text in features.items()]
    return "".join(terms).removeprefix(" + ").strip()


def check_groups(proof: GroupProof, report: Report) -> None:
    """Check the identity, the signs, the roots of the cubic, and the state in which all are equalities."""
    try:
        check = _GroupsCheck(proof)
    except (ZeroDivisionError, InputError) as error:
        report.step(f"the formulas can be read ({error})", holds=False)
        return
    report.step("rho V - V+ + multipliers x rows = squares of the groups + one square, modulo the cubic", check.identity)
    report.step("the same for deviations inside each group", check.deviations)
    report.step("multipliers and coefficients of squares are positive for 0 < s < rho < 1", check.signs)
    report.step("mu_a = L_a: the row is the equality y = T d, and its terms vanish", check.degenerate)
    report.step("the cubic has the signs -, +, -, + at 0, s^2, s, 1: its largest root is the only one in (s, 1)", check.roots)
    report.step("tight for this V: a state in which all rows and squares of all groups vanish", check.attained)


def check_domination(proof: GroupProof, domination: GroupDomination, report: Report) -> None:
    """Check that V is at least a positive multiple of the squared distance."""
    try:
        check = _GroupsCheck(proof)
    except (ZeroDivisionError, InputError) as error:
        report.step(f"the formulas can be read ({error})", holds=False)
        return
    report.step(
        f"({domination.scale}) V is at least ({domination.constant}) |x - x*|^2, in the mean and in deviations",
        lambda: check.dominates(domination),
    )


class _GroupsCheck:
    """The checks of the identity for any number of groups."""

    def __init__(self, proof: GroupProof) -> None:
        self.proof = proof
        self.field = FunctionField(*SYMBOLS)
        symbols = self.field.symbols
        self._given = {**symbols, "K1": squared_mean(proof, symbols["s"], symbols["rho"], symbols["kbar"])}
        self.names = self._named({})

    def _named(self, others: Mapping[str, Function]) -> dict[str, Function]:
        """Return all quantities, others than the usual ones in their places."""
        names = {**self._given, **others}
        for name, text in self.proof.abbreviations.items():
            if name in self._given:
                raise InputError(f"{name} is defined twice; use another name.")
            names[name] = formula.evaluated(formula.tree(text), names, self.field)
        return names

    def value(self, text: str, **others: Function) -> Function:
        return formula.evaluated(formula.tree(text), self._named(others) if others else self.names, self.field)

    def _group(self, *, singular: bool = True, **others: Function) -> Function:
        """Return what a group contributes, with or without the terms whose multipliers depend on k."""
        proof = self.proof
        total = self.names["rho"] * self.value(proof.before[1], **others) - self.value(proof.after[1], **others)
        for multiplier, row in proof.rows:
            if singular or "k" not in formula.names_of(multiplier):
                total = total + self.value(multiplier, **others) * self.value(row, **others)
        for coefficient, vector in proof.squares:
            if singular or "k" not in formula.names_of(coefficient):
                total = total - self.value(coefficient, **others) * self.value(vector, **others) ** 2
        return total

    def _whole(self, group: Function, **others: Function) -> bool:
        """Return whether a group's and the server's contributions add up to multiples of what averages to zero."""
        names, proof = self._named(others), self.proof
        server = names["rho"] * self.value(proof.before[0]) - self.value(proof.after[0])
        server = server - self.value(proof.last[0]) * self.value(proof.last[1]) ** 2
        return self._averaged(group + server, proof.averages, **others)

    def _averaged(self, left: Function, averages: Mapping[str, str], **others: Function) -> bool:
        """Return whether something is a sum of multiples, the same for all groups, of what averages to zero."""
        names = self._named(others)
        zero = {"e": names["e"] - names["Ee"], "y": names["y"] - names["Ey"], "k": names["k"] - names["kbar"]}
        zero["k2"] = names["k"] ** 2 - names["K1"]
        for name, text in averages.items():
            if formula.names_of(text) & {"e", "y", "r", "k"}:
                return False
            left = left - self.value(text) * zero[name]
        return left == 0

    def identity(self) -> bool:
        return self.value("d") == self.value("G-Ee") and self._whole(self._group())

    def deviations(self) -> bool:
        return self._group(**dict.fromkeys(("G", "Ee", "Ey"), self.field(0))) == 0

    def dominates(self, domination: GroupDomination) -> bool:
        """Check the identity of the domination, that of deviations inside each group, and its signs."""
        server = self.value(self.proof.before[0], G=self.value(domination.server))
        group = self.proof.before[1] if domination.errors else "0"

        def contribution(**others: Function) -> Function:
            total = self.value(group, **others)
            for multiplier, row in domination.rows:
                total = total + self.value(multiplier, **others) * self.value(row, **others)
            for coefficient, vector in domination.squares:
                total = total - self.value(coefficient, **others) * self.value(vector, **others) ** 2
            return total

        left = contribution() + server - self.value(domination.constant) * self.value("d") ** 2
        left = left - self.value(domination.last[0]) * self.value(domination.last[1]) ** 2
        inside = contribution(**dict.fromkeys(("G", "Ee", "Ey"), self.field(0)))
        texts = [text for text, _ in (*domination.rows, *domination.squares, domination.last)]
        images, orthant = self._region()
        positive = [domination.constant, *texts]
        signs = all(orthant_sign(self.value(text), orthant, images, []) == POSITIVE for text in positive)
        return inside == 0 and signs and self._averaged(left, domination.averages)

    def degenerate(self) -> bool:
        there = {"y": self.value("T*d"), "k": self.field(0)}
        return self._whole(self._group(singular=False, **there), **there)

    @staticmethod
    def _region() -> tuple[dict[str, Function], FunctionField]:
        orthant = FunctionField("a", "b", "c", "k", "m")
        a, b, c, k, m = orthant.symbols.values()
        images = {name: orthant(0) for name in SYMBOLS} | {"s": a / (a + b + c), "rho": (a + b) / (a + b + c)}
        return images | {"k": k, "kbar": m / (1 + m)}, orthant

    def signs(self) -> bool:
        images, orthant = self._region()
        proof = self.proof
        texts = [text for text, _ in (*proof.rows, *proof.squares, proof.last)]
        vectors = [*proof.state.values(), *(vector for _, vector in (*proof.squares, proof.last))]
        positive = all(orthant_sign(self.value(text), orthant, images, []) == POSITIVE for text in texts)
        return positive and all(nonzero(orthant, images, [], self.value(text)) for text in vectors)

    def roots(self) -> bool:
        field = FunctionField("a", "b", "v")
        a, b, v = field.symbols.values()
        s, bar = a / (1 + a), b / (1 + b)
        K1 = bar**2 + (1 - bar**2) * v / (1 + v)  # Jensen: K1 >= kbar^2; and K1 < 1
        ends = [cubic(self.proof, K1, bar, s, at) for at in (field(0), s**2, s, field(1))]
        signs = [orthant_sign(end, field, field.symbols, ["v"]) or 0 for end in ends]
        return signs[0] == -POSITIVE and signs[1] >= NONNEGATIVE and signs[2] == -POSITIVE and signs[3] == POSITIVE

    def attained(self) -> bool:
        """Check the state with G = 1: errors average to Ee and changes to Ey, and rows and squares vanish for every k."""
        state = {"G": self.field(1)}
        for name in ("Ee", "Ey", "e", "y"):
            state[name] = self.value(self.proof.state[name], **state)

        def at(text: str, **others: Function) -> Function:
            return self.value(text, **{**state, **others})

        def averages(name: str) -> bool:  # linear in k, so that the average is the value at kbar
            values = [at(self.proof.state[name], k=self.field(k)) for k in range(3)]
            bar = at(self.proof.state[name], k=self.names["kbar"])
            return values[2] - values[1] == values[1] - values[0] and bar == state[f"E{name}"]

        # some r of the right size makes the compressor's row an equality, so only the others are looked at
        rows = all(at(row) == 0 for _, row in self.proof.rows if "r" not in formula.names_of(row))
        squares = all(at(vector) == 0 for _, vector in (*self.proof.squares, self.proof.last))
        return averages("e") and averages("y") and rows and squares


def cubic(proof: GroupProof, K1: Function, kbar: Function, s: Function, rho: Function) -> Function:
    """Return the value of the cubic."""
    total = 0 * rho
    for text in proof.cubic:
        total = total * rho + formula.evaluated(formula.tree(text), {"s": s, "K1": K1, "K2": kbar**2}, rho.field)
    return total


def squared_mean(proof: GroupProof, s: Function, rho: Function, kbar: Function) -> Function:
    """Return the K1 at which rho is a root of the cubic."""
    at = [cubic(proof, rho.field(k), kbar, s, rho) for k in range(3)]
    if at[2] - at[1] != at[1] - at[0]:
        raise InputError("the cubic is not linear in K1.")
    return at[0] / (at[0] - at[1])


ROW, COMPRESSION = "(y-T*d)^2-T^2*k^2*d^2", "r^2-s^2*(e-y)^2"
PROOF = GroupProof(
    cubic=CUBIC,
    abbreviations={
        "T": "(1-s)/(1+s)",
        "c": "s*rho/(rho-s^2)",
        "B": "rho*(rho-s^3)/((rho-s)*(rho-s^2))",
        "d": "G-Ee",
        "p": "Ey-T*(G-Ee)",
    },
    before=("G^2", "e^2/s"),
    after=("(G-Ey)^2", "r^2/s"),
    rows=(("c", ROW), ("B*kbar/k", ROW), ("1/s", COMPRESSION)),
    squares=(
        ("(rho-s^2)/s", "e-Ee+s^2/(rho-s^2)*(y-Ey)"),
        ("B*kbar/k", "y-T*d-k/kbar*p"),
    ),
    last=("s*(1+s)/(rho-s)", "Ey-(1-rho)/(1+s)*G+(rho-s^2)/(s*(1+s))*Ee"),
    averages={
        "e": "2*((rho-s^2)/s*Ee+s*Ey)",
        "y": "2*s*Ee+2*s^3/(rho-s^2)*Ey-2*c*T*d+2*B*p",
        "k": "-B*kbar*T^2*d^2-B*p^2/kbar",
        "k2": "-c*T^2*d^2",
    },
    state={
        "Ee": "((1-rho)/(1+s)-T*(1-kbar))*G/((rho-s^2)/(s*(1+s))-T*(1-kbar))",
        "Ey": "T*(1-kbar)*d",
        "e": "Ee-s^2/(rho-s^2)*T*(kbar-k)*d",
        "y": "T*(1-k)*d",
    },
)
EF21_DOMINATION = GroupDomination(
    server="Ey",
    errors=False,
    scale="eta^2",
    constant="T^2*(1-kbar)^2",
    rows=(("(1-kbar)/k", ROW),),
    squares=(("(1-kbar)/k", "y-T*(1-k)*d"),),
    last=("1", "Ey-T*(1-kbar)*d"),
    averages={"y": "-2*(1-kbar)*T*d", "k": "-2*(1-kbar)*T^2*d^2"},
)
EF_DOMINATION = GroupDomination(
    server="G",
    errors=True,
    scale="1",
    constant="1/(1+s)",
    rows=(),
    squares=(("1/s", "e-Ee"),),
    last=("(1+s)/s", "Ee+s/(1+s)*d"),
    averages={"e": "2/s*Ee"},
)
SOURCE = "derived for efpep"
EF21_GROUPS = GroupsTheorem(
    "ef21",
    "EF21 with groups of agents",
    GroupClaim({"g": "1"}, {"g-d": "1"}),
    PROOF,
    EF21_DOMINATION,
    f"{SOURCE}; law 4.3 of 2605.31594",
)
EF_CLAIM = GroupClaim({"x": "1", "e": "-1"}, {"e": "1"})
EF_GROUPS = GroupsTheorem("ef", "EF with groups of agents that share a minimiser", EF_CLAIM, PROOF, EF_DOMINATION, SOURCE)
