"""Questions about improvements: whether any of several choices of parameters improves a reference rate, with proof for each.

The claim: the reference (a method with its parameters, and perhaps a given Lyapunov function) has a rate ``rho*`` in a proved
interval; for each listed choice of parameters either no Lyapunov function of the class improves ``rho*`` by the stated part
("excluded"), or one does ("improved"), or it is not known ("undecided"). A choice is excluded by an instance on a line
(:mod:`efpep.questions.quadratic.eigen_instance`) or by a rate certificate's lower end, and improved by a rate certificate's upper
end.
"""

from __future__ import annotations

import enum
import hashlib
from collections import Counter
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar, cast

from efpep.errors import CertificateError, InputError
from efpep.methods import Method
from efpep.model.field import rational, shown
from efpep.model.text import down, exact, up
from efpep.proof import files
from efpep.questions.base import Certificate, DescribedCertificate, Question, Verdict
from efpep.questions.common.step_inequalities import Weights
from efpep.questions.kinds import KINDS
from efpep.questions.quadratic.eigen_instance import EigenInstance, check_eigen_instance
from efpep.questions.rate.lyapunov_class import LyapunovClass
from efpep.questions.rate.question import RateCertificate, RateQuestion, rate_certificate


class Measure(enum.Enum):
    """How an improvement by the part p of a reference rate ``rho*`` is measured.

    The literature speaks of rates that improve by one per cent. Where ``rho*`` is close to 1 that is no test: a rate one per cent
    smaller would be many times faster. ``EITHER`` therefore is the default: whatever it excludes is excluded by both.
    """

    RATE = "rate"
    """``rho < (1 - p) rho*``."""
    CONTRACTION = "contraction"
    """``1 - rho > (1 + p) (1 - rho*)``."""
    EITHER = "either"
    """One of both: ``rho < rho* - p min(rho*, 1 - rho*)``."""


@dataclass(frozen=True, slots=True)
class Improvement:
    """An improvement that is looked for.

    Attributes:
        part: p, such as 1/100.
        measure: of what.

    Raises:
        InputError: ``part`` is not in [1e-6, 1).
    """

    part: Fraction = Fraction(1, 100)
    measure: Measure = Measure.EITHER

    def __post_init__(self) -> None:
        """Check the part."""
        part = rational(self.part, "improvement")
        if not Fraction(1, 10**6) <= part < 1:
            raise InputError(
                f"improvement is {shown(self.part)}, a part of the reference rate; give a number from 1e-6 to 1.",
                argument="improvement",
            )
        object.__setattr__(self, "part", part)

    def threshold(self, reference: Fraction) -> Fraction:
        """Return the rate below which something improves the rate ``reference``; it increases with ``reference``."""
        room = {
            Measure.RATE: reference,
            Measure.CONTRACTION: 1 - reference,
            Measure.EITHER: min(reference, 1 - reference),
        }[self.measure]
        return max(reference - self.part * room, Fraction(0))

    def describe(self) -> dict[str, str]:
        """Return it as text."""
        return {"part": str(self.part), "measure": self.measure.value}


WORDS = {Verdict.REFUTED: "excluded", Verdict.PROVED: "improved", Verdict.UNDECIDED: "undecided"}
"""What is proved about one choice of parameters: that none improves, that one does, or neither."""
_FEW = 6
"""How many choices a sentence lists."""

Proof = EigenInstance | RateCertificate | None
"""What proves a verdict; a certificate has one end."""


@dataclass(frozen=True, slots=True)
class Choice:
    """One choice of parameters, with what is proved about it."""

    parameters: tuple[Fraction, ...]
    proof: Proof

    @property
    def verdict(self) -> Verdict:
        """What the proof, if it is right, proves."""
        if self.proof is None:
            return Verdict.UNDECIDED
        return Verdict.PROVED if isinstance(self.proof, Certificate) and self.proof.upper is not None else Verdict.REFUTED


@dataclass(frozen=True, slots=True)
class Examined:
    """Choices of parameters with what is proved about them.

    Attributes:
        reference: the certificate of the reference rate, with both ends.
        choices: the choices.
    """

    reference: RateCertificate
    choices: tuple[Choice, ...]

    def ends(self) -> tuple[Fraction, Fraction]:
        """Return the interval of the reference rate.

        Raises:
            CertificateError: one end is not proved, or the reference does not contract.
        """
        if self.reference.lower is None or self.reference.upper is None:
            raise CertificateError("the reference rate is not proved at both ends.")
        if self.reference.upper.theta >= 1:
            raise CertificateError("the reference does not contract, so there is no rate that could be improved.")
        return self.reference.lower.theta, self.reference.upper.theta

    def counts(self) -> Counter[Verdict]:
        """Return how many choices have each verdict."""
        return Counter(choice.verdict for choice in self.choices)


