"""The exact check of a theorem about rates, case by case."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from efpep.functions import SmoothStronglyConvex
from efpep.methods import METHODS
from efpep.questions.quadratic.line import LinearRun, matrix, numbers_of, state_of
from efpep.setting import Setting
from efpep.theorems import formula
from efpep.theorems.functions import Function, FunctionField
from efpep.theorems.identity import Recorded, recorded, with_step_size
from efpep.theorems.parameters import Parameters
from efpep.theorems.report import Report
from efpep.theorems.signs import POSITIVE, orthant_sign
from efpep.theorems.statement import Case, Proof

if TYPE_CHECKING:
    from efpep.theorems.rate_theorem import RateTheorem

_ALONE = Setting(SmoothStronglyConvex(1, 1))


def check(theorem: RateTheorem) -> Report:
    """Check a theorem: that its cases are all, each of them, the limit of its step sizes, and the best of them."""
    report = Report()
    report.step("the cases are all: either branch, mu < L and mu = L, delta < 1 and delta = 1", complete(theorem.cases))
    for case in theorem.cases:
        report.part(case.name)
        check_case(theorem, case, report)
    report.part("the step sizes")
    _check_steps(theorem, report)
    return report


def complete(cases: Sequence[Case]) -> bool:
    """Return whether every parameter belongs to one of the cases."""
    kinds = {(case.branch, case.equal, case.lossless) for case in cases}
    return kinds == set(itertools.product((0, 1), (False, True), (False, True)))


def check_case(theorem: RateTheorem, case: Case, report: Report) -> None:
    """Check one case: the parameters, the decrease and the domination block by block, and the worst case."""
    try:
        parameters = Parameters(theorem.claim, case)
        records = {count: recorded(theorem.method, parameters, count) for count in theorem.counts}
    except (ZeroDivisionError, ValueError) as error:
        report.step(f"the formulas can be read ({error})", holds=False)
        return
    parameters.check(report)
    report.step("no denominator of the proof vanishes", lambda: _defined(case, parameters), detail=True)
    for count, record in records.items():
        who = "one agent" if count == 1 else "every n >= 2"
        _check_decrease(case.proof, record, report, who)
        _check_domination(case.proof, record, report, who)
    report.step(
        f"tight: f = {case.instance.curvature} x^2/2 with C(v) = ({case.instance.factor}) v multiplies a state by "
        f"{case.instance.multiple}",
        lambda: _attained(theorem, case, parameters),
    )


def _defined(case: Case, parameters: Parameters) -> bool:
    return all(parameters.defined(text) for text in _formulas(case))


def _formulas(case: Case) -> list[str]:
    """Return the formulas of a case's proof."""
    proof, metric = case.proof, case.proof.domination
    squares = [proof.lyapunov, proof.squares, metric.squares]
    each = [square for some in squares for block in some.values() for square in block]
    found = [*case.solved.values(), *case.where.values(), *proof.multipliers.values(), *proof.gaps.values()]
    found += [metric.constant, *metric.multipliers.values(), *case.instance.state.values()]
    return found + [text for square in each for text in (square.coefficient, *square.vector.values())]


def _check_decrease(proof: Proof, record: Recorded, report: Report, who: str) -> None:
    values = record.parameters

    def identity() -> bool:
        before, after = record.lyapunov(proof.lyapunov, proof.gaps)
        left = values.names["rate"] * before - after + record.rows(proof.multipliers) - record.squares(proof.squares)
        return record.vanishes(left)

    report.step(f"{who}: rate V - V+ + multipliers x rows = {_count(proof, record)}, in every block", identity)
    signs = [*proof.multipliers.values(), *(square.coefficient for each in proof.squares.values() for square in each)]
    report.step(f"{who}: multipliers and coefficients of squares are nonnegative", lambda: _signs(values, signs), detail=True)


def _count(proof: Proof, record: Recorded) -> str:
    blocks = [block.name for block in record.question.blocks]
    counted = [(block, len(squares)) for block, squares in proof.squares.items() if block in blocks]
    return " + ".join(f"{k} square{'s' * (k != 1)} ({block})" for block, k in counted) or "0"


