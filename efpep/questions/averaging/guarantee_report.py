"""Guarantees for averages of subgradient steps, as JSON objects and as lines for a reader."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.model.text import down, exact, up
from efpep.report.answer import cited, digits_for, method_object, setting_object, setting_text

if TYPE_CHECKING:
    from efpep.questions.common.guarantee import Guarantee


def guarantee_object(found: Guarantee) -> dict[str, object]:
    """Return the answer of :func:`efpep.guarantee`; the bound is rounded up.

    ``"vacuous"`` says whether the guarantee is no better than ``"at_start"``, which holds before the first step.
    """
    described = method_object(found.method)
    return {
        **described,
        "step_size": {"value": described["step_size"]},
        **setting_object(found.setting),
        "iterations": found.iterations,
        "radius": exact(found.radius),
        "guarantee": _up(found.bound),
        "vacuous": found.vacuous,
        "at_start": exact(found.at_start),
        "probability": None if found.probability is None else exact(found.probability),
        "in_expectation": None if found.in_expectation is None else _up(found.in_expectation),
        "K": down(found.K.value, 15),
        **found.K.described(),
    }


def guarantee_text(found: Guarantee) -> str:
    """Return question, parameters and guarantee, each under its name."""
    name = found.method.title or type(found.method).__name__
    asked = f"{name}; {setting_text(found.setting)}, iterations = {found.iterations}, radius = {exact(found.radius)}"
    lines = [("question", asked), ("step size", exact(found.method.step_size))]
    if "threshold" in found.method.parameters():
        lines.append(("threshold", exact(found.method.parameters()["threshold"])))
    bound = up(found.bound, 12)
    if found.probability is None:
        weighted = f"E[(|B|/T) (f(xbar) - f* - c)] <= 0 for thresholds c >= {bound}, in expectation over the noise"
        lines += [
            ("guarantee", weighted),
            ("", f"g(xbar) <= c where B is not empty; without a constraint E f(xbar) - f* <= {bound}"),
        ]
    else:
        sure = "in every run" if found.probability == 1 else f"with probability at least {float(found.probability):g}"
        lines.append(("guarantee", f"f(xbar) - f* <= {bound} and g(xbar) <= {bound}, {sure}"))
    start = f"f(x^0) - f* <= {exact(found.at_start)} and g(x^0) <= {exact(found.at_start)} hold before the first step"
    if found.vacuous:
        lines.append(("", f"vacuous: {start}; take more iterations, at the best step size"))
    if found.in_expectation is not None and found.probability is not None:
        least = up(found.in_expectation, 12)
        lines.append(
            ("", f"E[(|B|/T) (f(xbar) - f* - c)] <= 0 for thresholds c >= {least}; E f(xbar) - f* <= {least} without one")
        )
        if found.in_expectation >= found.at_start:
            lines.append(("", "vacuous too"))
    lines += [("K", f"{down(found.K.value, 12)} = {found.K.formula}"), ("", f"[{cited(found.K.source)}]"), ("", found.K.said)]
    return "\n".join(f"{key:<11}{text}".rstrip() for key, text in lines)


def _up(value: Fraction) -> str:
    return up(value, digits_for(None, value))