@dataclass(frozen=True)
class ImprovementQuestion(Question[None, Examined]):
    """The question whether choices of parameters improve the rate of a reference, by a stated part.

    Attributes:
        metric: the metric that the Lyapunov functions control.
        given: the Lyapunov function of the reference, or None where it is the best one.
        lyapunov_class: the class of Lyapunov functions.
        improvement: what is looked for.
        names: the parameters that are chosen.
    """

    KIND: ClassVar[str] = "improvement"

    metric: str
    given: Weights | None
    lyapunov_class: LyapunovClass
    improvement: Improvement
    names: tuple[str, ...]

    @classmethod
    def of(cls, reference: RateQuestion, improvement: Improvement, names: tuple[str, ...]) -> ImprovementQuestion:
        """Return the question about improvements of a reference."""
        return cls(
            reference.method, reference.setting, reference.metric, reference.given, reference.lyapunov_class, improvement, names
        )

    @cached_property
    def reference(self) -> RateQuestion:
        """The question about the reference rate."""
        return RateQuestion(self.method, self.setting, self.metric, self.given, self.lyapunov_class)

    def recorded(self) -> object:
        """Return the one-step question of the reference; those of the choices are made alike."""
        return self.reference.recorded()

    def thresholds(self, ends: tuple[Fraction, Fraction]) -> tuple[Fraction, Fraction]:
        """Return the rate at which an improvement of a reference rate is proved, and that below which all are excluded."""
        lower, upper = ends
        return self.improvement.threshold(lower), self.improvement.threshold(upper)

    def chosen(self, parameters: tuple[Fraction, ...]) -> Method:
        """Return the method with chosen parameters."""
        return replace(self.method, **dict(zip(self.names, parameters, strict=True)))

    def check(self, lower: None, upper: Examined | None) -> None:
        """Check the reference and every verdict in exact arithmetic; see :meth:`efpep.questions.base.Question.check`."""
        del lower
        found = _claimed(upper)
        if found.reference.question != self.reference:
            raise CertificateError("the reference is about another question.")
        found.reference.check()
        improved, excluded = self.thresholds(found.ends())
        for choice in found.choices:
            values = " and ".join(f"{name} {exact(a)}" for name, a in zip(self.names, choice.parameters, strict=True))
            try:
                self._check(choice, improved, excluded)
            except (CertificateError, InputError) as error:
                raise CertificateError(f"at {values}: {error}") from error

    def _check(self, choice: Choice, improved: Fraction, excluded: Fraction) -> None:
        method, proof = self.chosen(choice.parameters), choice.proof
        if proof is None:
            return
        if isinstance(proof, EigenInstance):
            check_eigen_instance(method, self.setting, excluded, proof)
            return
        if (proof.method, proof.setting, proof.question.metric) != (method, self.setting, self.metric):
            raise CertificateError("the proof is about another question.")
        if proof.question.given is not None:
            raise CertificateError("the proof is about one Lyapunov function.")
        if proof.question.lyapunov_class != self.lyapunov_class:
            raise CertificateError("the proof is about another class of Lyapunov functions.")
        proof.check()
        if proof.upper is not None and proof.upper.theta >= improved:
            raise CertificateError("the rate of the proof does not improve the reference rate by the part claimed.")
        if proof.upper is None and (proof.lower is None or proof.lower.theta < excluded):
            raise CertificateError("the proof does not exclude every improvement by the part claimed.")

    def sentence(self, lower: None, upper: Examined | None) -> str:
        """Return one sentence that says what is claimed."""
        del lower
        found = _claimed(upper)
        (least, most), counts = found.ends(), found.counts()
        parts = [f"{counts[verdict]} {word}" for verdict, word in WORDS.items() if counts[verdict] or verdict is Verdict.REFUTED]
        wanted = f"{exact(self.improvement.part)} ({self.improvement.measure.value})"
        return (
            f"The reference rate of {self.method.subject(self.setting)} is in [{down(least, 12)}, "
            f"{up(most, 12)}] in the metric {self.metric}, "
            f"and of {len(found.choices)} choices of {' and '.join(self.names)} that might improve it by {wanted} "
            f"there are {' and '.join(parts)} ({self._told(found.choices)}){self.reference.notes()}."
        )

    def _told(self, choices: tuple[Choice, ...]) -> str:
        """Return the choices with their verdicts; of many of them the ranges, and the digest of the list."""
        if len(choices) <= _FEW:
            return ", ".join(f"{_values(choice)} {WORDS[choice.verdict]}" for choice in choices)
        columns = zip(*(choice.parameters for choice in choices), strict=True)
        ends = [(name, min(column), max(column)) for name, column in zip(self.names, columns, strict=True)]
        ranges = [f"{name} from {exact(least)} to {exact(most)}" for name, least, most in ends]
        listed = "\n".join(f"{_values(choice)} {WORDS[choice.verdict]}" for choice in choices)
        digest = hashlib.sha256(listed.encode()).hexdigest()
        return f"{' and '.join(ranges)}, a list with SHA-256 {digest[:16]}"

    def describe(self, lower: None, upper: Examined | None) -> tuple[dict[str, object], dict[str, object]]:
        """Return the claim and the witnesses as JSON objects."""
        del lower
        found = _claimed(upper)
        named = [dict(zip(self.names, (str(a) for a in choice.parameters), strict=True)) for choice in found.choices]
        claim: dict[str, object] = {
            "format": KINDS[self.KIND].format,
            "improvement": self.improvement.describe(),
            "names": list(self.names),
            "choices": [{**values, "verdict": WORDS[c.verdict]} for values, c in zip(named, found.choices, strict=True)],
        }
        proofs = [_written(choice.proof) for choice in found.choices]
        return claim, {"reference": found.reference.describe(), "choices": proofs}

    @classmethod
    def restore(cls, described: DescribedCertificate) -> Certificate[Any, None, Examined]:
        """Return the certificate of a file, without checking its proofs; see :meth:`efpep.questions.base.Question.restore`."""
        claim = files.table(described.claim, "the claim", ["format", "improvement", "names", "choices"])
        witnesses = files.table(described.witnesses, "the witnesses", ["reference", "choices"])
        reference = rate_certificate(files.table(witnesses["reference"], "the reference"), "the reference")
        names = tuple(str(name) for name in _list(claim["names"], "the names"))
        numeric = [name for name, value in reference.method.parameters().items() if isinstance(value, Fraction)]
        unknown = [name for name in names if name not in numeric]
        if unknown or not names or len(set(names)) != len(names):
            raise CertificateError("the names are not different numeric parameters of the method.")
        rows, proofs = _list(claim["choices"], "the choices"), _list(witnesses["choices"], "the proofs of the choices")
        if len(rows) != len(proofs):
            raise CertificateError("there is not one proof for each choice.")
        choices: list[Choice] = []
        for row, proof in zip(rows, proofs, strict=True):
            found = files.table(row, "a choice", [*names, "verdict"])
            choice = Choice(tuple(files.number(found[name], name) for name in names), _proof(proof))
            if found["verdict"] != WORDS[choice.verdict]:
                raise CertificateError(f"a choice claims the verdict {shown(found['verdict'])}, which is not that of its proof.")
            choices.append(choice)
        question = cls.of(reference.question, _improvement(claim["improvement"]), names)
        return Certificate(question, None, Examined(reference, tuple(choices)))


