"""Claims about stochastic gradients: what the noise adds to a Lyapunov function in one step.

With noise of ``E ||xi_i||^2 <= sigma^2`` the question is the least c for which some V, a positive semidefinite quadratic plus
nonnegative function gaps, has

    E V+ <= rho E V - m + c sigma^2   (of ``"average"``),      E V+ <= rho E V + c sigma^2,  V >= m   (of ``"last"``),

m being the metric. The first, with ``0 < rho <= 1``, bounds averages: summed over K steps,

    sum_k rho^(K-1-k) E m_k <= rho^K V_0 + c sigma^2 (1 - rho^K)/(1 - rho),

so that ``mean_k E m_k <= V_0/K + c sigma^2`` at rho = 1. The second bounds the last iterate,

    E m_K <= rho^K V_0 + c sigma^2/(1 - rho).

There is no c where no V contracts by rho without noise: on large enough states c counts for nothing.

What is recorded of noise stands in :mod:`efpep.model.draws`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import ClassVar

from efpep.errors import CertificateError, InputError
from efpep.methods import Method
from efpep.model.field import rational, shown
from efpep.model.form import Form
from efpep.model.metric import metric_text
from efpep.model.system import Multiple, Relation, Share, System, Unknown
from efpep.model.text import down, exact, up
from efpep.proof import files, layout
from efpep.proof.layout import Layout, Template
from efpep.proof.witness import UpperWitness
from efpep.questions.base import Certificate
from efpep.questions.common.claim_assumptions import assumptions, necessary
from efpep.questions.common.refutable import Excluded, RefutableQuestion
from efpep.questions.common.step_inequalities import StepInequalities
from efpep.questions.rate.question import RateQuestion, rate_inequalities
from efpep.setting import Setting

AVERAGE = "average"
LAST = "last"
BOUNDS = (AVERAGE, LAST)
"""What may be bounded: averages of the metric over the iterates, or the metric at the last one."""


@dataclass(frozen=True)
class NoiseQuestion(RefutableQuestion):
    """The question how small the constant of the noise is; see the module.

    Attributes:
        rho: the factor of V a step.
        bound: ``"average"`` or ``"last"``.
        metric: a name of :data:`~efpep.model.metric.METRICS`.

    Raises:
        InputError: the setting has no noise, there is no such bound, or rho is out of range.
    """

    KIND: ClassVar[str] = "noise constant"
    ENDS: ClassVar[str] = "c"
    NOISY: ClassVar[bool] = True

    rho: Fraction = Fraction(1)
    bound: str = AVERAGE
    metric: str = "distance"

    def __post_init__(self) -> None:
        """Check the noise and the bound, and read the factor."""
        if self.setting.noise is None:
            raise InputError(
                "the setting's gradients are exact, and the question is about their noise; give noise=GradientNoise(sigma=1).",
                argument="noise",
            )
        if self.bound not in BOUNDS:
            raise InputError(f"bound is {shown(self.bound)}; choose one of {', '.join(BOUNDS)}.", argument="bound")
        rho = rational(self.rho, "rho")
        if not 0 < rho <= 1 or (rho == 1 and self.bound == LAST):
            allowed = "0 < rho <= 1" if self.bound == AVERAGE else "0 < rho < 1, since last iterates need a contraction"
            raise InputError(f"rho is {shown(rho)}, the factor of V a step; give {allowed}.", argument="rho")
        object.__setattr__(self, "rho", rho)

    @property
    def sigma(self) -> Fraction:
        """The standard deviation of the noise."""
        return Fraction(0) if self.setting.noise is None else Fraction(self.setting.noise.sigma)

    @cached_property
    def inequalities(self) -> StepInequalities:
        """The recorded step, rebuilt from the method's definition at the first call."""
        found = rate_inequalities(self.method, self.setting, self.metric)
        if "1" not in found.values:
            raise InputError(
                f"{self.method.called()} evaluates no gradient in a step, so there is no noise; correct its step(state, run).",
                argument="method",
            )
        return found

    @property
    def needed(self) -> tuple[RateQuestion, Fraction]:
        """The question at which rate the method contracts without noise, which has to be less than rho."""
        return RateQuestion(self.method, replace(self.setting, noise=None), self.metric), self.rho

    def recorded(self) -> object:
        """Return the recorded step, and what is asked of it."""
        return [self.inequalities, self.rho, self.bound]

    @property
    def system(self) -> System:
        """The question as a system: theta is c, the unknowns are V."""
        return self._system

    @cached_property
    def _system(self) -> System:
        step, last = self.inequalities, self.bound == LAST
        weights = tuple(
            Unknown(
                f"the weights of the Lyapunov function in the {block.name} block",
                tuple(feature.name for feature in block.features),
                f"a Lyapunov function of the {block.name} block could do better on the instance.",
            )
            for block in step.blocks
        )
        gaps = tuple(
            Multiple(gap.name, f"the function gap {gap.name}", f"the function gap {gap.name} could do better on the instance.")
            for gap in step.gaps
        )
        decrease = Relation(
            step.blocks,
            step.values_used,
            step.values,
            step.rows,
            tuple(square for k, block in enumerate(step.blocks) for square in (block.before(k, self.rho, 0), block.after(k))),
            tuple(Share(k, self.rho * gap.before - gap.after, Form()) for k, gap in enumerate(step.gaps)),
            constant=Form() if last else Fraction(-1) * step.metric,
            slope=Form({}, {step.values.index("1"): self.sigma**2}),
        )
        return System(
            (decrease, step.of_state("V less the metric", constant=Fraction(-1) * step.metric)) if last else (decrease,),
            weights,
            gaps,
            step.separated,
            least=Fraction(0),
            called="constant",
            vanishing="the instance has no noise, so it excludes nothing.",
            allowed="the instance does not exclude constants as large as the lower one.",
        )

    def formula(self, c: str = "c") -> str:
        """Return the inequality as a formula, with this text for the constant."""
        factor = "" if self.rho == 1 else f"{exact(self.rho)} "
        measured, decrease = metric_text(self.metric), f"E V+ <= {factor}E V"
        return f"{decrease} + {c} sigma^2, V >= {measured}" if self.bound == LAST else f"{decrease} - {measured} + {c} sigma^2"

    def told(self, lower: Fraction | None, upper: Fraction | None) -> str:
        """Return one sentence that says what is claimed."""
        parts: list[str] = []
        if upper is not None:
            parts.append(f"has a Lyapunov function V with {self.formula(up(upper, 12))}")
        if lower is not None:
            none = "none" if upper is not None else f"no Lyapunov function V with {self.formula()}"
            by = necessary(self.method, self.setting)
            parts.append(f"has {none} of the class with a constant c below {down(lower, 12)}{by}")
        return self._said(" and ".join(parts))

    def told_none(self, lower: Fraction) -> str:
        """Return one sentence that says that there is no constant, by this rate without noise."""
        by = necessary(self.method, self.needed[0].setting)
        slower = f"since without noise none contracts by a factor below {down(lower, 12)}{by}"
        return self._said(f"has no Lyapunov function V of the class with {self.formula()}, whatever c, {slower}")

    def _said(self, what: str) -> str:
        noise = "" if self.setting.noise is None else self.setting.noise.said()
        return f"{self.method.subject(self.setting)} and {noise} {what}{assumptions(self.method, self.setting)}."

    def claim(self, ends: Mapping[str, object]) -> dict[str, object]:
        """Return the claim as a JSON object, with these ends."""
        asked = {"rho": str(self.rho), "bound": self.bound, "metric": self.metric}
        return {**self.named(), **asked, "c": dict(ends), "features": self.inequalities.feature_names()}

    def layout(self) -> Layout:
        """Return how witnesses stand in the file."""
        system, names = self.system, [block.name for block in self.inequalities.blocks]
        upper: dict[str, Template] = {
            "weights": layout.weights(system, names),
            "gaps": layout.gaps(system),
            "multipliers": layout.multipliers(system, 0),
        }
        lower: dict[str, Template] = {"grams": layout.grams(system, 0), "values": layout.values(system, 0)}
        if self.bound == LAST:
            lower |= {"state_grams": layout.grams(system, 1), "state_values": layout.values(system, 1)}
        return Layout(upper, lower)

    @classmethod
    def asked(cls, method: Method, setting: Setting, claim: Mapping[str, object]) -> NoiseQuestion:
        """Return the claim of a table.

        Raises:
            CertificateError: the table is malformed, or its features are not those of the question.
            InputError: the question is not well posed.
        """
        claim = files.table(claim, "the claim", ["format", "method", "setting", "rho", "bound", "metric", "c", "features"])
        rho = files.number(claim["rho"], "the claim's rho")
        found = cls(method, setting, rho, str(claim["bound"]), str(claim["metric"]))
        if claim["features"] != found.inequalities.feature_names():
            raise CertificateError("the claim's features are not those of the method in this setting.")
        return found


NoiseCertificate = Certificate[NoiseQuestion, Excluded, UpperWitness]
