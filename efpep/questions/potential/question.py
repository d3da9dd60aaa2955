"""Claims about growing potentials: a bound on ``f(x_T) - f*``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import ClassVar, cast

from efpep.errors import CertificateError, InputError
from efpep.methods import Method
from efpep.model.field import positive, shown
from efpep.model.system import System
from efpep.model.text import down, exact, up
from efpep.proof import files, layout
from efpep.proof.layout import Layout, Template
from efpep.proof.witness import LowerWitness, UpperWitness
from efpep.questions.base import Certificate, SystemQuestion
from efpep.questions.common.claim_assumptions import assumptions, necessary
from efpep.questions.potential.inequalities import PotentialInequalities, potential_inequalities
from efpep.setting import Setting


@dataclass(frozen=True)
class PotentialQuestion(SystemQuestion):
    """The question for which K a growing potential proves ``f(x_T) - f* <= K ||x_0 - x*||^2 / A_T``.

    With stochastic gradients it is ``E f(x_T) - f* <= K R^2 / A_T`` from all ``||x_0 - x*|| <= R``.

    Attributes:
        iterations: the number T of steps.
        radius: R, where gradients are stochastic; 1 otherwise.
    """

    KIND: ClassVar[str] = "growing potential"
    ENDS: ClassVar[str] = "K"
    NOISY: ClassVar[bool] = True

    iterations: int
    radius: Fraction = Fraction(1)

    def __post_init__(self) -> None:
        """Read the radius.

        Raises:
            InputError: it is not a positive number, or gradients are exact, so that K does not depend on it.
        """
        super().__post_init__()
        radius = positive(self.radius, "radius")
        if self.setting.noise is None and radius != 1:
            raise InputError(
                f"radius is {shown(radius)}, but potentials are the same for every ||x_0 - x*|| where gradients are exact; leave "
                "it out, or give their noise.",
                argument="radius",
            )
        object.__setattr__(self, "radius", radius)

    @property
    def sigma(self) -> Fraction:
        """The standard deviation of the noise, 0 for exact gradients."""
        return Fraction(0) if self.setting.noise is None else Fraction(self.setting.noise.sigma)

    @cached_property
    def inequalities(self) -> PotentialInequalities:
        """The question, rebuilt from the method's definition at the first call."""
        return potential_inequalities(self.method, self.setting, self.iterations)

    def recorded(self) -> object:
        """Return the question about T steps, and the radius where it matters."""
        return self.inequalities if self.setting.noise is None else [self.inequalities, self.radius]

    @property
    def system(self) -> System:
        """The question as a system."""
        return self._system

    @cached_property
    def _system(self) -> System:
        return self.inequalities.within(self.radius)

    def told(self, lower: Fraction | None, upper: Fraction | None) -> str:
        """Return one sentence that says what is claimed."""
        parts: list[str] = []
        noise = self.setting.noise
        if upper is not None:
            bound = up(upper * self.radius**2 / self.inequalities.total, 12)
            if noise is None:
                said = f"f(x_T) - f* <= {bound} ||x_0 - x*||^2 at T = {self.iterations}"
            else:
                said = f"E f(x_T) - f* <= {bound} at T = {self.iterations} where ||x_0 - x*|| <= {exact(self.radius)}"
            parts.append(f"has {said}, by a growing potential with K = {up(upper, 12)}")
        if lower is not None:
            by = necessary(self.method, self.setting)
            parts.append(f"has no growing potential with K below {down(lower, 12)} at T = {self.iterations}{by}")
        drawn = "" if noise is None else f" and {noise.said()}"
        return f"{self.method.subject(self.setting)}{drawn} {' and '.join(parts)}{assumptions(self.method, self.setting)}."

    def claim(self, ends: Mapping[str, object]) -> dict[str, object]:
        """Return the claim as a JSON object, with these ends."""
        return {
            **self.named(),
            "iterations": self.iterations,
            **({} if self.setting.noise is None else {"radius": str(self.radius)}),
            "K": dict(ends),
            "total": str(self.inequalities.total),
            "features": list(self.inequalities.features),
        }

    def layout(self) -> Layout:
        """Return how witnesses stand in the file: lists over the times, then objects over the blocks."""
        question, system = self.inequalities, self.system
        relations = range(len(question.steps))
        potentials: list[Template] = []
        first = 0
        for features in question.features:
            potentials.append(layout.weights(system, list(features), first))
            first += len(features)
        constants: dict[str, Template] = {} if self.setting.noise is None else {"constants": layout.gaps(system)}
        return Layout(
            {"potentials": potentials, **constants, "multipliers": [layout.multipliers(system, s) for s in relations]},
            {
                "grams": [layout.grams(system, s) for s in relations],
                "values": [layout.values(system, s) for s in relations],
            },
        )

    @classmethod
    def asked(cls, method: Method, setting: Setting, claim: Mapping[str, object]) -> PotentialQuestion:
        """Return the claim of a table.

        Raises:
            CertificateError: the table is malformed, or its features or weights are not those of the question.
            InputError: the question is not well posed.
        """
        noisy = [] if setting.noise is None else ["radius"]
        keys = ["format", "method", "setting", "iterations", *noisy, "K", "total", "features"]
        claim = files.table(claim, "the claim", keys)
        radius = files.number(claim["radius"], "the claim's radius") if noisy else Fraction(1)
        found = cls(method, setting, cast("int", claim["iterations"]), radius)
        question = found.inequalities
        if claim["features"] != list(question.features) or files.number(claim["total"], "the total") != question.total:
            raise CertificateError("the claim's features or weights are not those of the method in this setting.")
        return found


PotentialCertificate = Certificate[PotentialQuestion, LowerWitness, UpperWitness]
