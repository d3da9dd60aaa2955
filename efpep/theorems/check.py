"""The exact check of a theorem about rates, case by case."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from efpep.methods import METHODS
from efpep.questions.quadratic.line import matrix
from efpep.theorems.functions import Function, FunctionField
from efpep.theorems.identity import recorded, with_step_size
from efpep.theorems.parameters import Parameters
from efpep.theorems.proof import check_instance, check_proof, formulas
from efpep.theorems.report import Report
from efpep.theorems.signs import POSITIVE, orthant_sign
from efpep.theorems.witness import ALONE, determinant
from efpep.theory import formula
from efpep.theory.statement import Case

if TYPE_CHECKING:
    from efpep.theorems.rate_theorem import RateTheorem


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
        method = METHODS.find(theorem.method)()
        records = {count: recorded(method, parameters, count, theorem.claim.metric) for count in theorem.counts}
    except (ZeroDivisionError, ValueError) as error:
        report.step(f"the formulas can be read ({error})", holds=False)
        return
    parameters.check(report)
    report.step("no denominator of the proof vanishes", lambda: _defined(case, parameters), detail=True)
    for count, record in records.items():
        check_proof(case.proof, record, report, count)
    check_instance(case.instance, method, parameters, report)


def _defined(case: Case, parameters: Parameters) -> bool:
    found = [*case.solved.values(), *case.where.values(), *case.instance.state.values(), *formulas(case.proof)]
    return all(parameters.defined(text) for text in found)


def _check_steps(theorem: RateTheorem, report: Report) -> None:
    claim = theorem.claim
    report.step(
        f"from eta = {claim.limit} on, f = L x^2/2 with C(v) = (1+s) v does not decrease",
        lambda: unstable(theorem.method, claim.limit),
    )
    report.step(
        f"theta decreases up to eta = {claim.step_size} and increases from there, so this is the best step size",
        lambda: _best(theorem),
    )


def unstable(key: str, limit: str) -> bool:
    """Check that for steps of at least ``limit``, in L and s, the fastest instance has an eigenvalue of at most -1 with x in it.

    With eta = limit (1 + t), t >= 0, for the characteristic polynomial chi of k variables (-1)^k chi(-1) <= 0.
    """
    field = FunctionField("L", "a", "t")
    L, a, t = field.symbols.values()
    s = a / (1 + a)
    eta = formula.evaluated(formula.tree(limit), {"L": L, "s": s}, field) * (1 + t)
    method: Any = with_step_size(METHODS.find(key)(), eta)
    step = matrix(method, ALONE, [L], [[1 + s]])
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
