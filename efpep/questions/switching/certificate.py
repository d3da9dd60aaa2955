"""Certificates of worst cases over switching patterns: a bound, and multipliers for every pattern.

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

from efpep.errors import CertificateError, InputError
from efpep.methods import METHODS, Method
from efpep.model.text import down, exact, up
from efpep.proof import files
from efpep.questions.switching.check import check_bound
from efpep.questions.switching.instance import PatternInstance
from efpep.questions.switching.question import METRICS, Pattern, check_question, pattern_question, switches
from efpep.setting import Setting

FORMAT = "efpep-patterns-1"
Multipliers = Mapping[str, Fraction]
_LONGEST = 16


@dataclass(frozen=True)
class PatternCertificate(files.Saved):
    """The claim that a metric is at most a bound after T rounds, whichever way a method switches.

    Attributes:
        method: the method with its exact parameters.
        setting: the setting.
        iterations: the number T of rounds.
        metric: a name of :data:`efpep.questions.switching.question.METRICS`.
        radius: the bound of ``||x^0 - x*||``.
        bound: the bound of the metric.
        proofs: multipliers by pattern.
        excluded: multipliers by beginning of patterns that no run has.
        lower: what a run attains, or None.
        instance: that run, or None.
    """

    method: Method
    setting: Setting
    iterations: int
    metric: str
    radius: Fraction
    bound: Fraction
    proofs: Mapping[str, Multipliers]
    excluded: Mapping[str, Multipliers]
    lower: Fraction | None = None
    instance: PatternInstance | None = None

    @property
    def empty(self) -> bool:
        """Whether a run without any iterate below the threshold is not excluded."""
        return self._switches and not self._excludes("g" * self.iterations)

    @cached_property
    def _switches(self) -> bool:
        """Whether the method compares scalars; one that does not never leaves f.

        Raises:
            CertificateError: the question is impossible.
        """
        try:
            return switches(self.method, self.setting, self.iterations, self.metric, self.radius)
        except InputError as error:
            raise CertificateError(f"the claim is impossible: {error}") from error

    def _excludes(self, word: str) -> bool:
        return any(word[:k] in self.excluded for k in range(1, len(word) + 1))

    def check(self) -> str:
        """Check every pattern in exact arithmetic, and return one sentence that says what is proved.

        Raises:
            CertificateError: naming the first pattern that is not covered, or the condition that fails.
        """
        if (self.lower is None) is not (self.instance is None):
            raise CertificateError("a lower end and the run that attains it belong together.")
        if self.lower is not None and self.instance is not None:
            attained = self.instance.value(self.method, self.setting, self.iterations, self.metric, self.radius)
            if attained < self.lower:
                raise CertificateError("the run attains less than the lower end.")
            if self.lower > self.bound:
                raise CertificateError("the lower end is above the bound.")
        for word, multipliers in self.excluded.items():
            self._check(word, multipliers, Fraction(-1, 10**30), feasibility=True)
        for word in map("".join, product("fg" if self._switches else "f", repeat=self.iterations)):
            if self._excludes(word) or "f" not in word:
                continue
            if word not in self.proofs:
                raise CertificateError(f"the pattern {word} has no proof.")
            self._check(word, self.proofs[word], self.bound, feasibility=False)
        return self.sentence()

    def _check(self, word: str, multipliers: Multipliers, bound: Fraction, *, feasibility: bool) -> None:
        pattern = read(word)
        try:
            question = pattern_question(self.method, self.setting, pattern, self.metric, self.radius, feasibility=feasibility)
            check_bound(question, multipliers, bound)
        except (CertificateError, InputError) as error:
            raise CertificateError(f"the pattern {word}: {error}") from error

    def sentence(self) -> str:
        """Return one sentence that says what the certificate claims."""
        what = {"average": "the average gap over B", "gap": "f(xbar) - f*", "constraint": "g(xbar)"}[self.metric]
        empty = "B may be empty" if self.empty else "B is never empty"
        reached = "" if self.lower is None else f"; a run reaches {down(self.lower, 12)}"
        return (
            f"{self.method.subject(self.setting)} has {what} at most {up(self.bound, 12)} after "
            f"{self.iterations} rounds from distance {exact(self.radius)}, whichever way it switches, and {empty}{reached}."
        )

    def describe(self) -> dict[str, object]:
        """Return the certificate as a JSON object."""
        return {
            "claim": {
                "format": FORMAT,
                "method": self.method.describe(),
                "setting": self.setting.describe(),
                "iterations": self.iterations,
                "metric": self.metric,
                "radius": str(self.radius),
                "bound": str(self.bound),
                "empty": self.empty,
                **({} if self.lower is None else {"lower": str(self.lower)}),
            },
            "witnesses": {
                "proofs": {word: files.written(dict(m)) for word, m in self.proofs.items()},
                "excluded": {word: files.written(dict(m)) for word, m in self.excluded.items()},
                **({} if self.instance is None else {"instance": self.instance.describe()}),
            },
        }

    @classmethod
    def restore(cls, described: Mapping[str, object]) -> PatternCertificate:
        """Return the certificate that :meth:`describe` described, without checking its proofs.

        Raises:
            CertificateError: the description is malformed.
            UnavailableError: a class of the user's cannot be imported here.
        """
        described = files.table(described, "the certificate", ["claim", "witnesses"])
        keys = ["format", "method", "setting", "iterations", "metric", "radius", "bound", "empty"]
        attained = "lower" in files.table(described["claim"], "the claim")
        claim = files.table(described["claim"], "the claim", [*keys, "lower"] if attained else keys)
        if claim["format"] != FORMAT:
            raise CertificateError(f"the claim's format is not {FORMAT!r}.")
        iterations, metric = claim["iterations"], claim["metric"]
        if isinstance(iterations, bool) or not isinstance(iterations, int) or not 1 <= iterations <= _LONGEST:
            raise CertificateError("the number of rounds is no small whole number.")
        if not isinstance(metric, str) or metric not in METRICS:
            raise CertificateError("the metric is unknown.")
        try:
            method = METHODS.restore(files.table(claim["method"], "the claim's method"))
            setting = Setting.restore(files.table(claim["setting"], "the claim's setting"))
            check_question(method, setting, metric)
        except InputError as error:
            raise CertificateError(f"the claim is impossible: {error}") from error
        witnesses = files.table(
            described["witnesses"], "the witnesses", ["proofs", "excluded", "instance"] if attained else ["proofs", "excluded"]
        )
        radius, bound = files.number(claim["radius"], "the radius"), files.number(claim["bound"], "the bound")
        if radius < 0:
            raise CertificateError("the radius is negative.")
        proofs, excluded = (_read(witnesses[name], iterations) for name in ("proofs", "excluded"))
        lower = files.number(claim["lower"], "the lower end") if attained else None
        instance = None
        if attained:
            numbers = files.table(witnesses["instance"], "the instance", ["slope", "scale", "loss"])
            instance = PatternInstance(*(files.number(numbers[name], f"the instance's {name}") for name in numbers))
        found = cls(method, setting, iterations, metric, radius, bound, proofs, excluded, lower, instance)
        if claim["empty"] is not found.empty:
            raise CertificateError("the claim about an empty B is not what the excluded patterns say.")
        return found


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
