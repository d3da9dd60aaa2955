"""Constants of noise as JSON objects and as lines for a reader, and what their certificates claim."""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.conic.solver_attempts import unproved
from efpep.model.text import down, exact, up
from efpep.questions.base import Certificate
from efpep.questions.rate.report import unbroken
from efpep.report import answer as said
from efpep.report.answer import digits_for
from efpep.report.display import wrapped_lines

if TYPE_CHECKING:
    from efpep.questions.noise.answer import NoiseConstant
    from efpep.questions.noise.question import NoiseCertificate, NoiseQuestion


_NECESSARY = " (the lower end by the recorded inequalities, which need not be sufficient)"


def claim_object(certificate: NoiseCertificate) -> dict[str, object]:
    """Return what a certificate claims: the question and the constant."""
    lower = certificate.lower
    if isinstance(lower, Certificate):
        return {**_asked(certificate.question), "c": said.ends_object(None, None), "needed": said.ends_object(lower.lower, None)}
    return {**_asked(certificate.question), "c": said.ends_object(lower, certificate.upper)}


def answer_object(found: NoiseConstant) -> dict[str, object]:
    """Return an answer as a JSON object: the question, ``"c"`` as an interval, and the ``"floor"``, rounded up.

    V is ``"scale"`` times the formula ``"lyapunov"``.
    """
    floor = found.floor
    return {
        **_asked(found.question),
        "c": said.interval_object(found.lower, found.upper),
        "certified": found.certified,
        **({} if found.needed is None else {"needed": said.interval_object(found.needed, None)}),
        "floor": None if floor is None else up(floor, digits_for(None, floor)),
        "common_minimiser": said.shares_minimiser(found),
        "lyapunov": None if found.lyapunov is None else str(found.lyapunov),
        "scale": None if found.lyapunov is None else float(found.lyapunov.scale()),
        "solver": found.solver,
        "seconds": round(found.seconds, 3),
    }


def answer_text(found: NoiseConstant) -> str:
    """Return the rows as lines; see :func:`answer_rows`."""
    return wrapped_lines(answer_rows(found))


def answer_rows(found: NoiseConstant) -> list[tuple[str, str]]:
    """Return question, constant, floor and Lyapunov function, each with its name."""
    asked = found.question
    shared = "; the agents share one minimiser" if said.shares_minimiser(found) else ""
    question = f"{found.method.called()}; {said.setting_text(found.setting)}{shared}"
    lines = [("question", question), ("", f"least c with {asked.formula()}"), ("step size", exact(found.method.step_size))]
    if found.method.other_parameters():
        lines.append(("parameters", found.method.other_parameters()))
    lines.append(("c", _interval(found)))
    floor = found.floor
    if floor is not None:
        where = "the last iterate" if asked.bound == "last" else "averages over the iterates"
        lines.append(("floor", f"{asked.metric} of {where} at most {up(floor, digits_for(None, floor) - 3)} in the limit"))
    if found.lyapunov is not None:
        scale = f"V is {float(found.lyapunov.scale()):.6g} times this"
        lines += [("Lyapunov", unbroken(str(found.lyapunov))), ("scale", scale)]
    lines.append(("solver", f"{found.solver}, {found.seconds:.3f} s"))
    return lines


def answer_formula(found: NoiseConstant) -> str | None:
    """Return the Lyapunov function in LaTeX, or None where there is none."""
    if found.lyapunov is None:
        return None
    formula = found.lyapunov.latex().removeprefix("V = ")
    return rf"V = {float(found.lyapunov.scale()):.6g}\,\Bigl( {formula} \Bigr)"


def _asked(question: NoiseQuestion) -> dict[str, object]:
    return {
        **said.method_object(question.method),
        **said.setting_object(question.setting),
        "rho": exact(question.rho),
        "bound": question.bound,
        "metric": question.metric,
    }


def _interval(found: NoiseConstant) -> str:
    lower, upper = found.lower, found.upper
    if found.needed is not None:
        none = f"no Lyapunov function of the class contracts by a factor below {down(found.needed, 12)}"
        return f"there is none, for without noise {none}, proved in exact arithmetic"
    digits = digits_for(lower, upper) - 3
    if upper is None:
        known = "" if lower is None else f"; no Lyapunov function of the class has c < {down(lower, digits)}, proved{_NECESSARY}"
        return f"undecided, for {unproved(found.solver)}{known}"
    below = "" if lower is None else f"{down(lower, digits)} <= "
    by = " (the lower end is undecided)" if lower is None else _NECESSARY
    return f"{below}c <= {up(upper, digits)}   proved in exact arithmetic, in expectation{by}"
