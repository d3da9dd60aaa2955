"""Claims about target accuracies: after how many iterations stochastic gradients reach one, with proof.

Three things prove that the metric m is at most the target after T iterations, in expectation:

- a Lyapunov function ``V >= m`` with ``E V+ <= rho E V + c sigma^2`` (:mod:`efpep.questions.noise.question`, last iterates);
- ``E V_0 <= B`` from ``||x^0 - x*|| <= R``, by multipliers of what the start records (:mod:`efpep.questions.target.start`);
- ``rho^T B + c sigma^2/(1 - rho) <= target``.

A check rebuilds the inequalities of both from the method's own definition, and computes the last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar

from efpep.errors import CertificateError
from efpep.model.field import positive, rational, shown
from efpep.model.metric import metric_text
from efpep.model.system import System
from efpep.model.text import exact, up
from efpep.proof import files, layout
from efpep.proof.conditions import check_upper
from efpep.proof.layout import Template, read_upper, written
from efpep.proof.witness import UpperWitness
from efpep.questions.base import Certificate, DescribedCertificate, Question
from efpep.questions.common.claim_assumptions import assumptions
from efpep.questions.common.step_inequalities import StepInequalities
from efpep.questions.noise.question import LAST, NoiseQuestion
from efpep.questions.rate.lyapunov import Lyapunov
from efpep.questions.target.start import recorded_start, start_system

_SCALE = 10**60


@dataclass(frozen=True, slots=True)
class Reached:
    """What proves that a target is reached.

    Attributes:
        iterations: T.
        constant: V and the constant c of the noise.
        start: the multipliers with which ``E V_0 <= B``, its theta.
    """

    iterations: int
    constant: UpperWitness
    start: UpperWitness

    @property
    def theta(self) -> Fraction:
        """The number of iterations."""
        return Fraction(self.iterations)


@dataclass(frozen=True)
class TargetQuestion(Question[None, Reached]):
    """The question after how many iterations a target accuracy is reached; see the module.

    Attributes:
        rho: the factor of V a step, less than 1.
        metric: a name of :data:`~efpep.model.metric.METRICS`.
        target: what the metric has to come down to, in expectation.
        radius: the bound R of ``||x^0 - x*||``.

    Raises:
        InputError: the setting has no noise, or a number is out of its range.
    """

    KIND: ClassVar[str] = "target accuracy"
    NOISY: ClassVar[bool] = True

    rho: Fraction
    metric: str
    target: Fraction
    radius: Fraction = Fraction(1)

    def __post_init__(self) -> None:
        """Read the numbers."""
        object.__setattr__(self, "rho", rational(self.rho, "rho"))
        for name in ("target", "radius"):
            object.__setattr__(self, name, positive(getattr(self, name), name))
        _ = self.constant

    @cached_property
    def constant(self) -> NoiseQuestion:
        """The question about the constant of the noise."""
        return NoiseQuestion(self.method, replace(self.setting, heterogeneity=None), self.rho, LAST, self.metric)

    @property
    def inequalities(self) -> StepInequalities:
        """The recorded step."""
        return self.constant.inequalities

    def recorded(self) -> object:
        """Return the recorded step and the recorded start, with what is asked."""
        rows = recorded_start(self.method, self.setting, self.radius)[0].rows
        return [self.constant.recorded(), rows, self.target, self.radius]

    def start(self, constant: UpperWitness) -> System:
        """Return the question how large the Lyapunov function of a witness may be at the start, as a system."""
        return start_system(self.method, self.setting, Lyapunov.of(self.inequalities, constant), self.radius)[0]

    def floor(self, constant: UpperWitness) -> Fraction:
        """Return what is left in the limit, ``c sigma^2/(1 - rho)``."""
        return constant.theta * self.constant.sigma**2 / (1 - self.rho)

    def bound(self, found: Reached) -> Fraction:
        """Return ``rho^T B + c sigma^2/(1 - rho)``, rounded up."""
        return reached(self.rho, found.start.theta, self.floor(found.constant), found.iterations)

    def check(self, lower: None, upper: Reached | None) -> None:
        """Check V, the bound of the start and the number of iterations; see :meth:`efpep.questions.base.Question.check`."""
        del lower
        found = claimed(upper)
        self.constant.check(None, found.constant)
        check_upper(self.start(found.constant), found.start)
        if found.iterations < 0 or self.bound(found) > self.target:
            raise CertificateError(f"{found.iterations} iterations are not proved to reach the target.")

    def sentence(self, lower: None, upper: Reached | None) -> str:
        """Return one sentence that says what is claimed."""
        del lower
        found = claimed(upper)
        noise = "" if self.setting.noise is None else self.setting.noise.said()
        return (
            f"{self.method.subject(self.setting)} and {noise} has E {metric_text(self.metric, 'x_T')} <= {exact(self.target)} "
            f"after T = {found.iterations} iterations from |x_0 - x*| <= {exact(self.radius)}, by a Lyapunov function that is at "
            f"most {up(found.start.theta, 12)} at the start and has {self.constant.formula(up(found.constant.theta, 12))}"
            f"{assumptions(self.method, self.setting)}."
        )

    def describe(self, lower: None, upper: Reached | None) -> tuple[dict[str, object], dict[str, object]]:
        """Return the claim and the witnesses as JSON objects."""
        del lower
        found = claimed(upper)
        claim: dict[str, object] = {
            **self.named(),
            "rho": str(self.rho),
            "metric": self.metric,
            "target": str(self.target),
            "radius": str(self.radius),
            "iterations": found.iterations,
            "constant": str(found.constant.theta),
            "start": str(found.start.theta),
            "features": self.inequalities.feature_names(),
        }
        start = written(_of_start(self.start(found.constant)), found.start)
        return claim, {"constant": written(self.constant.layout().upper, found.constant), "start": start}

    @classmethod
    def restore(cls, described: DescribedCertificate) -> Certificate[Any, None, Reached]:
        """Return the certificate of a file, without checking its proof; see :meth:`efpep.questions.base.Question.restore`."""
        numbers = ["rho", "target", "radius", "constant", "start"]
        keys = ["format", "method", "setting", *numbers, "metric", "iterations", "features"]
        claim = files.table(described.claim, "the claim", keys)
        rho, target, radius, c, start = (files.number(claim[name], f"the claim's {name}") for name in numbers)
        question = cls(*described.subject(), rho, str(claim["metric"]), target, radius)
        count = claim["iterations"]
        if isinstance(count, bool) or not isinstance(count, int):
            raise CertificateError(f"the claim's iterations are {shown(count)}, which is no whole number.")
        if claim["features"] != question.inequalities.feature_names():
            raise CertificateError("the claim's features are not those of the method in this setting.")
        witnesses = files.table(described.witnesses, "the witnesses", ["constant", "start"])
        asked = question.constant
        constant = read_upper(asked.system, c, asked.layout().upper, witnesses["constant"])
        system = question.start(constant)
        found = read_upper(system, start, _of_start(system), witnesses["start"])
        return Certificate(question, None, Reached(count, constant, found))


def reached(rho: Fraction, start: Fraction, floor: Fraction, iterations: int) -> Fraction:
    """Return ``rho^T B + floor``, the power rounded up to 60 digits."""
    power, factor, left = _SCALE, -(-rho.numerator * _SCALE // rho.denominator), iterations
    while left:
        if left % 2:
            power = -(-power * factor // _SCALE)
        factor, left = -(-factor * factor // _SCALE), left // 2
    return Fraction(power, _SCALE) * start + floor


def _of_start(system: System) -> Mapping[str, Template]:
    """Return how the proof of the start's bound stands in a file."""
    return {"multipliers": layout.multipliers(system, 0)}


def claimed(found: Reached | None) -> Reached:
    """Return what a certificate claims.

    Raises:
        CertificateError: it claims nothing.
    """
    if found is None:
        raise CertificateError("the certificate claims no number of iterations.")
    return found


TargetCertificate = Certificate[TargetQuestion, None, Reached]
