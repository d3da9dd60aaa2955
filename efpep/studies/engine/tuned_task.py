"""A question at a tuned step size, as a task of a sweep: the step size is found first, and the question is asked there.

The step size is that of :func:`efpep.tune` in the same time: of all that are tried, the one with the least proved rate. That none
is better is not claimed; what is claimed is the answer at this step size, with its certificate.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import cast

from efpep.errors import CertificateError, InputError
from efpep.methods import Method
from efpep.studies.engine.question_task import QuestionTask
from efpep.studies.engine.task import Outcome, Task, TaskState

SECONDS = Fraction(60)
"""How long the search for one step size may take where the study does not say it."""
_PLACE = Fraction(1, 3)
"""The step size at which a question is recorded for its digest."""


@dataclass(frozen=True)
class TunedTask(Task):
    """What is proved about a method in a setting, at the best step size that is found?

    Attributes:
        task: the question; its method's step size is open.
        seconds: how long the search may take.
    """

    task: QuestionTask
    seconds: Fraction = SECONDS

    @property
    def kind(self) -> str:
        """The kind of question, as stores call it."""
        return self.task.kind

    @property
    def method(self) -> Method:
        """The method, whose step size is open."""
        return self.task.method

    @cached_property
    def _placed(self) -> QuestionTask:
        return self._at(_PLACE)

    @property
    def refused(self) -> InputError | None:
        """Why the question is not well posed, whatever the step size; None where it is."""
        return self._placed.refused

    def describe(self) -> dict[str, object]:
        """Return the question with an open step size, and the time."""
        described = self._placed.describe()
        method = {**cast("Mapping[str, object]", described["method"]), "step_size": "tuned"}
        return {**described, "method": method, "seconds": str(self.seconds)}

    def label(self) -> str:
        """Return the question on one line."""
        return f"{self.task.label()}, with a tuned step size"

    def answer(self) -> Outcome:
        """Find the step size, ask, and keep it with the certificate; the question is impossible where nothing can be tuned."""
        from efpep.questions.tune.answer import best_rate

        task = self.task
        if self.refused is not None:
            return Outcome(TaskState.FAILED, reason=str(self.refused))
        try:
            found = best_rate(self.method, task.setting, solver=task.solver, seconds=float(self.seconds), **task.form.tuning())
        except InputError as error:
            return Outcome(TaskState.FAILED, {"untuned": True}, f"its step size cannot be tuned: {error}")
        step = found.method.step_size
        answered = self._at(step).answer()
        return replace(answered, value={"step_size": str(step), **answered.value})

    def recheck(self, outcome: Outcome) -> None:
        """Check the certificate in exact arithmetic, and that it is about this question at the step size of the outcome."""
        self.settled(outcome).recheck(outcome)

    def settled(self, outcome: Outcome) -> QuestionTask:
        """Return the question at the step size of an outcome; as it stands, with the reason, where there is none.

        Raises:
            CertificateError: the outcome names no number.
        """
        step = outcome.value.get("step_size")
        if step is None:
            return replace(self.task, tuned=True, unasked=outcome.reason if self.refused or "untuned" in outcome.value else "")
        try:
            return self._at(Fraction(str(step)))
        except (ValueError, ZeroDivisionError) as error:
            raise CertificateError("the tuned step size is no number.") from error

    def _at(self, step: Fraction) -> QuestionTask:
        return replace(self.task, method=replace(self.method, step_size=step), tuned=True)


def opened(task: QuestionTask | TunedTask) -> QuestionTask:
    """Return the question before it is answered: of a tuned one, that with an open step size."""
    return replace(task.task, tuned=True) if isinstance(task, TunedTask) else task


def settled(task: QuestionTask | TunedTask, outcome: Outcome) -> QuestionTask:
    """Return the question that an outcome answers: of a tuned one, that at the step size found."""
    return task.settled(outcome) if isinstance(task, TunedTask) else task
