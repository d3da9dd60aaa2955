"""``efpep.prove``: the theorem about a method."""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.errors import InputError, reason
from efpep.methods import METHODS
from efpep.methods.base import Method
from efpep.model.field import shown
from efpep.theorems.catalogue import theorems_about

if TYPE_CHECKING:
    from efpep.theorems.theorem import Theorem


def prove(method: type[Method] | Method | str) -> Theorem:
    """Return the theorem about a method, with its proof; where efpep has none, search for one at the balanced step size.

    Args:
        method: the method, its class, or its key. Its step size does not count; with other parameters than the usual ones a proof
            is always searched.

    Raises:
        InputError: the method is unknown, or cannot be analysed so.
        UndecidedError: no proof is found; it says which step of the search failed.
    """
    return proofs(method)[0]


def proofs(method: type[Method] | Method | str, *, anew: bool = False) -> list[Theorem]:
    """Return the theorems about a method, the one that :func:`prove` returns first.

    Args:
        method: as for :func:`prove`.
        anew: whether to search also where efpep has theorems.

    Raises:
        InputError: the method is unknown, or cannot be analysed so.
        UndecidedError: no proof is found.
    """
    cls = _class(method)
    known = [] if anew else theorems_about(cls.identifier())
    usual = _usual(cls)
    asked = asked_method(method)
    if known and all(value == getattr(usual, name) for name, value in asked.parameters().items() if name != "step_size"):
        return known
    from efpep.theorems.search import search

    return [search(asked)]


def asked_method(method: type[Method] | Method | str) -> Method:
    """Return a method as it is, or a class or key with its usual parameters.

    Raises:
        InputError: the method is unknown, or has parameters without a usual value.
    """
    return method if isinstance(method, Method) else _usual(_class(method))


def _usual(cls: type[Method]) -> Method:
    """Return the method with its usual parameters.

    Raises:
        InputError: it has some without a usual value.
    """
    try:
        return cls()
    except TypeError as error:
        raise InputError(
            f"{cls.__name__} needs parameters ({reason(error)}); give a method with them.", argument="method"
        ) from error


def _class(method: object) -> type[Method]:
    if isinstance(method, str):
        return METHODS.find(method)
    cls: type[object] = method if isinstance(method, type) else type(method)
    if issubclass(cls, Method):
        return cls
    raise InputError(f"method is {shown(method)}, which is no method; give one such as efpep.EF21.", argument="method")
