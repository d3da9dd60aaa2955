"""The answer to which parameters are best."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from efpep.methods.base import Method
from efpep.questions.base import Verdict
from efpep.questions.rate.answer import Rate
from efpep.questions.tune.question import STEP, StepSizeCertificate
from efpep.report.display import Display, Displayed, as_json
from efpep.setting import Setting
from efpep.theory.closed_form import ClosedForm


@dataclass(frozen=True, slots=True)
class Bracket:
    """One parameter of an answer: the value, and the interval that contains every better one."""

    value: Fraction
    lower: Fraction
    upper: Fraction | None


@dataclass(frozen=True, slots=True)
class ProvedInterval:
    """A proved interval: no parameters of the searched ranges have a rate below ``lower``; the value's is at most ``upper``."""

    lower: Fraction | None
    upper: Fraction


@dataclass(frozen=True, slots=True)
class Tested:
    """Whether given parameters are optimal to within the tolerance.

    Attributes:
        parameters: the parameters in question.
        within: for each, the interval of what is within the tolerance.
        verdict: PROVED where nothing that is covered outside these intervals is better than the best one inside; REFUTED where
            something outside is better than everything inside, both proved; else UNDECIDED.
        at: the rate at these parameters, or None where it was not computed.
        asked: whether the question named them; otherwise they are the literature's.
        source: the closed form that they come from, or None where numbers were given.
    """

    parameters: dict[str, Fraction]
    within: dict[str, tuple[Fraction, Fraction | None]]
    verdict: Verdict
    at: Rate | None
    asked: bool
    source: ClosedForm | None

    @property
    def finding(self) -> str:
        """The verdict as words: what is proved about whether the parameters are optimal."""
        if self.verdict is Verdict.PROVED:
            return "optimal to within the tolerance, proved"
        return "not optimal, proved" if self.verdict is Verdict.REFUTED else "undecided"


@dataclass(frozen=True, slots=True, repr=False)
class StepSize(Displayed):
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
        tested: whether the parameters that were asked about, or else the literature's, are optimal; None where there are none.
        seconds: how long the answer took.
    """

    method: Method
    setting: Setting
    metric: str
    parameters: dict[str, Bracket]
    rate: ProvedInterval | None
    at: Rate
    covered: dict[str, tuple[Fraction, Fraction | None]]
    certificate: StepSizeCertificate | None
    tolerance: Fraction
    narrow: bool
    tested: Tested | None
    seconds: float

    @property
    def certified(self) -> bool:
        """Whether nothing is left undecided: the bracket is as narrow as was asked, and both ends of the rate are proved."""
        return self.narrow and self.rate is not None and self.rate.lower is not None

    @property
    def value(self) -> Fraction:
        """The best step size found, or the method's own where it was not tuned."""
        return self.parameters[STEP].value if STEP in self.parameters else self.method.step_size

    @property
    def lower(self) -> Fraction:
        """The lower end of the step size's bracket."""
        return self.parameters[STEP].lower

    @property
    def upper(self) -> Fraction | None:
        """The upper end of the step size's bracket, None for infinity."""
        return self.parameters[STEP].upper

    def display(self) -> Display:
        """Return what notebooks and prompts show."""
        from efpep.questions.tune.report import step_size_rows

        certificate, function = self.certificate, self.at.lyapunov
        verdict = Verdict.UNDECIDED if certificate is None else certificate.verdict
        finding = (
            "no better value outside the bracket among those covered, proved" if verdict is Verdict.PROVED else verdict.value
        )
        formula = None if function is None else function.latex()
        folded = None if certificate is None else ("certificate", lambda: as_json(certificate.describe()))
        return Display(verdict.value, finding, step_size_rows(self), formula, folded)

    def __str__(self) -> str:
        """Say what is proved."""
        if self.certificate is None:
            return f"{self.method.title or type(self.method).__name__}: undecided."
        return self.certificate.sentence()
