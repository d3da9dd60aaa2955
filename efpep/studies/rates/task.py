"""The question of :func:`efpep.rate` as a task of a sweep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from efpep.methods.base import OPTIMAL
from efpep.questions.rate.study import RateForm
from efpep.studies.engine.question_task import QuestionTask
from efpep.studies.engine.task import Outcome, TaskState

if TYPE_CHECKING:
    from efpep.questions.rate.answer import Rate

_BEST = RateForm()
"""The best Lyapunov function for the distance."""


@dataclass(frozen=True)
class RateTask(QuestionTask):
    """What is the proved rate of a method in a setting? See :class:`~efpep.studies.engine.question_task.QuestionTask`."""

    form: RateForm = _BEST

    def rate(self, outcome: Outcome) -> Rate:
        """Return the outcome as :func:`efpep.rate` returns its answer, without checking the certificates again.

        It is undecided where the question cannot be asked.

        Raises:
            CertificateError: the stored certificate is not about this question, or not of this interval.
        """
        from efpep.questions.rate.answer import Rate
        from efpep.questions.rate.lyapunov import Lyapunov
        from efpep.questions.rate.lyapunov_class import LyapunovClass
        from efpep.questions.rate.question import RateQuestion

        if outcome.state is TaskState.FAILED:
            chosen = LyapunovClass(self.form.memory, None, self.form.signs(self.method))
            question = RateQuestion(self.method, self.setting, self.form.metric, lyapunov_class=chosen)
            return Rate(question=question, certificate=None, solver=self.solver, seconds=0)
        certificate = self.certificate(outcome)
        upper = None if certificate is None else certificate.upper
        optimal, known = self.method.step_size == OPTIMAL, self.method.literature
        return Rate(
            question=self.asked,
            certificate=certificate,
            solver=str(outcome.value["solver"]),
            seconds=outcome.seconds,
            lyapunov=None if upper is None else Lyapunov.of(self.asked.inequalities, upper),
            step_size_source=known.optimal_step_size(self.method, self.setting) if optimal else None,
            theory=known.rate(self.method, self.setting) if optimal else None,
        )
