"""Claims about stochastic gradients of functions without a minimiser: what the noise adds to a potential in one step.

With noise of ``E ||xi_i||^2 <= sigma^2`` the question is the least c for which some potential, as in
:mod:`efpep.questions.nonconvex.question`, with a given decrease a has

    Phi = f(x) - f* + quadratic(features) >= 0,      E Phi+ <= Phi - a ||grad f(x)||^2 + c sigma^2.

Summed over T steps, the mean of ``E ||grad f(x_t)||^2`` over t < T, and so the least of them, is at most

    Phi_0/(a T) + (c/a) sigma^2.

There is no c where no potential has the decrease a with exact gradients: f may be replaced by ``s^2 f(x/s)``, and for large s
noise counts for nothing. The smaller a, the smaller c; ``c/a``, the floor, is least in between.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import ClassVar

from efpep.errors import CertificateError, InputError
from efpep.methods import Method
from efpep.model.field import positive
from efpep.model.form import Form
from efpep.model.system import System
from efpep.model.text import down, exact, up
from efpep.proof import files
from efpep.proof.layout import Layout
from efpep.proof.witness import UpperWitness
from efpep.questions.base import Certificate
from efpep.questions.common.claim_assumptions import expectation, necessary
from efpep.questions.common.decreasing_potential import potential_layout, potential_system, run_bound, start_terms
from efpep.questions.common.refutable import Excluded, RefutableQuestion
from efpep.questions.common.step_inequalities import StepInequalities
from efpep.questions.nonconvex.inequalities import nonconvex_inequalities
from efpep.questions.nonconvex.question import NonconvexQuestion
from efpep.setting import Setting

_BEYOND = Fraction(1, 10**12)
"""By how much, relatively, decreases are proved to be smaller where there is no constant."""


@dataclass(frozen=True)
class NonconvexNoiseQuestion(RefutableQuestion):
    """The question how small the constant of the noise is beside a decrease; see the module.

    Attributes:
        decrease: the decrease a, positive.

    Raises:
        InputError: the setting has no noise, or the decrease is not positive.
    """

    KIND: ClassVar[str] = "nonconvex noise constant"
    ENDS: ClassVar[str] = "c"
    NOISY: ClassVar[bool] = True

    decrease: Fraction

    def __post_init__(self) -> None:
        """Check the noise, and read the decrease."""
        if self.setting.noise is None:
            raise InputError(
                "the setting's gradients are exact, and the question is about their noise; give noise=GradientNoise(sigma=1).",
                argument="noise",
            )
        object.__setattr__(self, "decrease", positive(self.decrease, "decrease"))

    @property
    def sigma(self) -> Fraction:
        """The standard deviation of the noise."""
        return Fraction(1) if self.setting.noise is None else Fraction(self.setting.noise.sigma)

    @cached_property
    def inequalities(self) -> StepInequalities:
        """The recorded step, rebuilt from the method's definition at the first call."""
        found = nonconvex_inequalities(self.method, self.setting, 0)
        if "1" not in found.values:
            raise InputError(
                f"{self.method.called()} evaluates no gradients with noise, so that noise adds nothing; take another method.",
                argument="method",
            )
        return found

    @property
    def needed(self) -> tuple[NonconvexQuestion, Fraction]:
        """The question which decreases there are without noise, and minus a decrease that is a little smaller than this one."""
        return NonconvexQuestion(self.method, replace(self.setting, noise=None)), -self.decrease * (1 - _BEYOND)

    def recorded(self) -> object:
        """Return the recorded step, and what is asked of it."""
        return [self.inequalities, self.decrease, self.KIND]

    @property
    def system(self) -> System:
        """The question as a system: theta is c, the unknowns are the quadratic, and how values are shared among points."""
        return self._system

    @cached_property
    def _system(self) -> System:
        step = self.inequalities
        covered = step.gaps[0].before - step.gaps[0].after - self.decrease * step.metric
        return potential_system(step, covered, Form({}, {step.values.index("1"): self.sigma**2}), noise=True)

    def terms(self, upper: UpperWitness) -> dict[str, Fraction] | None:
        """Return the terms that bound ``Phi_0/a`` at the method's start; None if unknown."""
        return start_terms(self, self.inequalities, upper, self.decrease)

    def floor(self, upper: UpperWitness) -> Fraction:
        """Return what the mean of ``E ||grad f(x_t)||^2`` comes down to at most, ``(c/a) sigma^2``."""
        return upper.theta / self.decrease * self.sigma**2

    def bound(self, upper: UpperWitness) -> str:
        """Return what a potential proves of T steps, for every T."""
        return run_bound(self.terms(upper), self.decrease, "x_0", f" + {up(self.floor(upper), 9)}")

    def formula(self, c: str = "c") -> str:
        """Return the inequality as a formula, with this text for the constant."""
        return f"E Phi+ <= Phi - {exact(self.decrease)} |grad f(x)|^2 + {c} sigma^2"

    def sentence(self, lower: Excluded | None, upper: UpperWitness | None) -> str:
        """Return one sentence that says what is claimed, with what it says of T steps from the method's own start."""
        said = super().sentence(lower, upper)
        return said if upper is None else f"{said[:-1]}; so, for every T, {self.bound(upper)}."

    def told(self, lower: Fraction | None, upper: Fraction | None) -> str:
        """Return one sentence that says what is claimed."""
        parts: list[str] = []
        if upper is not None:
            parts.append(f"has a potential Phi, f - f* plus a quadratic, with {self.formula(up(upper, 12))}")
        if lower is not None:
            none = "none" if upper is not None else f"no potential Phi, f - f* plus a quadratic, with {self.formula()}"
            parts.append(f"has {none} with a constant c below {down(lower, 12)}{necessary(self.method, self.setting)}")
        return self._said(" and ".join(parts))

    def told_none(self, lower: Fraction) -> str:
        """Return one sentence that says that there is no constant, by this lower end without noise."""
        by = necessary(self.method, self.needed[0].setting)
        most = f"since with exact gradients none has a decrease above {up(-lower, 12)}{by}"
        return self._said(f"has no potential Phi, f - f* plus a quadratic, with {self.formula()}, whatever c, {most}")

    def _said(self, what: str) -> str:
        noise = "" if self.setting.noise is None else self.setting.noise.said()
        return f"{self.method.subject(self.setting)} and {noise} {what}{expectation(self.method, self.setting)}."

    def claim(self, ends: Mapping[str, object]) -> dict[str, object]:
        """Return the claim as a JSON object, with these ends."""
        return {**self.named(), "a": str(self.decrease), "c": dict(ends), "features": self.inequalities.feature_names()}

    def layout(self) -> Layout:
        """Return how witnesses stand in the file."""
        return potential_layout(self.system, [block.name for block in self.inequalities.blocks])

    @classmethod
    def asked(cls, method: Method, setting: Setting, claim: Mapping[str, object]) -> NonconvexNoiseQuestion:
        """Return the claim of a table.

        Raises:
            CertificateError: the table is malformed, or its features are not those of the question.
            InputError: the question is not well posed.
        """
        claim = files.table(claim, "the claim", ["format", "method", "setting", "a", "c", "features"])
        found = cls(method, setting, files.number(claim["a"], "the claim's decrease"))
        if claim["features"] != found.inequalities.feature_names():
            raise CertificateError("the claim's features are not those of the method in this setting.")
        return found


NonconvexNoiseCertificate = Certificate[NonconvexNoiseQuestion, Excluded, UpperWitness]
