"""Best step sizes of questions, as JSON objects and as lines for a reader."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.model.text import down, exact, up
from efpep.questions.kinds import KINDS, answer_object
from efpep.questions.tune.decrease import TunedDecrease
from efpep.questions.tune.step import compared
from efpep.report.answer import digits_for, interval_object
from efpep.report.display import wrapped_lines

if TYPE_CHECKING:
    from efpep.questions.tune.step import Found, TunedStep
    from efpep.theory.closed_form import ClosedForm


def step_object(found: TunedStep) -> dict[str, object]:
    """Return the answer at the best step size as a JSON object, and with step sizes and numbers what it is compared with."""
    more: dict[str, object] = {}
    if isinstance(found, TunedDecrease):
        forms = {name: form and {"step_size": down(form.value, 15), **form.described()} for name, form in _known(found).items()}
        more = {"limit": [_point(end) for end in found.limit], "theory": forms}
    return {
        **answer_object(found.best),
        "sides": [_point(side) for side in found.sides],
        **more,
        "tried": found.tried,
        "complete": found.complete,
        "seconds": round(found.seconds, 3),
    }


def step_text(found: TunedStep) -> str:
    """Return the rows as lines; see :func:`step_rows`."""
    return wrapped_lines(step_rows(found))


def step_rows(found: TunedStep) -> list[tuple[str, str]]:
    """Return the answer at the best step size, what it is compared with, and the largest step size where there is one."""
    *rows, (_, solver) = KINDS[found.best.question.KIND].module("report").answer_rows(found.best)
    name, _ = compared(found.best)
    largest = found.best.question.LARGEST
    rows.append(("search", f"the {'largest' if largest else 'least'} {name} of {found.tried} step sizes that were tried"))
    sides = [_side(side, name, largest=largest) for side in found.sides if side is not None]
    if sides:
        rows.append(("bracket", f"{name} is proved to be {'smaller' if largest else 'larger'} at {' and '.join(sides)}"))
    if isinstance(found, TunedDecrease):
        below, beyond = found.limit
        rows.append(("largest", f"a > 0 proved at {_step(below)}, refuted at {_step(beyond)}"))
        for told, form in _known(found).items():
            if form is not None:
                rows += [(told, f"{down(form.value, 9)} = {form.formula}"), ("", f"[{form.source}]; {form.said}")]
    return [*rows, ("solver", f"{solver.partition(',')[0]}, {found.seconds:.3f} s")]


def _known(found: TunedDecrease) -> dict[str, ClosedForm | None]:
    """Return closed forms of step sizes: up to which half of them is a decrease, and below which there is any."""
    literature = found.method.literature
    return {
        "a >= eta/2": literature.half_decrease_step(found.method, found.setting),
        "a > 0": literature.decrease_limit(found.method, found.setting),
    }


def _point(found: Found | None) -> dict[str, object] | None:
    if found is None:
        return None
    name, ends = compared(found)
    return {"step_size": exact(found.method.step_size), name: interval_object(*ends)}


def _step(found: Found | None) -> str:
    return "no step size that was tried" if found is None else exact(found.method.step_size)


def _side(found: Found, name: str, *, largest: bool) -> str:
    """Return a step size with the end by which it is worse."""
    _, (lower, upper) = compared(found)
    if largest:
        return f"{_step(found)} ({name} <= {up(Fraction(0) if upper is None else upper, 9)})"
    return f"{_step(found)} ({'there is none' if lower is None else f'{name} >= {down(lower, digits_for(lower, upper))}'})"
