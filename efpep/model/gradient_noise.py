"""Stochastic gradients: how far what agents evaluate may be from their gradients, and how runs draw it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from efpep.component import Catalogue, Component
from efpep.errors import InputError
from efpep.model.argument import require_whole
from efpep.model.field import Scalar, is_symbolic, shown


@dataclass(frozen=True)
class GradientNoise(Component):
    """Every evaluation of a gradient returns ``grad f_i(x) + xi_i`` with ``E xi_i = 0`` and ``E ||xi_i||^2 <= sigma^2``.

    The noise of different agents is independent, and so is that of different evaluations, given all that went before. Rates and
    bounds are in expectation. Runs draw normal noise of exactly this variance, or with ``batch`` the gradients of mini-batches
    of a problem's data, whose sigma is what the data make it (:func:`efpep.simulate.mini_batches.batch_noise`).

    Attributes:
        sigma: the standard deviation, ``sigma > 0``, in units of gradients; 1 where nothing is given, and None where only
            ``batch`` is, which runs alone can do with.
        batch: how many of its samples an agent averages in an evaluation of a run, drawn without replacement; all where there
            are no more. None for normal noise. Settings drop it, as proofs do not depend on it.

    Raises:
        InputError: ``sigma`` not positive, or ``batch`` no whole number of at least 1.
    """

    key: ClassVar[str] = "gradient-noise"

    sigma: Scalar = None
    batch: int | None = None

    def __post_init__(self) -> None:
        """Read and check the parameters."""
        if self.batch is not None:
            require_whole(self.batch, "batch", 1)
        if self.sigma is not None or self.batch is None:
            self.read(sigma=1 if self.sigma is None else self.sigma)
        if self.sigma is not None and not is_symbolic(self.sigma) and self.sigma <= 0:
            raise InputError(
                f"sigma is {shown(self.sigma)}, and noise has a positive standard deviation; give sigma > 0, or leave the noise "
                "out.",
                argument="sigma",
            )

    def parameters(self) -> dict[str, Scalar]:
        """Return what is given, by name."""
        return {name: number for name, number in super().parameters().items() if number is not None}

    def of_proofs(self) -> GradientNoise:
        """Return the noise as proofs know it, by its standard deviation alone.

        Raises:
            InputError: there is none.
        """
        if self.sigma is None:
            raise InputError(
                f"sigma is missing: noise of mini-batches of {self.batch} samples has the standard deviation that the data make "
                "it, and proofs need a bound; give sigma too, such as that of efpep.simulate.mini_batches.batch_noise.",
                argument="sigma",
            )
        return self if self.batch is None else GradientNoise(self.sigma)

    def said(self) -> str:
        """Return what sentences say of it."""
        return f"stochastic gradients whose noise, independent of other agents' and iterations', has E|xi_i|^2 <= {self.square()}"

    def square(self) -> Scalar:
        """Return ``sigma^2``."""
        return self.sigma * self.sigma


NOISES: Catalogue[GradientNoise] = Catalogue("gradient noise", GradientNoise, [GradientNoise])
"""The classes of gradient noise by key."""
