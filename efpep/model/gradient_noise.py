"""Stochastic gradients: how far what agents evaluate may be from their gradients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from efpep.component import Catalogue, Component
from efpep.errors import InputError
from efpep.model.field import Scalar, is_symbolic, shown


@dataclass(frozen=True)
class GradientNoise(Component):
    """Every evaluation of a gradient returns ``grad f_i(x) + xi_i`` with ``E xi_i = 0`` and ``E ||xi_i||^2 <= sigma^2``.

    The noise of different agents is independent, and so is that of different evaluations, given all that went before. Rates and
    bounds are in expectation.

    Attributes:
        sigma: the standard deviation, ``sigma > 0``, in units of gradients.

    Raises:
        InputError: ``sigma`` not positive.
    """

    key: ClassVar[str] = "gradient-noise"

    sigma: Scalar = 1

    def __post_init__(self) -> None:
        """Read and check the parameter."""
        self.read(sigma=self.sigma)
        if not is_symbolic(self.sigma) and self.sigma <= 0:
            raise InputError(
                f"sigma is {shown(self.sigma)}, and noise has a positive standard deviation; give sigma > 0, or leave the noise "
                "out.",
                argument="sigma",
            )

    def said(self) -> str:
        """Return what sentences say of it."""
        return f"stochastic gradients whose noise, independent of other agents' and iterations', has E|xi_i|^2 <= {self.square()}"

    def square(self) -> Scalar:
        """Return ``sigma^2``."""
        return self.sigma * self.sigma


NOISES: Catalogue[GradientNoise] = Catalogue("gradient noise", GradientNoise, [GradientNoise])
"""The classes of gradient noise by key."""
