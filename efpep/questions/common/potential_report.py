"""Answers of potential functions as JSON objects and as lines for a reader."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.methods.base import AVERAGING
from efpep.model.text import down, exact, up
from efpep.report.answer import cited, digits_for, interval_object, method_object, setting_object, setting_text
from efpep.report.display import row_lines

if TYPE_CHECKING:
    from efpep.questions.common.potential_answer import Detail, Potential


def answer_object(found: Potential) -> dict[str, object]:
    """Return an answer as a JSON object: the question, ``"K"`` as an interval, and the details of its kind of potential."""
    return {
        **method_object(found.method),
        **setting_object(found.setting),
        "potential": _kind(found),
        **{name: _shown(name, value) for name, value in found.details.items()},
        found.question.ENDS: interval_object(found.lower, found.upper),
        "certified": found.certified,
        "theory": None
        if found.theory is None
        else {found.question.ENDS: down(found.theory.value, 15), **found.theory.described()},
        "solver": found.solver,
        "seconds": round(found.seconds, 3),
    }


def answer_text(found: Potential) -> str:
    """Return the rows as lines; see :func:`answer_rows`."""
    return row_lines(answer_rows(found))


def answer_rows(found: Potential) -> list[tuple[str, str]]:
    """Return question, details and constant, each with its name."""
    name = found.method.title or type(found.method).__name__
    lines = [("question", f"{name}; {setting_text(found.setting)}"), ("step size", exact(found.method.step_size))]
    if found.method.other_parameters():
        lines.append(("parameters", found.method.other_parameters()))
    lines.append(("potential", _kind(found)))
    for key, value in found.details.items():
        shown = _shown(key, value)
        lines.append((key, ", ".join(shown) if isinstance(shown, list) else str(shown)))
    lines.append((found.question.ENDS, _interval(found)))
    if found.theory is not None:
        at_least = "at least " if found.question.LARGEST else ""
        lines += [
            ("theory", f"{at_least}{down(found.theory.value, 12)}"),
            ("", f"[{cited(found.theory.source)}]"),
            ("", found.theory.said),
        ]
    lines.append(("solver", f"{found.solver}, {found.seconds:.3f} s"))
    return lines


def _kind(found: Potential) -> str:
    return found.question.KIND.removesuffix(" potential").replace("averaging", AVERAGING.key)


def _interval(found: Potential) -> str:
    if found.lower is None and found.upper is None:
        return "undecided"
    digits = digits_for(found.lower, found.upper)
    least = "undecided" if found.lower is None else down(found.lower, digits)
    most = "undecided" if found.upper is None else up(found.upper, digits)
    return f"[{least}, {most}]" + ("   certified" if found.certified else "")


def _shown(name: str, value: Detail) -> int | str | list[str]:
    """Return a detail as text; bounds and constants are rounded up."""
    if isinstance(value, tuple):
        return [up(number, digits_for(None, number) - 6) for number in value]
    if not isinstance(value, Fraction):
        return value
    return up(value, digits_for(None, value)) if name in {"bound", "start", "c"} else exact(value)
