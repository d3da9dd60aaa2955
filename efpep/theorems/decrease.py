"""Theorems about potentials of nonconvex functions: up to which step size they decrease by how much, and their exact check.

Some ``Phi = f - f* + quadratic >= 0`` has ``Phi+ <= Phi - a ||grad f(x)||^2``. That it has is an identity between forms, with
squares and multipliers; that none has is a state of the class whose step changes no quadratic, or a parabola that diverges.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import TYPE_CHECKING

from efpep.compressors import Contractive
from efpep.functions import SmoothWeaklyConvex
from efpep.methods import METHODS
from efpep.model.form import Form, paired
from efpep.model.linear import Linear
from efpep.questions.nonconvex.inequalities import nonconvex_inequalities
from efpep.setting import Setting
from efpep.theorems.check import unstable
from efpep.theorems.functions import Function
from efpep.theorems.hypotheses import FactorQuantities
from efpep.theorems.identity import RecordedRateStep, with_step_size
from efpep.theorems.proof import check_proof, formulas
from efpep.theorems.report import Report
from efpep.theorems.signs import NONNEGATIVE, POSITIVE
from efpep.theorems.theorem import CatalogueTheorem
from efpep.theory import nonconvex
from efpep.theory.statement import Proof

if TYPE_CHECKING:
    from efpep.questions.common.step_inequalities import StepInequalities

FACTS = (
    ("2*(1-s)^2-(1+s^2)*(L*eta)^2", "L^2*(1+s^2)*(m-eta^2)"),
    ("2-L*eta", "(L^2*(m-eta^2)+2*(1+s)^2/(1+s^2))/(2+L*eta)"),
)
"""Functions whose sign the formulas beside them show where ``eta^2 <= m``."""
BELOW = (("2*(1-s)-(1+s)*L*eta", "L*(1+s)*(limit-eta)"),)
"""The same where ``eta < limit``."""
BEYOND = (
    *BELOW,
    ("(1+s^2)*(L*eta)^2-2*(1-s)^2", "L^2*(1+s^2)*(eta^2-m)"),
    ("2*(1-s)+(1+s)*L*eta", "2*(1-s)+(1+s)*L*eta"),
)
"""The same where ``eta^2 > m`` and ``eta <= limit``."""


@dataclass(frozen=True)
class DecreaseCase:
    """One case: ``delta < 1`` or ``delta = 1``, and up to which step size.

    Attributes:
        name: what it is about, in words.
        lossless: whether ``delta = 1``.
        proof: the potential, its decrease, and why it is not negative.
        parts: of a case about all step sizes below the limit, the gradient as a combination of the squares of the means: by the
            inequality of Cauchy and Schwarz, with coefficients b and parts k, they are at least ``|g|^2/sum(k^2/b)``.
    """

    name: str
    lossless: bool
    proof: Proof
    parts: tuple[str, ...] = ()


@dataclass(frozen=True)
class Reflection:
    """A state whose step changes no quadratic of the features.

    Attributes:
        lengths: the squared lengths of vectors at right angles.
        vectors: the features in these vectors, before the step and (``+``) after it.
        before: the function gap before the step.
        after: the function gap after the step.
        slack: by how much inequalities hold; the others are equalities.
        missing: what a decrease at this state would lack, ``a metric`` less the decrease of f.
    """

    lengths: Mapping[str, str]
    vectors: Mapping[str, Mapping[str, str]]
    before: str
    after: str
    slack: Mapping[str, str]
    missing: str


@dataclass(frozen=True, repr=False)
class DecreaseTheorem(CatalogueTheorem):
    """The theorem; see the module.

    Attributes:
        method: the method's key.
        title: what it is about.
        decrease: a, the multiple of ``||grad f(x)||^2`` by which the potential decreases.
        most: the square of the largest step size.
        limit: the step size from which on nothing decreases.
        cases: the cases, which together are all.
        reflection: the state at larger step sizes.
        source: whose theorem it is.
    """

    method: str
    title: str
    decrease: str
    most: str
    limit: str
    cases: tuple[DecreaseCase, ...]
    reflection: Reflection
    source: str

    def statement(self) -> list[str]:
        """Return what it says, in sentences."""
        vectors = {"mean": "|mean {}|^2", "deviation": "dev {}"}
        quadratic = [
            f"({square.coefficient}) {vectors[block].format('(' + '+'.join(square.vector) + ')')}"
            for block, each in self.cases[0].proof.lyapunov.items()
            for square in each
        ]
        functions = "Functions are L-smooth, and their average f is bounded below by f*; "
        compressors = "compressors have |C(v) - v|^2 <= (1 - delta) |v|^2, 0 < delta <= 1; s = sqrt(1 - delta)."
        step = f"For eta > 0 with eta^2 <= m = {self.most}, that is eta <= {nonconvex.HALF.formula}, "
        return [
            f"{self.title}; every number of agents.",
            functions + compressors,
            f"{step}some Phi = f - f* + quadratic >= 0 has Phi+ <= Phi - ({self.decrease}) |grad f(x)|^2;",
            f"where delta < 1 the quadratic is {' + '.join(quadratic)}, dev v = mean |v_i - mean v|^2.",
            f"For larger eta no potential of this form decreases by as much. For eta < {self.limit} one decreases by",
            "a |grad f(x)|^2 with some a > 0, and from there on none does.",
        ]

    def check(self) -> Report:
        """Check the identities of either case, and the state at larger step sizes."""
        report = Report()
        kinds = {(bool(case.parts), case.lossless) for case in self.cases}
        report.step(
            "the cases are all: delta < 1 and delta = 1, step sizes up to either end",
            kinds == set(product((False, True), repeat=2)),
        )
        for case in self.cases:
            report.part(case.name)
            check_case(self, case, report)
        for lossless in (False, True):
            report.part(f"larger step sizes, delta {'=' if lossless else '<'} 1")
            check_reflection(self, report, lossless=lossless)
        report.part("step sizes beyond the limit")
        report.step(
            f"from eta = {self.limit} on, f = L x^2/2 with C(v) = (1+s) v does not decrease",
            lambda: unstable(self.method, self.limit),
        )
        return report

    def latex(self) -> str:
        """Return the theorem with the identity of either case and the state at larger step sizes."""
        from efpep.theorems.latex_others import decrease_theorem

        return decrease_theorem(self)


def check_case(theorem: DecreaseTheorem, case: DecreaseCase, report: Report) -> None:
    """Check the decrease and that the potential is not negative, block by block, with their signs."""
    proof, facts = case.proof, BELOW if case.parts else FACTS
    squares = [square for each in proof.squares.values() for square in each]
    try:
        values = _quantities(theorem, lossless=case.lossless)
        if case.parts:
            values.assume(values.value("limit-eta"), POSITIVE)
        else:
            values.assume(values.value("m-eta^2"), NONNEGATIVE)
        records = {count: _recorded(theorem, values, count) for count in (1, 2)}
        for text, derivation in facts:
            report.step(f"{text} = {derivation}", lambda t=text, d=derivation: values.fact(t, d), detail=True)
        for text in (*proof.multipliers.values(), *(square.coefficient for square in squares)):
            values.fact(text, text)
    except (ZeroDivisionError, ValueError) as error:
        report.step(f"the formulas can be read ({error})", holds=False)
        return
    texts = [*formulas(proof), *case.parts]
    report.step("no denominator of the proof vanishes", lambda: all(map(values.defined, texts)), detail=True)
    for count, record in records.items():
        check_proof(proof, record, report, count, "0" if case.parts else theorem.decrease)
    if case.parts:
        report.step("the squares are at least a |grad f(x)|^2 with some a > 0", lambda: _spans(case, records[1]))


def _spans(case: DecreaseCase, record: RecordedRateStep) -> bool:
    """Check that the gradient is the combination of the squares of the means, with positive coefficients where they take part."""
    values, known = record.quantities, record.vectors("mean")
    total = Linear({})
    for part, square in zip(case.parts, case.proof.squares["mean"], strict=True):
        factor = values.value(part)
        if factor != 0 and not values.positive(values.value(square.coefficient)):
            return False
        for name, text in square.vector.items():
            total = total + factor * values.value(text) * known[name]
    return total == known["g"]


def check_reflection(theorem: DecreaseTheorem, report: Report, *, lossless: bool) -> None:
    """Check that the state satisfies the rows, that no quadratic changes, and that f decreases by less than ``a metric``."""
    given = theorem.reflection
    try:
        values = _quantities(theorem, lossless=lossless)
        values.assume(values.value("eta^2-m"), POSITIVE)
        values.assume(values.value("limit-eta"), NONNEGATIVE)
        states = [_State(given, _recorded(theorem, values, agents)) for agents in (1, 2)]
    except (ZeroDivisionError, ValueError) as error:
        report.step(f"the formulas can be read ({error})", holds=False)
        return
    for text, derivation in BEYOND:
        report.step(f"{text} = {derivation}", lambda t=text, d=derivation: values.fact(t, d), detail=True)
    squares = [values.value(text) for text in given.lengths.values()]
    report.step("squared lengths are nonnegative", lambda: all(map(values.nonnegative, squares)), detail=True)
    report.step("a state satisfies every inequality", lambda: all(state.admissible() for state in states))
    report.step("a step from it changes no quadratic of the features", lambda: all(state.reflects() for state in states))
    report.step(
        f"there f decreases by less than ({theorem.decrease}) metric: by ({given.missing}) less",
        lambda: _missing(theorem, states[0]),
    )


def _missing(theorem: DecreaseTheorem, state: _State) -> bool:
    values, (gap,) = state.record.quantities, state.record.gaps
    found = state.on(values.value(theorem.decrease) * state.record.metric - gap.before + gap.after)
    return found == values.value(theorem.reflection.missing) and values.positive(found)


def _quantities(theorem: DecreaseTheorem, *, lossless: bool) -> FactorQuantities:
    """Return the quantities with the bounds of the step size, where ``0 < s < 1`` or ``s = 0``."""
    values = FactorQuantities(("L", "eta"), {"s": "0"}) if lossless else FactorQuantities(("s", "L", "eta"), {})
    values.define("m", theorem.most)
    values.define("limit", theorem.limit)
    values.assume(1 - values.names["s"], POSITIVE)
    return values


def _recorded(theorem: DecreaseTheorem, values: FactorQuantities, agents: int) -> RecordedRateStep:
    """Return the recorded step, with the change of gradients as the vector y: of the deviations it is all that is seen."""
    names = values.names
    setting = Setting(SmoothWeaklyConvex(-names["L"], names["L"]), Contractive(1 - names["s"] ** 2), agents)
    method = with_step_size(METHODS.find(theorem.method)(), names["eta"])
    found = nonconvex_inequalities(method, setting, field=values.field)
    record = RecordedRateStep(values, found.blocks, found.rows, gaps=found.gaps, metric=found.metric)
    mean = record.vectors("mean")
    return replace(record, others={"mean": {"y": mean["g+"] - mean["g"]}, "deviation": _change(found, values)})


def _change(found: StepInequalities, values: FactorQuantities) -> dict[str, Linear]:
    """Return minus the column of the deviations that is in no feature: gradients before the step less those after it."""
    for block in found.blocks[1:]:
        seen = {j for feature in block.features for vector in (feature.before, feature.after) for j in vector.terms}
        for j in set(block.columns) - seen:
            return {"y": Linear({j: values.field(-1)})}
    return {}


class _State:
    """The state of a reflection, agents alike: the columns of the means in vectors at right angles."""

    def __init__(self, given: Reflection, record: RecordedRateStep) -> None:
        """Read the vectors, each of which is a column, and the values.

        Raises:
            InputError: a formula is none.
        """
        values = record.quantities
        self.record, self.given = record, given
        self.lengths = [values.value(text) for text in given.lengths.values()]
        self.columns: dict[int, list[Function]] = {}
        for name, vector in record.vectors("mean").items():
            if name in given.vectors:
                (column,) = vector.terms
                self.columns[column] = [values.value(given.vectors[name].get(along, "0")) for along in given.lengths]
        self.values: dict[int, Function] = {}
        for gap in record.gaps:
            self.values |= dict.fromkeys(gap.before.values, values.value(given.before))
            self.values |= dict.fromkeys(gap.after.values, values.value(given.after))

    def on(self, form: Form) -> Function:
        """Return the value of a form."""
        total = self.record.quantities.field(0)
        for (i, j), a in form.blocks.get(0, {}).items():
            for u, v, length in zip(self.columns[i], self.columns[j], self.lengths, strict=True):
                total = total + (1 if i == j else 2) * a * u * v * length
        for k, a in form.values.items():
            total = total + a * self.values[k]
        return total

    def admissible(self) -> bool:
        """Whether the inequalities hold, with the slack that is said; those about the infimum make the values nonnegative."""
        quantities = self.record.quantities
        slack = {name: quantities.value(text) for name, text in self.given.slack.items()}
        signs = all(map(quantities.nonnegative, slack.values()))
        return signs and all(self.on(row.form) == -slack.get(row.name, quantities.field(0)) for row in self.record.known)

    def reflects(self) -> bool:
        """Whether the products of the features are the same before the step and after it."""
        features = self.record.blocks[0].features
        return all(
            self.on(paired(0, a.before, b.before)) == self.on(paired(0, a.after, b.after)) for a in features for b in features
        )
