"""What a recording consists of as a function of the numbers of a straight-line program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import fields, is_dataclass
from typing import Any, TypeAlias, cast

from efpep.model.field import Scalar
from efpep.model.form import Form
from efpep.model.linear import Linear
from efpep.model.straight_line import ProgramNumber

At: TypeAlias = Callable[[int], Scalar]
"""Returns a number by where it stands in the order of places."""
Places: TypeAlias = dict[int, int]
"""Where the number at a place of the program stands in the order in which places were needed."""
Made: TypeAlias = tuple[Callable[[At], Any] | None, Any]
"""What makes an object again, None where it is constant, and then the object."""


def evaluated(held: object, places: Places) -> Callable[[At], Any]:
    """Return what makes an object of frozen dataclasses, tuples, forms and numbers again, with a program's numbers filled in.

    Parts in which nothing depends on inputs are made once.

    Args:
        held: the object.
        places: the places of which numbers are needed; those of this object are added.
    """
    change, constant = _evaluated(held, places)
    return (lambda _: constant) if change is None else change


def _evaluated(held: object, places: Places) -> Made:
    match held:
        case ProgramNumber():
            return _number(held, places)
        case Linear():
            return _form(held, list(held.terms.values()), places)
        case Form():
            return _form(
                held, [*held.values.values(), *(a for entries in held.blocks.values() for a in entries.values())], places
            )
        case tuple():
            parts = [_evaluated(part, places) for part in cast("tuple[object, ...]", held)]
            return _joined(parts, lambda *made: made)
        case _ if is_dataclass(held) and not isinstance(held, type):
            parts = [_evaluated(getattr(held, field.name), places) for field in fields(held)]
            return _joined(parts, type(held))
        case _:
            return None, held


def _number(held: ProgramNumber, places: Places) -> Made:
    if held.constant:
        return None, held.value
    order = places.setdefault(held.place, len(places))
    return (lambda at: at(order)), None


def _form(held: Form | Linear, coefficients: list[Scalar], places: Places) -> Made:
    """Return the same for a form, whose coefficients are all numbers of the program or none is."""
    if all(not isinstance(a, ProgramNumber) for a in coefficients):
        return None, held
    if all(a.constant for a in coefficients):
        return None, held.mapped(lambda a: a.value)
    return held.mapped(lambda a: places.setdefault(a.place, len(places))).mapped, None


def _joined(parts: list[Made], made: Callable[..., Any]) -> Made:
    """Return the same for what a constructor makes of parts."""
    changes = [change for change, _ in parts]
    if all(change is None for change in changes):
        return None, made(*(constant for _, constant in parts))
    return (lambda at: made(*[constant if change is None else change(at) for change, constant in parts])), None
