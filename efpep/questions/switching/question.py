"""Questions about worst cases over switching patterns: a bound, and multipliers for every pattern.

A pattern is written as a word of ``f`` (the constraint value is at most the threshold) and ``g``. The claim holds if each word of
length T has multipliers that prove the bound, or begins with a word that no run has, proved by multipliers too. The word of g
alone has no output; the claim says whether it is excluded.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import product
from typing import Any, ClassVar

from efpep.errors import CertificateError, InputError
from efpep.model.text import down, exact, up
from efpep.proof import files
from efpep.proof.witness import Attained
from efpep.questions.base import Certificate, DescribedCertificate, Question
from efpep.questions.switching.inequalities import (
    METRICS,
    Pattern,
    PatternInequalities,
    check_question,
    pattern_inequalities,
    switches,
)
from efpep.questions.switching.instance import PatternInstance
from efpep.questions.switching.pattern_check import check_bound

Multipliers = Mapping[str, Fraction]
_LONGEST = 16


_FEW = 3
"""How many rounds the patterns have that a digest is made of."""


@dataclass(frozen=True, slots=True)
class Covering:
    """What proves a bound over all patterns.

    Attributes:
        theta: the bound.
        proofs: multipliers by pattern.
        excluded: multipliers by beginning of patterns that no run has.
    """

    theta: Fraction
    proofs: Mapping[str, Multipliers]
    excluded: Mapping[str, Multipliers]

    def excludes(self, word: str) -> bool:
        """Return whether no run has a pattern, because it has none of its beginnings."""
        return any(word[:k] in self.excluded for k in range(1, len(word) + 1))


@dataclass(frozen=True)
class SwitchingQuestion(Question[Attained[PatternInstance], Covering]):
    """The question how large a metric can be after T rounds, whichever way a method switches.

    Attributes:
        iterations: the number T of rounds.
        metric: a name of :data:`efpep.questions.switching.inequalities.METRICS`.
        radius: the bound of ``||x^0 - x*||``.
    """

    KIND: ClassVar[str] = "switching patterns"

    iterations: int
    metric: str
    radius: Fraction

    def may_be_empty(self, upper: Covering) -> bool:
        """Return whether a run without any iterate below the threshold is not excluded."""
        return self.switches and not upper.excludes("g" * self.iterations)

    @cached_property
    def switches(self) -> bool:
        """Whether the method compares scalars; one that does not never leaves f.

        Raises:
            CertificateError: the question is impossible.
        """
        try:
            return switches(self.method, self.setting, self.iterations, self.metric, self.radius)
        except InputError as error:
            raise CertificateError(f"the claim is impossible: {error}") from error

    def recorded(self) -> object:
        """Return the patterns of the first few rounds, and the longest one without a violation; the others are made alike."""
        short = ["".join(letters) for letters in product("fg" if self.switches else "f", repeat=min(self.iterations, _FEW))]
        words = [*short, "f" * self.iterations]
        return [self._pattern(word, feasibility="f" not in word) for word in words]

    def check(self, lower: Attained[PatternInstance] | None, upper: Covering | None) -> None:
        """Check every pattern in exact arithmetic; see :meth:`efpep.questions.base.Question.check`."""
        if upper is None:
            raise CertificateError("the certificate has no bound.")
        if lower is not None:
            if self.attained(lower.instance) < lower.theta:
                raise CertificateError("the run attains less than the lower end.")
            if lower.theta > upper.theta:
                raise CertificateError("the lower end is above the bound.")
        for word, multipliers in upper.excluded.items():
            self._check(word, multipliers, Fraction(-1, 10**30), feasibility=True)
        for word in map("".join, product("fg" if self.switches else "f", repeat=self.iterations)):
            if upper.excludes(word) or "f" not in word:
                continue
            if word not in upper.proofs:
                raise CertificateError(f"the pattern {word} has no proof.")
            self._check(word, upper.proofs[word], upper.theta, feasibility=False)

    def attained(self, instance: PatternInstance) -> Fraction:
        """Return the metric on a run of the method on an instance; raises as :meth:`PatternInstance.value`."""
        return instance.value(self.method, self.setting, self.iterations, self.metric, self.radius)

    def _check(self, word: str, multipliers: Multipliers, bound: Fraction, *, feasibility: bool) -> None:
        try:
            check_bound(self._pattern(word, feasibility=feasibility), multipliers, bound)
        except (CertificateError, InputError) as error:
            raise CertificateError(f"the pattern {word}: {error}") from error

    def _pattern(self, word: str, *, feasibility: bool) -> PatternInequalities:
        return pattern_inequalities(self.method, self.setting, read(word), self.metric, self.radius, feasibility=feasibility)

    def sentence(self, lower: Attained[PatternInstance] | None, upper: Covering | None) -> str:
        """Return one sentence that says what is claimed."""
        if upper is None:
            raise CertificateError("the certificate has no bound.")
        what = {"average": "the average gap over B", "gap": "f(xbar) - f*", "constraint": "g(xbar)"}[self.metric]
        empty = "B may be empty" if self.may_be_empty(upper) else "B is never empty"
        reached = "" if lower is None else f"; a run reaches {down(lower.theta, 12)}"
        return (
            f"{self.method.subject(self.setting)} has {what} at most {up(upper.theta, 12)} after "
            f"{self.iterations} rounds from distance {exact(self.radius)}, whichever way it switches, and {empty}{reached}."
        )

    def describe(
        self, lower: Attained[PatternInstance] | None, upper: Covering | None
    ) -> tuple[dict[str, object], dict[str, object]]:
        """Return the claim and the witnesses as JSON objects."""
        if upper is None:
            raise CertificateError("the certificate has no bound.")
        claim: dict[str, object] = {
            **self.named(),
            "iterations": self.iterations,
            "metric": self.metric,
            "radius": str(self.radius),
            "bound": str(upper.theta),
            "empty": self.may_be_empty(upper),
        }
        proved = {"proofs": upper.proofs, "excluded": upper.excluded}
        witnesses: dict[str, object] = {
            name: {word: files.written(numbers) for word, numbers in held.items()} for name, held in proved.items()
        }
        if lower is not None:
            claim["lower"] = str(lower.theta)
            witnesses["instance"] = lower.instance.describe()
        return claim, witnesses

    @classmethod
    def restore(cls, described: DescribedCertificate) -> Certificate[Any, Attained[PatternInstance], Covering]:
        """Return the certificate of a file, without checking its proofs; see :meth:`efpep.questions.base.Question.restore`."""
        keys = ["format", "method", "setting", "iterations", "metric", "radius", "bound", "empty"]
        attained = ["lower"] if "lower" in described.claim else []
        claim = files.table(described.claim, "the claim", [*keys, *attained])
        iterations, metric = claim["iterations"], claim["metric"]
        if isinstance(iterations, bool) or not isinstance(iterations, int) or not 1 <= iterations <= _LONGEST:
            raise CertificateError("the number of rounds is no small whole number.")
        if not isinstance(metric, str) or metric not in METRICS:
            raise CertificateError("the metric is unknown.")
        method, setting = described.subject()
        check_question(method, setting, metric)
        wanted = ["proofs", "excluded", *(["instance"] if attained else [])]
        witnesses = files.table(described.witnesses, "the witnesses", wanted)
        radius, bound = files.number(claim["radius"], "the radius"), files.number(claim["bound"], "the bound")
        if radius < 0:
            raise CertificateError("the radius is negative.")
        question = cls(method, setting, iterations, metric, radius)
        upper = Covering(bound, *(_read(witnesses[name], iterations) for name in ("proofs", "excluded")))
        lower = None
        if attained:
            numbers = files.table(witnesses["instance"], "the instance", ["slope", "scale", "loss"])
            instance = PatternInstance(*(files.number(numbers[name], f"the instance's {name}") for name in numbers))
            lower = Attained(files.number(claim["lower"], "the lower end"), instance)
        if claim["empty"] is not question.may_be_empty(upper):
            raise CertificateError("the claim about an empty B is not what the excluded patterns say.")
        return Certificate(question, lower, upper)


SwitchingCertificate = Certificate[SwitchingQuestion, Attained[PatternInstance], Covering]


def read(word: str) -> Pattern:
    """Return the pattern that a word of f and g stands for."""
    return tuple(letter == "f" for letter in word)


def _read(described: object, iterations: int) -> dict[str, Multipliers]:
    found: dict[str, Multipliers] = {}
    for word, multipliers in files.table(described, "the proofs").items():
        if not word or set(word) - {"f", "g"} or len(word) > iterations:
            raise CertificateError("a pattern is no word of f and g of at most T letters.")
        table = files.table(multipliers, f"the multipliers of {word}")
        found[word] = {name: files.number(value, f"the multiplier of {name}") for name, value in table.items()}
    return found
