"""The Lyapunov law and the rate law that belongs to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import ClassVar

from efpep.conic.solver import DEFAULT, find_solver
from efpep.methods import EF21, METHODS
from efpep.methods.base import Method
from efpep.model.field import rounded
from efpep.model.text import down, up
from efpep.proof.witness import LowerWitness
from efpep.questions.base import Certificate, Verdict
from efpep.questions.improvement.question import Improvement, Measure
from efpep.questions.rate.enclosure import outward
from efpep.questions.rate.formula import weights
from efpep.questions.rate.inequalities import rate_inequalities
from efpep.questions.rate.question import RateQuestion
from efpep.setting import Setting
from efpep.studies.laws.comparisons import agreement, cells
from efpep.studies.laws.decide import enclosure, instance, quick_enclosure
from efpep.studies.laws.grid import WorkerConfiguration
from efpep.studies.laws.law import METRIC, Cell, Ends, Finding, Law, Proofs, gains, rate_proof, rates
from efpep.studies.laws.law_function import law_upper
from efpep.studies.laws.theorems import checked, ends, nothing_better
from efpep.theory import error_feedback as theory

GIVEN, FREE = "law", "best"
_ABOVE = Fraction(1, 10**6)
"""How far above the cubic's root the law's function is proved to contract, relative to ``1 - rho``."""


@dataclass(frozen=True)
class _GivenAgainstBest(Law):
    """A method at ``eta*``: the rate of the law's Lyapunov function, and the best rate over all functions of the class."""

    def about(self, setting: Setting) -> Method:
        """Return the method at its step size."""
        return EF21().resolved(setting)

    def prove(self, configuration: WorkerConfiguration) -> Proofs:
        """Enclose both rates."""
        setting = configuration.setting()
        solver = find_solver(DEFAULT)
        method = self.about(setting)
        question = rate_inequalities(method, setting, METRIC)
        shares = [group.share for group in setting.populations()]
        given = replace(question, given=weights(question, shares, method.literature.lyapunov(method, setting)))
        root = rounded(theory.cubic_rate(setting).value, 25)
        above = outward(root + (1 - root) * _ABOVE, (1 - root) * _ABOVE, up=True)
        upper = law_upper(given, method, setting, root, above) if isinstance(method, EF21) else None
        law = enclosure(given, setting, solver, 1 - root, known=upper)
        proofs = {GIVEN: Certificate(RateQuestion(method, setting, METRIC, given.given), law.lower, law.upper)}
        best = quick_enclosure(question, setting, solver, 1 - root, known=law.upper)
        if self.wanted is not None and law.lower is not None and law.upper is not None:
            bounds = self.wanted.threshold(law.lower.theta), self.wanted.threshold(law.upper.theta)
            if not _settled(rates_of(best.lower, best.upper), *bounds):
                lower = instance(question, bounds[1], setting, solver)
                best = best if lower is None else replace(best, lower=lower)
            if not _settled(rates_of(best.lower, best.upper), *bounds):
                best = enclosure(question, setting, solver, 1 - root, known=best.upper)
        if best.lower is not None or best.upper is not None:
            proofs[FREE] = Certificate(RateQuestion(method, setting, METRIC), best.lower, best.upper)
        return {name: proof for name, proof in proofs.items() if proof.lower is not None or proof.upper is not None}

    @property
    def wanted(self) -> Improvement | None:
        """The improvement that has to be decided, or None where the best rate stands beside the law only."""
        return None

    def ends(self, configuration: WorkerConfiguration, proofs: Proofs) -> tuple[Ends, Ends]:
        """Return the proved ends of both rates, after having made sure what they are about.

        Raises:
            CertificateError: a certificate is about something else.
        """
        setting = configuration.setting()
        method = self.about(setting)
        law = rate_proof(proofs, GIVEN, method, setting, given=True)
        if law is not None:
            shares = [group.share for group in setting.populations()]
            wanted = weights(rate_inequalities(method, setting, METRIC), shares, method.literature.lyapunov(method, setting))
            law = law if law.question.given == wanted else None
        return rates(law), rates(rate_proof(proofs, FREE, method, setting))

    def row(self, configuration: WorkerConfiguration, law: Ends, best: Ends) -> dict[str, Cell]:
        """Return the numbers that both laws print."""
        least, most = gains(best, law)
        return {
            "cubic": down(theory.cubic_rate(configuration.setting()).value, 15),
            **cells("law", law),
            **cells("best", best),
            "gain_lower": None if least is None else down(least, 8),
            "gain_upper": None if most is None else up(most, 8),
        }


