"""Step sizes with the largest decrease, as JSON objects and as lines for a reader."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.model.text import down, exact, up
from efpep.questions.kinds import answer_object
from efpep.questions.nonconvex.report import answer_rows
from efpep.report.answer import interval_object
from efpep.report.display import wrapped_lines

if TYPE_CHECKING:
    from efpep.questions.common.potential_answer import Potential
    from efpep.questions.tune.decrease import TunedDecrease
    from efpep.theory.closed_form import ClosedForm


def decrease_object(found: TunedDecrease) -> dict[str, object]:
    """Return the answer at the best step size as a JSON object, and with step sizes and decreases what it is compared with."""
    return {
        **answer_object(found.best),
        "sides": [_point(side) for side in found.sides],
        "limit": [_point(end) for end in found.limit],
        "theory": {
            name: form and {"step_size": down(form.value, 15), **form.described()} for name, form in _known(found).items()
        },
        "complete": found.complete,
        "seconds": round(found.seconds, 3),
    }


def decrease_text(found: TunedDecrease) -> str:
    """Return the answer at the best step size, what it is compared with, and the largest step size, as lines."""
    *rows, (_, solver) = answer_rows(found.best)
    sides = " and ".join(f"{_step(side)} (a <= {_most(side)})" for side in found.sides if side is not None)
    if sides:
        rows.append(("bracket", f"a is proved to be smaller at {sides}"))
    below, beyond = found.limit
    rows.append(("largest", f"a > 0 proved at {_step(below)}, refuted at {_step(beyond)}"))
    for name, form in _known(found).items():
        if form is not None:
            rows += [(name, f"{down(form.value, 9)} = {form.formula}"), ("", f"[{form.source}]; {form.said}")]
    return wrapped_lines([*rows, ("solver", f"{solver.partition(',')[0]}, {found.seconds:.3f} s")])


def _known(found: TunedDecrease) -> dict[str, ClosedForm | None]:
    """Return closed forms of step sizes: up to which half of them is a decrease, and below which there is any."""
    literature = found.method.literature
    return {
        "a >= eta/2": literature.half_decrease_step(found.method, found.setting),
        "a > 0": literature.decrease_limit(found.method, found.setting),
    }


def _point(found: Potential | None) -> dict[str, object] | None:
    if found is None:
        return None
    return {"step_size": exact(found.method.step_size), "a": interval_object(found.lower, found.upper)}


def _step(found: Potential | None) -> str:
    return "no step size that was tried" if found is None else exact(found.method.step_size)


def _most(found: Potential) -> str:
    return up(Fraction(0) if found.upper is None else found.upper, 9)
