"""``efpep.cycle``: K-periodic trajectories that prove that a method does not converge, or the proof that there are none."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from fractions import Fraction

from efpep.conic.solver import DEFAULT, Solver, find_solver
from efpep.errors import InputError
from efpep.methods.base import Method
from efpep.model.field import rational, shown
from efpep.questions.answer import Answer
from efpep.questions.base import Verdict
from efpep.questions.common.magnitude import within_doubles
from efpep.questions.common.required import require
from efpep.questions.cycle.check import ClosedTrajectory, Exclusion
from efpep.questions.cycle.inequalities import LONGEST, CycleInequalities
from efpep.questions.cycle.question import CycleQuestion, proved
from efpep.questions.cycle.search import OrbitSearch
from efpep.setting import Setting

_WORDS = {
    Verdict.PROVED: "a cycle is proved",
    Verdict.REFUTED: "that there is no cycle is proved",
    Verdict.UNDECIDED: "undecided",
}


@dataclass(frozen=True, slots=True, repr=False)
class Cycle(Answer[CycleQuestion, ClosedTrajectory, Exclusion]):
    """The answer of :func:`cycle`."""

    @property
    def period(self) -> int:
        """The number of steps K; cycles whose length divides K are among those that are asked about."""
        return self.question.period

    @property
    def finding(self) -> str:
        """The verdict as words."""
        return _WORDS[self.verdict]

    def __str__(self) -> str:
        """Say what is proved."""
        if self.certificate is None:
            return f"{self.method.title or type(self.method).__name__}: undecided for cycles of {self.period} steps."
        return self.certificate.sentence()


def cycle(method: Method, setting: Setting, period: int = 2, *, solver: str = DEFAULT) -> Cycle:
    """Search a trajectory that returns to its state after ``period`` steps and is not at rest at the minimiser.

    One such trajectory, with functions and compressors of the classes, proves that the method does not converge from every state.
    The search is one SDP (cycles as counterexamples: Goujaud, Dieuleveut, Taylor, 2303.10503): its dual is the Gram matrix of a
    cycle, its multipliers prove that there is none. Either is rounded to rational numbers and checked exactly; otherwise the
    answer is undecided. That there is no cycle of one length says nothing about convergence.

    Args:
        method: the method with its parameters; ``step_size="optimal"`` takes the literature's closed form, rounded to 17 digits.
        setting: functions, compressor and agents.
        period: the number of steps K, 1 to 24; K = 1 asks for fixed points.
        solver: ``"clarabel"`` (with extended precision where it does not suffice), ``"extended"``, ``"scs"`` or ``"cvxpy:NAME"``.

    Raises:
        InputError: the question is not well posed, for instance because compressors are random.
    """
    require(method, setting, "EF21(step_size='1/10')")
    steps = checked_period(period)
    backend = find_solver(solver)
    begin = time.perf_counter()
    method = method.resolved(setting)
    found = ask(CycleQuestion(method, setting, steps, Fraction(1)), backend)
    return replace(found, seconds=time.perf_counter() - begin)


@within_doubles
def ask(question: CycleQuestion, solver: Solver) -> Cycle:
    """Return the answer to a question; see :func:`cycle`.

    Raises:
        InputError: the question is not well posed.
    """
    begin = time.perf_counter()
    for candidate in [solver, find_solver("extended")] if solver.name == DEFAULT else [solver]:
        witness = decide(question.inequalities, candidate)
        if witness is not None:
            return Cycle(question, proved(question, witness, candidate.name), candidate.name, time.perf_counter() - begin)
    return Cycle(question, None, solver.name, time.perf_counter() - begin)


def decide(question: CycleInequalities, solver: Solver) -> ClosedTrajectory | Exclusion | None:
    """Return a proved trajectory or a proved exclusion, or None where the solver's proposal rounds to neither."""
    search = OrbitSearch(question, solver)
    return search.exclusion() or search.trajectory()


def checked_period(period: object) -> int:
    """Return a period as an integer.

    Raises:
        InputError: it is no whole number of a sensible size.
    """
    number = None if isinstance(period, bool) else rational(period, "period")
    if number is None or number.denominator != 1 or not 1 <= number <= LONGEST:
        raise InputError(
            f"period is {shown(period)}, the number of steps after which a cycle closes; give 1 to {LONGEST}.", argument="period"
        )
    return number.numerator
