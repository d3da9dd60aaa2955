"""The lower bound of nonsmooth methods beside a guarantee and runs, as a JSON object and as lines for a reader."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.model.text import down, up
from efpep.report.answer import cited, digits_for

if TYPE_CHECKING:
    from efpep.simulate.against_bound import AgainstBound
    from efpep.theory.lower_bound import LowerBound

RESTRICTION = "for methods whose query points are determined by what the server sends"
SCOPE = (
    "the lower bound is for compressors that let a coordinate pass with probability delta (shared Rand-K, Bernoulli), "
    f"{RESTRICTION}; the guarantee is for compressors that contract almost surely, and in expectation without a constraint"
)


def bound_object(
    question: dict[str, object], bound: LowerBound, simple: Fraction | None, promise: Fraction | None, runs: AgainstBound | None
) -> dict[str, object]:
    """Return the lower bound (rounded down), the guarantee (rounded up) where there is one, their ratio, and runs."""
    found: dict[str, object] = {
        **question,
        "lower_bound": down(bound.value, 15),
        "dimension": bound.dimension,
        "simple_bound": None if simple is None else down(simple, 15),
        "guarantee": None if promise is None else up(promise, digits_for(None, promise)),
        "ratio": None if promise is None else up(promise / bound.value, 12),
        "restriction": RESTRICTION,
        "scope": SCOPE,
        "source": bound.source,
        "standing": bound.standing.value,
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
    lines += [("scope", SCOPE), ("source", f"[{cited(str(found['source']))}; {found['standing']}]")]
    return "\n".join(f"{key:<11}{text}".rstrip() for key, text in lines)
