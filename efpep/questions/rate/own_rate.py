"""Is a proved rate that of the method itself, or of the class of Lyapunov functions that is searched?"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.model.text import down
from efpep.questions.rate.lyapunov_class import WEIGHTS
from efpep.theory.constants import free

if TYPE_CHECKING:
    from efpep.questions.rate.answer import Rate

CLOSE = Fraction(1, 10**6)
"""How far apart the ends may be that are said to meet."""


@dataclass(frozen=True, slots=True)
class OwnRate:
    """What is known of a method's own asymptotic rate beside a proved one.

    Attributes:
        lower: squares contract by no less than this factor a step in general, whatever Lyapunov function is asked.
        met: whether that is the proved rate, up to 1e-6.
        said: all that in one sentence.
    """

    lower: Fraction
    met: bool
    said: str


def own_rate(rate: Rate) -> OwnRate | None:
    """Return what is known of the method's own rate: by an instance that was searched, or by a theorem; None where nothing is."""
    theory, upper, lower = rate.theory or rate.theorem, rate.upper, rate.method_lower
    exact = None if theory is None or bounds_only(rate) else theory.value
    if exact is not None and upper is not None and abs(upper - exact) <= CLOSE:
        return OwnRate(exact, met=True, said="this is the method's rate, by a theorem")
    if lower is None:
        return None
    number = f"{down(lower, 12)} a step, proved by an instance"
    if upper is None and lower >= 1:
        said = f"the method itself does not converge: from some state squares grow by {number}"
    elif upper is None:
        said = f"the method itself contracts by no less than {number}; {_remedy(rate)}"
    elif upper - lower <= CLOSE:
        said = f"this is the method's rate: it contracts by no less than {number}"
    else:
        gap = f"{float(upper - lower):.1e}"
        said = f"the method itself contracts by no less than {number}, which leaves a gap of {gap}; {_remedy(rate)}"
    return OwnRate(lower, lower >= 1 if upper is None else upper - lower <= CLOSE, said)


def own_rate_object(rate: Rate) -> dict[str, object] | None:
    """Return ``{"lower", "met", "said"}``, or None where nothing is known."""
    own = own_rate(rate)
    return None if own is None else {"lower": down(own.lower, 15), "met": own.met, "said": own.said}


def bounds_only(rate: Rate) -> bool:
    """Return whether the closed form is a mere upper bound.

    Projections need not lose as much as what it is exact for, and not every theorem says that its rate is attained.
    """
    theory = rate.theory or rate.theorem
    return (rate.method.compresses and not free(rate.setting)) or (theory is not None and not theory.attained)


def _remedy(rate: Rate) -> str:
    """Return which larger class of Lyapunov functions to ask about."""
    searched = None if rate.certificate is None else rate.certificate.question
    if searched is not None and searched.given is not None:
        return "the best V may do better than the given one"
    memory = 1 if searched is None else searched.lyapunov_class.memory + 1
    weights = searched is None or searched.lyapunov_class.positivity == WEIGHTS
    return f"V with memory {memory}{' or positivity by interpolation' if weights else ''} may do better"
