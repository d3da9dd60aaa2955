"""Constants of noise beside decreases as JSON objects and as lines for a reader, and what their certificates claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.conic.solver_attempts import unproved
from efpep.model.text import down, exact, up
from efpep.questions.base import Certificate
from efpep.report import answer as said
from efpep.report.answer import digits_for
from efpep.report.display import wrapped_lines

if TYPE_CHECKING:
    from efpep.questions.nonconvex_noise.answer import NonconvexNoise
    from efpep.questions.nonconvex_noise.question import NonconvexNoiseCertificate, NonconvexNoiseQuestion


_NECESSARY = " (the lower end by the recorded inequalities, which need not be sufficient)"


def claim_object(certificate: NonconvexNoiseCertificate) -> dict[str, object]:
    """Return what a certificate claims: the question and the constant."""
    lower = certificate.lower
    asked = _asked(certificate.question)
    if isinstance(lower, Certificate):
        return {**asked, "c": said.ends_object(None, None), "largest": said.interval_object(*lower.ends)}
    return {**asked, "c": said.ends_object(lower, certificate.upper)}


def answer_object(found: NonconvexNoise) -> dict[str, object]:
    """Return an answer as a JSON object: the question, ``"c"`` as an interval, the ``"floor"`` and the terms of the ``"bound"``.

    The mean of ``E |grad f(x_t)|^2`` over t < T is at most 1/T times the sum of the terms, plus the floor, all rounded up.
    """
    floor, terms = found.floor, found.terms
    return {
        **_asked(found.question),
        "chosen": found.chosen,
        "c": said.interval_object(found.lower, found.upper),
        "certified": found.certified,
        "verdict": found.verdict.value,
        **({} if found.needed is None else {"largest": said.interval_object(None, -found.needed)}),
        "floor": None if floor is None else up(floor, digits_for(None, floor)),
        "bound": None if terms is None else {name: up(a, digits_for(None, a)) for name, a in terms.items()},
        "solver": found.solver,
        "seconds": round(found.seconds, 3),
    }


def answer_text(found: NonconvexNoise) -> str:
    """Return the rows as lines; see :func:`answer_rows`."""
    return wrapped_lines(answer_rows(found))


def answer_rows(found: NonconvexNoise) -> list[tuple[str, str]]:
    """Return question, decrease, constant, floor, and what they prove of T steps, each with its name."""
    asked = found.question
    lines = [
        ("question", f"{found.method.called()}; {said.setting_text(found.setting)}"),
        ("", f"least c with {asked.formula()}, Phi = f - f* + quadratic >= 0"),
        ("step size", exact(found.method.step_size)),
    ]
    if found.method.other_parameters():
        lines.append(("parameters", found.method.other_parameters()))
    lines.append(("a", f"{exact(asked.decrease)}{'   with the lowest floor of those that were tried' if found.chosen else ''}"))
    lines.append(("c", _interval(found)))
    if found.floor is not None:
        lines.append(("floor", f"c sigma^2/a = {up(found.floor, digits_for(None, found.floor) - 3)}"))
    if found.witness is not None:
        lines.append(("bound", asked.bound(found.witness)))
    return [*lines, ("solver", f"{found.solver}, {found.seconds:.3f} s")]


def _asked(question: NonconvexNoiseQuestion) -> dict[str, object]:
    return {**said.method_object(question.method), **said.setting_object(question.setting), "a": exact(question.decrease)}


def _interval(found: NonconvexNoise) -> str:
    lower, upper = found.lower, found.upper
    if found.needed is not None:
        none = f"with exact gradients no potential has a decrease above {up(-found.needed, 12)}"
        return f"there is none, for {none}, proved in exact arithmetic"
    digits = digits_for(lower, upper) - 3
    if upper is None:
        known = "" if lower is None else f"; no potential has c < {down(lower, digits)}, proved{_NECESSARY}"
        return f"undecided, for {unproved(found.solver)}{known}"
    below = "" if lower is None else f"{down(lower, digits)} <= "
    by = " (the lower end is undecided)" if lower is None else _NECESSARY
    return f"{below}c <= {up(upper, digits)}   proved in exact arithmetic, in expectation{by}"
