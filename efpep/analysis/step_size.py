"""The answer to which parameters are best."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from efpep.analysis.rate import Rate
from efpep.certify.step_size import StepSizeCertificate
from efpep.methods.base import Method
from efpep.setting import Setting
from efpep.theory.closed_form import ClosedForm

STEP = "step_size"


@dataclass(frozen=True, slots=True)
class Bracket:
    """One parameter of an answer: the value, and the interval that contains every better one."""

    value: Fraction
    lower: Fraction
    upper: Fraction | None


@dataclass(frozen=True, slots=True)
class Ends:
    """A proved interval: no parameters of the searched ranges have a rate below ``lower``; the value's is at most ``upper``."""

    lower: Fraction | None
    upper: Fraction


@dataclass(frozen=True, slots=True)
class StepSize:
    """The answer of :func:`efpep.tune`.

    Attributes:
        method: the method at the best parameters found.
        setting: the setting.
        metric: the metric that the Lyapunov function controls.
        parameters: for each parameter that was tuned, its value and its bracket.
        rate: the proved interval of the best rate over all of ``covered``.
        at: the whole answer at the best parameters.
        covered: for each parameter the range, up to None for infinity, in which everything outside the bracket is excluded.
        certificate: the proof of all of this, or None where there is no contraction at the parameters found.
        tolerance: the relative width that was asked of the bracket.
        narrow: whether every bracket is as narrow as was asked.
        theory: the literature's optimal step size, where there is one.
        seconds: how long the answer took.
    """

    method: Method
    setting: Setting
    metric: str
    parameters: dict[str, Bracket]
    rate: Ends | None
    at: Rate
    covered: dict[str, tuple[Fraction, Fraction | None]]
    certificate: StepSizeCertificate | None
    tolerance: Fraction
    narrow: bool
    theory: ClosedForm | None
    seconds: float

    @property
    def value(self) -> Fraction:
        """The best step size found."""
        return self.parameters[STEP].value

    @property
    def lower(self) -> Fraction:
        """The lower end of the step size's bracket."""
        return self.parameters[STEP].lower

    @property
    def upper(self) -> Fraction | None:
        """The upper end of the step size's bracket, None for infinity."""
        return self.parameters[STEP].upper

    def __str__(self) -> str:
        """Say what is proved."""
        if self.certificate is None:
            return f"{self.method.title or type(self.method).__name__}: undecided."
        return self.certificate.sentence()
