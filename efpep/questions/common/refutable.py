"""Questions about a least number of which there may be none, which the lower end of another question proves.

A constant that noise adds to a contraction exists only where there is the contraction, for instance. The lower witness is then
the certificate of that other question's lower end.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, TypeAlias

from efpep.errors import CertificateError
from efpep.proof import files
from efpep.proof.witness import LowerWitness, Proved, UpperWitness
from efpep.questions.base import Certificate, DescribedCertificate, Ends, SystemQuestion, Verdict

Excluded: TypeAlias = LowerWitness | Certificate[SystemQuestion, LowerWitness, UpperWitness]
"""What proves that numbers are not smaller, or, where it is a certificate, that there are none."""


@dataclass(frozen=True)
class RefutableQuestion(SystemQuestion):
    """A question of :mod:`efpep.questions.common.refutable`.

    Attributes:
        NONE: the ends in files, where there is no number.
    """

    NONE: ClassVar[dict[str, str | None]] = {"lower": "infinity", "upper": None}

    @property
    @abstractmethod
    def needed(self) -> tuple[SystemQuestion, Fraction]:
        """The other question, and the lower end of it from which on there is no number."""

    @abstractmethod
    def told_none(self, lower: Fraction) -> str:
        """Return one sentence that says that there is no number, by this lower end of the other question."""

    def check(self, lower: Excluded | None, upper: UpperWitness | None) -> None:
        """Check the witnesses in exact arithmetic; see :meth:`efpep.questions.base.Question.check`."""
        if not isinstance(lower, Certificate):
            return super().check(lower, upper)
        question, least = self.needed
        if lower.question != question:
            raise CertificateError("the lower end is that of another question than the one that excludes every number.")
        if upper is not None or lower.upper is not None or lower.lower is None or lower.lower.theta < least:
            raise CertificateError("the lower end of the other question does not exclude every number.")
        return question.check(lower.lower, None)

    def verdict(self, lower: Excluded | None, upper: UpperWitness | None) -> Verdict:
        """Return proved for a number, and refuted where there is none."""
        return Verdict.REFUTED if isinstance(lower, Certificate) else super().verdict(lower, upper)

    def ends(self, lower: Proved | None, upper: Proved | None) -> Ends:
        """Return the ends of the number, none where there is no number."""
        return (None, None) if isinstance(lower, Certificate) else super().ends(lower, upper)

    def sentence(self, lower: Excluded | None, upper: UpperWitness | None) -> str:
        """Return one sentence that says what is claimed."""
        if isinstance(lower, Certificate):
            return self.told_none(Fraction(0) if lower.lower is None else lower.lower.theta)
        return super().sentence(lower, upper)

    def describe(self, lower: Excluded | None, upper: UpperWitness | None) -> tuple[dict[str, object], dict[str, object]]:
        """Return the claim and the witnesses as JSON objects; see :meth:`efpep.questions.base.Question.describe`."""
        if isinstance(lower, Certificate):
            return self.claim(self.NONE), {"needed": lower.describe()}
        return super().describe(lower, upper)

    @classmethod
    def restore(cls, described: DescribedCertificate) -> Certificate[Any, Any, UpperWitness]:
        """Return the certificate of a file, without checking its witnesses; see :meth:`efpep.questions.base.Question.restore`."""
        if described.claim.get(cls.ENDS) != cls.NONE:
            return super().restore(described)
        needed = files.table(files.table(described.witnesses, "the witnesses", ["needed"])["needed"], "what is needed")
        return Certificate(cls.asked(*described.subject(), described.claim), Certificate.restore(needed), None)
