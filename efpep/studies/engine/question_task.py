"""A question of whatever kind about a method in a setting, as a task of a sweep.

What is asked and how it is answered, the kind says (:class:`~efpep.questions.common.study_form.StudyForm`). That the question's
digest is part of the key, and the check that a stored answer is a proof of this very question, are the same for all kinds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from functools import cached_property
from typing import Any, cast

from efpep.conic.solver import DEFAULT
from efpep.errors import CertificateError, InputError, UnavailableError
from efpep.methods.base import Method
from efpep.proof.provenance import Provenance
from efpep.questions.base import AnyCertificate, Certificate
from efpep.questions.common.study_form import AnyForm, Quantity
from efpep.setting import Setting
from efpep.studies.engine.task import Outcome, Task, TaskState, modules_of
from efpep.trust import allowing


@dataclass(frozen=True)
class QuestionTask(Task):
    """What is proved about a method in a setting?

    Attributes:
        method: the method; its step size is a number or ``"optimal"``.
        setting: the setting.
        form: what is asked.
        solver: who proposes.
        tuned: whether its step size is the best one that was found (:mod:`efpep.studies.engine.tuned_task`).
        unasked: why no question was asked, where none was.
    """

    method: Method
    setting: Setting
    form: AnyForm
    solver: str = DEFAULT
    tuned: bool = False
    unasked: str = ""

    @property
    def kind(self) -> str:
        """The kind of question, as stores call it."""
        return self.form.STORED or self.form.KIND

    def describe(self) -> dict[str, object]:
        """Return the question with the solver.

        Where somebody's own classes take part, whose code may change while efpep's version does not, the digest of what is
        recorded of the question stands beside it.
        """
        subject = {"method": self.method.describe(), "setting": self.setting.describe()}
        own = {"system": self.system} if modules_of(self.method, self.setting) else {}
        return {**subject, **self.form.describe(self.method), "solver": self.solver, **own}

    @cached_property
    def asked(self) -> Any:
        """The question as certificates are about it."""
        return self.form.question(self.method, self.setting)

    @cached_property
    def refused(self) -> InputError | None:
        """Why the question is not well posed; None where it is."""
        if self.unasked:
            return InputError(self.unasked)
        try:
            _ = self.asked.digest
        except InputError as error:
            return error
        except UnavailableError:
            return None
        return None

    @cached_property
    def system(self) -> str | None:
        """The digest of the question, or None where it cannot be asked."""
        try:
            return None if self.refused else self.asked.digest
        except UnavailableError:
            return None

    def shown_method(self, outcome: Outcome | None = None) -> Method:
        """Return the method with its step size, of the answer where that chooses it; as it stands where it is not known."""
        try:
            return self.form.method(self.asked, {} if outcome is None else outcome.value)
        except InputError:
            return self.method

    def quantities(self, outcome: Outcome) -> dict[str, Quantity]:
        """Return what a table shows of an outcome, by name."""
        return self.form.quantities(outcome.value)

    def described(self, outcome: Outcome) -> dict[str, object]:
        """Return the same as a JSON object: ends as decimals rounded outward, and None where nothing is proved."""
        found = self.quantities(outcome)
        return {name: self.form.decimals(*part) if isinstance(part, tuple) else part for name, part in found.items()}

    def label(self) -> str:
        """Return the method, the setting, and what else is asked on one line."""
        further = [f"{name} {value}" for name, value in self.form.further().items()]
        return ", ".join([_words(self.method.describe()), _words(self.setting.describe()), *further])

    def answer(self) -> Outcome:
        """Ask, and keep the certificate."""
        certificate, said = self.form.answer(self.asked, self.solver)
        state = self._state(certificate)
        value = {**self.form.claimed(certificate, self.asked), **{name: text for name, text in said.items() if text}}
        reason = said.get("note") or self.form.OPEN if state is TaskState.UNDECIDED else ""
        return Outcome(state, {**value, "certificate": None if certificate is None else certificate.describe()}, reason)

    def recheck(self, outcome: Outcome) -> None:
        """Check the certificate in exact arithmetic, and that it is about this question and proves what is said."""
        certificate = self.certificate(outcome)
        if certificate is not None:
            certificate.check()

    def certificate(self, outcome: Outcome) -> AnyCertificate | None:
        """Return the certificate of an outcome, unchecked; None where nothing is proved.

        Raises:
            CertificateError: it is about another question, or does not prove what the outcome says.
        """
        described = outcome.value.get("certificate")
        found: AnyCertificate | None = None
        if described is not None:
            with allowing(*modules_of(self.method, self.setting)):
                try:
                    found = Certificate.restore(cast("dict[str, object]", described if isinstance(described, dict) else {}))
                except CertificateError as error:
                    raise CertificateError(
                        f"the question has changed since it was answered, or the answer has: {error}"
                    ) from error
            if not self.form.fits(found.question, self.asked):
                raise CertificateError("the certificate is about another question.")
        claimed = self.form.claimed(found, self.asked)
        if {name: outcome.value.get(name) for name in claimed} != claimed or outcome.state is not self._state(found):
            raise CertificateError(
                "the answer claims something and has no certificate."
                if found is None
                else "the certificate is not of the interval, or of the verdict, that the answer names."
            )
        solver = str(outcome.value.get("solver", self.solver))
        return None if found is None else replace(found, provenance=Provenance(solver))

    def _state(self, certificate: AnyCertificate | None) -> TaskState:
        return TaskState.UNDECIDED if certificate is None else TaskState[self.form.verdict(certificate, self.asked).name]

    def __getstate__(self) -> dict[str, object]:
        """Leave what was built behind when the task travels to a worker."""
        return {field.name: getattr(self, field.name) for field in fields(self)}


def _words(described: object) -> str:
    if isinstance(described, Mapping):
        table = cast("Mapping[str, object]", described)
        named = [str(table["class"])] if "class" in table else []
        return " ".join([*named, *(f"{name}={_words(part)}" for name, part in table.items() if name != "class")])
    if isinstance(described, list):
        return "[" + ", ".join(_words(part) for part in cast("list[object]", described)) + "]"
    return str(described)