ImprovementCertificate = Certificate[ImprovementQuestion, None, Examined]


def _claimed(upper: Examined | None) -> Examined:
    if upper is None:
        raise CertificateError("the certificate has no verdicts.")
    return upper


def _values(choice: Choice) -> str:
    return " and ".join(exact(a) for a in choice.parameters)


def _improvement(described: object) -> Improvement:
    found = files.table(described, "the improvement", ["part", "measure"])
    try:
        return Improvement(files.number(found["part"], "the part"), Measure(found["measure"]))
    except (InputError, ValueError) as error:
        raise CertificateError("the improvement is not a part and one of the measures.") from error


def _written(proof: Proof) -> dict[str, object] | None:
    if proof is None:
        return None
    if isinstance(proof, Certificate):
        return proof.describe()
    return {
        "growth": str(proof.growth),
        "curvatures": [str(a) for a in proof.curvatures],
        "factors": [str(a) for a in proof.factors],
        "point": str(proof.point),
        "memories": [[str(a) for a in values] for values in proof.memories],
    }


def _proof(described: object) -> Proof:
    if described is None:
        return None
    found = files.table(described, "a proof")
    if "growth" not in found:
        return rate_certificate(found, "the proof")
    found = files.table(found, "a proof", ["growth", "curvatures", "factors", "point", "memories"])
    return EigenInstance(
        files.number(found["growth"], "the growth"),
        _numbers(found["curvatures"], "the curvatures"),
        _numbers(found["factors"], "the factors"),
        files.number(found["point"], "the point"),
        tuple(_numbers(values, "a memory") for values in _list(found["memories"], "the memories")),
    )


def _numbers(described: object, what: str) -> tuple[Fraction, ...]:
    return tuple(files.number(a, f"an entry of {what}") for a in _list(described, what))


def _list(described: object, what: str) -> list[object]:
    if not isinstance(described, list):
        raise CertificateError(f"{what} are not a list.")
    return cast("list[object]", described)
