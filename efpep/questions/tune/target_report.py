"""Step sizes for a target accuracy, as JSON objects and as lines for a reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.questions.target.report import answer_object, answer_rows
from efpep.report.display import wrapped_lines

if TYPE_CHECKING:
    from efpep.questions.tune.target import TargetStep


def target_object(found: TargetStep) -> dict[str, object]:
    """Return the answer of :func:`efpep.questions.tune.target.reach`; what is not exact is rounded up."""
    described = answer_object(found.answer)
    return {**described, "step_size": {"value": described["step_size"]}, "tried": found.tried}


def target_text(found: TargetStep) -> str:
    """Return the rows as lines; see :func:`target_rows`."""
    return wrapped_lines(target_rows(found))


def target_rows(found: TargetStep) -> list[tuple[str, str]]:
    """Return question, step size, iterations and what they rest on, each with its name."""
    return answer_rows(found.answer, found.tried)
