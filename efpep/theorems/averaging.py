"""The theorem about Safe-EF's one-step potential: the least constant K, with a diagonal potential, for both directions.

Derived for efpep (docs/safe_ef.md has K; the method is that of 2505.06053). With ``q = sqrt(1 - delta)`` and
``p = sqrt(1 - delta_s)``, ``K = (1+q) (1+p)/((1-q) (1-p))``, the virtual iterate xt, clients' errors e_i and the server's error
``S = (w - x)/gamma``,

    V = ||xt - x*||^2 + gamma^2 (P11 mean_i ||e_i||^2 + P22 ||S||^2)

obeys ``V+ <= V - 2 gamma (phi(x) - phi(x*)) + gamma^2 K mean_i ||h_i||^2``. No smaller K will do, with whatever potential: for
alternating h there is a state that changes its sign in every step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from efpep.compressors import Contractive
from efpep.functions import BoundedSubgradients
from efpep.methods import METHODS
from efpep.model.form import Form
from efpep.model.linear import Linear
from efpep.questions.averaging.inequalities import AveragingInequalities, averaging_inequalities
from efpep.questions.common.reduction import relations
from efpep.setting import Setting
from efpep.theorems.functions import Function
from efpep.theorems.identity import RecordedStep, with_step_size
from efpep.theorems.quantities import Quantities
from efpep.theorems.report import Report
from efpep.theorems.theorem import CatalogueTheorem
from efpep.theory.safe_ef import CONSTANT, constant
from efpep.theory.statement import Coordinate, SquaredVector, SquareSums

if TYPE_CHECKING:
    from efpep.setting import Setting as _Setting
    from efpep.theory.closed_form import ClosedForm

NAMES = {"q": "a/(1+a)", "p": "b/(1+b)", "gamma": "gamma"}
INVERSE = {"q": ("a", "q/(1-q)"), "p": ("b", "p/(1-p)"), "gamma": ("gamma", "gamma")}


@dataclass(frozen=True)
class PotentialCase:
    """One case: which directions compress.

    Attributes:
        name: what it is about, in words.
        absent: which of q and p is zero.
        where: abbreviations.
        potential: the potential of the memories, in units of ``gamma^2``.
        multipliers: the multipliers by row.
        squares: what is left of ``K mean ||h||^2 + ... + potential - potential+ + rows``, with h the subgradients.
        cycle: the memories, as multiples of h, in the state that changes its sign.
    """

    name: str
    absent: tuple[str, ...]
    where: Mapping[str, str]
    potential: SquareSums
    multipliers: Mapping[str, str]
    squares: SquareSums
    cycle: Mapping[str, str]


@dataclass(frozen=True, repr=False)
class PotentialTheorem(CatalogueTheorem):
    """The theorem; see the module.

    Attributes:
        method: the method's key.
        title: what it is about.
        constant: K.
        cases: the cases, which together are all.
        source: whose theorem it is.
    """

    method: str
    title: str
    constant: str
    cases: tuple[PotentialCase, ...]
    source: str

    def statement(self) -> list[str]:
        """Return what it says, in sentences."""
        return [
            f"{self.title}; every number of clients, 0 < delta, delta_s <= 1, q = sqrt(1 - delta), p = sqrt(1 - delta_s).",
            f"The least K of V+ <= V - 2 gamma (phi(x) - phi(x*)) + gamma^2 K mean |h|^2 is K = {self.constant}.",
        ]

    def check(self) -> Report:
        """Check every case."""
        report = Report()
        kinds = {case.absent for case in self.cases}
        report.step("the cases are all: q and p zero or not", kinds == {(), ("p",), ("q",), ("p", "q")})
        for case in self.cases:
            report.part(case.name)
            check_case(self, case, report)
        return report

    def latex(self) -> str:
        """Return the theorem with the identity of every case."""
        from efpep.theorems.latex_others import potential_theorem

        return potential_theorem(self)

    def least(self, setting: _Setting) -> ClosedForm:
        """Return K in a setting.

        Raises:
            InputError: a compressor whose class has no contraction parameter.
        """
        client, server = setting.populations()[0].compressor, setting.server_compressor
        deltas = [1 if c is None or c.contraction is None else c.contraction for c in (client, server)]
        return constant(*deltas)


def check_case(theorem: PotentialTheorem, case: PotentialCase, report: Report) -> None:
    """Check the identity in every block, the signs, and the cycle that no smaller constant allows."""
    free = [name for name in NAMES if name not in case.absent]
    try:
        values = Quantities(
            free,
            dict.fromkeys(case.absent, "0"),
            [Coordinate(*INVERSE[name]) for name in free],
            {name: NAMES[name] for name in free},
        )
        for name, text in {"K": theorem.constant, **case.where}.items():
            values.define(name, text)
        questions = {count: _question(theorem, values, count) for count in (1, 2)}
    except (ZeroDivisionError, ValueError) as error:
        report.step(f"the formulas can be read ({error})", holds=False)
        return
    squares = [square for some in (case.potential, case.squares) for each in some.values() for square in each]
    vectors = [text for square in squares for text in square.vector.values()]
    report.step("no denominator of the proof vanishes", lambda: all(map(values.defined, vectors)), detail=True)
    signs = [*case.multipliers.values(), *(square.coefficient for square in squares)]
    report.step("multipliers and coefficients of squares are nonnegative", lambda: _nonnegative(values, signs))
    for count, question in questions.items():
        who = "one client" if count == 1 else "every n >= 2"
        report.step(
            f"{who}: K mean |h|^2 - |mean h|^2 - 2 <mean h, x - xt>/gamma + P - P+ + multipliers x rows = squares",
            lambda q=question: _identity(case, _recorded(values, q), q),
        )
    report.step(
        "least: a state that changes its sign with alternating h leaves nothing", lambda: _cycle(case, values, questions[1])
    )


def _nonnegative(values: Quantities, texts: list[str]) -> bool:
    return all(values.nonnegative(values.value(text)) for text in texts)


def _question(theorem: PotentialTheorem, values: Quantities, agents: int) -> AveragingInequalities:
    names = values.names
    client, server = Contractive(1 - names["q"] ** 2), Contractive(1 - names["p"] ** 2)
    setting = Setting(BoundedSubgradients(1), client, agents, server_compressor=server)
    return averaging_inequalities(with_step_size(METHODS.find(theorem.method)(), names["gamma"]), setting, values.field)


def _recorded(values: Quantities, question: AveragingInequalities) -> RecordedStep:
    """Return the recorded step with the subgradients ``h`` as a vector: the column of their energy."""
    found: dict[str, dict[str, Linear]] = {}
    for index, name in ((0, "mean"), (1, "deviation")):
        for i, j in question.energy.blocks.get(index, {}):
            if i == j:
                found[name] = {"h": Linear({i: values.field(1)})}
    return RecordedStep(values, question.blocks, question.rows, found)


def _identity(case: PotentialCase, record: RecordedStep, question: AveragingInequalities) -> bool:
    left = record.quantities.names["K"] * question.energy + question.rest
    left = left + record.squares(case.potential) - record.squares(case.potential, "+") + record.rows(case.multipliers)
    return record.vanishes(left - record.squares(case.squares))


def _cycle(case: PotentialCase, values: Quantities, question: AveragingInequalities) -> bool:
    """Check that on the cycle rows hold as equalities, and that the form with K vanishes, the potential cancelling."""
    record = _recorded(values, question)
    known = record.vectors("mean")
    if set(case.cycle) != {feature.name for block in question.blocks[:1] for feature in block.features}:
        return False
    forms = [known[name] - values.value(text) * known["h"] for name, text in case.cycle.items()]
    forms += [known[name] + known[f"{name}+"] for name in case.cycle]
    used = sorted({j for vector in known.values() for j in vector.terms})
    columns = [list(column) for column in zip(*(form.row(used) for form in forms), strict=True)]
    null = relations(columns) if forms else [[values.field(1)]]
    if len(null) != 1:
        return False
    at = dict(zip(used, null[0], strict=True))
    rest = _on(question.rest, at, values) + values.names["K"] * _on(question.energy, at, values)
    moved = _on(question.energy, at, values)
    return moved != 0 and rest == 0 and all(_on(row.form, at, values) == 0 for row in question.rows)


def _on(form: Form, at: Mapping[int, Function], values: Quantities) -> Function:
    """Return the value of a form of the mean block."""
    total = values.field(0)
    for (i, j), value in form.blocks.get(0, {}).items():
        total = total + (1 if i == j else 2) * value * at[i] * at[j]
    return total


_E, _S = SquaredVector("P1", {"e": "1"}), SquaredVector("P2", {"w-x": "1"})
_UPLINK, _DOWNLINK = "compression(0)", "compression(1) at the server"
BOTH = PotentialCase(
    "both directions compress",
    (),
    {
        "P1": "(1+p*q)/(q*(1-p))",
        "P2": "(1-q)/(p*(1+q))",
        "l": "(1+p)/(q*(1-p))",
        "u": "1+p+p*q",
        "A": "P1-l*q^2",
    },
    {"mean": (_E, _S), "deviation": (_E,)},
    {_UPLINK: "l", _DOWNLINK: "P2/gamma^2"},
    {
        "mean": (
            SquaredVector(
                "(1-p^2)*(1-q)/(p*(1+q))",
                {"w-x": "1", "h": "-p*(p*q-p-q-1)/((1-p^2)*(1-q))", "e": "p^2/(1-p^2)", "e+": "-p^2/(1-p^2)"},
            ),
            SquaredVector("p*(1-q)*u/(q*(1-p)*(1+p)*(1+q))", {"e+": "1", "h": "q*(p*q+p-q+1)/((1-q)*u)", "e": "q/u"}),
            SquaredVector("(1+p)*(1-q)*(1+q)*(1+p*q)/(q*(1-p)*u)", {"e": "1", "h": "-q/(1-q)"}),
        ),
        "deviation": (
            SquaredVector("l-P1", {"e+": "1"}),
            SquaredVector("A", {"e": "1", "h": "-l*q^2/A"}),
            SquaredVector("K-l*q^2-(l*q^2)^2/A", {"h": "1"}),
        ),
    },
    {"e": "q/(1-q)", "w-x": "-p/(1-p)*(1+q)/(1-q)"},
)
UPLINK = PotentialCase(
    "only clients compress",
    ("p",),
    {"P1": "1/q"},
    {"mean": (_E,), "deviation": (_E,)},
    {_UPLINK: "1/q"},
    {
        "mean": (SquaredVector("(1-q^2)/q", {"e": "1", "h": "-q/(1-q)"}),),
        "deviation": (SquaredVector("(1-q^2)/q", {"e": "1", "h": "-q^2/(1-q^2)"}), SquaredVector("K-q-q^3/(1-q^2)", {"h": "1"})),
    },
    {"e": "q/(1-q)"},
)
DOWNLINK = PotentialCase(
    "only the server compresses",
    ("q",),
    {"P2": "1/p"},
    {"mean": (_S,)},
    {_DOWNLINK: "1/(p*gamma^2)"},
    {"mean": (SquaredVector("(1-p^2)/p", {"w-x": "1", "h": "p/(1-p)"}),), "deviation": (SquaredVector("K", {"h": "1"}),)},
    {"w-x": "-p/(1-p)"},
)
NEITHER = PotentialCase("nobody compresses", ("p", "q"), {}, {}, {}, {"deviation": (SquaredVector("1", {"h": "1"}),)}, {})
SAFE_EF = PotentialTheorem(
    "safe-ef",
    "Safe-EF's one-step potential",
    CONSTANT.formula,
    (BOTH, UPLINK, DOWNLINK, NEITHER),
    "derived for efpep; method of 2505.06053",
)
