"""Calls of a method's own code, whose faults are said as the method's, in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from efpep.errors import EfpepError, InputError, reason
from efpep.model.close import meant
from efpep.model.vector import LINEAR

if TYPE_CHECKING:
    from efpep.methods.base import Method

T = TypeVar("T")

VERBS = (
    "local",
    "gradient",
    "compress",
    "participate",
    "exceeding",
    "mean",
    "compress_at_server",
    "constraint_value",
    "constraint_gradient",
    "at_most",
    "positive_part",
    "project",
)
"""What a run offers; see :class:`efpep.methods.base.Run`."""


def called(method: Method, what: str, call: Callable[[], T]) -> T:
    """Return what ``call`` returns, the method's ``what`` (such as its step).

    Raises:
        InputError: it fails, whatever it raises.
    """
    try:
        return call()
    except (EfpepError, MemoryError):
        raise
    except (Exception, SystemExit) as error:  # a user's class may raise anything
        name = method.title or type(method).__name__
        raise InputError(f"the {what} of {name} {_said(error, what)}.", argument="method") from error


def no_state(method: Method, what: str, name: str, given: str, *, server: bool) -> InputError:
    """Return the refusal of a state whose field ``name`` is something else, as ``given`` says, than a vector (at the server)."""
    where = " at the server" if server else ""
    return InputError(
        f"the {what} of {method.title or type(method).__name__} returns no state whose {name} is a vector{where} ({given}); "
        "return State(...) with the iterate x and every memory that the method declares, and average what is a client's with "
        "run.mean.",
        argument="method",
    )


def _said(error: BaseException, what: str) -> str:
    """Return the end of a sentence that begins with the method's own code."""
    if isinstance(error, AttributeError) and error.name is not None:
        if hasattr(type(error.obj), "compress_at_server"):
            return f"asks for run.{error.name}, which no run offers{meant(error.name, VERBS)}; a run has {', '.join(VERBS)}"
        if getattr(type(error.obj), "linear_only", False):
            return f"asks for {error.name} of a vector, {LINEAR}"
    if "__array_ufunc__" in str(error):
        return f"takes a function of NumPy's of a vector, {LINEAR}"
    return f"fails ({reason(error)}); correct its {what}"
