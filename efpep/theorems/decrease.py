"""The theorem about EF21 on smooth functions that need not be convex: up to which step size a potential has a = eta/2.

Derived for efpep; 2106.05203, Theorem 1, has step sizes up to ``(1 - s)/L``, ``s = sqrt(1 - delta)``. For
``eta <= sqrt(2) (1 - s)/(L sqrt(1 + s^2))``

    Phi = f - f* + (eta/4) ||grad f(x)||^2 + A mean_i ||g_i - d_i||^2,      Phi+ <= Phi - (eta/2) ||grad f(x)||^2,

and no larger step size has a potential ``f - f* + quadratic`` that decreases by as much. There is a state, of one agent or of
agents that are alike, whose step reflects the features, so that no quadratic changes, while f decreases by less: with vectors y
and z at right angles, ``|y| = 1``, the gradients are ``z - y/2`` and then ``z + y/2``, the errors ``s/(1-s) y`` and then
``-s/(1-s) y``, and f decreases by ``eta |z|^2``. From ``(2/L) (1-s)/(1+s)`` on a parabola diverges, and no potential decreases.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
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
from efpep.theory.statement import Domination, Proof, SquaredVector, SquareSums

if TYPE_CHECKING:
    from efpep.questions.rate.question import RateInequalities

FACTS = (
    ("2*(1-s)^2-(1+s^2)*(L*eta)^2", "L^2*(1+s^2)*(m-eta^2)"),
    ("2-L*eta", "(L^2*(m-eta^2)+2*(1+s)^2/(1+s^2))/(2+L*eta)"),
)
"""Functions whose sign the formulas beside them show where ``eta^2 <= m``."""
BEYOND = (
    ("(1+s^2)*(L*eta)^2-2*(1-s)^2", "L^2*(1+s^2)*(eta^2-m)"),
    ("2*(1-s)-(1+s)*L*eta", "L*(1+s)*(limit-eta)"),
    ("2*(1-s)+(1+s)*L*eta", "2*(1-s)+(1+s)*L*eta"),
)
"""The same where ``eta^2 > m`` and ``eta <= limit``."""


@dataclass(frozen=True)
class DecreaseCase:
    """One case: ``delta < 1`` or ``delta = 1``.

    Attributes:
        name: what it is about, in words.
        lossless: whether ``delta = 1``.
        proof: the potential, its decrease, and why it is not negative.
    """

    name: str
    lossless: bool
    proof: Proof


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
            f"For larger eta no potential of this form decreases by as much, and from {self.limit} on none decreases.",
        ]

    def check(self) -> Report:
        """Check the identities of either case, and the state at larger step sizes."""
        report = Report()
        report.step("the cases are all: delta < 1 and delta = 1", {case.lossless for case in self.cases} == {False, True})
        for case in self.cases:
            report.part(case.name)
            check_case(self, case, report)
        for case in self.cases:
            report.part(f"larger step sizes, {case.name}")
            check_reflection(self, report, lossless=case.lossless)
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
    try:
        values = _quantities(theorem, lossless=case.lossless)
        values.assume(values.value("m-eta^2"), NONNEGATIVE)
        records = {count: _recorded(theorem, values, count) for count in (1, 2)}
    except (ZeroDivisionError, ValueError) as error:
        report.step(f"the formulas can be read ({error})", holds=False)
        return
    for text, derivation in FACTS:
        report.step(f"{text} = {derivation}", lambda t=text, d=derivation: values.fact(t, d), detail=True)
    report.step("no denominator of the proof vanishes", lambda: all(map(values.defined, formulas(case.proof))), detail=True)
    for count, record in records.items():
        check_proof(case.proof, record, report, count, theorem.decrease)


def check_reflection(theorem: DecreaseTheorem, report: Report, *, lossless: bool) -> None:
    """Check that the state satisfies the rows, that no quadratic changes, and that f decreases by less than ``a metric``."""
    given = theorem.reflection
    try:
        values = _quantities(theorem, lossless=lossless)
        values.define("limit", theorem.limit)
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
    """Return the quantities with the square of the largest step size, where ``0 < s < 1`` or ``s = 0``."""
    values = FactorQuantities(("L", "eta"), {"s": "0"}) if lossless else FactorQuantities(("s", "L", "eta"), {})
    values.define("m", theorem.most)
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


def _change(found: RateInequalities, values: FactorQuantities) -> dict[str, Linear]:
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


G, E, Y = {"g": "1"}, {"g-d": "1"}, {"y": "1"}
ROWS = {"interpolation(0,1)": "(2+L*eta)/(2*L*eta)", "interpolation(1,0)": "(2-L*eta)/(2*L*eta)"}
SMALL: SquareSums = {
    "mean": (SquaredVector("eta/4", G), SquaredVector("eta*(1+s)/(4*s*(1-s))", E)),
    "deviation": (SquaredVector("eta*(1+s)/(4*s*(1-s))", E),),
}
"""The quadratic where ``delta < 1``."""
BOTH = (
    SquaredVector("eta*(1+s^2)/(4*s)", {"g-d": "1", "y": "-s/(1-s)"}),
    SquaredVector("(m-eta^2)*(1+s^2)/(4*eta*(1-s)^2)", Y),
)
COMPRESSED = DecreaseCase(
    "delta < 1",
    lossless=False,
    proof=Proof(
        SMALL,
        {**ROWS, "compression(0)": "eta*(1+s)/(4*s*(1-s))"},
        {"mean": BOTH, "deviation": (*BOTH, SquaredVector("eta/4", {"g-d": "1", "y": "1"}), SquaredVector("eta/4", E))},
        Domination("1/(2*L)", {"infimum(0)": "1"}, SMALL),
        {"f": "1"},
    ),
)
WHOLE: SquareSums = {"mean": (SquaredVector("eta/4", G),)}
"""The quadratic where ``delta = 1``, where there are no errors."""
UNCOMPRESSED = DecreaseCase(
    "delta = 1",
    lossless=True,
    proof=Proof(
        WHOLE,
        ROWS,
        {"mean": (SquaredVector("(m-eta^2)/(4*eta)", Y),), "deviation": (SquaredVector("m/(4*eta)", Y),)},
        Domination("1/(2*L)", {"infimum(0)": "1"}, WHOLE),
        {"f": "1"},
    ),
)
EF21_DECREASE = DecreaseTheorem(
    "ef21",
    "EF21 on functions that need not be convex: the largest step size with half of it as the decrease",
    nonconvex.DECREASE,
    nonconvex.HALF_SQUARED,
    nonconvex.NONE_FROM,
    (COMPRESSED, UNCOMPRESSED),
    Reflection(
        {"y": "1", "z": "1/(L*eta)^2-(1+s)^2/(2-2*s)^2"},
        {
            "g": {"y": "-1/2", "z": "1"},
            "g+": {"y": "1/2", "z": "1"},
            "g-d": {"y": "s/(1-s)"},
            "g-d+": {"y": "-s/(1-s)"},
        },
        "(1/4+1/(L*eta)^2-(1+s)^2/(2-2*s)^2)/(2*L)+eta*(1/(L*eta)^2-(1+s)^2/(2-2*s)^2)",
        "(1/4+1/(L*eta)^2-(1+s)^2/(2-2*s)^2)/(2*L)",
        {"infimum(0)": "eta*(1/(L*eta)^2-(1+s)^2/(2-2*s)^2)"},
        "(eta^2-m)*(1+s^2)/(4*eta*(1-s)^2)",
    ),
    "derived for efpep; 2106.05203, Theorem 1, up to eta = (1 - s)/L",
)