@dataclass(frozen=True)
class LyapunovLaw(_GivenAgainstBest):
    """Empirical law 4.2 of 2605.31594: at ``eta*`` no Lyapunov function of EF21 does better than the law's.

    The law's is ``(1/n) sum_i w_i ||g_i - d_i||^2 + (s/n) ||sum_i g_i||^2``, ``w_i = sum_j (L_j + mu_j)/(L_i + mu_i)``.

    Attributes:
        improvement: what counts as an improvement; rows say what is proved by each measure.
    """

    key: ClassVar[str] = "lyapunov"
    title: ClassVar[str] = "Lyapunov law 4.2"
    statement: ClassVar[str] = "no Lyapunov function improves the rate of the law's at eta*"
    source: ClassVar[str] = "2605.31594, empirical law 4.2"

    improvement: Improvement = Improvement()  # noqa: RUF009 - frozen

    @property
    def wanted(self) -> Improvement:
        """The improvement."""
        return self.improvement

    def by_theorem(self, configuration: WorkerConfiguration) -> Finding | None:
        """Return that no Lyapunov function at all is better, where theorems say so; always for agents of one kind."""
        return nothing_better(configuration, self.improvement, ("ef21",))

    def judge(self, configuration: WorkerConfiguration, proofs: Proofs) -> Finding:
        """Compare the best rate with the threshold of the law's."""
        law, best = self.ends(configuration, proofs)
        verdicts = {measure: _verdict(law, best, replace(self.improvement, measure=measure)) for measure in Measure}
        verdict = verdicts[self.improvement.measure]
        measures = (Measure.RATE, Measure.CONTRACTION)
        row = {**{f"by_{m.value}": verdicts[m].value for m in measures}, **self.row(configuration, law, best)}
        return Finding(verdict, 1, int(verdict is Verdict.UNDECIDED), row)


@dataclass(frozen=True)
class CubicLaw(_GivenAgainstBest):
    """Empirical law 4.3 of 2605.31594, with weighted groups: the rate of the Lyapunov law's function is the root of a cubic.

    See :func:`efpep.theory.error_feedback.cubic_rate`. Proved means that the root lies in the proved interval of that function's
    rate and that the interval is no wider than a thousandth of ``1 - rho``; refuted that it lies outside. How much better the
    best Lyapunov function is stands beside it. EF, whose agents share a minimiser, has a function that obeys the same cubic.

    Attributes:
        method: the method's key.
    """

    key: ClassVar[str] = "cubic"
    title: ClassVar[str] = "rate law 4.3"
    statement: ClassVar[str] = "the rate of the Lyapunov law's function at eta* is the largest root of the cubic"
    source: ClassVar[str] = "2605.31594, empirical law 4.3"
    later: ClassVar[frozenset[str]] = frozenset({"theorems", "method"})

    method: str = "ef21"

    def about(self, setting: Setting) -> Method:
        """Return the method at its step size."""
        return METHODS.build({"class": self.method}).resolved(setting)

    def by_theorem(self, configuration: WorkerConfiguration) -> Finding | None:
        """Return that the root is the rate, a theorem for agents not all of which have ``mu = L``."""
        found = ends(configuration)
        if found is None:
            return None
        root = theory.cubic_rate(configuration.setting()).value
        return Finding(Verdict.PROVED, 1, 0, {"cubic": down(root, 15), "theorem": checked((self.method,))})

    def judge(self, configuration: WorkerConfiguration, proofs: Proofs) -> Finding:
        """Compare the root with the interval."""
        law, best = self.ends(configuration, proofs)
        root = theory.cubic_rate(configuration.setting()).value
        return agreement(root, law, self.row(configuration, law, best))


def rates_of(lower: LowerWitness | None, upper: object) -> Ends:
    """Return the rates of two witnesses."""
    return (None if lower is None else lower.theta, None if upper is None else getattr(upper, "theta", None))


def _settled(best: Ends, improved: Fraction, excluded: Fraction) -> bool:
    return (best[0] is not None and best[0] >= excluded) or (best[1] is not None and best[1] <= improved)


def _verdict(law: Ends, best: Ends, improvement: Improvement) -> Verdict:
    if law[1] is not None and best[0] is not None and best[0] >= improvement.threshold(law[1]):
        return Verdict.PROVED
    if law[0] is not None and best[1] is not None and best[1] <= improvement.threshold(law[0]):
        return Verdict.REFUTED
    return Verdict.UNDECIDED
