"""Answers to what stochastic gradients cost, of functions with a minimiser, with proof."""

from __future__ import annotations

import time
from dataclasses import dataclass
from fractions import Fraction

from efpep.conic.solver import Solver
from efpep.questions.answer import proved
from efpep.questions.common.magnitude import within_doubles
from efpep.questions.common.refutable_answer import RefutableInterval, enclosed
from efpep.questions.noise.question import LAST, NoiseQuestion
from efpep.questions.noise.search import least_constant
from efpep.questions.rate.answer import Lyapunov


@dataclass(frozen=True, slots=True, repr=False)
class NoiseConstant(RefutableInterval[NoiseQuestion]):
    """The answer of :func:`efpep.noise`.

    No Lyapunov function of the class proves a constant c smaller than ``lower``, and one proves ``upper``; an end is None where
    it is undecided. Where ``needed`` is a number there is no c: without noise none contracts by a factor below it.

    Attributes:
        lyapunov: the Lyapunov function of the upper end, or None.
    """

    lyapunov: Lyapunov | None = None

    @property
    def floor(self) -> Fraction | None:
        """What the metric comes down to at most in the limit: ``c sigma^2``, or for the last iterate that over ``1 - rho``."""
        if self.upper is None:
            return None
        asked = self.question
        return self.upper * asked.sigma**2 / (1 - asked.rho if asked.bound == LAST else 1)


@within_doubles
def ask(question: NoiseQuestion, solver: Solver) -> NoiseConstant:
    """Return the answer to a question; see :func:`efpep.noise`.

    Raises:
        InputError: the question is not well posed.
    """
    begin = time.perf_counter()
    below, upper, proposer = enclosed(question, solver, least_constant)
    certificate = proved(question, below, upper, proposer)
    function = None if upper is None else Lyapunov.of(question.inequalities, upper)
    return NoiseConstant(question, certificate, proposer, time.perf_counter() - begin, function)
