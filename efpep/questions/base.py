"""Questions, and certificates of their answers.

A question is a frozen object whose fields are what a claim is about; a certificate is a question with the rational numbers that
prove an end of its answer. Nothing else is stored: a check rebuilds every inequality from the method's own definition.
"""

from __future__ import annotations

import enum
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar, cast

from efpep.errors import CertificateError, InputError
from efpep.methods import METHODS, Method
from efpep.model.digest import digest
from efpep.model.system import System
from efpep.proof import files
from efpep.proof.conditions import check_lower, check_upper
from efpep.proof.layout import Layout, read_lower, read_upper, written
from efpep.proof.provenance import Provenance
from efpep.proof.witness import LowerWitness, Proved, UpperWitness
from efpep.questions.common.required import refuse_beside
from efpep.questions.kinds import KINDS, of_format
from efpep.setting import Setting


class Verdict(enum.Enum):
    """The three answers; what is proved or refuted, the kind of question says."""

    PROVED = "proved"
    REFUTED = "refuted"
    UNDECIDED = "undecided"


L = TypeVar("L")
U = TypeVar("U")
Ends: TypeAlias = tuple[Fraction | None, Fraction | None]
"""The proved ends of a number, the lower one and the upper one; None where undecided."""


@dataclass(frozen=True, slots=True)
class DescribedCertificate:
    """What a certificate's file holds.

    Attributes:
        claim: the JSON object of the claim.
        witnesses: that of the witnesses.
    """

    claim: Mapping[str, object]
    witnesses: object

    def subject(self) -> tuple[Method, Setting]:
        """Return the method and the setting that the claim names.

        Raises:
            CertificateError: they are malformed, or the step size is not a number.
            InputError: they are impossible.
            UnavailableError: a class of the user's cannot be imported here.
        """
        method = METHODS.restore(files.table(self.claim["method"], "the claim's method"))
        setting = Setting.restore(files.table(self.claim["setting"], "the claim's setting"))
        if not isinstance(method.step_size, Fraction):
            raise CertificateError("the claim's step size is not a number.")
        return method, setting


@dataclass(frozen=True)
class Question(ABC, Generic[L, U]):
    """What is asked of a method in a setting: a frozen dataclass, whose fields are what a claim is about.

    Attributes:
        KIND: its name in :data:`efpep.questions.kinds.KINDS`.
        NOISY: whether its settings may have stochastic gradients.
        AVERAGED: whether its settings may have a class of the agents' average f.
        DISSIMILAR: whether they may bound how much the agents' gradients differ everywhere.
        LARGEST: whether the number that is asked for is the largest of which something is proved: minus the theta of witnesses.
        method: the method with its exact parameters.
        setting: the setting.
    """

    KIND: ClassVar[str]
    NOISY: ClassVar[bool] = False
    AVERAGED: ClassVar[bool] = False
    DISSIMILAR: ClassVar[bool] = False
    LARGEST: ClassVar[bool] = False

    method: Method
    setting: Setting

    def __post_init__(self) -> None:
        """Refuse noise, a class of the average f, and a bound of gradients' differences, of which the kind knows nothing.

        Raises:
            InputError: the setting has such.
        """
        for name, known in (("noise", self.NOISY), ("mean", self.AVERAGED), ("dissimilarity", self.DISSIMILAR)):
            if not known:
                refuse_beside(self.setting, name, f"the {self.KIND}")

    @abstractmethod
    def check(self, lower: L | None, upper: U | None) -> None:
        """Check the witnesses in exact arithmetic.

        Raises:
            CertificateError: naming the first condition that fails.
        """

    @abstractmethod
    def sentence(self, lower: L | None, upper: U | None) -> str:
        """Return one sentence that says what is claimed."""

    def verdict(self, lower: L | None, upper: U | None) -> Verdict:
        """Return what the ends of an answer say: proved where there is an upper one, unless the kind says otherwise."""
        del lower
        return Verdict.UNDECIDED if upper is None else Verdict.PROVED

    def ends(self, lower: Proved | None, upper: Proved | None) -> Ends:
        """Return the lower and the upper end of the number that is asked for, by the witnesses of those of theta."""
        least, most = (None if end is None else end.theta for end in (lower, upper))
        if self.LARGEST:
            least, most = (None if end is None else -end for end in (most, least))
        return least, most

    @abstractmethod
    def describe(self, lower: L | None, upper: U | None) -> tuple[dict[str, object], dict[str, object]]:
        """Return the claim and the witnesses as JSON objects.

        Raises:
            CertificateError: a witness does not fit the question.
        """

    @classmethod
    @abstractmethod
    def restore(cls, described: DescribedCertificate) -> Certificate[Any, L, U]:
        """Return the certificate that :meth:`describe` described, without checking its witnesses.

        Raises:
            CertificateError: the description is malformed, or does not fit the question that it names.
            InputError: the question is not well posed.
            UnavailableError: a class of the user's cannot be imported here.
        """

    @abstractmethod
    def recorded(self) -> object:
        """Return what is recorded of the question, for its digest.

        Raises:
            InputError: it is not well posed.
        """

    @cached_property
    def digest(self) -> str:
        """The digest of the question's exact system (:mod:`efpep.model.digest`); raises as :meth:`recorded`."""
        return digest(self.recorded())

    def named(self) -> dict[str, object]:
        """Return what every claim says in its file: its format, the method and the setting."""
        return {"format": KINDS[self.KIND].format, "method": self.method.describe(), "setting": self.setting.describe()}


