"""What methods, function classes and compressors have in common: a key and exact named parameters."""

from __future__ import annotations

import copy
import dataclasses
import functools
from collections.abc import Iterable, Mapping
from fractions import Fraction
from typing import Any, ClassVar, Generic, Self, TypeVar

from efpep.errors import InputError, UnavailableError, reason
from efpep.model.claim_sentences import component_text
from efpep.model.close import meant
from efpep.model.field import Field, Scalar, scalar, shown
from efpep.model.text import exact
from efpep.trust import imported, require_allowed

C = TypeVar("C", bound="Component")


@dataclasses.dataclass(frozen=True)
class Component:
    """A frozen dataclass whose fields are its parameters, known by a ``key`` in files and on the command line."""

    key: ClassVar[str] = ""

    def parameters(self) -> dict[str, Scalar]:
        """Return the parameters by name."""
        return {name: getattr(self, name) for name in _fields(type(self))}

    @property
    def whole_parameters(self) -> frozenset[str]:
        """The names of the parameters that count something, which stay whole numbers in every field."""
        return frozenset()

    def over(self, field: Field) -> Self:
        """Return the same component with its numbers converted to ``field`` (floats for a numeric run)."""
        converted, whole = copy.copy(self), self.whole_parameters
        for name, number in self.parameters().items():
            if name not in whole and not isinstance(number, str | bool | None | Component):
                object.__setattr__(converted, name, field(number))
        return converted

    def read(self, **numbers: Any) -> None:
        """Store parameters after reading them exactly; for use in ``__post_init__``."""
        for name, number in numbers.items():
            object.__setattr__(self, name, scalar(number, name))

    @classmethod
    def identifier(cls) -> str:
        """Return the key, or ``module:Class`` for a class that has none of its own because it is from outside efpep."""
        return cls.key if cls.catalogued() else f"{cls.__module__}:{cls.__qualname__}"

    @classmethod
    def catalogued(cls) -> bool:
        """Return whether the class itself, not one that it derives from, has a key of efpep's."""
        return not cls.foreign() and "key" in cls.__dict__

    def plain(self, cls: type[Component]) -> bool:
        """Return whether the component is of the class ``cls`` itself and not of a subclass.

        A class that says which functions or maps belong to it says so for itself alone, because a subclass may add inequalities
        that exclude them. Lower ends rest on such statements, so all of them (``free_...``) ask here.
        """
        return type(self) is cls

    @classmethod
    def foreign(cls) -> bool:
        """Return whether the class comes from outside efpep."""
        return not cls.__module__.startswith("efpep.")

    @classmethod
    def missing(cls) -> list[str]:
        """Return the names of what a subclass has to define and this class does not."""
        return [name for name in dir(cls) if getattr(getattr(cls, name, None), "__isabstractmethod__", False)]

    def describe(self) -> dict[str, str]:
        """Return the identifier and the exact parameters as text, for claims and files."""
        return {"class": self.identifier(), **{name: _text(number) for name, number in self.parameters().items()}}

    def table(self) -> dict[str, object]:
        """Return the identifier and the parameters, exact numbers as numbers and everything else as text."""
        numbers = {name: n if isinstance(n, Fraction) else _text(n) for name, n in self.parameters().items()}
        return {"class": self.identifier(), **numbers}

    def __str__(self) -> str:
        """Return the identifier with the parameters, such as ``contractive (delta = 0.5)``."""
        return component_text(self.table())


@functools.cache
def _fields(cls: type[Component]) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(cls))


def _text(number: Scalar) -> str:
    return exact(number) if isinstance(number, Fraction) else str(number)


_SHOWN = 8
"""How many of the members that a command lists are named in messages."""


