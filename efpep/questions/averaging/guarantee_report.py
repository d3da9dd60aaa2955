"""Guarantees for averages of subgradient steps, and the lower bound beside them, as JSON objects and as lines for a reader."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.model.text import down, exact, up
from efpep.questions.rate.report import setting_text
from efpep.report.answer import cited, digits_for, method_object, setting_object

if TYPE_CHECKING:
    from efpep.questions.averaging.guarantee import Promise
    from efpep.simulate.against_bound import AgainstBound
    from efpep.theory.lower_bound import LowerBound

RESTRICTION = "for methods whose query points are determined by what the server sends"
SCOPE = (
    "the lower bound is for compressors that let a coordinate pass with probability delta (shared Rand-K, Bernoulli), "
    f"{RESTRICTION}; the guarantee is for compressors that contract almost surely, and in expectation without a constraint"
)


def promise_object(found: Promise) -> dict[str, object]:
    """Return the answer of :func:`efpep.guarantee`; the bound is rounded up."""
    described = method_object(found.method)
    return {
        **described,
        "step_size": {"value": described["step_size"]},
        **setting_object(found.setting),
        "iterations": found.iterations,
        "radius": exact(found.radius),
        "guarantee": _up(found.bound),
        "probability": exact(found.probability),
        "in_expectation": None if found.in_expectation is None else _up(found.in_expectation),
        "K": down(found.K.value, 15),
        "source": found.K.source,
    }


def promise_text(found: Promise) -> str:
    """Return question, parameters and guarantee, each under its name."""
    name = found.method.title or type(found.method).__name__
    asked = f"{name}; {setting_text(found.setting)}, iterations = {found.iterations}, radius = {exact(found.radius)}"
    lines = [("question", asked), ("step size", exact(found.method.step_size))]
    if "threshold" in found.method.parameters():
        lines.append(("threshold", exact(found.method.parameters()["threshold"])))
    sure = "in every run" if found.probability == 1 else f"with probability at least {float(found.probability):g}"
    lines.append(("guarantee", f"f(xbar) - f* <= {up(found.bound, 12)} and g(xbar) <= {up(found.bound, 12)}, {sure}"))
    if found.in_expectation is not None:
        least = up(found.in_expectation, 12)
        lines.append(
            ("", f"E[(|B|/T) (f(xbar) - f* - c)] <= 0 for thresholds c >= {least}; E f(xbar) - f* <= {least} without one")
        )
    lines += [("K", f"{down(found.K.value, 12)} = {found.K.formula}"), ("", f"[{cited(found.K.source)}]")]
    return "\n".join(f"{key:<11}{text}".rstrip() for key, text in lines)


def bound_object(
    question: dict[str, object], bound: LowerBound, simple: Fraction | None, promise: Fraction | None, runs: AgainstBound | None
) -> dict[str, object]:
    """Return the lower bound (rounded down), the guarantee (rounded up) where there is one, their ratio, and runs."""
    found: dict[str, object] = {
        **question,
        "lower_bound": down(bound.value, 15),
        "dimension": bound.dimension,
        "simple_bound": None if simple is None else down(simple, 15),
        "guarantee": None if promise is None else _up(promise),
        "ratio": None if promise is None else up(promise / bound.value, 12),
        "restriction": RESTRICTION,
        "scope": SCOPE,
        "source": bound.source,
    }
    if runs is not None:
        found["runs"] = {"count": len(runs.outputs), "mean": runs.mean, "error": runs.error, "best": float(runs.best.mean())}
    return found


def bound_text(found: dict[str, object]) -> str:
    """Return the object of :func:`bound_object` as lines for a reader."""
    lines = [
        ("question", ", ".join(f"{name} = {found[name]}" for name in ("method", "delta", "T", "R", "M"))),
        ("bound", f"E f - f* >= {found['lower_bound']}, by a function of {found['dimension']} coordinates"),
    ]
    if found["simple_bound"] is not None:
        lines.append(("", f"R M/(4 sqrt(delta T)) = {found['simple_bound']}"))
    if found["guarantee"] is not None:
        lines += [("guarantee", str(found["guarantee"])), ("ratio", str(found["ratio"]))]
    runs = found.get("runs")
    if isinstance(runs, dict):
        lines.append(("runs", ", ".join(f"{name} {value}" for name, value in runs.items())))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    lines += [("scope", SCOPE), ("source", f"[{cited(str(found['source']))}]")]
    return "\n".join(f"{key:<11}{text}".rstrip() for key, text in lines)


def _up(value: Fraction) -> str:
    return up(value, digits_for(None, value))
