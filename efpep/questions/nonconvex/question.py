"""Claims about nonconvex potentials: the largest decrease a.

    Phi = f(x) - f* + quadratic(features) >= 0,      Phi+ <= Phi - a ||grad f(x)||^2.

Summed over T steps, the mean of ``||grad f(x_t)||^2`` over t < T, and so the least of them, is at most ``Phi_0/(a T)``. The
system's theta is -a: a witness of its upper end is a potential, and proves the lower end of a; moments exclude all larger a.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import ClassVar, cast

from efpep.errors import CertificateError
from efpep.methods import Method
from efpep.model.system import System
from efpep.model.text import down, up
from efpep.proof import files
from efpep.proof.layout import Layout
from efpep.proof.witness import LowerWitness, UpperWitness
from efpep.questions.base import Certificate, SystemQuestion, Verdict
from efpep.questions.common.claim_assumptions import expectation, necessary
from efpep.questions.common.decreasing_potential import potential_layout, potential_system, run_bound, start_terms
from efpep.questions.common.size import check_memory
from efpep.questions.common.step_inequalities import StepInequalities
from efpep.questions.nonconvex.inequalities import nonconvex_inequalities
from efpep.setting import Setting


@dataclass(frozen=True)
class NonconvexQuestion(SystemQuestion):
    """The question for the largest decrease a of a potential; see the module.

    Attributes:
        memory: how many past states take part in the potential.

    Raises:
        InputError: the memory is no small whole number, or the setting has noise.
    """

    KIND: ClassVar[str] = "nonconvex potential"
    ENDS: ClassVar[str] = "a"
    LARGEST: ClassVar[bool] = True

    memory: int = 0

    def __post_init__(self) -> None:
        """Check the memory; see the class."""
        super().__post_init__()
        check_memory(self.memory)

    @cached_property
    def inequalities(self) -> StepInequalities:
        """The recorded steps, rebuilt from the method's definition at the first call."""
        return nonconvex_inequalities(self.method, self.setting, self.memory)

    def recorded(self) -> object:
        """Return the recorded steps, and what is asked of them."""
        return [self.inequalities, self.KIND]

    @property
    def system(self) -> System:
        """The question as a system: theta is -a, the unknowns are the quadratic, and how values are shared among points."""
        return self._system

    @cached_property
    def _system(self) -> System:
        step = self.inequalities
        return potential_system(step, step.gaps[0].before - step.gaps[0].after, step.metric)

    def verdict(self, lower: LowerWitness | None, upper: UpperWitness | None) -> Verdict:
        """Return whether a potential decreases (proved), none does (refuted), or neither is known."""
        least, most = self.ends(lower, upper)
        if least is not None and least > 0:
            return Verdict.PROVED
        return Verdict.REFUTED if most is not None and most <= 0 else Verdict.UNDECIDED

    def terms(self, upper: UpperWitness) -> dict[str, Fraction] | None:
        """Return the terms that bound ``Phi_0/a`` at the method's start, for a potential that decreases; None if unknown."""
        return None if self.memory else start_terms(self, self.inequalities, upper, -upper.theta)

    def bound(self, upper: UpperWitness) -> str:
        """Return what a potential that decreases proves of T steps, for every T."""
        return run_bound(self.terms(upper), -upper.theta, f"x_{self.memory}")

    def sentence(self, lower: LowerWitness | None, upper: UpperWitness | None) -> str:
        """Return one sentence that says what is claimed, with what it says of T steps from the method's own start."""
        said = super().sentence(lower, upper)
        return said if upper is None or upper.theta >= 0 else f"{said[:-1]}; so, for every T, {self.bound(upper)}."

    def told(self, lower: Fraction | None, upper: Fraction | None) -> str:
        """Return one sentence that says what is claimed."""
        past = f" of {self.memory} past state{'s' if self.memory > 1 else ''} too" if self.memory else ""
        sought = f"Phi{past}, f - f* plus a quadratic, with Phi+ <= Phi - a |grad f(x)|^2"
        parts: list[str] = []
        if lower is not None:
            parts.append(f"has a potential {sought} and a = {down(lower, 12)}")
        if upper is not None:
            none = "none with" if parts else f"no potential {sought} and"
            by = necessary(self.method, self.setting)
            parts.append(f"has {none} a above {up(upper, 12)}{', so no a > 0' if upper <= 0 else ''}{by}")
        return f"{self.method.subject(self.setting)} {' and '.join(parts)}{expectation(self.method, self.setting)}."

    def claim(self, ends: Mapping[str, object]) -> dict[str, object]:
        """Return the claim as a JSON object, with these ends."""
        return {**self.named(), "memory": self.memory, "a": dict(ends), "features": self.inequalities.feature_names()}

    def layout(self) -> Layout:
        """Return how witnesses stand in the file."""
        return potential_layout(self.system, [block.name for block in self.inequalities.blocks])

    @classmethod
    def asked(cls, method: Method, setting: Setting, claim: Mapping[str, object]) -> NonconvexQuestion:
        """Return the claim of a table.

        Raises:
            CertificateError: the table is malformed, or its features are not those of the question.
            InputError: the question is not well posed.
        """
        claim = files.table(claim, "the claim", ["format", "method", "setting", "memory", "a", "features"])
        found = cls(method, setting, cast("int", claim["memory"]))
        if claim["features"] != found.inequalities.feature_names():
            raise CertificateError("the claim's features are not those of the method in this setting.")
        return found


NonconvexCertificate = Certificate[NonconvexQuestion, LowerWitness, UpperWitness]