@dataclass(frozen=True)
class SystemQuestion(Question[LowerWitness, UpperWitness]):
    """A question that is one system of :mod:`efpep.model.system`, whose ends are proved by its two conditions.

    Attributes:
        ENDS: the key of the ends in a file.
    """

    ENDS: ClassVar[str]

    @property
    @abstractmethod
    def system(self) -> System:
        """The question as a system, rebuilt from the method's definition at the first call."""

    @abstractmethod
    def told(self, lower: Fraction | None, upper: Fraction | None) -> str:
        """Return one sentence that says what is claimed, with these ends."""

    @abstractmethod
    def claim(self, ends: Mapping[str, object]) -> dict[str, object]:
        """Return the claim as a JSON object, with these ends."""

    @abstractmethod
    def layout(self) -> Layout:
        """Return how witnesses stand in the file."""

    @classmethod
    @abstractmethod
    def asked(cls, method: Method, setting: Setting, claim: Mapping[str, object]) -> SystemQuestion:
        """Return the question of a file's claim; raises as :meth:`Question.restore`."""

    def check(self, lower: LowerWitness | None, upper: UpperWitness | None) -> None:
        """Check the witnesses by the two conditions; see :meth:`Question.check`."""
        system = self.system
        if upper is not None:
            check_upper(system, upper)
        if lower is not None:
            check_lower(system, lower)

    def sentence(self, lower: LowerWitness | None, upper: UpperWitness | None) -> str:
        """Return one sentence that says what is claimed."""
        return self.told(*self.ends(lower, upper))

    def describe(self, lower: LowerWitness | None, upper: UpperWitness | None) -> tuple[dict[str, object], dict[str, object]]:
        """Return the claim and the witnesses as JSON objects; see :meth:`Question.describe`."""
        layout, (least, most) = self.layout(), ("upper", "lower") if self.LARGEST else ("lower", "upper")
        ends = {most: (layout.upper, upper), least: (layout.lower, lower)}
        witnesses = {name: written(template, end) for name, (template, end) in ends.items() if end is not None}
        pairs = zip(("lower", "upper"), self.ends(lower, upper), strict=True)
        return self.claim({name: None if end is None else str(end) for name, end in pairs}), witnesses

    @classmethod
    def restore(cls, described: DescribedCertificate) -> Certificate[Any, LowerWitness, UpperWitness]:
        """Return the certificate of a file, without checking its witnesses; see :meth:`Question.restore`."""
        files.has(described.claim, ["method", "setting", cls.ENDS], "the claim")
        question = cls.asked(*described.subject(), described.claim)
        ends = files.table(described.claim[cls.ENDS], f"the claim's {cls.ENDS}", ["lower", "upper"])
        wanted = [end for end in ("lower", "upper") if ends[end] is not None]
        witnesses = files.table(described.witnesses, "the witnesses", wanted)
        layout, system, sign = question.layout(), question.system, -1 if cls.LARGEST else 1
        numbers = {end: sign * files.number(ends[end], f"the {end} {system.called}") for end in wanted}
        least, most = ("upper", "lower") if cls.LARGEST else ("lower", "upper")
        lower = read_lower(system, numbers[least], layout.lower, witnesses[least]) if least in wanted else None
        upper = read_upper(system, numbers[most], layout.upper, witnesses[most]) if most in wanted else None
        return Certificate(question, lower, upper)


