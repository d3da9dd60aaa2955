"""Step sizes for a target accuracy, as JSON objects and as lines for a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.model.metric import metric_text
from efpep.model.text import exact, up
from efpep.questions.rate.report import unbroken
from efpep.report.answer import digits_for, method_object, setting_object, setting_text
from efpep.report.display import wrapped_lines

if TYPE_CHECKING:
    from fractions import Fraction

    from efpep.questions.tune.target import TargetStep


def target_object(found: TargetStep) -> dict[str, object]:
    """Return the answer of :func:`efpep.questions.tune.target.reach`; what is not exact is rounded up."""
    described = method_object(found.method)
    constant = found.constant.upper
    return {
        **described,
        "step_size": {"value": described["step_size"]},
        **setting_object(found.constant.setting),
        "metric": found.constant.question.metric,
        "target": exact(found.target),
        "radius": exact(found.radius),
        "heterogeneity": None if found.heterogeneity is None else exact(found.heterogeneity),
        "iterations": found.iterations,
        "bound": _up(found.bound),
        "rho": exact(found.rho),
        "c": None if constant is None else _up(constant),
        "floor": _up(found.floor),
        "start": _up(found.start),
        "lyapunov": str(found.constant.lyapunov),
        "scale": None if found.constant.lyapunov is None else float(found.constant.lyapunov.scale()),
        "tried": found.tried,
        "solver": found.constant.solver,
        "seconds": round(found.seconds, 3),
    }


def target_text(found: TargetStep) -> str:
    """Return the rows as lines; see :func:`target_rows`."""
    return wrapped_lines(target_rows(found))


def target_rows(found: TargetStep) -> list[tuple[str, str]]:
    """Return question, step size, iterations and what they rest on, each with its name."""
    asked = found.constant.question
    zeta = "" if found.heterogeneity is None else f", heterogeneity = {exact(found.heterogeneity)}"
    question = f"{found.method.called()}; {setting_text(found.constant.setting)}, radius = {exact(found.radius)}{zeta}"
    measured = f"E {metric_text(asked.metric, 'x_T')}"
    goal = f"{measured} <= {exact(found.target)}"
    lines = [("question", question), ("", f"the step size with the fewest iterations T until {goal}")]
    lines.append(("step size", f"{exact(found.method.step_size)}   the best of {found.tried} tried"))
    if found.method.other_parameters():
        lines.append(("parameters", found.method.other_parameters()))
    constant = found.constant.upper
    lines += [
        ("iterations", f"{found.iterations}   proved in exact arithmetic for this step size"),
        ("", f"{measured} <= rho^T B + c sigma^2/(1 - rho) = {up(found.bound, 6)}"),
        ("rho", exact(found.rho)),
        ("c", "" if constant is None else up(constant, 9)),
        ("floor", f"c sigma^2/(1 - rho) = {up(found.floor, 9)}"),
        ("start", f"E V_0 <= B = {up(found.start, 9)} from |x_0 - x*| <= {exact(found.radius)}"),
        ("", "checked here and not kept: files of certificates prove c"),
    ]
    if found.constant.lyapunov is not None:
        scale = f"V is {float(found.constant.lyapunov.scale()):.6g} times this"
        lines += [("Lyapunov", unbroken(str(found.constant.lyapunov))), ("scale", scale)]
    lines.append(("solver", f"{found.constant.solver}, {found.seconds:.1f} s"))
    return lines


def _up(value: Fraction) -> str:
    return up(value, digits_for(None, value))
