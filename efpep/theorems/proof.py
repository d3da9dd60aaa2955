"""The exact check of a proof: the decrease and the domination as identities in every block, and the worst case."""

from __future__ import annotations

from typing import Any

from efpep.questions.quadratic.line import LinearRun, numbers_of, state_of
from efpep.theorems.identity import RecordedRateStep, with_step_size
from efpep.theorems.quantities import Quantities
from efpep.theorems.report import Report
from efpep.theorems.signs import POSITIVE
from efpep.theory.statement import Instance, Proof


def check_proof(proof: Proof, record: RecordedRateStep, report: Report, agents: int, decrease: str = "") -> None:
    """Check the decrease and the domination for one agent, or for every number of at least two (``agents`` is 2).

    Without ``decrease`` V decreases by the factor ``rate``, else by this multiple of the metric.
    """
    who = "one agent" if agents == 1 else "every n >= 2"
    _check_decrease(proof, record, report, who, decrease)
    _check_domination(proof, record, report, who)


def formulas(proof: Proof) -> list[str]:
    """Return the formulas of a proof."""
    metric = proof.domination
    each = [square for some in (proof.lyapunov, proof.squares, metric.squares) for block in some.values() for square in block]
    found = [*proof.multipliers.values(), *proof.gaps.values(), metric.constant, *metric.multipliers.values()]
    return found + [text for square in each for text in (square.coefficient, *square.vector.values())]


def _check_decrease(proof: Proof, record: RecordedRateStep, report: Report, who: str, decrease: str) -> None:
    values = record.quantities
    change = f"V - V+ - ({decrease}) metric" if decrease else "rate V - V+"

    def identity() -> bool:
        before, after = record.lyapunov(proof.lyapunov, proof.gaps)
        kept = before - values.value(decrease) * record.metric if decrease else values.names["rate"] * before
        left = kept - after + record.rows(proof.multipliers) - record.squares(proof.squares)
        return record.vanishes(left)

    report.step(f"{who}: {change} + multipliers x rows = {_count(proof, record)}, in every block", identity)
    signs = [*proof.multipliers.values(), *(square.coefficient for each in proof.squares.values() for square in each)]
    report.step(f"{who}: multipliers and coefficients of squares are nonnegative", lambda: _signs(values, signs), detail=True)


def _count(proof: Proof, record: RecordedRateStep) -> str:
    blocks = [block.name for block in record.blocks]
    counted = [(block, len(squares)) for block, squares in proof.squares.items() if block in blocks]
    return " + ".join(f"{k} square{'s' * (k != 1)} ({block})" for block, k in counted) or "0"


def _check_domination(proof: Proof, record: RecordedRateStep, report: Report, who: str) -> None:
    values, metric = record.quantities, proof.domination

    def identity() -> bool:
        before, _ = record.lyapunov(proof.lyapunov, proof.gaps)
        left = before - values.value(metric.constant) * record.metric + record.rows(metric.multipliers)
        return record.vanishes(left - record.squares(metric.squares)) and values.positive(values.value(metric.constant))

    report.step(f"{who}: V is at least ({metric.constant}) times the metric", identity)
    signs = [*metric.multipliers.values(), *(square.coefficient for each in metric.squares.values() for square in each)]
    report.step(f"{who}: its multipliers and coefficients of squares are nonnegative", lambda: _signs(values, signs), detail=True)


def _signs(quantities: Quantities, texts: list[str]) -> bool:
    return all(quantities.nonnegative(quantities.value(text)) for text in texts)


def check_instance(instance: Instance, method: Any, quantities: Quantities, report: Report) -> None:
    """Check that an instance of the class attains the rate: the method's own step multiplies its state."""
    report.step(
        f"tight: f = {instance.curvature} x^2/2 with C(v) = ({instance.factor}) v multiplies a state by {instance.multiple}",
        lambda: _attained(instance, method, quantities),
    )


def _attained(instance: Instance, method: Any, quantities: Quantities) -> bool:
    names = quantities.names
    curvature, factor = quantities.value(instance.curvature), quantities.value(instance.factor)
    multiple = quantities.value(instance.multiple)
    order = ["x", *(memory.name for memory in method.memories)]
    if curvature not in (names["mu"], names["L"]) or (factor - 1) ** 2 != 1 - names["delta"]:
        return False
    if multiple**2 != names["rate"] or set(instance.state) != set(order):
        return False
    state = [quantities.value(instance.state[name]) for name in order]
    run: Any = LinearRun([quantities.field(1)], [curvature], [factor])
    step = with_step_size(method, names["eta"])
    after = numbers_of(method, step.step(state_of(method, state, 1), run), 1)
    moved = all(new == multiple * old for new, old in zip(after, state, strict=True))
    return moved and abs(quantities.sign(state[0]) or 0) == POSITIVE
