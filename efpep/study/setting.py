"""From named constants to a setting, for study files and the command line alike."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from efpep.compressors import Compressor, Contractive
from efpep.errors import InputError
from efpep.functions import FunctionClass, SmoothStronglyConvex
from efpep.methods import Method
from efpep.model.field import rational
from efpep.setting import Group, Setting

Constants = Mapping[str, object]

GROUP_KEYS = ("count", "share", "mu", "L", "delta")


def build_setting(
    method: type[Method], constants: Constants, agents: int | None, groups: Sequence[Constants] = (), prefix: str = ""
) -> Setting:
    """Return the setting of smooth strongly convex functions and contractive compressors with the given constants.

    Args:
        method: the method's class; where it does not compress, no ``delta`` is needed and none is kept.
        constants: ``mu``, ``L`` and ``delta``, where given.
        agents: the number of exchangeable agents; None for 1, or where groups are given.
        groups: groups of agents with ``count`` or ``share``, and constants that replace the common ones.
        prefix: what stands before the names of constants in messages, such as ``--``.

    Raises:
        InputError: a constant is missing or impossible, or both agents and groups are given.
    """
    if not groups:
        functions, compressor = _classes(method, constants, prefix, "")
        return Setting(functions, compressor, 1 if agents is None else agents)
    if agents is not None:
        raise InputError(f"{prefix}agents and groups are both given, and groups say how many agents there are; give one of them.")
    return Setting(agents=[_group(method, {**constants, **group}, prefix, k) for k, group in enumerate(groups, 1)])


def whole(value: object, what: str) -> int:
    """Return a whole number written as an integer, or as a decimal such as ``1e6``.

    Raises:
        InputError: it is not a whole number.
    """
    number = rational(value, what)
    if number.denominator != 1:
        raise InputError(f"{what} is {value}, which is not a whole number; give an integer of at least 1.")
    return int(number)


def _group(method: type[Method], constants: Constants, prefix: str, position: int) -> Group:
    unknown = [name for name in constants if name not in GROUP_KEYS]
    if unknown:
        raise InputError(f"group {position} has the unknown key {unknown[0]!r}; its keys are {', '.join(GROUP_KEYS)}.")
    functions, compressor = _classes(method, constants, prefix, f" of group {position}")
    count = constants.get("count")
    return Group(functions, compressor, None if count is None else whole(count, "a group's count"), constants.get("share"))


def _classes(method: type[Method], constants: Constants, prefix: str, whose: str) -> tuple[FunctionClass, Compressor | None]:
    needed = {"mu": "0.1", "L": "1", "delta": "0.5"} if method.compresses else {"mu": "0.1", "L": "1"}
    for name, example in needed.items():
        if constants.get(name) is None:
            who = method.title or method.__name__
            raise InputError(f"{name}{whose} is missing, and {who} needs it; give {prefix}{name}, such as {example}.")
    functions = SmoothStronglyConvex(mu=constants["mu"], L=constants["L"])
    return functions, Contractive(delta=constants["delta"]) if method.compresses else None
