"""Random client quadratics with given spectrum and heterogeneity."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from efpep.errors import InputError
from efpep.model.field import Scalar, rational
from efpep.simulate.memory import NUMBER, require_memory
from efpep.simulate.problems.clientwise import Clientwise

if TYPE_CHECKING:
    from numpy.typing import NDArray

SPECTRA = ("uniform", "logarithmic", "extreme")


@dataclass(frozen=True)
class RandomQuadratics(Clientwise):
    """``f_i(x) = <x - x*, H_i (x - x*)>/2 + <b_i, x - x*>`` with random rotations of given spectra and ``sum b_i = 0``.

    Every ``H_i`` has the eigenvalues ``L/kappa`` and L, and others between them (``uniform`` or ``logarithmic``), or only these
    two (``extreme``, the spectrum of worst cases: gradient descent attains its rate on it), or those that are listed.

    Attributes:
        n: number of clients.
        d: dimension.
        kappa: condition number L/mu, at least 1.
        smoothness: L.
        heterogeneity: zeta, with ``mean ||grad f_i(x*)||^2 = zeta^2``; 0 gives all clients one minimiser.
        spectrum: ``uniform``, ``logarithmic``, ``extreme``, or d numbers separated by spaces, instead of kappa and L.
        radius: ``||x*||``, the distance from the start, which is zero.
        seed: of the random numbers.

    Raises:
        InputError: a parameter is impossible.
    """

    key: ClassVar[str] = "quadratics"

    n: int = 10
    d: int = 20
    kappa: Scalar = 10
    smoothness: Scalar = 1
    heterogeneity: Scalar = 0
    spectrum: str = "uniform"
    radius: Scalar = 1
    seed: int = 0

    def __post_init__(self) -> None:
        """Read and check the parameters."""
        self.read_whole("n", "d")
        require_memory(NUMBER * self.n * self.d**2, f"a problem of n = {self.n} clients in dimension d = {self.d}", "problem")
        self.read_whole("seed", least=0)
        self.read_number("kappa", least=1)
        self.read_number("smoothness", "radius", above=0)
        self.read_number("heterogeneity", least=0)
        if self.spectrum not in SPECTRA:
            _ = self._spectrum(np.random.default_rng(0))
        if self.heterogeneity and self.n == 1:
            raise InputError(
                "heterogeneity is positive, and one client has no others to differ from; give n >= 2 or zero.",
                argument="heterogeneity",
            )

    @property
    def clients(self) -> int:
        """The number n of clients."""
        return self.n

    @property
    def dimension(self) -> int:
        """The dimension d."""
        return self.d

    @property
    def mu(self) -> float:
        """The smallest eigenvalue of all Hessians."""
        return float(self._eigenvalues.min())

    @property
    def L(self) -> float:
        """The largest eigenvalue of all Hessians."""
        return float(self._eigenvalues.max())

    def minimise(self) -> NDArray[np.float64]:
        """x*, where the average has gradient zero by construction."""
        return self._made[1]

    @property
    def hessians(self) -> NDArray[np.float64]:
        """The Hessians, shape ``(n, d, d)``."""
        return self._made[0]

    def value(self, i: int, x: NDArray[np.float64]) -> float:
        """Return ``f_i(x)``."""
        hessians, best, slopes = self._made
        away = x - best
        return float(away @ (hessians[i] @ away) / 2 + slopes[i] @ away)

    def gradient(self, i: int, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return ``H_i (x - x*) + b_i``."""
        hessians, best, slopes = self._made
        return hessians[i] @ (x - best) + slopes[i]

    @cached_property
    def _eigenvalues(self) -> NDArray[np.float64]:
        return np.asarray(np.linalg.eigvalsh(self.hessians), dtype=np.float64)

    @cached_property
    def _made(self) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
        rng = np.random.default_rng(self.seed)
        hessians = np.empty((self.n, self.d, self.d))
        for i in range(self.n):
            basis: NDArray[np.float64] = np.linalg.qr(rng.standard_normal((self.d, self.d)))[0]
            h = (basis * self._spectrum(rng)) @ basis.T
            hessians[i] = (h + h.T) / 2
        best = rng.standard_normal(self.d)
        best *= float(self.radius) / np.linalg.norm(best)
        slopes = np.zeros((self.n, self.d))
        if self.heterogeneity:
            slopes = rng.standard_normal((self.n, self.d))
            slopes -= slopes.mean(axis=0)
            slopes *= float(self.heterogeneity) * self.n**0.5 / float(np.linalg.norm(slopes))
        return hessians, best, slopes

    def _spectrum(self, rng: np.random.Generator) -> NDArray[np.float64]:
        most = float(self.smoothness)
        least = most / float(self.kappa)
        if self.spectrum not in SPECTRA:
            listed = np.array([float(rational(piece, "a number of the spectrum")) for piece in str(self.spectrum).split()])
            if len(listed) != self.d or not np.all(listed > 0):
                raise InputError(
                    f"spectrum has {len(listed)} numbers; give d = {self.d} positive ones, or one of {', '.join(SPECTRA)}.",
                    argument="spectrum",
                )
            return listed
        if self.d == 1:
            return np.array([most])
        if self.spectrum == "extreme":
            return np.where(np.arange(self.d) % 2 == 0, most, least)
        inner = rng.uniform(0, 1, self.d - 2)
        between = least + (most - least) * inner if self.spectrum == "uniform" else least * (most / least) ** inner
        return np.concatenate([[least, most], between])