def _check_domination(proof: Proof, record: Recorded, report: Report, who: str) -> None:
    values, metric = record.parameters, proof.domination

    def identity() -> bool:
        before, _ = record.lyapunov(proof.lyapunov, proof.gaps)
        left = before - values.value(metric.constant) * record.question.metric + record.rows(metric.multipliers)
        return record.vanishes(left - record.squares(metric.squares)) and values.sign(values.value(metric.constant)) == POSITIVE

    report.step(f"{who}: V is at least ({metric.constant}) times the {values.claim.metric}", identity)
    signs = [*metric.multipliers.values(), *(square.coefficient for each in metric.squares.values() for square in each)]
    report.step(f"{who}: its multipliers and coefficients of squares are nonnegative", lambda: _signs(values, signs), detail=True)


def _signs(parameters: Parameters, formulas: list[str]) -> bool:
    return all(parameters.nonnegative(parameters.value(text)) for text in formulas)


def _attained(theorem: RateTheorem, case: Case, parameters: Parameters) -> bool:
    """Check that the instance belongs to the class and that the method's own step multiplies its state."""
    names, instance = parameters.names, case.instance
    curvature, factor = parameters.value(instance.curvature), parameters.value(instance.factor)
    multiple = parameters.value(instance.multiple)
    if curvature not in (names["mu"], names["L"]) or (factor - 1) ** 2 != 1 - names["delta"]:
        return False
    if multiple**2 != names["rate"]:
        return False
    method: Any = with_step_size(METHODS.find(theorem.method)(), names["eta"])
    order = ["x", *(memory.name for memory in method.memories)]
    if set(instance.state) != set(order):
        return False
    state = [parameters.value(instance.state[name]) for name in order]
    run: Any = LinearRun([parameters.field(1)], [curvature], [factor])
    after = numbers_of(method, method.step(state_of(method, state, 1), run), 1)
    moved = all(new == multiple * old for new, old in zip(after, state, strict=True))
    return moved and abs(parameters.sign(state[0]) or 0) == POSITIVE


def _check_steps(theorem: RateTheorem, report: Report) -> None:
    claim = theorem.claim
    report.step(f"from eta = {claim.limit} on, f = L x^2/2 with C(v) = (1+s) v does not decrease", lambda: _unstable(theorem))
    report.step(
        f"theta decreases up to eta = {claim.step_size} and increases from there, so this is the best step size",
        lambda: _best(theorem),
    )


def _unstable(theorem: RateTheorem) -> bool:
    """Check that for steps of at least the limit the instance's matrix has an eigenvalue of at most -1, and x takes part.

    With eta = limit (1 + t), t >= 0, for the characteristic polynomial chi of k variables (-1)^k chi(-1) <= 0.
    """
    field = FunctionField("L", "a", "t")
    L, a, t = field.symbols.values()
    s = a / (1 + a)
    eta = formula.evaluated(formula.tree(theorem.claim.limit), {"L": L, "s": s}, field) * (1 + t)
    method: Any = with_step_size(METHODS.find(theorem.method)(), eta)
    step = matrix(method, _ALONE, [L], [[1 + s]])
    order = len(step)
    at = determinant([[-1 * (step[i][j] + int(i == j)) for j in range(order)] for i in range(order)])
    closed = ["a", "t"]
    sign = orthant_sign((-1) ** order * at, field, field.symbols, closed)
    part = order == 1 or (order == 2 and abs(orthant_sign(field(step[0][1]), field, field.symbols, closed) or 0) == POSITIVE)
    return sign is not None and sign <= 0 and part


def _best(theorem: RateTheorem) -> bool:
    """Check that the branches cross at the step size, the first one falling and the second one rising with eta."""
    field = FunctionField("m", "c", "a", "eta", "h")
    m, c, a, eta, h = field.symbols.values()
    names = {"mu": m, "L": m + c, "s": a / (1 + a), "eta": eta}

    def at(text: str, **others: Function) -> Function:
        return formula.evaluated(formula.tree(text), {**names, **others}, field)

    claim = theorem.claim
    best = at(claim.step_size)
    crossing = [at(branch, eta=best) for branch in claim.branches]
    slopes = [at(branch, eta=eta + h) - at(branch) for branch in claim.branches]
    signs = [orthant_sign(slope, field, field.symbols, ["c", "a"]) for slope in slopes]
    return crossing[0] == crossing[1] and signs == [-POSITIVE, POSITIVE]


def determinant(rows: list[list[Function]]) -> Function:
    """Return the determinant of a small matrix."""
    if len(rows) == 1:
        return rows[0][0]
    total = 0 * rows[0][0]
    for j, value in enumerate(rows[0]):
        minor = [[*row[:j], *row[j + 1 :]] for row in rows[1:]]
        total = total + (-1) ** j * value * determinant(minor)
    return total
