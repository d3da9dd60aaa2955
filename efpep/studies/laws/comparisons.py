"""Laws about closed forms: a rate against a formula, and the rates of two methods against each other."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import ClassVar

from efpep.compressors import CommonLinear
from efpep.conic.solver import DEFAULT, find_solver
from efpep.errors import InputError
from efpep.methods import CGD, EF, EF21, METHODS
from efpep.methods.base import Method
from efpep.model.field import rounded
from efpep.model.text import down, up
from efpep.questions.base import Certificate, Verdict
from efpep.questions.rate.inequalities import rate_inequalities
from efpep.questions.rate.question import RateCertificate, RateQuestion
from efpep.setting import Setting
from efpep.studies.laws.decide import NARROW, enclosure, quick_enclosure
from efpep.studies.laws.grid import WorkerConfiguration
from efpep.studies.laws.law import METRIC, Cell, Ends, Finding, Law, Proofs, rate_proof, rates
from efpep.studies.laws.theorems import checked
from efpep.theory import cgd, earlier_ef21, error_feedback
from efpep.theory.complexity import ratio
from efpep.theory.constants import averages


def enclosed(method: Method, setting: Setting, guess: Fraction) -> RateCertificate | None:
    """Return the certificate of a rate, or None where neither end is proved."""
    found = enclosure(rate_inequalities(method, setting, METRIC), setting, find_solver(DEFAULT), max(guess, Fraction(0)))
    if found.lower is None and found.upper is None:
        return None
    return Certificate(RateQuestion(method, setting, METRIC), found.lower, found.upper)


def named(**proofs: RateCertificate | None) -> Proofs:
    """Return the proofs that there are."""
    return {name: proof for name, proof in proofs.items() if proof is not None}


def cells(name: str, ends: Ends) -> dict[str, Cell]:
    """Return an interval for a row."""
    return {
        f"{name}_lower": None if ends[0] is None else down(ends[0], 15),
        f"{name}_upper": None if ends[1] is None else up(ends[1], 15),
    }


def ratio_cells(name: str, slow: Ends, fast: Ends) -> dict[str, Cell]:
    """Return bounds of how many steps at one rate do what one step does at the other."""
    least = ratio(slow[0], fast[1], up=False) if slow[0] and fast[1] and max(slow[0], fast[1]) < 1 else None
    most = ratio(slow[1], fast[0], up=True) if slow[1] and fast[0] and max(slow[1], fast[0]) < 1 else None
    return {f"{name}_lower": None if least is None else down(least, 6), f"{name}_upper": None if most is None else up(most, 6)}


@dataclass(frozen=True)
class LinearLaw(Law):
    """Theorem of 2605.31594: with one linear compressor for all agents only the averages of L and mu matter.

    Proved means that the closed form of agents of one kind, with averaged constants, lies in the proved interval of the rate at
    ``eta*``, no wider than a thousandth of ``1 - rho``; refuted that it lies outside.

    Attributes:
        method: the method's key.
    """

    key: ClassVar[str] = "linear"
    title: ClassVar[str] = "rate with a common linear compressor"
    statement: ClassVar[str] = "with one linear compressor for all agents the rate is that of one agent with averaged L and mu"
    source: ClassVar[str] = "2605.31594, linear compressors"

    method: str = "ef21"

    def methods(self, configuration: WorkerConfiguration) -> list[Method]:
        """Return the method at its step size."""
        return [self._method(configuration)]

    def _method(self, configuration: WorkerConfiguration) -> Method:
        return METHODS.build({"class": self.method}).resolved(configuration.averaged())

    def _theory(self, configuration: WorkerConfiguration) -> Fraction:
        found = error_feedback.rate(configuration.averaged())
        if found is None:
            raise InputError("the agents of a uniform setting have no closed form of the rate; this is a defect of efpep.")
        return found.value

    def prove(self, configuration: WorkerConfiguration) -> Proofs:
        """Enclose the rate at ``eta*``."""
        setting = configuration.setting(CommonLinear)
        return named(rate=enclosed(self._method(configuration), setting, 1 - self._theory(configuration)))

    def judge(self, configuration: WorkerConfiguration, proofs: Proofs) -> Finding:
        """Compare the closed form with the interval."""
        found = rates(rate_proof(proofs, "rate", self._method(configuration), configuration.setting(CommonLinear)))
        theory = self._theory(configuration)
        return agreement(theory, found, {"theory": down(theory, 15), **cells("rate", found)})


def agreement(theory: Fraction, found: Ends, row: dict[str, Cell]) -> Finding:
    """Return whether a number lies in a narrow proved interval."""
    lower, upper = found
    verdict = Verdict.UNDECIDED
    if (lower is not None and theory < lower) or (upper is not None and theory > upper):
        verdict = Verdict.REFUTED
    elif lower is not None and upper is not None and upper - lower <= NARROW * (1 - upper):
        verdict = Verdict.PROVED
    return Finding(verdict, 1, int(verdict is Verdict.UNDECIDED), row)


@dataclass(frozen=True)
class EarlierLaw(Law):
    """EF21's earlier rate ``1 - gamma mu`` (2106.05203) against the tight one.

    Proved means that at ``gamma`` a Lyapunov function contracts at least as fast as the earlier theory says, and that the rate at
    ``eta*`` is better than the earlier one. How many steps the earlier theory asks for in place of one stands beside it.
    """

    key: ClassVar[str] = "earlier-ef21"
    title: ClassVar[str] = "earlier rate of EF21"
    statement: ClassVar[str] = "the earlier rate 1 - gamma mu holds at gamma, and the rate at eta* is better"
    source: ClassVar[str] = "2106.05203, PL theory"

    def _methods(self, setting: Setting) -> tuple[Method, Method]:
        return EF21(rounded(earlier_ef21.step_size(setting).value, 17)), EF21().resolved(setting)

    def prove(self, configuration: WorkerConfiguration) -> Proofs:
        """Enclose the rates at both step sizes."""
        setting = configuration.setting()
        gamma, tight = self._methods(setting)
        theory = earlier_ef21.rate(setting).value
        best = 1 - error_feedback.cubic_rate(setting).value
        question = rate_inequalities(gamma, setting, METRIC)
        found = quick_enclosure(question, setting, find_solver(DEFAULT), 2 * (1 - theory))
        if found.upper is None or found.upper.theta > theory:
            earlier = enclosed(gamma, setting, 1 - theory)
        else:
            earlier = Certificate(RateQuestion(gamma, setting, METRIC), found.lower, found.upper)
        return named(earlier=earlier, tight=enclosed(tight, setting, best))

    def judge(self, configuration: WorkerConfiguration, proofs: Proofs) -> Finding:
        """Compare."""
        setting = configuration.setting()
        gamma, tight = self._methods(setting)
        at_gamma = rates(rate_proof(proofs, "earlier", gamma, setting))
        at_best = rates(rate_proof(proofs, "tight", tight, setting))
        theory = earlier_ef21.rate(setting).value
        verdict = Verdict.UNDECIDED
        if at_gamma[1] is not None and at_best[1] is not None and max(at_gamma[1], at_best[1]) <= theory:
            verdict = Verdict.PROVED
        elif any(end is not None and end > theory for end in (at_gamma[0], at_best[0])):
            verdict = Verdict.REFUTED
        row: dict[str, Cell] = {
            "earlier": down(theory, 15),
            **cells("at_gamma", at_gamma),
            **cells("tight", at_best),
            **ratio_cells("steps", (theory, theory), at_best),
        }
        return Finding(verdict, 1, int(verdict is Verdict.UNDECIDED), row)


@dataclass(frozen=True)
class CgdLaw(Law):
    """CGD at the step size that is best for one agent, against EF at ``eta*``, for agents that share one minimiser.

    2506.05271: for one agent CGD is faster. Proved means that it is in this configuration, refuted that EF is.
    """

    key: ClassVar[str] = "cgd-against-ef"
    title: ClassVar[str] = "CGD against EF"
    statement: ClassVar[str] = "CGD at 2/((1 - s) mu + (1 + s) L) needs fewer steps than EF at eta*"
    source: ClassVar[str] = "2506.05271"

    def by_theorem(self, configuration: WorkerConfiguration) -> Finding | None:
        """Return that CGD is faster with one agent."""
        setting = configuration.setting()
        left, right = cgd.rate(setting), error_feedback.rate(setting)
        if left is None or right is None:
            return None
        row: dict[str, Cell] = {"cgd": down(left.value, 15), "ef": down(right.value, 15), "theorem": checked(("cgd", "ef"))}
        return Finding(Verdict.PROVED, 1, 0, row)

    def _methods(self, configuration: WorkerConfiguration) -> tuple[Method, Method]:
        step = cgd.optimal_step_size(configuration.averaged()).value
        return CGD(rounded(step, 17)), EF().resolved(configuration.setting())

    def prove(self, configuration: WorkerConfiguration) -> Proofs:
        """Enclose both rates."""
        setting = configuration.setting()
        plain, feedback = self._methods(configuration)
        one = cgd.rate(configuration.averaged())
        guess = 1 - one.value if one is not None and averages(setting).alone else Fraction(0)
        best = 1 - error_feedback.cubic_rate(setting).value
        return named(cgd=enclosed(plain, setting, guess), ef=enclosed(feedback, setting, best))

    def judge(self, configuration: WorkerConfiguration, proofs: Proofs) -> Finding:
        """Compare."""
        setting = configuration.setting()
        plain, feedback = self._methods(configuration)
        left, right = rates(rate_proof(proofs, "cgd", plain, setting)), rates(rate_proof(proofs, "ef", feedback, setting))
        verdict = Verdict.UNDECIDED
        if left[1] is not None and right[0] is not None and left[1] < right[0]:
            verdict = Verdict.PROVED
        elif left[0] is not None and right[1] is not None and right[1] < left[0]:
            verdict = Verdict.REFUTED
        row = {**cells("cgd", left), **cells("ef", right), **ratio_cells("ef_steps_for_one_of_cgd", right, left)}
        return Finding(verdict, 1, int(verdict is Verdict.UNDECIDED), row)
