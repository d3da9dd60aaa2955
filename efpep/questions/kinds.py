"""The kinds of questions, one line each: their name, the folder that holds them, what is asked, and the verb that asks it.

Certificate formats, commands, studies, the contract tests and the documentation follow from this table. A kind is loaded when it
is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any

from efpep.errors import CertificateError
from efpep.model.field import shown
from efpep.report.display import Display, as_json

if TYPE_CHECKING:
    from efpep.questions.answer import Answer
    from efpep.questions.base import AnyCertificate


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of questions.

    Attributes:
        folder: the package below :mod:`efpep.questions` that says what is its own.
        asks: the class of its questions, in the folder's module ``question``.
        format: the format that its certificates name.
        verb: the command that asks it, which is the ``question`` of studies too; empty for a composite.
        composite: of a kind that is asked within others' answers, whose.
    """

    folder: str
    asks: str
    format: str
    verb: str
    composite: str = ""

    def question(self) -> Any:
        """Return the class of its questions, a subclass of :class:`efpep.questions.base.Question`."""
        return getattr(self.module("question"), self.asks)

    def form(self) -> Any:
        """Return how its questions stand in study files, a class of :class:`efpep.questions.common.study_form.StudyForm`."""
        return self.module("study").FORM

    def module(self, name: str) -> Any:
        """Return a module of its folder: ``"report"``, for instance."""
        return import_module(f"efpep.questions.{self.folder}.{name}")


KINDS = {
    "rate": Kind("rate", "RateQuestion", "efpep-rate-1", "rate"),
    "step size": Kind("tune", "StepSizeQuestion", "efpep-step-size-1", "tune"),
    "growing potential": Kind("potential", "PotentialQuestion", "efpep-growing-1", "potential"),
    "averaging potential": Kind("averaging", "AveragingQuestion", "efpep-one-step-1", "potential"),
    "worst case": Kind("worst_case", "WorstCaseQuestion", "efpep-worst-case-1", "worst-case"),
    "cycle": Kind("cycle", "CycleQuestion", "efpep-orbit-1", "cycle"),
    "switching patterns": Kind("switching", "SwitchingQuestion", "efpep-patterns-1", "patterns"),
    "nonconvex potential": Kind("nonconvex", "NonconvexQuestion", "efpep-nonconvex-1", "potential"),
    "noise constant": Kind("noise", "NoiseQuestion", "efpep-noise-1", "noise"),
    "nonconvex noise constant": Kind("nonconvex_noise", "NonconvexNoiseQuestion", "efpep-nonconvex-noise-1", "noise"),
    "quadratic instance": Kind(
        "quadratic", "QuadraticQuestion", "efpep-quadratic-1", "", "searched beside trajectories by 'efpep adversary'"
    ),
    "target accuracy": Kind(
        "target", "TargetQuestion", "efpep-target-1", "", "made of constants of noise by 'efpep tune --target'"
    ),
    "improvement": Kind("improvement", "ImprovementQuestion", "efpep-improvement-1", "", "made of rates by studies of laws"),
}
"""The kinds of questions that have certificates, by their names."""

VERBS = {kind.verb: [k for k in KINDS.values() if k.verb == kind.verb] for kind in KINDS.values() if kind.verb}
"""The kinds that every verb asks; which of them, the method says."""


def claim_object(certificate: AnyCertificate) -> dict[str, object]:
    """Return what a certificate claims as a JSON object: the question's parameters, and the interval that is claimed."""
    return KINDS[certificate.question.KIND].module("report").claim_object(certificate)


def answer_object(answer: Answer[Any, Any, Any]) -> dict[str, object]:
    """Return an answer as a JSON object: the question, and what is proved."""
    return KINDS[answer.question.KIND].module("report").answer_object(answer)


def answer_text(answer: Answer[Any, Any, Any]) -> str:
    """Return an answer as lines for a reader."""
    return KINDS[answer.question.KIND].module("report").answer_text(answer)


def answer_display(answer: Answer[Any, Any, Any]) -> Display:
    """Return what an answer shows in notebooks and at prompts: its rows, a formula where its kind has one, and its proof."""
    report, certificate = KINDS[answer.question.KIND].module("report"), answer.certificate
    formula = report.answer_formula(answer) if hasattr(report, "answer_formula") else None
    folded = None if certificate is None else ("certificate", lambda: as_json(certificate.describe()))
    return Display(answer.verdict.value, answer.finding, report.answer_rows(answer), formula, folded)


def of_format(form: object) -> Kind:
    """Return the kind whose certificates name a format.

    Raises:
        CertificateError: there is none.
    """
    for kind in KINDS.values():
        if form == kind.format:
            return kind
    known = ", ".join(kind.format for kind in KINDS.values())
    raise CertificateError(f"the claim's format is {shown(form)}, which is none of {known}.")
