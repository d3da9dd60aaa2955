"""The step size at which the number of a question is least: a worst case, a potential's bound, a constant of noise.

The number at every step size that is named has its kind's own certificate. That no other step size has a smaller one is what
trying them found; it is proved of one step size on either side.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, TypeAlias, TypeVar, cast

from efpep.conic.solver import DEFAULT, find_solver
from efpep.errors import InputError
from efpep.methods.base import OPTIMAL, Method
from efpep.model.field import rational, shown
from efpep.questions.answer import Interval, ask
from efpep.questions.averaging.question import AveragingQuestion
from efpep.questions.base import Ends, Question, SystemQuestion, Verdict
from efpep.questions.common.magnitude import within_doubles
from efpep.questions.common.minimum import Minimum
from efpep.questions.noise.question import NoiseQuestion
from efpep.questions.noise.search import approximate_witness
from efpep.questions.potential.question import PotentialQuestion
from efpep.questions.worst_case.question import WorstCaseQuestion
from efpep.report.display import Display, Displayed
from efpep.setting import Setting

Found: TypeAlias = Interval[Any, Any, Any]
Q = TypeVar("Q", bound="Question[Any, Any]")
TOLERANCE = Fraction(1, 1000)
"""The relative width of brackets where nothing else is asked."""
WIDER = (1, 2, 4, 8)
FINER = 4
"""How much finer than the tolerance step sizes are tried."""


@dataclass(frozen=True, slots=True, repr=False)
class TunedStep(Displayed):
    """The best step size that was found for a question, with what is proved there and beside it.

    Attributes:
        best: the answer at that step size.
        sides: the answers at a smaller and a larger step size, which are proved to be worse; None where not proved.
        tried: how many step sizes were tried.
        seconds: how long the search took.
    """

    best: Found
    sides: tuple[Found | None, Found | None]
    tried: int
    seconds: float

    @property
    def method(self) -> Method:
        """The method with its best step size."""
        return self.best.method

    @property
    def setting(self) -> Setting:
        """The setting."""
        return self.best.setting

    @property
    def value(self) -> Fraction:
        """The best step size."""
        return self.method.step_size

    @property
    def complete(self) -> bool:
        """Whether every part of the answer is proved."""
        return self.best.verdict is Verdict.PROVED and None not in self.sides

    def display(self) -> Display:
        """Return what notebooks and prompts show."""
        from efpep.questions.tune.step_report import step_rows

        return Display(self.best.verdict.value, f"step size {float(self.value):.6g}", step_rows(self))


@within_doubles
def best_step(question: Question[Any, Any], tolerance: object = TOLERANCE, *, solver: str = DEFAULT) -> TunedStep:
    """Find the step size at which the number of a question is least, and prove the number there.

    Args:
        question: about a worst case, a growing potential (whose bound ``K/A_T`` counts) or a constant of noise. The step size of
            its method, where it is a number, is where the search begins.
        tolerance: how far from a step size those are that it is compared with, relative to it.
        solver: the name of a solver, as for :func:`efpep.rate`.

    Raises:
        InputError: the question is not well posed, its number does not depend on the step size, or is least at none.
    """
    begin = time.perf_counter()
    width = checked(tolerance)
    if isinstance(question, AveragingQuestion):
        raise InputError(
            "the constant K of a one-step potential is the same for every step size; ask for the best guarantee of a number of "
            "iterations instead, by --iterations or efpep.guarantee.",
            argument="criterion",
        )
    if not isinstance(question, WorstCaseQuestion | PotentialQuestion | NoiseQuestion):
        raise InputError(
            f"step sizes are searched for worst cases, growing potentials and constants of noise, and this question is about a "
            f"{question.KIND}; take another question.",
            argument="criterion",
        )
    search = Minimum(lambda step: _value(at(question, step), solver))
    enclosed = search.descend(first_step(question.method, question.setting), float(width) / FINER)
    last = search.best
    if not enclosed and math.isinf(search.tried[last]):
        raise InputError(
            f"no step size that was tried has a proved {question.KIND}; try another method or setting.", argument="step_size"
        )
    if not enclosed:
        raise InputError(
            f"there is no best step size: the {question.KIND} still falls at {float(last):.3g}, the last that was tried"
            f"{_REMEDIES.get(question.KIND, '; ask about a larger number of iterations, or about another metric')}.",
            argument="criterion",
        )
    return tuned(search, lambda step: answered(at(question, step), solver), width, begin)


_REMEDIES = {NoiseQuestion.KIND: "; give a factor rho below 1, which very small steps do not reach, or a target"}


def checked(tolerance: object) -> Fraction:
    """Return a relative tolerance as a number.

    Raises:
        InputError: it is none between 0 and 1.
    """
    width = rational(tolerance, "tolerance")
    if not 0 < width < 1:
        raise InputError(f"tolerance is {shown(width)}; give a number between 0 and 1.", argument="tolerance")
    return width


def at(question: Q, step: Fraction) -> Q:
    """Return the question with this step size."""
    return replace(question, method=replace(question.method, step_size=step).resolved(question.setting))


def answered(question: Question[Any, Any], solver: str, **options: Any) -> Found:
    """Return the answer to a question about a number."""
    return cast("Found", ask(question, solver, **options))


def first_step(method: Method, setting: Setting) -> Fraction:
    """Return the method's step size if it is a number, else the literature's best for exact gradients, or ``1/L``, or 1."""
    if method.step_size != OPTIMAL:
        return method.step_size
    try:
        return method.resolved(replace(setting, noise=None, heterogeneity=None)).step_size
    except InputError:
        return 1 / max(Fraction(group.functions.smoothness or 1) for group in setting.populations())


def compared(found: Found) -> tuple[str, Ends]:
    """Return the name of the number that answers are compared by, and its ends."""
    question, ends = found.question, (found.lower, found.upper)
    if isinstance(question, PotentialQuestion):
        total = question.inequalities.total
        return "bound", (None if ends[0] is None else ends[0] / total, None if ends[1] is None else ends[1] / total)
    return question.ENDS if isinstance(question, SystemQuestion) else "value", ends


def worse(found: Found, best: Found) -> bool:
    """Return whether an answer is proved to be worse than the best one."""
    (_, (lower, upper)), (_, (least, most)) = compared(found), compared(best)
    if best.question.LARGEST:
        return upper is not None and least is not None and upper < least
    none = found.verdict is Verdict.REFUTED and best.verdict is Verdict.PROVED
    return none or (lower is not None and most is not None and lower > most)


def tuned(search: Minimum, answer: Callable[[Fraction], Found], tolerance: Fraction, begin: float) -> TunedStep:
    """Return what is proved at the best step size of a search, and beside it."""
    step = search.best
    best, sides = answer(step), list[Found | None]()
    for sign in (-1, 1):
        beside = (answer(step * (1 + sign * k * tolerance)) for k in WIDER if k * tolerance < 1)
        sides.append(next((found for found in beside if worse(found, best)), None))
    return TunedStep(best, (sides[0], sides[1]), len(search.tried), time.perf_counter() - begin)


def _value(question: Question[Any, Any], solver: str) -> float:
    """Return the number that a search compares, infinite where there is none; of constants of noise nothing is proved."""
    if isinstance(question, NoiseQuestion):
        witness = approximate_witness(question, find_solver(solver))
        return math.inf if witness is None else float(witness.theta)
    more = {"attained": False} if isinstance(question, WorstCaseQuestion) else {}
    upper = compared(answered(question, solver, **more))[1][1]
    return math.inf if upper is None else float(upper)
