"""The answer of :func:`efpep.potential`, whatever the kind of potential."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from efpep.conic.tried import unproved
from efpep.methods.base import Method
from efpep.questions.base import AnyCertificate
from efpep.setting import Setting
from efpep.theory.closed_form import ClosedForm


@dataclass(frozen=True, slots=True)
class Potential:
    """The answer of :func:`potential`: the least constant K for which a potential of the method's kind exists.

    Attributes:
        method: the method, with the exact step size that the claims are about.
        setting: the setting.
        lower: no potential of the kind proves a smaller constant; None where undecided.
        upper: a potential proves this constant; None where undecided.
        certificate: the claims with their exact proofs, or None where both ends are undecided.
        solver: whose proposals became certificates.
        seconds: how long the answer took.
        details: what else the kind of potential has to say, by name: exact numbers, whole numbers or text.
        theory: the literature's constant, where there is one.
    """

    method: Method
    setting: Setting
    lower: Fraction | None
    upper: Fraction | None
    certificate: AnyCertificate | None
    solver: str
    seconds: float
    details: Mapping[str, Fraction | int | str] = field(default_factory=dict[str, Fraction | int | str])
    theory: ClosedForm | None = None

    @property
    def certified(self) -> bool:
        """Whether both ends are proved."""
        return self.lower is not None and self.upper is not None

    def __str__(self) -> str:
        """Say what is proved."""
        if self.certificate is None:
            return f"{self.method.title or type(self.method).__name__}: undecided, for {unproved(self.solver)}."
        return self.certificate.sentence()
