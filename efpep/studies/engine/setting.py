"""From named constants and classes to a setting, for study files and the command line alike.

Constants are one flat table: ``mu``, ``L``, ``delta`` and whatever other parameters the chosen classes have. Each goes to the
class that has it. ``functions`` and ``compressor`` name the classes, as a key, or as a table with parameters of its own. Where
``mean`` names a class of the agents' average f, ``mu`` and ``L`` are its constants; the agents' functions have parameters of
their own, and are all L-smooth ones where nothing else is said.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TypeVar, cast

from efpep.component import Catalogue, Component
from efpep.compressors import COMPRESSORS, Compressor, Contractive
from efpep.errors import InputError
from efpep.functions import FUNCTIONS, FunctionClass, SmoothStronglyConvex, SmoothWeaklyConvex
from efpep.methods import Method
from efpep.model.field import rational, whole
from efpep.setting import Group, Setting

Constants = Mapping[str, object]
C = TypeVar("C", bound=Component)

KINDS = ("functions", "compressor")
SIZES = ("count", "share")
EXAMPLES = {"mu": "0.1", "L": "1", "delta": "0.5"}
"""The constants that have names of their own on the command line and in grids, with values for messages."""

BESIDE_MEAN = SmoothWeaklyConvex
"""The agents' class where their average f has one, and theirs is not named: all L-smooth functions."""

_USUAL: dict[str, type[Component]] = {"functions": SmoothStronglyConvex, "compressor": Contractive}
_CATALOGUES: dict[str, Catalogue[FunctionClass] | Catalogue[Compressor]] = {"functions": FUNCTIONS, "compressor": COMPRESSORS}


def build_setting(
    method: type[Method], constants: Constants, agents: int | None, groups: Sequence[Constants] = (), prefix: str = ""
) -> Setting:
    """Return the setting with the given constants and classes.

    Args:
        method: the method's class; where it does not compress, no compressor is needed and none is kept.
        constants: the constants, where given, and the classes; without them smooth strongly convex and contractive.
        agents: the number of exchangeable agents; None for 1, or where groups are given.
        groups: groups of agents with ``count`` or ``share``, and constants and classes that replace the common ones.
        prefix: what stands before the names of constants in messages, such as ``--``.

    Raises:
        InputError: a constant is missing, unused or impossible, or both agents and groups are given.
        UnavailableError: a class of the user's cannot be imported here.
    """
    if groups and agents is not None:
        raise InputError(
            f"{prefix}agents and groups are both given, and groups say how many agents there are; give one of them.",
            argument="agents",
        )
    if constants.get("mean") is not None:
        return _averaged(method, constants, agents, groups, prefix)
    common = _Common(method, constants, prefix)
    if not groups:
        functions, compressor = common.classes({}, "")
        setting = Setting(functions, compressor, 1 if agents is None else agents)
    else:
        setting = Setting(agents=[_group(common, group, k) for k, group in enumerate(groups, 1)])
    common.check_used()
    return setting


def _averaged(
    method: type[Method], constants: Constants, agents: int | None, groups: Sequence[Constants], prefix: str
) -> Setting:
    """Return the setting whose average f has a class, with the constants that are not the agents' own."""
    if groups:
        raise InputError(
            f"{prefix}mean is given with groups, and agents beside it are of one kind here; give {prefix}agents, or groups in "
            "Python.",
            argument="mean",
        )
    table = component_table("functions", constants["mean"])
    names = {field.name for field in dataclasses.fields(FUNCTIONS.find(str(table["class"])))}
    given = {name: constants[name] for name in names if constants.get(name) is not None}
    _check_once({"mean": table}, given, "")
    for name in sorted(names - {*given, *table}):
        raise InputError(
            f"{name} is missing, and the mean {table['class']} needs it; give {prefix}{name}, such as {EXAMPLES.get(name, '1')}.",
            argument=name,
        )
    own = component_table("functions", constants.get("functions") or BESIDE_MEAN.key)
    own = {**({} if given.get("L") is None else {"L": given["L"]}), **own}
    if own["class"] == BESIDE_MEAN.key and "mu" not in own and "L" in own:
        own["mu"] = -rational(own["L"], "L")
    rest = {name: value for name, value in constants.items() if name not in {"mean", *names}}
    found = build_setting(method, {**rest, "functions": own}, agents, (), prefix)
    return dataclasses.replace(found, mean=FUNCTIONS.build({**given, **table}))


