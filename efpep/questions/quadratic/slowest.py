"""The slowest quadratic of a setting: a lower bound on how fast a method can contract, with an exact instance."""

from __future__ import annotations

from efpep.methods.base import Method
from efpep.questions.common.required import require
from efpep.questions.quadratic.answer import SlowestQuadratic, ask
from efpep.questions.quadratic.question import QuadraticQuestion
from efpep.setting import Setting


def slowest_quadratic(method: Method, setting: Setting, period: int = 1, *, seed: int = 0) -> SlowestQuadratic:
    """Return quadratics and compressors of the classes on which the method is slow, with an exact bound.

    The compressors scale vectors and turn them: ``C(v) = v - theta v`` in the plane, theta a complex number with
    ``|theta|^2 <= 1 - delta``; those of a line have real ones. Heavy balls are slowest where compressors turn.

    Args:
        method: the method with its parameters; ``step_size="optimal"`` takes the literature's closed form, rounded to 17 digits.
        setting: functions, contractive compressors and agents.
        period: after how many steps the compressors repeat, 1 to 6.
        seed: of the global optimisation.

    Raises:
        InputError: the compressors are not contractive, the functions not smooth and strongly convex, or the period is too long.
    """
    require(method, setting)
    return ask(QuadraticQuestion(method.resolved(setting), setting, period), seed=seed)
