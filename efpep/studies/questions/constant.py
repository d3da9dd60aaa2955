"""Constants of potentials as outcomes of a sweep."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.studies.engine.question_task import proved
from efpep.studies.engine.task import Outcome, State

if TYPE_CHECKING:
    from efpep.questions.common.potential_answer import Potential


def constant_state(lower: Fraction | None, upper: Fraction | None) -> State:
    """Return proved where both ends of K are."""
    return State.UNDECIDED if lower is None or upper is None else State.PROVED


def constant_outcome(found: Potential) -> Outcome:
    """Return the answer of :func:`efpep.potential` as an outcome."""
    if found.certificate is None:
        return Outcome(State.UNDECIDED, {}, "the solver's proposals prove no end of the interval")
    value = proved(found.lower, found.upper, found.certificate)
    state = constant_state(found.lower, found.upper)
    reason = "" if state is State.PROVED else "the solver's proposals prove one end of the interval only"
    return Outcome(state, value, reason)
