"""Step sizes and decreases of EF21 on smooth functions that need not be convex.

``Phi+ <= Phi - a ||grad f(x)||^2`` with ``Phi = f - f*`` plus a quadratic, ``s = sqrt(1 - delta)``. 2106.05203, Theorem 1, has
``a = eta/2`` for ``eta <= (1 - s)/L``. A theorem (:mod:`efpep.theorems.ef21_nonconvex`) has it up to
``sqrt(2) (1 - s)/(L sqrt(1 + s^2))``, and for no larger step size where the functions are all L-smooth ones; and some a > 0 just
below ``(2/L) (1 - s)/(1 + s)``.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.model.compressor_class import Loss
from efpep.model.field import Scalar
from efpep.model.function_class import Convexity
from efpep.theory.closed_form import ClosedForm, Standing, Statement, number, square_root

if TYPE_CHECKING:
    from efpep.setting import Setting

_WHERE = "s = sqrt(1 - delta)"
DECREASE = "eta/2"
HALF_SQUARED = "2*(1-s)^2/(L^2*(1+s^2))"
"""The square of the largest step size with this decrease."""
NONE_FROM = "2/L*(1-s)/(1+s)"
"""The step size below which something decreases, and from which on nothing does."""
_DERIVED = "derived for efpep, proof in docs/guides/potentials.md"
_THEOREM = "derived for efpep, proof in docs/theorems.md"
KNOWN = Statement(DECREASE, "2106.05203, Theorem 1", Standing.PROVED, "ef21")
FURTHER = Statement(DECREASE, _DERIVED, Standing.PROVED, "ef21")
HALF = Statement("sqrt(2) (1 - s)/(L sqrt(1 + s^2))", _DERIVED, Standing.PROVED, "ef21", where=_WHERE)
LIMIT = Statement("(2/L) (1 - s)/(1 + s)", _THEOREM, Standing.PROVED, "ef21", where=_WHERE)


def decrease(setting: Setting, step_size: Scalar) -> ClosedForm | None:
    """Return the decrease ``eta/2``, where it is known."""
    found, most = _constants(setting), half(setting)
    if found is None or most is None or step_size > most.value:
        return None
    smoothness, s = found
    return (KNOWN if step_size * smoothness <= 1 - s else FURTHER).at(step_size / 2)


def half(setting: Setting) -> ClosedForm | None:
    """Return the step size up to which ``a >= eta/2``; it is the largest one where the functions are all L-smooth ones."""
    return _stated(HALF, setting, lambda L, s: square_root(number(HALF_SQUARED, {"L": L, "s": s})))


def limit(setting: Setting) -> ClosedForm | None:
    """Return the step size below which some a is positive; from there on a quadratic diverges."""
    return _stated(LIMIT, setting, lambda L, s: number(NONE_FROM, {"L": L, "s": s}))


def _stated(statement: Statement, setting: Setting, value: Callable[[Fraction, Fraction], Fraction]) -> ClosedForm | None:
    found = _constants(setting)
    return None if found is None else statement.at(value(*found))


def _constants(setting: Setting) -> tuple[Fraction, Fraction] | None:
    """Return L and s where the functions are smooth and nonconvex and the compressors contractive, else None."""
    group, *others = setting.populations()
    if others or group.functions.convexity is not Convexity.WEAK:
        return None
    delta = None if group.compressor is None or group.compressor.loss is not Loss.ANY else group.compressor.contraction
    return None if delta is None else (Fraction(group.functions.smoothness), square_root(1 - delta))
