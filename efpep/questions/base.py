"""Certificates: a claim about a system, and the rational numbers that prove it.

The claim names the method, its exact parameters, the setting and whatever else the question is about; the witnesses are the
numbers of :mod:`efpep.proof.witness`. Nothing else is stored: a check rebuilds every inequality from the method's own definition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Generic, Protocol, TypeVar, cast

from efpep.errors import CertificateError, InputError
from efpep.methods import METHODS, Method
from efpep.model.system import System
from efpep.proof import files
from efpep.proof.conditions import check_lower, check_upper
from efpep.proof.layout import Layout, read_lower, read_upper, written
from efpep.proof.witness import Lower, Upper
from efpep.questions.averaging.question import AveragingClaim
from efpep.questions.potential.question import GrowingClaim
from efpep.questions.rate.question import RateClaim
from efpep.setting import Setting


class Claim(Protocol):
    """What a kind of question says of its certificates: what they are about, how they are written, and what they prove.

    Attributes:
        method: the method with its exact parameters.
        setting: the setting.
    """

    @property
    def method(self) -> Method:
        """The method with its exact parameters."""
        ...

    @property
    def setting(self) -> Setting:
        """The setting."""
        ...

    @property
    def system(self) -> System:
        """The question as a system, rebuilt from the method's definition at the first call."""
        ...

    def described(self, ends: Mapping[str, object]) -> dict[str, object]:
        """Return the claim as a JSON object, with these ends."""
        ...

    def layout(self) -> Layout:
        """Return how witnesses stand in the file."""
        ...

    def sentence(self, lower: Fraction | None, upper: Fraction | None) -> str:
        """Return one sentence that says what is claimed."""
        ...


class Kind(Protocol):
    """A class of claims.

    Attributes:
        FORMAT: the format that files name.
        ENDS: the key of the ends.
    """

    FORMAT: str
    ENDS: str

    def restore(self, method: Method, setting: Setting, claim: Mapping[str, object]) -> Any:
        """Return the claim of a table that has the keys of this format.

        Raises:
            CertificateError: the table is malformed, or does not fit the question that it names.
            InputError: the question is not well posed.
        """
        ...


CLAIMS: dict[str, Kind] = {claim.FORMAT: claim for claim in (RateClaim, GrowingClaim, AveragingClaim)}
"""The classes of claims by format."""

C = TypeVar("C", bound=Claim)


@dataclass(frozen=True, slots=True)
class Certificate(files.Saved, Generic[C]):
    """A claim with its proof.

    Attributes:
        claim: what it is about.
        lower: the witness of the lower end, or None.
        upper: the witness of the upper end, or None.
    """

    claim: C
    lower: Lower | None
    upper: Upper | None

    @property
    def method(self) -> Method:
        """The method with its exact parameters."""
        return self.claim.method

    @property
    def setting(self) -> Setting:
        """The setting."""
        return self.claim.setting

    def check(self) -> str:
        """Check both witnesses in exact arithmetic, and return one sentence that says what is proved.

        Raises:
            CertificateError: naming the first condition that fails.
        """
        if self.lower is None and self.upper is None:
            raise CertificateError("the certificate claims nothing: it has neither a lower nor an upper witness.")
        system = self.claim.system
        if self.upper is not None:
            check_upper(system, self.upper)
        if self.lower is not None:
            check_lower(system, self.lower)
        return self.sentence()

    def sentence(self) -> str:
        """Return one sentence that says what the certificate claims."""
        return self.claim.sentence(*(None if end is None else end.theta for end in (self.lower, self.upper)))

    def describe(self) -> dict[str, object]:
        """Return the certificate as a JSON object.

        Raises:
            CertificateError: a witness does not fit the question.
        """
        layout = self.claim.layout()
        ends = {"lower": self.lower, "upper": self.upper}
        templates = {"upper": layout.upper, "lower": layout.lower}
        witnesses = {name: written(template, end) for name, template in templates.items() if (end := ends[name]) is not None}
        numbers = {name: None if end is None else str(end.theta) for name, end in ends.items()}
        return {"claim": self.claim.described(numbers), "witnesses": witnesses}

    @classmethod
    def restore(cls, described: Mapping[str, object]) -> Certificate[Any]:
        """Return the certificate that :meth:`describe` described, without checking its witnesses.

        Raises:
            CertificateError: the description is malformed, or does not fit the question that it names.
            UnavailableError: a class of the user's cannot be imported here.
        """
        described = files.table(described, "the certificate", ["claim", "witnesses"])
        table = files.table(described["claim"], "the claim")
        form = table.get("format")
        if not isinstance(form, str) or form not in CLAIMS:
            raise CertificateError(f"the claim's format is none of {', '.join(CLAIMS)}.")
        kind = CLAIMS[form]
        for key in ("method", "setting", kind.ENDS):
            if key not in table:
                raise CertificateError(f"the claim has no {key!r}.")
        try:
            method = METHODS.restore(files.table(table["method"], "the claim's method"))
            setting = Setting.restore(files.table(table["setting"], "the claim's setting"))
            if not isinstance(method.step_size, Fraction):
                raise CertificateError("the claim's step size is not a number.")
            claim: Claim = kind.restore(method, setting, table)
        except InputError as error:
            raise CertificateError(f"the claim is impossible: {error}") from error
        ends = files.table(table[kind.ENDS], f"the claim's {kind.ENDS}", ["lower", "upper"])
        wanted = [end for end in ("lower", "upper") if ends[end] is not None]
        witnesses = files.table(described["witnesses"], "the witnesses", wanted)
        layout, system = claim.layout(), claim.system
        numbers = {end: files.number(ends[end], f"the {end} {system.called}") for end in wanted}
        lower = read_lower(system, numbers["lower"], layout.lower, witnesses["lower"]) if "lower" in wanted else None
        upper = read_upper(system, numbers["upper"], layout.upper, witnesses["upper"]) if "upper" in wanted else None
        return Certificate(claim, lower, upper)


RateCertificate = Certificate[RateClaim]


def rate_certificate(described: Mapping[str, object], what: str) -> RateCertificate:
    """Return a certificate of a rate, without checking its witnesses.

    Raises:
        CertificateError: the description is malformed, or of another kind; ``what`` says what it is.
        UnavailableError: a class of the user's cannot be imported here.
    """
    found = Certificate.restore(described)
    if not isinstance(found.claim, RateClaim):
        raise CertificateError(f"{what} is not a certificate of a rate.")
    return found


def as_rate(certificate: object) -> RateCertificate | None:
    """Return a certificate where it is about a rate, else None."""
    return cast("RateCertificate", certificate) if isinstance(getattr(certificate, "claim", None), RateClaim) else None


def as_averaging(certificate: object) -> Certificate[AveragingClaim] | None:
    """Return a certificate where it is about a one-step potential, else None."""
    about = isinstance(getattr(certificate, "claim", None), AveragingClaim)
    return cast("Certificate[AveragingClaim]", certificate) if about else None
