"""A question about a method in a setting, whose answer is an interval with one certificate, as a task of a sweep.

A kind of question says what is asked (:meth:`QuestionTask.posed`) and how it is answered; that the digest of the question is part
of the key, and the check that a stored answer is a proof of this very question, are the same for all kinds.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from dataclasses import fields, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar, cast

from efpep.errors import CertificateError, InputError, UnavailableError
from efpep.methods.base import Method
from efpep.proof.provenance import Provenance
from efpep.questions.base import AnyCertificate, Certificate, Question
from efpep.report.answer import interval_object
from efpep.setting import Setting
from efpep.studies.engine.task import Outcome, State, Task, modules_of
from efpep.trust import allowing

Q = TypeVar("Q", bound=Question[Any, Any])


class QuestionTask(Task, Generic[Q]):
    """Base of the tasks that are questions about a method in a setting.

    Attributes:
        ends: the key under which JSON objects have the interval.
        method: the method.
        setting: the setting.
        solver: who proposes.
    """

    ends: ClassVar[str]
    method: Method
    setting: Setting
    solver: str

    @abstractmethod
    def posed(self) -> Q:
        """Return the question as certificates are about it.

        Raises:
            InputError: it is not well posed.
        """

    @cached_property
    def asked(self) -> Q:
        """The question as certificates are about it."""
        return self.posed()

    def further(self) -> dict[str, object]:
        """Return what is asked besides the method and the setting, where the questions of one study differ in it."""
        return {}

    def shown(self, outcome: Outcome) -> Mapping[str, str | None]:
        """Return the interval of an outcome as decimals rounded outward; an end that is not proved is None."""
        return interval_object(*outcome.interval())

    @staticmethod
    @abstractmethod
    def state(lower: Fraction | None, upper: Fraction | None) -> State:
        """Return what the ends of an answer say."""

    @cached_property
    def system(self) -> str | None:
        """The digest of the question, or None where it cannot be asked."""
        try:
            return self.asked.digest
        except (InputError, UnavailableError):
            return None

    def label(self) -> str:
        """Return the method and the setting on one line."""
        return f"{_words(self.method.describe())}, {_words(self.setting.describe())}"

    def recheck(self, outcome: Outcome) -> None:
        """Check the certificate in exact arithmetic, and that it is about this question and proves what is said."""
        certificate = self.certificate(outcome)
        if certificate is not None:
            certificate.check()

    def certificate(self, outcome: Outcome) -> Certificate[Q, Any, Any] | None:
        """Return the certificate of an outcome, unchecked; None where nothing is proved.

        Raises:
            CertificateError: it is about another question, or not of the interval of the outcome.
        """
        described = outcome.value.get("certificate")
        if described is None:
            if outcome.interval() != (None, None) or outcome.state is not State.UNDECIDED:
                raise CertificateError("the answer claims something and has no certificate.")
            return None
        with allowing(*modules_of(self.method, self.setting)):
            try:
                found: Certificate[Q, Any, Any] = Certificate.restore(_table(described))
            except CertificateError as error:
                raise CertificateError(f"the question has changed since it was answered, or the answer has: {error}") from error
        if found.question != self.asked:
            raise CertificateError("the certificate is about another question.")
        lower, upper = (None if end is None else end.theta for end in (found.lower, found.upper))
        if (lower, upper) != outcome.interval() or outcome.state is not self.state(lower, upper):
            raise CertificateError("the certificate is not of the interval that the answer names.")
        return replace(found, provenance=Provenance(str(outcome.value.get("solver", self.solver))))

    def __getstate__(self) -> dict[str, object]:
        """Leave what was built behind when the task travels to a worker."""
        return {field.name: getattr(self, field.name) for field in fields(cast("Any", self))}


AnyQuestionTask: TypeAlias = QuestionTask[Any]
"""A question of whatever kind."""


def proved(
    lower: Fraction | None, upper: Fraction | None, certificate: AnyCertificate | None, **more: object
) -> dict[str, object]:
    """Return an interval with its certificate as the value of an outcome."""
    return {
        "lower": None if lower is None else str(lower),
        "upper": None if upper is None else str(upper),
        **more,
        "certificate": None if certificate is None else certificate.describe(),
    }


def _table(described: object) -> Mapping[str, object]:
    return cast("Mapping[str, object]", described) if isinstance(described, Mapping) else {}


def _words(described: object) -> str:
    if isinstance(described, Mapping):
        table = cast("Mapping[str, object]", described)
        named = [str(table["class"])] if "class" in table else []
        return " ".join([*named, *(f"{name}={_words(part)}" for name, part in table.items() if name != "class")])
    if isinstance(described, list):
        return "[" + ", ".join(_words(part) for part in cast("list[object]", described)) + "]"
    return str(described)
