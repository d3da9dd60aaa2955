"""One call of ``efpep.tune``: which parameters are tried, and what their rates are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property, partial
from typing import cast

from efpep.conic.solver import find_solver
from efpep.errors import InputError
from efpep.methods.base import Method
from efpep.model.box import Box
from efpep.model.field import rounded
from efpep.questions.rate.answer import WIDTH, Rate, given_weights
from efpep.questions.rate.answer import ask as ask_rate
from efpep.questions.rate.lyapunov import Lyapunov
from efpep.questions.rate.lyapunov_class import LyapunovClass
from efpep.questions.rate.question import RateQuestion
from efpep.questions.tune.best import candidates
from efpep.questions.tune.deadline import Deadline
from efpep.questions.tune.lines import Lines
from efpep.questions.tune.planes import Planes
from efpep.questions.tune.question import STEP
from efpep.questions.tune.ranges import around
from efpep.questions.tune.search import Excluder
from efpep.questions.tune.settled import Settled, settled
from efpep.setting import Setting
from efpep.theory.closed_form import ClosedForm

_SEARCH = 0.5
"""The share of the time that is left for the search."""
_SHARP = Fraction(1, 10**7)
"""How wide the interval of a rate that a theorem gives is, relative to ``1 - rho``: about so wide is a bracket, relatively."""
_PLACE = Fraction(1)
"""The step size at which a question is posed whose step size is not known yet."""
_TRIES = 5
"""How many numerically best parameters are proved at most, besides the tested ones."""


@dataclass(frozen=True)
class Tuning:
    """One call of :func:`efpep.tune`, with everything read.

    Attributes:
        template: the method, whose other parameters are kept.
        names: the parameters that are tuned.
        tested: the parameters that are compared with the best ones, or None.
        source: the closed form that they come from, or None where numbers were given.
        asked: whether the question named them.
        setting: the setting.
        metric: what the Lyapunov function controls.
        solver: the name of the solver that proposes.
        tolerance: how wide a bracket may be, relatively.
        lyapunov: a given Lyapunov function, or None.
        lyapunov_class: the class of Lyapunov functions.
        deadline: when the search ends.
    """

    template: Method
    names: tuple[str, ...]
    tested: dict[str, Fraction] | None
    source: ClosedForm | None
    asked: bool
    setting: Setting
    metric: str
    solver: str
    tolerance: Fraction
    lyapunov: str | Lyapunov | None
    lyapunov_class: LyapunovClass
    deadline: Deadline

    def posed(self, method: Method) -> RateQuestion:
        """Return the question at which rate a method contracts."""
        question = RateQuestion(method, self.setting, self.metric, None, self.lyapunov_class)
        if self.lyapunov is None:
            return question
        return question.about(given_weights(question.inequalities, method, self.setting, self.lyapunov))

    def rate_at(self, values: Mapping[str, Fraction], width: Fraction = WIDTH) -> Rate:
        """Return the proved rate with these parameters, and how wide its interval may be."""
        return ask_rate(self.posed(replace(self.template, **values)), find_solver(self.solver), width=width)

    @cached_property
    def settled(self) -> Settled | None:
        """A step size of which instances on a line prove that nothing else is better to within the tolerance; None without one.

        Tried are the literature's, and the one at which such instances meet.
        """
        if self.names != (STEP,):
            return None
        literature = self._literature()
        found = None if literature is None else self._settled_at(literature)
        if found is not None:
            return found
        lines = Lines.of(self.posed(replace(self.template, step_size=_PLACE)))
        meeting = None if lines is None else self.deadline.timed(lines.meeting)
        return None if meeting is None else self._settled_at(meeting)

    def _literature(self) -> Fraction | None:
        """Return the literature's best step size, or None where it has none."""
        try:
            source = self.source or self.template.literature.optimal_step_size(self.template, self.setting)
        except InputError:
            return None
        return rounded(source.value, 17)

    def _settled_at(self, step: Fraction) -> Settled | None:
        values = {STEP: step}
        found = self.deadline.timed(partial(self.rate_at, values))
        if found.by_theorem and found.upper is not None and found.lower is not None:
            sharp = _SHARP * (1 - found.upper)
            if found.upper - found.lower > sharp:
                found = self.deadline.timed(partial(self.rate_at, values, sharp))
        excluder = Excluder(found.question, self.names, find_solver(self.solver))
        return settled(found, self.tolerance, excluder, self.deadline.part(_SEARCH))

    def tested_rate(self) -> Rate | None:
        """Return the rate of the tested parameters."""
        if self.tested is None:
            return None
        if self.settled is not None and self.settled.found.method.step_size == self.tested.get(STEP):
            return self.settled.found
        return self.deadline.timed(partial(self.rate_at, self.tested))

    def best(self) -> tuple[Rate, Rate | None]:
        """Return the least of the proved rates of what was tried, and the rate of the tested parameters.

        Nothing is tried where the literature's step size is settled. The tested ones are among what is tried. Numerically
        better ones are proved too, as long as what they seem to gain is more than the width of a proof.
        """
        if self.settled is not None:
            return self.settled.found, self.tested_rate()
        starts = [] if self.tested is None else [self.tested]
        planes = self._planes()
        screen = None if planes is None else planes.rate
        ranked = candidates(self.template, self.names, self.posed, starts, self.deadline.part(_SEARCH), screen)
        best = at = self.tested_rate()
        for candidate in ranked[:_TRIES]:
            least = None if best is None else best.upper
            if best is not None and (self.deadline.over or (least is not None and candidate.estimate > least - _proof(least))):
                break
            found = self.deadline.timed(partial(self.rate_at, candidate.values))
            if best is None or (found.upper is not None and (least is None or found.upper < least)):
                best = found
        return cast("Rate", best), at

    def _planes(self) -> Planes | None:
        """Return the instances whose rate is a lower bound, where several parameters are tuned and there are any."""
        return Planes.of(self.posed(self.template), self.names) if len(self.names) > 1 else None

    def around(self, values: Mapping[str, Fraction]) -> Box:
        """Return what is within the tolerance of these parameters."""
        return around(self.template, values, self.tolerance)


def _proof(rate: Fraction) -> Fraction:
    """Return how wide a proof of a rate may be."""
    return min(Fraction(1, 10**8), (1 - rate) / 10**4)
