"""What the page asks about: a method, the condition number, delta, how many agents, and a multiple of the optimal step size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from efpep.compressors.contractive import Contractive
from efpep.errors import InputError
from efpep.functions.smooth_strongly_convex import SmoothStronglyConvex
from efpep.methods import METHODS
from efpep.methods.base import OPTIMAL, Method
from efpep.model.field import rational, shown, whole
from efpep.model.text import exact
from efpep.setting import Setting

PROOFS = {key: proof for key in ("ef", "ef21", "cgd") if (proof := METHODS.find(key).literature.rate_proof) is not None}
"""The methods of the page, by key: a theorem gives the rate at every stable step size."""
FIELDS = ("method", "kappa", "delta", "agents", "factor")
LONGEST = 40
"""How many characters a number may have."""
RANGES = {
    "kappa": (Fraction(1), Fraction(10**4)),
    "delta": (Fraction(1, 100), Fraction(1)),
    "agents": (Fraction(1), Fraction(10**6)),
    "factor": (Fraction(1, 100), Fraction(2)),
}
"""The least and the largest value of each number."""


@dataclass(frozen=True, slots=True)
class PagePoint:
    """A point of the page, with L = 1 and mu = 1/kappa.

    Attributes:
        key: the method's key.
        kappa: the condition number L/mu.
        delta: the contraction parameter of the compressors.
        agents: how many exchangeable agents.
        factor: the step size as a multiple of the optimal one.
    """

    key: str
    kappa: Fraction
    delta: Fraction
    agents: int
    factor: Fraction

    def __post_init__(self) -> None:
        """Refuse what the page is not about.

        Raises:
            InputError: the method is none of the page's, or a number is out of its range.
        """
        if self.key not in PROOFS:
            raise InputError(f"method is {shown(self.key)}, which is not on the page; choose one of {', '.join(PROOFS)}.")
        for name, (least, most) in RANGES.items():
            if not least <= getattr(self, name) <= most:
                given = shown(exact(Fraction(getattr(self, name))))
                raise InputError(f"{name} is {given}, outside the page's range; give {exact(least)} to {exact(most)}.")

    @classmethod
    def read(cls, fields: Mapping[str, str]) -> PagePoint:
        """Return the point that texts make, one for each of :data:`FIELDS`.

        Raises:
            InputError: one is missing, unknown, no number, or out of range.
        """
        for name in fields:
            if name not in FIELDS:
                raise InputError(f"{shown(name)} is nothing that can be chosen; give {', '.join(FIELDS)}.")
        for name in FIELDS:
            if name not in fields:
                raise InputError(f"{name} is missing; give {', '.join(FIELDS)}.")
            if len(fields[name]) > LONGEST:
                raise InputError(f"{name} is longer than {LONGEST} characters; give a shorter one.")
        return cls(
            fields["method"],
            rational(fields["kappa"], "kappa"),
            rational(fields["delta"], "delta"),
            whole(fields["agents"], "agents"),
            rational(fields["factor"], "factor"),
        )

    def texts(self) -> dict[str, str]:
        """Return the texts that :meth:`read` reads."""
        numbers = {name: exact(Fraction(getattr(self, name))) for name in RANGES}
        return {"method": self.key, **numbers}

    @property
    def name(self) -> str:
        """The point as the stem of a file's name."""
        return "-".join([self.key, *(f"{name}{text.replace('/', '_')}" for name, text in list(self.texts().items())[1:])])

    @property
    def setting(self) -> Setting:
        """Functions with mu = 1/kappa and L = 1, contractive compressors, and the agents."""
        return Setting(SmoothStronglyConvex(1 / self.kappa, 1), Contractive(self.delta), self.agents)

    def best_step_size(self) -> Fraction:
        """Return the optimal step size to 17 digits.

        Raises:
            InputError: no closed form of it is known for so many agents.
        """
        return Fraction(METHODS.find(self.key)(step_size=OPTIMAL).resolved(self.setting).step_size)

    def method(self) -> Method:
        """Return the method with its step size; raises as :meth:`best_step_size`."""
        return METHODS.find(self.key)(step_size=self.factor * self.best_step_size())

    def command(self) -> str:
        """Return the command line that asks the same question; raises as :meth:`best_step_size`."""
        texts = self.texts()
        step = exact(Fraction(self.method().step_size))
        return (
            f"efpep rate {self.key} --kappa {texts['kappa']} --L 1 --delta {texts['delta']} --agents {texts['agents']} "
            f"--step-size {step}"
        )


def alone(key: str) -> bool:
    """Return whether the closed forms of a method are about one agent."""
    two = PagePoint(key, Fraction(10), Fraction(1, 2), 2, Fraction(1))
    try:
        two.best_step_size()
    except InputError:
        return True
    return False