class Catalogue(Generic[C]):
    """The components of one kind by key, and the way back from a description to a component."""

    def __init__(self, kind: str, base: type[C], members: Iterable[type[C]], listed: str = "") -> None:
        """Collect ``members``, subclasses of ``base``; messages call them ``kind``; ``listed`` is the command that lists many."""
        self.kind = kind
        self.listed = listed
        self.base = base
        self.members: dict[str, type[C]] = {member.key: member for member in members}

    def find(self, identifier: str) -> type[C]:
        """Return the class called ``identifier``: a key, or ``module:Class``.

        Raises:
            InputError: there is no such key.
            UnavailableError: the module or class cannot be imported here.
        """
        if ":" in identifier:
            return self._imported(identifier)
        if identifier not in self.members:
            names = list(self.members)[:_SHOWN] if self.listed else sorted(self.members)
            choice = f"one of {f'those that {self.listed!r} lists, such as ' if self.listed else ''}{', '.join(names)}"
            raise InputError(
                f"{shown(identifier)} is not a {self.kind} that efpep knows{meant(identifier, self.members)}; choose {choice}."
            )
        return self.members[identifier]

    def build(self, description: Mapping[str, object]) -> C:
        """Return the component that :meth:`Component.describe` described, or that a person described so.

        Raises:
            InputError: unknown class, or missing, unknown or impossible parameters.
            UnavailableError: a class of the user's cannot be imported here, or cannot be made of its parameters.
        """
        identifier = self._identifier(description)
        cls = self.find(identifier)
        given = {name: number for name, number in description.items() if name != "class"}
        self.check_parameters(cls, given)
        try:
            return cls(**given)
        except (TypeError, AttributeError, ArithmeticError, LookupError, SystemExit) as error:
            raise UnavailableError(
                f"the {self.kind} {shown(identifier)} cannot be made of its parameters ({reason(error)}); "
                "correct its __init__ or __post_init__."
            ) from error

    def restore(self, description: Mapping[str, object]) -> C:
        """Return the component that a file describes as :meth:`Component.describe` does, and nothing else that it may name.

        Raises:
            InputError: as for :meth:`build`, or the class is described otherwise than it describes itself.
            UnavailableError: as for :meth:`build`, or the module of a class of the user's is not allowed
                (:mod:`efpep.trust`).
        """
        identifier = self._identifier(description)
        if ":" in identifier:
            require_allowed(identifier, self.kind)
        found = self.build(description)
        if found.identifier() != identifier:
            raise InputError(f"the {self.kind} {shown(identifier)} calls itself {shown(found.identifier())}; name it so.")
        return found

    def _identifier(self, description: Mapping[str, object]) -> str:
        identifier = description.get("class")
        if not isinstance(identifier, str):
            raise InputError(f"the {self.kind} has no class; name it under 'class'.")
        return identifier

    def check_parameters(self, cls: type[C], given: Mapping[str, object]) -> None:
        """Refuse parameters that ``cls`` lacks, and required ones that are missing.

        Raises:
            InputError: a parameter is unknown or missing.
        """
        fields = {field.name: field for field in dataclasses.fields(cls)}
        for name in given:
            if name not in fields:
                known = f"its parameters are {', '.join(fields)}" if fields else "it has none"
                raise InputError(
                    f"the {self.kind} {cls.key or cls.__name__} has no parameter {shown(name)}{meant(name, fields)}; {known}."
                )
        for name, field in fields.items():
            if name not in given and field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING:
                raise InputError(
                    f"the {self.kind} {cls.key or cls.__name__} needs the parameter {name!r}; give {name}=VALUE.", argument=name
                )

    def _imported(self, identifier: str) -> type[C]:
        found = imported(identifier, self.kind)
        if not (isinstance(found, type) and issubclass(found, self.base)):
            kind = self.kind.removesuffix(" class")
            raise InputError(f"{shown(identifier)} is not a {kind} class; name a subclass of {self.base.__name__}.")
        missing = found.missing()
        if missing:
            raise InputError(
                f"{shown(identifier)} is not a {self.kind} that can be analysed, because it lacks {', '.join(missing)}; "
                f"name a complete subclass of {self.base.__name__}."
            )
        if not found.foreign() and found not in self.members.values():
            raise InputError(
                f"{shown(identifier)} is no {self.kind} that efpep offers; choose one of {', '.join(sorted(self.members))}."
            )
        return found
