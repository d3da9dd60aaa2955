"""The Lyapunov law and the rate law that belongs to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import ClassVar

from efpep.analysis.enclosure import outward
from efpep.certify.certificate import Certificate
from efpep.certify.improvement import Improvement
from efpep.conic.solver import DEFAULT, find_solver
from efpep.laws.decide import METRIC, enclosure
from efpep.laws.grid import Configuration
from efpep.laws.law_function import law_upper
from efpep.laws.law import Cell, Finding, Law, Proofs, Verdict, gains, rate_proof, rates
from efpep.methods import EF21
from efpep.methods.base import rounded
from efpep.model.text import down, up
from efpep.question.contraction import contraction
from efpep.question.formula import weights
from efpep.theory import error_feedback as theory

GIVEN, FREE = "law", "best"
_ABOVE = Fraction(1, 10**6)
"""How far above the cubic's root the law's function is proved to contract, relative to ``1 - rho``."""


@dataclass(frozen=True)
class _GivenAgainstBest(Law):
    """EF21 at ``eta*``: the rate of the law's Lyapunov function, and the best rate over all Lyapunov functions of the class."""

    def prove(self, configuration: Configuration) -> Proofs:
        """Enclose both rates."""
        setting = configuration.setting()
        method = EF21().resolved(setting)
        question = contraction(method, setting, METRIC)
        shares = [group.share for group in setting.populations()]
        given = replace(question, given=weights(question, shares, theory.ef21_lyapunov(setting)))
        root = rounded(theory.cubic_rate(setting).value, 25)
        upper = law_upper(given, method, setting, root, outward(root + (1 - root) * _ABOVE, (1 - root) * _ABOVE, up=True))
        proofs: dict[str, Certificate] = {}
        for name, asked in ((GIVEN, given), (FREE, question)):
            found = enclosure(asked, setting, find_solver(DEFAULT), 1 - root, upper)
            if found.lower is not None or found.upper is not None:
                proofs[name] = Certificate(method, setting, METRIC, found.lower, found.upper, asked.given)
        return proofs

    def ends(
        self, configuration: Configuration, proofs: Proofs
    ) -> tuple[tuple[Fraction | None, Fraction | None], tuple[Fraction | None, Fraction | None]]:
        """Return the proved ends of both rates, after having made sure what they are about.

        Raises:
            CertificateError: a certificate is about something else.
        """
        setting = configuration.setting()
        method = EF21().resolved(setting)
        law = rate_proof(proofs, GIVEN, method, setting, given=True)
        if law is not None:
            shares = [group.share for group in setting.populations()]
            wanted = weights(contraction(method, setting, METRIC), shares, theory.ef21_lyapunov(setting))
            law = law if law.given == wanted else None
        return rates(law), rates(rate_proof(proofs, FREE, method, setting))

    def row(
        self,
        configuration: Configuration,
        law: tuple[Fraction | None, Fraction | None],
        best: tuple[Fraction | None, Fraction | None],
    ) -> dict[str, Cell]:
        """Return the numbers that both laws print."""
        least, most = gains(best, law)
        return {
            "cubic": down(theory.cubic_rate(configuration.setting()).value, 15),
            "law_lower": _down(law[0]),
            "law_upper": _up(law[1]),
            "best_lower": _down(best[0]),
            "best_upper": _up(best[1]),
            "gain_lower": _down(least, 8),
            "gain_upper": _up(most, 8),
        }


@dataclass(frozen=True)
class LyapunovLaw(_GivenAgainstBest):
    """Empirical law 4.2 of 2605.31594: at ``eta*`` no Lyapunov function of EF21 does better than the law's.

    The law's is ``(1/n) sum_i w_i ||g_i - d_i||^2 + (s/n) ||sum_i g_i||^2``, ``w_i = sum_j (L_j + mu_j)/(L_i + mu_i)``.

    Attributes:
        improvement: what counts as an improvement.
    """

    key: ClassVar[str] = "lyapunov"
    title: ClassVar[str] = "Lyapunov law 4.2"
    statement: ClassVar[str] = "no Lyapunov function improves the rate of the law's at eta*"
    source: ClassVar[str] = "2605.31594, empirical law 4.2"

    improvement: Improvement = Improvement()  # noqa: RUF009 - frozen

    def judge(self, configuration: Configuration, proofs: Proofs) -> Finding:
        """Compare the best rate with the threshold of the law's."""
        law, best = self.ends(configuration, proofs)
        verdict = Verdict.UNDECIDED
        if law[1] is not None and best[0] is not None and best[0] >= self.improvement.threshold(law[1]):
            verdict = Verdict.PROVED
        elif law[0] is not None and best[1] is not None and best[1] <= self.improvement.threshold(law[0]):
            verdict = Verdict.REFUTED
        return Finding(verdict, 1, int(verdict is Verdict.UNDECIDED), self.row(configuration, law, best))


@dataclass(frozen=True)
class CubicLaw(_GivenAgainstBest):
    """Empirical law 4.3 of 2605.31594, with weighted groups: the rate of the Lyapunov law's function is the root of a cubic.

    See :func:`efpep.theory.error_feedback.cubic_rate`. Proved means that the root lies in the proved interval of that function's
    rate and that the interval is no wider than a thousandth of ``1 - rho``; refuted that it lies outside. How much better the
    best Lyapunov function is stands beside it.
    """

    key: ClassVar[str] = "cubic"
    title: ClassVar[str] = "rate law 4.3"
    statement: ClassVar[str] = "the rate of the Lyapunov law's function at eta* is the largest root of the cubic"
    source: ClassVar[str] = "2605.31594, empirical law 4.3"

    def judge(self, configuration: Configuration, proofs: Proofs) -> Finding:
        """Compare the root with the interval."""
        law, best = self.ends(configuration, proofs)
        root = theory.cubic_rate(configuration.setting()).value
        verdict = Verdict.UNDECIDED
        if (law[0] is not None and root < law[0]) or (law[1] is not None and root > law[1]):
            verdict = Verdict.REFUTED
        elif law[0] is not None and law[1] is not None and law[1] - law[0] <= WIDE * (1 - law[1]):
            verdict = Verdict.PROVED
        return Finding(verdict, 1, int(verdict is Verdict.UNDECIDED), self.row(configuration, law, best))


WIDE = Fraction(1, 1000)


def _down(value: Fraction | None, digits: int = 15) -> str | None:
    return None if value is None else down(value, digits)


def _up(value: Fraction | None, digits: int = 15) -> str | None:
    return None if value is None else up(value, digits)
