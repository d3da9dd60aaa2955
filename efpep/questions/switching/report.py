"""Worst cases over switching patterns as JSON objects and as lines for a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.methods.switching import UNCONSTRAINED
from efpep.model.text import down, exact, up
from efpep.questions.worst_case.report import value_object
from efpep.report.answer import digits_for, method_object, setting_object, setting_text
from efpep.report.display import row_lines

if TYPE_CHECKING:
    from efpep.questions.switching.answer import SwitchingWorstCase
    from efpep.questions.switching.question import SwitchingCertificate

_SHOWN = 6


def claim_object(certificate: SwitchingCertificate) -> dict[str, object]:
    """Return what a certificate claims."""
    question, lower, upper = certificate.question, certificate.lower, certificate.upper
    return {
        **method_object(certificate.method),
        **setting_object(certificate.setting),
        "iterations": question.iterations,
        "metric": question.metric,
        "radius": exact(question.radius),
        "bound": None if upper is None else up(upper.theta, digits_for(None, upper.theta)),
        "lower": None if lower is None else down(lower.theta, 15),
        "empty": upper is None or question.may_be_empty(upper),
    }


def answer_object(found: SwitchingWorstCase) -> dict[str, object]:
    """Return the answer of :func:`efpep.switching_worst_case`; an end that is not proved is None."""
    return {
        "method": found.method.identifier(),
        "value": value_object(found.lower, found.upper),
        "pattern": found.worst,
        "certified": found.upper is not None,
        **{key: value for key, value in method_object(found.method).items() if key != "method"},
        **setting_object(found.setting),
        "iterations": found.question.iterations,
        "metric": found.question.metric,
        "radius": exact(found.question.radius),
        "empty": found.empty,
        "patterns": {word: value_object(None, bound)["upper"] for word, bound in found.bounds.items()},
        "dominated": sorted(found.dominated),
        "excluded": sorted(found.excluded),
        "undecided": sorted(found.undecided),
        "solver": found.solver,
        "seconds": round(found.seconds, 6),
    }


def answer_text(found: SwitchingWorstCase) -> str:
    """Return the rows as lines; see :func:`answer_rows`."""
    return row_lines(answer_rows(found))


def answer_rows(found: SwitchingWorstCase) -> list[tuple[str, str]]:
    """Return question, parameters, the worst pattern with its value, and what became of the others."""
    name = found.method.title or type(found.method).__name__
    question = found.question
    asked = f"{name}; {setting_text(found.setting)}, iterations = {question.iterations}, radius = {exact(question.radius)}"
    lines = [("question", asked), ("step size", exact(found.method.step_size))]
    others = found.method.other_parameters(("threshold",))
    lines += [("parameters", others)] if others else []
    level = found.method.parameters().get("threshold", UNCONSTRAINED)
    if level != UNCONSTRAINED:
        lines.append(("threshold", exact(level)))
    if found.upper is None:
        lines.append(("value", f"undecided, for nothing is proved about {_some(found.undecided)}"))
    else:
        least = "" if found.lower is None else f"{down(found.lower, 12)} <= "
        lines.append(("value", f"{least}{found.question.metric} <= {up(found.upper, 12)}   proved in exact arithmetic"))
        count = "the only one" if level == UNCONSTRAINED else f"of {2**found.question.iterations}"
        lines.append(("pattern", f"{found.worst}, {count}"))
    counts = {"bounded": found.bounds, "no worse than another": found.dominated, "impossible": found.excluded}
    lines.append(("", "; ".join(f"{what}: {_some(tuple(words))}" for what, words in counts.items() if words)))
    if level != UNCONSTRAINED:
        lines.append(("no output", "not excluded" if found.empty else "impossible, proved"))
    lines.append(("solver", f"{found.solver}, {found.seconds:.3f} s"))
    return lines


def _some(words: tuple[str, ...]) -> str:
    shown = ", ".join(words[:_SHOWN])
    return shown if len(words) <= _SHOWN else f"{shown}, and {len(words) - _SHOWN} more"
