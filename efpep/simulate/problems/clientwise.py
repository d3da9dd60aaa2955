"""What problems have in common: functions client by client, constants, a minimiser."""

from __future__ import annotations

import math
import numbers
from abc import abstractmethod
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from efpep.component import Component
from efpep.errors import InputError
from efpep.model.field import rational, shown

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class Clientwise(Component):
    """Base of the problems: ``f = mean_i f_i`` on R^d, each ``f_i`` computed by itself.

    A client that computes its own function alone gets the very bits that a run of all clients gets.
    """

    @property
    @abstractmethod
    def clients(self) -> int:
        """The number n of clients."""

    @property
    @abstractmethod
    def dimension(self) -> int:
        """The dimension d."""

    @abstractmethod
    def value(self, i: int, x: NDArray[np.float64]) -> float:
        """Return ``f_i(x)``."""

    @abstractmethod
    def gradient(self, i: int, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the gradient, or a subgradient, of ``f_i`` at x: shape ``(d,)``."""

    @property
    def mu(self) -> float:
        """The strong convexity that all ``f_i`` have; 0 where they have none."""
        return 0.0

    @property
    def L(self) -> float | None:
        """The smoothness that all ``f_i`` have; None where they have none."""
        return None

    @cached_property
    def M(self) -> float | None:
        """A bound on the norms of all subgradients, of constraints too; None where there is none."""
        return self.bound_subgradients()

    @cached_property
    def minimiser(self) -> NDArray[np.float64] | None:
        """The minimiser, subject to the constraint where there is one; None where it is not known."""
        return self.minimise()

    def bound_subgradients(self) -> float | None:
        """Compute :attr:`M`."""
        return None

    def minimise(self) -> NDArray[np.float64] | None:
        """Compute :attr:`minimiser`, to 1e-12."""
        return None

    @property
    def start(self) -> NDArray[np.float64]:
        """Where runs begin: zero."""
        return np.zeros(self.dimension)

    @property
    def R(self) -> float | None:
        """The distance of the minimiser from the start; None where it is not known."""
        best = self.minimiser
        return None if best is None else float(np.linalg.norm(self.start - best))

    def values(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return every ``f_i(x)``, shape ``(n,)``."""
        return np.array([self.value(i, x) for i in range(self.clients)])

    def gradients(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return every client's (sub)gradient at x, shape ``(n, d)``."""
        return np.array([self.gradient(i, x) for i in range(self.clients)])

    def client_gradients(self, x: NDArray[np.float64], first: int, out: NDArray[np.float64]) -> None:
        """Write the gradients at x of the clients from ``first`` on, as many as ``out`` has rows."""
        for i, row in enumerate(out, first):
            row[:] = self.gradient(i, x)

    def part(self, i: int) -> Any:
        """Return the problem of client i alone."""
        return ClientProblem(self, i)

    def read_whole(self, *names: str, least: int = 1) -> None:
        """Store parameters after reading them as whole numbers; for use in ``__post_init__``.

        Raises:
            InputError: one is not a whole number of at least ``least``.
        """
        for name in names:
            value: Any = getattr(self, name)
            if isinstance(value, str) and value.strip().isdigit():
                value = int(value)
            if isinstance(value, bool) or not isinstance(value, numbers.Integral) or value < least:
                raise InputError(f"{name} is {shown(value)}; give a whole number of at least {least}.", argument=name)
            object.__setattr__(self, name, int(value))

    def read_number(self, *names: str, above: float = -math.inf, least: float = -math.inf) -> None:
        """Store parameters after reading them exactly as numbers; for use in ``__post_init__``.

        Raises:
            InputError: one is no number, or too small.
        """
        for name in names:
            value = rational(getattr(self, name), name)
            if not value > above or not value >= least:
                bound = f"above {above:g}" if above > -math.inf else f"of at least {least:g}"
                raise InputError(f"{name} is {shown(value)}; give a number {bound}.", argument=name)
            object.__setattr__(self, name, value)

    def read_choice(self, name: str, known: tuple[str, ...]) -> None:
        """Refuse a parameter that is not one of some words; for use in ``__post_init__``.

        Raises:
            InputError: it is not.
        """
        if getattr(self, name) not in known:
            raise InputError(f"{name} is {shown(getattr(self, name))}; choose one of {', '.join(known)}.", argument=name)


@dataclass(frozen=True)
class ClientProblem:
    """The problem of one client: arrays have one row."""

    whole: Any
    i: int

    def gradients(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the client's gradient, shape ``(1, d)``."""
        return self.whole.gradient(self.i, x)[None, :]

    def constraint_values(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the client's constraint value, shape ``(1,)``."""
        return np.array([self.whole.constraint_value(self.i, x)])

    def constraint_gradients(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the client's subgradient of the constraint, shape ``(1, d)``."""
        return self.whole.constraint_gradient(self.i, x)[None, :]

    def project(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Project onto the feasible set, which all clients know."""
        return self.whole.project(x)
