"""The question of :func:`efpep.rate` as a task of a sweep."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar

from efpep.conic.solver import DEFAULT
from efpep.methods.base import OPTIMAL, Method
from efpep.model.text import exact
from efpep.questions.rate.enclosure import WIDTH
from efpep.questions.rate.lyapunov_class import WEIGHTS, Shape
from efpep.questions.rate.question import RateQuestion
from efpep.setting import Setting
from efpep.studies.engine.question_task import QuestionTask, proved
from efpep.studies.engine.task import Outcome, State

if TYPE_CHECKING:
    from efpep.questions.rate.answer import Rate


@dataclass(frozen=True)
class RateTask(QuestionTask[RateQuestion]):
    """What is the proved rate of a method in a setting?

    Attributes:
        method: the method; its step size is a number or ``"optimal"``.
        setting: the setting.
        metric: as for :func:`efpep.rate`, like all that follow.
        solver: who proposes.
        lyapunov: a Lyapunov function to take instead of the best one.
        memory: how many past states Lyapunov functions may depend on.
        features: what they may be made of.
        width: how wide the interval may be.
        positivity: what makes them nonnegative.
    """

    kind: ClassVar[str] = "rate"
    ends: ClassVar[str] = "rate"
    method: Method
    setting: Setting
    metric: str = "distance"
    solver: str = DEFAULT
    lyapunov: str | None = None
    memory: int = 0
    features: tuple[str, ...] | None = None
    width: Fraction = WIDTH
    positivity: str = WEIGHTS

    def describe(self) -> dict[str, object]:
        """Return the question, with the digest of the system that it is."""
        return {
            "method": self.method.describe(),
            "setting": self.setting.describe(),
            "metric": self.metric,
            "lyapunov": self.lyapunov,
            "memory": self.memory,
            "features": None if self.features is None else list(self.features),
            **({} if self.positivity == WEIGHTS else {"positivity": self.positivity}),
            "solver": self.solver,
            "tolerances": {"width": exact(self.width)},
            **({"title": self.method.called()} if self.method.foreign() else {}),
            "system": self.system,
        }

    def posed(self) -> RateQuestion:
        """Return the question at which rate the method contracts; about the given Lyapunov function where there is one."""
        method = self.method.resolved(self.setting)
        found = RateQuestion(method, self.setting, self.metric, shape=Shape(self.memory, self.features, self.positivity))
        if self.lyapunov is None:
            return found
        from efpep.questions.rate.answer import given_weights

        return found.about(given_weights(found.built, method, self.setting, self.lyapunov))

    @staticmethod
    def state(lower: Fraction | None, upper: Fraction | None) -> State:
        """Return what the ends of a rate say: proved is a contraction, refuted that there is none in the class."""
        if upper is not None and upper < 1:
            return State.PROVED
        return State.REFUTED if lower is not None and lower >= 1 else State.UNDECIDED

    def answer(self) -> Outcome:
        """Compute and prove the rate."""
        from efpep.questions.rate.answer import rate

        found = rate(
            self.method,
            self.setting,
            self.metric,
            self.solver,
            lyapunov=self.lyapunov,
            memory=self.memory,
            features=self.features,
            positivity=self.positivity,
            width=self.width,
        )
        value = proved(found.lower, found.upper, found.certificate, solver=found.solver)
        state = self.state(found.lower, found.upper)
        return Outcome(state, value, "" if state is not State.UNDECIDED else "the solvers' proposals do not prove an upper end")

    def rate(self, outcome: Outcome) -> Rate:
        """Return the outcome as :func:`efpep.rate` returns its answer, without checking the certificates again.

        Raises:
            CertificateError: the stored certificate is not about this question, or not of this interval.
        """
        from efpep.questions.rate.answer import Rate
        from efpep.questions.rate.lyapunov import Lyapunov

        certificate = self.certificate(outcome)
        upper = None if certificate is None else certificate.upper
        optimal, known = self.method.step_size == OPTIMAL, self.method.literature
        return Rate(
            question=self.asked,
            certificate=certificate,
            solver=str(outcome.value["solver"]),
            seconds=outcome.seconds,
            lyapunov=None if upper is None else Lyapunov.of(self.asked.built, upper),
            step_size_source=known.optimal_step_size(self.method, self.setting) if optimal else None,
            theory=known.rate(self.method, self.setting) if optimal else None,
        )
