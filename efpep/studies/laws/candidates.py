"""Laws of the kind: no other choice of parameters improves the rate at the literature's choice."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from efpep.conic.solver import DEFAULT, find_solver
from efpep.errors import CertificateError
from efpep.methods.base import Method
from efpep.model.text import down, up
from efpep.questions.base import Certificate, Verdict
from efpep.questions.improvement.question import WORDS, Choice, Examined, Improvement, ImprovementQuestion, Measure
from efpep.questions.quadratic.eigen_instance import EigenInstance
from efpep.questions.rate.inequalities import rate_inequalities
from efpep.questions.rate.lyapunov_class import EVERYTHING
from efpep.questions.rate.question import RateQuestion, as_rate
from efpep.setting import Setting
from efpep.studies.laws.decide import NARROW, Bounds, decide, enclosure
from efpep.studies.laws.grid import WorkerConfiguration
from efpep.studies.laws.law import METRIC, Cell, Ends, Finding, Law, Proofs, gains, rates
from efpep.theory.error_feedback import cubic_rate

PROOF = "improvement"
REFERENCE = "reference"


@dataclass(frozen=True)
class CandidateLaw(Law):
    """A reference choice of parameters, and a grid of others.

    Attributes:
        improvement: what counts as an improvement.
    """

    improvement: Improvement = Improvement()  # noqa: RUF009 - frozen

    @property
    @abstractmethod
    def names(self) -> tuple[str, ...]:
        """The parameters that are chosen."""

    @abstractmethod
    def reference(self, setting: Setting) -> Method:
        """Return the method at the literature's choice, with numbers."""

    def searched(self, setting: Setting, rate: Fraction) -> Sequence[tuple[Fraction, ...]]:
        """Return choices that a search finds, which are tried after those of the grid; none by default."""
        del setting, rate
        return ()

    @abstractmethod
    def choices(self, setting: Setting, rate: Fraction) -> Sequence[tuple[Fraction, ...]]:
        """Return the choices, given the upper end of the reference rate."""

    def prove(self, configuration: WorkerConfiguration) -> Proofs:
        """Enclose the reference rate, then decide every choice."""
        setting = configuration.setting()
        method = self.reference(setting)
        width = min(NARROW, self.improvement.part / 20)
        guess = 1 - cubic_rate(setting).value if configuration.epsilon else Fraction(0)
        found = enclosure(rate_inequalities(method, setting, METRIC), setting, find_solver(DEFAULT), guess, width=width)
        reference = Certificate(RateQuestion(method, setting, METRIC), found.lower, found.upper)
        if found.lower is None or found.upper is None or found.upper.theta >= 1:
            return {REFERENCE: reference} if found.lower is not None or found.upper is not None else {}
        question = ImprovementQuestion.of(reference.question, self.improvement, self.names)
        bounds = Bounds(*question.thresholds((found.lower.theta, found.upper.theta)))
        upper = found.upper.theta
        choices = [
            Choice(parameters, decide(question.chosen(parameters), setting, bounds, width))
            for parameters in [*self.choices(setting, upper), *self.searched(setting, upper)]
        ]
        return {PROOF: Certificate(question, None, Examined(reference, tuple(choices)))}

    def judge(self, configuration: WorkerConfiguration, proofs: Proofs) -> Finding:
        """Count the verdicts."""
        setting = configuration.setting()
        proof = proofs.get(PROOF)
        if proof is None:
            return Finding(Verdict.UNDECIDED, 1, 1, {"reason": "the reference rate is not enclosed"})
        about, found = proof.question, proof.upper
        if not isinstance(about, ImprovementQuestion) or not isinstance(found, Examined):
            raise CertificateError("the proof is no improvement certificate.")
        if (about.method, about.setting) != (self.reference(setting), setting):
            raise CertificateError("the proof is about another configuration.")
        asked = (self.improvement, self.names, None, METRIC, EVERYTHING)
        if (about.improvement, about.names, about.given, about.metric, about.lyapunov_class) != asked:
            raise CertificateError("the proof is about another question.")
        lower, upper = found.ends()
        grid = [tuple(choice) for choice in self.choices(setting, upper)]
        if [choice.parameters for choice in found.choices][: len(grid)] != grid:
            raise CertificateError("the choices of the proof are not those of the grid.")
        counts = found.counts()
        verdict = _verdict(about, found, self.improvement.measure)
        row: dict[str, Cell] = {
            **{f"by_{measure.value}": _verdict(about, found, measure).value for measure in (Measure.RATE, Measure.CONTRACTION)},
            "reference_lower": down(lower, 15),
            "reference_upper": up(upper, 15),
            **{word: counts[outcome] for outcome, word in WORDS.items()},
            "excluded_on_a_line": sum(isinstance(choice.proof, EigenInstance) for choice in found.choices),
            **self._best(about.names, found),
        }
        return Finding(verdict, len(found.choices), counts[Verdict.UNDECIDED], row)

    @staticmethod
    def _best(names: tuple[str, ...], found: Examined) -> dict[str, str | None]:
        """Return the choice with the greatest proved improvement of ``1 - rho``."""
        best: tuple[Fraction, Choice] | None = None
        for choice in found.choices:
            proof = as_rate(choice.proof)
            if choice.verdict is not Verdict.PROVED or proof is None:
                continue
            least = gains(rates(proof), found.ends())[0]
            if least is not None and (best is None or least > best[0]):
                best = least, choice
        parameters = [None] * len(names) if best is None else [str(a) for a in best[1].parameters]
        named = dict(zip((f"best_{name}" for name in names), parameters, strict=True))
        return {**named, "best_gain": None if best is None else down(best[0], 6)}


def _verdict(about: ImprovementQuestion, found: Examined, measure: Measure) -> Verdict:
    """Return what the proofs say about improvements by some measure, which may be another than the one they were made for."""
    lower, upper = found.ends()
    wanted = replace(about.improvement, measure=measure)
    improved, excluded = wanted.threshold(lower), wanted.threshold(upper)
    open_choices = False
    for choice in found.choices:
        least, most = _ends(choice)
        if most is not None and most < improved:
            return Verdict.REFUTED
        open_choices = open_choices or least is None or least < excluded
    return Verdict.UNDECIDED if open_choices else Verdict.PROVED


def _ends(choice: Choice) -> Ends:
    if isinstance(choice.proof, EigenInstance):
        return choice.proof.growth**2, None
    return rates(choice.proof)
