"""Noise in nonconvex potentials: the answer of :func:`efpep.noise` for functions without a minimiser."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from fractions import Fraction

from efpep.conic.solver import Solver
from efpep.methods.base import Method
from efpep.proof.witness import UpperWitness
from efpep.questions.answer import proved
from efpep.questions.common.magnitude import within_doubles
from efpep.questions.common.refutable_answer import RefutableInterval, enclosed
from efpep.questions.nonconvex_noise.question import NonconvexNoiseQuestion
from efpep.questions.nonconvex_noise.search import least_constant, lowest_floor
from efpep.setting import Setting


@dataclass(frozen=True, slots=True, repr=False)
class NonconvexNoise(RefutableInterval[NonconvexNoiseQuestion]):
    """The least constant c of the noise beside a decrease a, or that there is none.

    No potential with this decrease has a constant smaller than ``lower``, and one has ``upper``.

    Attributes:
        chosen: whether the decrease was chosen for the lowest floor, which is what trying some found.
    """

    chosen: bool = False

    @property
    def decrease(self) -> Fraction:
        """The decrease a."""
        return self.question.decrease

    @property
    def witness(self) -> UpperWitness | None:
        """The witness of the upper end."""
        return None if self.certificate is None else self.certificate.upper

    @property
    def floor(self) -> Fraction | None:
        """What the mean of ``E ||grad f(x_t)||^2`` comes down to at most, ``(c/a) sigma^2``."""
        return None if self.witness is None else self.question.floor(self.witness)

    @property
    def terms(self) -> dict[str, Fraction] | None:
        """The terms that bound T times what is above the floor, from the method's own start; None if unknown."""
        return None if self.witness is None else self.question.terms(self.witness)


def nonconvex_noise(method: Method, setting: Setting, decrease: object | None, solver: Solver) -> NonconvexNoise:
    """Enclose the least constant of the noise beside a decrease, or beside that with the lowest floor.

    Raises:
        InputError: the question is not well posed, or no potential decreases.
    """
    made = method.resolved(replace(setting, noise=None))
    chosen = lowest_floor(made, setting, solver) if decrease is None else decrease
    found = ask(NonconvexNoiseQuestion(made, setting, chosen), solver)  # pyright: ignore[reportArgumentType] - it is read
    return replace(found, chosen=decrease is None)


@within_doubles
def ask(question: NonconvexNoiseQuestion, solver: Solver) -> NonconvexNoise:
    """Return the answer to a question.

    Raises:
        InputError: the question is not well posed.
    """
    begin = time.perf_counter()
    below, upper, proposer = enclosed(question, solver, least_constant)
    return NonconvexNoise(question, proved(question, below, upper, proposer), proposer, time.perf_counter() - begin)
