"""What every question needs: a method with its parameters, and a setting."""

from __future__ import annotations

from efpep.errors import InputError
from efpep.methods.base import Method
from efpep.model.field import shown
from efpep.setting import Setting


def require(method: object, setting: object, example: str = "EF21(step_size='optimal')") -> None:
    """Refuse what is no method, or no setting.

    Args:
        method: what was given as the method.
        setting: what was given as the setting.
        example: a method that may be given.

    Raises:
        InputError: it is none.
    """
    require_method(method, f"one with its parameters, such as {example}")
    require_setting(setting)
    if isinstance(method, Method) and method.numeric_only:
        why = method.numeric_only if isinstance(method.numeric_only, str) else "is a method of runs alone,"
        raise InputError(
            f"{method.title} {why} so that no worst case of it is known; run it numerically (efpep simulate), or ask about a "
            "method such as SafeEF or EF21.",
            argument="method",
        )


def require_method(method: object, remedy: str) -> None:
    """Refuse what is no method; ``remedy`` says what may be given.

    Raises:
        InputError: it is none.
    """
    if not isinstance(method, Method):
        raise InputError(f"method is {shown(method)}, which is not a method; give {remedy}.", argument="method")


def require_setting(setting: object) -> None:
    """Refuse what is no setting.

    Raises:
        InputError: it is none.
    """
    if not isinstance(setting, Setting):
        raise InputError(
            f"setting is {shown(setting)}, which is not a setting; give one such as Setting(functions, compressor, agents).",
            argument="setting",
        )


def refuse_iterations(iterations: int | None, what: str) -> None:
    """Refuse a number of steps where ``what`` is asked, which is about any number of them.

    Raises:
        InputError: it is given.
    """
    if iterations is not None:
        raise InputError(
            f"iterations is given, but {what} is the same for every number of them; leave it out.", argument="iterations"
        )


_BESIDE = {
    "noise": "noise makes gradients stochastic, and {} is about exact ones; leave it out, or ask 'efpep noise'.",
    "mean": "mean is a class of the agents' average f, which {} does not know; leave it out, or ask for a rate.",
    "dissimilarity": "dissimilarity bounds how much the agents' gradients differ, which {} does not know; leave it out, or ask "
    "for a worst case over a finite horizon.",
}
"""What refusals say of parts of a setting of which not all that is asked knows."""


def refuse_beside(setting: Setting, name: str, what: str) -> None:
    """Refuse a part of a setting, ``"noise"``, ``"mean"`` or ``"dissimilarity"``, where ``what`` is asked, which knows none.

    Raises:
        InputError: the setting has one.
    """
    if getattr(setting, name) is not None:
        raise InputError(_BESIDE[name].format(what), argument=name)
