"""``efpep.prove``: the theorem about a method."""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.errors import InputError
from efpep.methods import METHODS
from efpep.methods.base import Method
from efpep.model.field import shown
from efpep.theorems.catalogue import keys, theorems_about

if TYPE_CHECKING:
    from efpep.theorems.theorem import Theorem


def prove(method: type[Method] | Method | str) -> Theorem:
    """Return the theorem about a method, with its proof.

    Args:
        method: the method, its class, or its key.

    Raises:
        InputError: the method is unknown, or efpep has no theorem about it.
    """
    return proofs(method)[0]


def proofs(method: type[Method] | Method | str) -> list[Theorem]:
    """Return the theorems about a method, the one that :func:`prove` returns first.

    Raises:
        InputError: the method is unknown, or efpep has no theorem about it.
    """
    cls = _class(method)
    known = theorems_about(cls.identifier())
    if not known:
        raise InputError(
            f"efpep has no theorem about {cls.title or cls.__name__}; there are some about {', '.join(keys())}.",
            argument="method",
        )
    return known


def _class(method: object) -> type[Method]:
    if isinstance(method, str):
        return METHODS.find(method)
    cls: type[object] = method if isinstance(method, type) else type(method)
    if issubclass(cls, Method):
        return cls
    raise InputError(f"method is {shown(method)}, which is no method; give one such as efpep.EF21.", argument="method")
