"""Target accuracies as JSON objects and as lines for a reader, and what their certificates claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.conic.solver_attempts import unproved
from efpep.model.metric import metric_text
from efpep.model.text import exact, up
from efpep.questions.rate.report import unbroken
from efpep.report.answer import digits_for, method_object, setting_object, setting_text
from efpep.report.display import wrapped_lines

if TYPE_CHECKING:
    from fractions import Fraction

    from efpep.questions.target.answer import TargetAnswer
    from efpep.questions.target.question import Reached, TargetCertificate, TargetQuestion


def claim_object(certificate: TargetCertificate) -> dict[str, object]:
    """Return what a certificate claims: the question, and what is proved."""
    return {**_asked(certificate.question), **_proved(certificate.question, certificate.upper)}


def answer_object(found: TargetAnswer) -> dict[str, object]:
    """Return an answer as a JSON object; what is not exact is rounded up, and V is ``"scale"`` times ``"lyapunov"``."""
    function = found.constant.lyapunov
    return {
        **_asked(found.question),
        **_proved(found.question, None if found.certificate is None else found.certificate.upper),
        "lyapunov": None if function is None else str(function),
        "scale": None if function is None else float(function.scale()),
        "solver": found.solver,
        "seconds": round(found.seconds, 3),
    }


def answer_text(found: TargetAnswer) -> str:
    """Return the rows as lines; see :func:`answer_rows`."""
    return wrapped_lines(answer_rows(found))


def answer_rows(found: TargetAnswer, tried: int | None = None) -> list[tuple[str, str]]:
    """Return question, step size (the best of so many), iterations and what they rest on, each with its name."""
    question, function = found.question, found.constant.lyapunov
    zeta = "" if question.setting.heterogeneity is None else f", heterogeneity = {exact(question.setting.heterogeneity)}"
    asked = f"{found.method.called()}; {setting_text(question.constant.setting)}, radius = {exact(question.radius)}{zeta}"
    measured = f"E {metric_text(question.metric, 'x_T')}"
    fewest = "the fewest iterations T" if tried is None else "the step size with the fewest iterations T"
    lines = [("question", asked), ("", f"{fewest} until {measured} <= {exact(question.target)}")]
    lines.append(("step size", exact(found.method.step_size) + ("" if tried is None else f"   the best of {tried} tried")))
    if found.method.other_parameters():
        lines.append(("parameters", found.method.other_parameters()))
    reached = None if found.certificate is None else found.certificate.upper
    if reached is None:
        return [*lines, ("iterations", f"undecided, for {unproved(found.solver)}")]
    lines += [
        ("iterations", f"{reached.iterations}   proved in exact arithmetic for this step size"),
        ("", f"{measured} <= rho^T B + c sigma^2/(1 - rho) = {up(question.bound(reached), 6)}"),
        ("rho", exact(question.rho)),
        ("c", up(reached.constant.theta, 9)),
        ("floor", f"c sigma^2/(1 - rho) = {up(question.floor(reached.constant), 9)}"),
        ("start", f"E V_0 <= B = {up(reached.start.theta, 9)} from |x_0 - x*| <= {exact(question.radius)}"),
    ]
    if function is not None:
        lines += [("Lyapunov", unbroken(str(function))), ("scale", f"V is {float(function.scale()):.6g} times this")]
    return [*lines, ("solver", f"{found.solver}, {found.seconds:.1f} s")]


def _asked(question: TargetQuestion) -> dict[str, object]:
    zeta = question.setting.heterogeneity
    return {
        **method_object(question.method),
        **setting_object(question.constant.setting),
        "metric": question.metric,
        "target": exact(question.target),
        "radius": exact(question.radius),
        "heterogeneity": None if zeta is None else exact(zeta),
        "rho": exact(question.rho),
    }


def _proved(question: TargetQuestion, found: Reached | None) -> dict[str, object]:
    if found is None:
        return {"iterations": None, "bound": None, "c": None, "floor": None, "start": None}
    floor = question.floor(found.constant)
    numbers = {"bound": question.bound(found), "c": found.constant.theta, "floor": floor, "start": found.start.theta}
    return {"iterations": found.iterations, **{name: _up(number) for name, number in numbers.items()}}


def _up(value: Fraction) -> str:
    return up(value, digits_for(None, value))