def component_table(kind: str, value: object) -> dict[str, object]:
    """Return ``{"class": identifier, parameters}`` for a class that is named by its key or by a table.

    Args:
        kind: ``"functions"`` or ``"compressor"``.
        value: a key, ``module:Class``, a table, or None for the usual class.

    Raises:
        InputError: the class or a parameter is unknown.
        UnavailableError: a class of the user's cannot be imported here.
    """
    if value is None:
        return {"class": _USUAL[kind].key}
    table = dict(cast("Mapping[str, object]", value)) if isinstance(value, Mapping) else {"class": value}
    identifier = table.get("class")
    if not isinstance(identifier, str):
        raise InputError(f"{kind} names no class; give one such as {_USUAL[kind].key!r} under 'class'.")
    names = [field.name for field in dataclasses.fields(_CATALOGUES[kind].find(identifier))]
    for name in table:
        if name not in {"class", *names}:
            known = f"its parameters are {', '.join(names)}" if names else "it has none"
            raise InputError(f"the {_CATALOGUES[kind].kind} {identifier} has no parameter {name!r}; {known}.")
    return table


class _Common:
    """The constants and classes that all agents have unless their group says otherwise."""

    def __init__(self, method: type[Method], constants: Constants, prefix: str) -> None:
        self.method = method
        self.prefix = prefix
        self.tables = {kind: component_table(kind, constants.get(kind)) for kind in KINDS}
        self.constants = {name: v for name, v in constants.items() if name not in KINDS and v is not None}
        self.used: set[str] = set()
        _check_once(self.tables, self.constants, "")

    def classes(self, own: Constants, whose: str) -> tuple[FunctionClass, Compressor | None]:
        """Return the classes of agents with constants and classes of their ``own``."""
        tables = {kind: component_table(kind, own[kind]) for kind in KINDS if own.get(kind) is not None}
        _check_once(tables, own, whose)
        tables = {**self.tables, **tables}
        names = {field.name for kind in KINDS for field in dataclasses.fields(_class(kind, tables[kind]))}
        self.used |= names
        for name in own:
            if name not in {*SIZES, *KINDS, *names}:
                keys = ", ".join([*SIZES, *KINDS, *sorted(names)])
                raise InputError(
                    f"{name}{whose} is given, and no class there has such a parameter; its keys are {keys}.", argument=name
                )
        functions = self._build(FUNCTIONS, "functions", tables["functions"], own, whose)
        return functions, self._build(
            COMPRESSORS, "compressor", tables["compressor"], own, whose
        ) if self.method.compresses else None

    def check_used(self) -> None:
        """Refuse a common constant that no class has.

        Raises:
            InputError: there is one.
        """
        for name in self.constants:
            if name not in self.used:
                classes = " nor ".join(str(table["class"]) for table in self.tables.values())
                raise InputError(
                    f"{self.prefix}{name} is given, but neither {classes} has a parameter {name}; leave it out.", argument=name
                )

    def _build(self, catalogue: Catalogue[C], kind: str, table: Constants, own: Constants, whose: str) -> C:
        fields = dataclasses.fields(catalogue.find(str(table["class"])))
        given = {f.name: self.constants[f.name] for f in fields if f.name in self.constants}
        given |= {name: value for name, value in table.items() if name != "class"}
        given |= {f.name: own[f.name] for f in fields if own.get(f.name) is not None}
        for field in fields:
            if field.name not in given and field.default is dataclasses.MISSING:
                usual = table["class"] == _USUAL[kind].key
                who = self.method.title or self.method.__name__ if usual else f"the {catalogue.kind} {table['class']}"
                raise InputError(
                    f"{field.name}{whose} is missing, and {who} needs it; give {self._place(kind, field.name)}.",
                    argument=field.name,
                )
        return catalogue.build({"class": table["class"], **given})

    def _place(self, kind: str, name: str) -> str:
        if name in EXAMPLES:
            return f"{self.prefix}{name}, such as {EXAMPLES[name]}"
        return f"--{kind}-set {name}=NUMBER" if self.prefix == "--" else f"{kind}.{name}"


def _class(kind: str, table: Constants) -> type[Component]:
    return _CATALOGUES[kind].find(str(table["class"]))


def _check_once(tables: Mapping[str, Constants], constants: Constants, whose: str) -> None:
    for kind, table in tables.items():
        for name in table:
            if constants.get(name) is not None:
                raise InputError(f"{name}{whose} is given twice, once with the {kind}; give it once.", argument=name)


def _group(common: _Common, group: Constants, position: int) -> Group:
    functions, compressor = common.classes(group, f" of group {position}")
    count = group.get("count")
    return Group(functions, compressor, None if count is None else whole(count, "a group's count"), group.get("share"))