Q_co = TypeVar("Q_co", bound="Question[Any, Any]", covariant=True)


@dataclass(frozen=True, slots=True)
class Certificate(files.Saved, Generic[Q_co, L, U]):
    """A question with the proof of an answer.

    Attributes:
        question: what the claim is about.
        lower: the witness of the lower end, or None.
        upper: the witness of the upper end, or None.
        provenance: who wrote it, where an answer or a file says; information, which no check uses and no comparison.
    """

    question: Q_co
    lower: L | None
    upper: U | None
    provenance: Provenance | None = field(default=None, compare=False)

    @property
    def method(self) -> Method:
        """The method with its exact parameters."""
        return self.question.method

    @property
    def setting(self) -> Setting:
        """The setting."""
        return self.question.setting

    @property
    def ends(self) -> Ends:
        """The ends of the number that is asked for, of kinds that ask for one."""
        return self.question.ends(cast("Proved | None", self.lower), cast("Proved | None", self.upper))

    def check(self) -> str:
        """Check both witnesses in exact arithmetic, and return one sentence that says what is proved.

        Raises:
            CertificateError: naming the first condition that fails.
        """
        if self.lower is None and self.upper is None:
            raise CertificateError("the certificate claims nothing: it has neither a lower nor an upper witness.")
        self.question.check(self.lower, self.upper)
        return self.sentence()

    def sentence(self) -> str:
        """Return one sentence that says what the certificate claims."""
        return self.question.sentence(self.lower, self.upper)

    @property
    def verdict(self) -> Verdict:
        """Whether something is proved or refuted; what, the kind of question says."""
        return self.question.verdict(self.lower, self.upper)

    def describe(self) -> dict[str, object]:
        """Return the claim and the witnesses as a JSON object: all that a check reads.

        Raises:
            CertificateError: a witness does not fit the question.
        """
        claim, witnesses = self.question.describe(self.lower, self.upper)
        return {"claim": claim, "witnesses": witnesses}

    def save(self, path: str | Path) -> None:
        """Write it to a JSON file, with its provenance.

        Raises:
            CertificateError: a witness does not fit the question.
            InputError: the file cannot be written.
        """
        files.save(path, self.contents())

    def contents(self) -> dict[str, object]:
        """Return what a file of it holds: claim, witnesses and provenance.

        Raises:
            CertificateError: a witness does not fit the question.
        """
        found = self.provenance or Provenance()
        written = replace(found, system=found.system or self.question.digest)
        return {**self.describe(), "provenance": written.describe()}

    @classmethod
    def restore(cls, described: Mapping[str, object]) -> Certificate[Any, Any, Any]:
        """Return the certificate that :meth:`describe` described or a file holds, of whatever kind, without checking it.

        Raises:
            CertificateError: the description is malformed, or does not fit the question that it names.
            UnavailableError: a class of the user's cannot be imported here.
        """
        described = files.table(described, "the certificate")
        known = ["provenance"] if "provenance" in described else []
        files.table(described, "the certificate", ["claim", "witnesses", *known])
        provenance = Provenance.restore(described["provenance"]) if known else None
        claim = files.table(described["claim"], "the claim")
        if "format" not in claim:
            raise CertificateError("the claim has no 'format'.")
        about = cast("type[Question[Any, Any]]", of_format(claim["format"]).question())
        try:
            return replace(about.restore(DescribedCertificate(claim, described["witnesses"])), provenance=provenance)
        except InputError as error:
            raise CertificateError(f"the claim is impossible: {error}") from error


AnyCertificate = Certificate[Any, Any, Any]
"""A certificate of any kind."""
