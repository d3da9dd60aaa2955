"""The memories of a method: fields of its state besides the iterate, and where they rest."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar, cast

from efpep.errors import InputError
from efpep.model.column import Unit
from efpep.model.field import shown

if TYPE_CHECKING:
    from efpep.methods.base import Vec

E = TypeVar("E", bound=enum.Enum)


class Equilibrium(enum.Enum):
    """Where a memory rests when the method has converged."""

    ZERO = "zero"
    POINT = "point"
    GRADIENT = "gradient"


@dataclass(frozen=True, slots=True)
class Memory:
    """A field of a method's state besides the iterate.

    Attributes:
        name: the field's name in the state.
        equilibrium: where it rests: at zero, at ``x*``, or at the client's own ``grad f_i(x*)``.
        unit: whether it is compared with points or with gradients; as text, ``"point"`` or ``"gradient"``, too.
        feature: how its error is called in Lyapunov functions.
        server: whether it is one vector at the server rather than one of every client.
    """

    name: str
    equilibrium: Equilibrium
    unit: Unit
    feature: str
    server: bool = False

    def __post_init__(self) -> None:
        """Read what is given as text.

        Raises:
            InputError: the name, the unit or the equilibrium is none.
        """
        if not isinstance(self.name, str) or not self.name.isidentifier():  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InputError(f"a memory is called {shown(self.name)}, which is no name of a field; call it like 'm'.")
        object.__setattr__(self, "unit", _member(Unit, self.unit, f"the unit of the memory {self.name}"))
        rest = _member(Equilibrium, self.equilibrium, f"the equilibrium of the memory {self.name}")
        object.__setattr__(self, "equilibrium", rest)

    @classmethod
    def error(cls, name: str, unit: Unit | str, *, server: bool = False) -> Memory:
        """Return a memory that rests at zero, of the unit ``"point"`` or ``"gradient"``."""
        return cls(name, Equilibrium.ZERO, cast("Unit", unit), name, server)

    @classmethod
    def point(cls, name: str) -> Memory:
        """Return a server memory that follows the iterate; its feature is ``memory - x``."""
        return cls(name, Equilibrium.POINT, Unit.POINT, f"{name}-x", server=True)

    def at_rest(self, x: Vec, gradient: Vec, error: Vec) -> Vec:
        """Return the memory whose error is ``error`` at the iterate ``x`` with the given gradients."""
        if self.equilibrium is Equilibrium.GRADIENT:
            return gradient - error
        return error if self.equilibrium is Equilibrium.ZERO else x + error

    def error_of(self, held: Vec, x: Vec, gradient: Vec) -> Vec:
        """Return the error of the memory ``held`` at the iterate ``x`` with the given gradients."""
        if self.equilibrium is Equilibrium.GRADIENT:
            return gradient - held
        return held if self.equilibrium is Equilibrium.ZERO else held - x

    @classmethod
    def tracker(cls, name: str) -> Memory:
        """Return a memory that tracks the client's gradient; its feature is the tracking error ``grad f_i(x) - memory``."""
        return cls(name, Equilibrium.GRADIENT, Unit.GRADIENT, f"g-{name}")


def _member(kind: type[E], given: object, what: str) -> E:
    """Return the member of an enumeration that is given itself or by its name.

    Raises:
        InputError: there is none.
    """
    for member in kind:
        if given is member or given == member.value:
            return member
    raise InputError(f"{what} is {shown(given)}; give {' or '.join(repr(member.value) for member in kind)}.")
