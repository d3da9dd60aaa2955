"""Cycles in study files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar

from efpep.methods import Method
from efpep.questions.base import AnyCertificate
from efpep.questions.common.study_form import Quantity, StudyForm, key
from efpep.questions.cycle.answer import checked_period
from efpep.questions.cycle.question import CycleQuestion
from efpep.setting import Setting


def _period(value: object, what: str) -> int:
    del what
    return checked_period(value)


@dataclass(frozen=True, kw_only=True)
class CycleForm(StudyForm[CycleQuestion]):
    """Has a method a cycle of so many steps? Proved is that it has, refuted that there is none; there is no number."""

    KIND: ClassVar[str] = CycleQuestion.KIND
    VALUE: ClassVar[str] = "cycle"
    MEANING: ClassVar[str] = (
        "Yes: one is proved, so the method does not converge from every state. No: that there is none of this length is proved, "
        "which says nothing about convergence."
    )
    OPEN: ClassVar[str] = "the solvers' proposals prove neither a cycle nor that there is none"

    period: int = key(_period, 2, several=True)

    def question(self, method: Method, setting: Setting) -> CycleQuestion:
        """Return the question whether there is a cycle, with the method's step size."""
        return CycleQuestion(method.resolved(setting), setting, self.period, Fraction(1))

    def claimed(self, certificate: AnyCertificate | None, asked: CycleQuestion) -> dict[str, object]:
        """Return whether a certificate proves a cycle, or that there is none."""
        del asked
        return {self.VALUE: None if certificate is None else certificate.lower is not None}

    def quantities(self, claimed: Mapping[str, object]) -> dict[str, Quantity]:
        """Return whether there is a cycle."""
        found = claimed.get(self.VALUE)
        return {self.VALUE: found if isinstance(found, bool) else None}

    def told(self) -> str:
        """Return what is asked, as a sentence."""
        return "Whether a trajectory returns to its state after so many steps (the period) without resting at the minimiser."


FORM: type[StudyForm[Any]] = CycleForm
