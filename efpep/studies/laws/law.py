"""What a law is: for every configuration of a grid, proofs, and what they say about the law.

``prove`` looks for proofs, with solvers; ``judge`` reads a verdict and a row of numbers off them and nothing else, so whoever
checks the proofs again gets the same verdict and the same numbers.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from fractions import Fraction
from typing import ClassVar, cast

from efpep.errors import CertificateError
from efpep.methods.base import Method
from efpep.questions.base import AnyCertificate, Verdict
from efpep.questions.rate.lyapunov_class import EVERYTHING
from efpep.questions.rate.question import RateCertificate, as_rate
from efpep.setting import Setting
from efpep.studies.laws.grid import WorkerConfiguration

METRIC = "distance"
"""The metric of all rates that laws are about."""
Proofs = Mapping[str, AnyCertificate]
Cell = str | int | None
Ends = tuple[Fraction | None, Fraction | None]
"""The proved ends of a rate."""


@dataclass(frozen=True, slots=True)
class Finding:
    """A verdict with its numbers.

    Attributes:
        verdict: the verdict.
        points: how many questions with an answer of their own the configuration has, and how many of them are open.
        row: the numbers by name, as text; what is proved is rounded outward.
    """

    verdict: Verdict
    points: int
    open: int
    row: dict[str, Cell]


@dataclass(frozen=True)
class Law(ABC):
    """Base of all laws: a frozen dataclass of what is asked in each configuration.

    Attributes:
        key: its name in study files.
        title: its name for readers.
        statement: what it says, one sentence.
        source: the paper.
        later: parameters that earlier versions did not have: they are named where they have other values than usual.
        theorems: whether configurations in which theorems decide are decided by them, instead of by searches on the grid.
    """

    key: ClassVar[str]
    title: ClassVar[str]
    statement: ClassVar[str]
    source: ClassVar[str]
    later: ClassVar[frozenset[str]] = frozenset({"theorems"})

    theorems: bool = field(default=False, kw_only=True)

    def by_theorem(self, configuration: WorkerConfiguration) -> Finding | None:
        """Return what theorems say of this configuration, or None where they leave it open."""
        del configuration
        return None

    @abstractmethod
    def prove(self, configuration: WorkerConfiguration) -> Proofs:
        """Return checked certificates by name."""

    @abstractmethod
    def judge(self, configuration: WorkerConfiguration, proofs: Proofs) -> Finding:
        """Return what the certificates, if they are right, prove about this configuration.

        Raises:
            CertificateError: a certificate is about something else.
        """

    def methods(self, configuration: WorkerConfiguration) -> list[Method]:
        """Return the methods that the law is about whose classes may be from outside efpep, with numeric step sizes."""
        del configuration
        return []

    def describe(self) -> dict[str, object]:
        """Return the law with its parameters as text."""
        given = [f for f in fields(self) if f.name not in self.later or getattr(self, f.name) != f.default]
        return {"law": self.key, **{f.name: _text(getattr(self, f.name)) for f in given}}


def _text(value: object) -> object:
    if isinstance(value, tuple):
        return [_text(item) for item in cast("tuple[object, ...]", value)]
    if isinstance(value, Fraction):
        return str(value)
    describe = getattr(value, "describe", None)
    return describe() if callable(describe) else value


def rate_proof(proofs: Proofs, name: str, method: Method, setting: Setting, *, given: bool = False) -> RateCertificate | None:
    """Return the rate certificate called ``name``, or None where there is none.

    Raises:
        CertificateError: it is about another method, setting, metric or class, or (not) about a given Lyapunov function.
    """
    if proofs.get(name) is None:
        return None
    found = as_rate(proofs[name])
    if found is None:
        raise CertificateError(f"the proof {name!r} is no rate certificate.")
    asked = (method, setting, METRIC, EVERYTHING)
    claim = found.question
    if (claim.method, claim.setting, claim.metric, claim.lyapunov_class) != asked or (claim.given is not None) is not given:
        raise CertificateError(f"the proof {name!r} is about another question.")
    return found


def rates(proof: RateCertificate | None) -> Ends:
    """Return the proved ends."""
    if proof is None:
        return None, None
    return (None if proof.lower is None else proof.lower.theta, None if proof.upper is None else proof.upper.theta)


def gains(better: Ends, reference: Ends) -> Ends:
    """Return proved bounds of the relative improvement ``(1 - rho)/(1 - rho*) - 1`` from the two rates' ends."""
    (lower, upper), (low, high) = better, reference
    least = None if upper is None or low is None or low >= 1 else (1 - upper) / (1 - low) - 1
    most = None if lower is None or high is None or high >= 1 else (1 - lower) / (1 - high) - 1
    return least, most
