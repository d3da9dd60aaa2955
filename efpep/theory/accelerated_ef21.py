"""Parameters of accelerated EF21 (:class:`efpep.methods.AcceleratedEF21`) as functions of the setting.

With ``s = sqrt(1 - delta)``, ``C = (1 - s)/(1 + s)``, ``q = sqrt(kappa)``, ``kappa = L/mu`` and ``x = (5/6) C/q``:

    step size = (29/20) C^2/L,                      beta = (1 - x)^2/(1 + x),
    gamma = (3/(4 C) - 2/5) (1 - 1/q),              a = (4/5) C/(1 + 1/q).

beta is that of the triple-momentum method (Van Scoy, Freeman, Lynch 2018) with the condition number ``1/x^2``. The constants are
fitted to proved rates at some settings; nothing says that they are the best ones.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from efpep.theory.closed_form import ClosedForm, Standing, Statement, square_root
from efpep.theory.constants import quantities

if TYPE_CHECKING:
    from efpep.setting import Setting

_WHERE = "C = (1-s)/(1+s), s = sqrt(1-delta), q = sqrt(kappa)"


def _fitted(formula: str, where: str = _WHERE) -> Statement:
    return Statement(formula, "efpep, fitted to proved rates; not known to be the best", Standing.CONJECTURE, where=where)


STEP_SIZE = _fitted("29/20*C^2/L", "C = (1-s)/(1+s), s = sqrt(1-delta)")
BETA = _fitted("(1-x)^2/(1+x)", f"x = 5/6*C/q, {_WHERE}")
GAMMA = _fitted("(3/(4*C)-2/5)*(1-1/q)")
A = _fitted("4/5*C/(1+1/q)")


def step_size(setting: Setting) -> ClosedForm:
    """Return the step size; averaged constants for agents of different kinds, here and below.

    Raises:
        InputError: the agents' functions are not smooth and strongly convex, or their compressors do not share a ``delta``.
    """
    return _of(STEP_SIZE, setting)


def beta(setting: Setting) -> ClosedForm:
    """Return the momentum."""
    return _of(BETA, setting)


def gamma(setting: Setting) -> ClosedForm:
    """Return the extrapolation."""
    return _of(GAMMA, setting)


def a(setting: Setting) -> ClosedForm:
    """Return the weight of the errors."""
    return _of(A, setting)


def _of(statement: Statement, setting: Setting) -> ClosedForm:
    names = quantities(setting)
    c, q = (1 - names["s"]) / (1 + names["s"]), square_root(names["L"] / names["mu"])
    return statement.of(**names, C=c, q=q, x=5 * c / (6 * q))
