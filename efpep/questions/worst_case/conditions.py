"""Names of initial conditions: a quantity of the start, or a sum of multiples of some, such as ``gap + 0.05 distance``."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from efpep.errors import InputError
from efpep.model.field import rational, shown
from efpep.model.text import exact

DECREASE = "decrease"
"""The name of ``f(x_0) - f(x_T)``, how much the function falls over the whole run."""


def terms(condition: object) -> dict[str, Fraction]:
    """Return the quantities of a condition, by name, with their positive coefficients.

    Raises:
        InputError: it is no sum of multiples of names.
    """
    found: dict[str, Fraction] = {}
    for piece in condition.split("+") if isinstance(condition, str) else ():
        words = piece.replace("*", " ").split()
        if len(words) not in {1, 2} or words[-1] in found:
            break
        coefficient = rational(words[0], f"a coefficient of the initial {condition}") if len(words) == 2 else Fraction(1)
        if coefficient <= 0:
            raise InputError(
                f"the initial {condition} has the coefficient {shown(coefficient)}; give positive ones.", argument="initial"
            )
        found[words[-1]] = coefficient
    else:
        if found:
            return found
    raise InputError(
        f"the initial {shown(condition)} is no sum of multiples of quantities, each once; write it like 'gap + 0.05 distance'.",
        argument="initial",
    )


def condition_name(coefficients: Mapping[str, Fraction]) -> str:
    """Return the name of a condition with these quantities."""
    return " + ".join(name if a == 1 else f"{exact(a)} {name}" for name, a in coefficients.items())
