"""Questions and answers as JSON objects and as text: the shapes that the command line and the tables print.

Numbers of the question are exact text; ends of intervals are decimals rounded outward.
"""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol, cast

from efpep.compressors import Compressor, Contractive
from efpep.functions import SmoothStronglyConvex
from efpep.model.text import down, exact, up

if TYPE_CHECKING:
    from efpep.component import Component
    from efpep.methods import Method
    from efpep.proof.witness import Proved
    from efpep.setting import Group, Setting
    from efpep.theory.closed_form import ClosedForm

_LEAST_DIGITS = 15
_MOST_DIGITS = 60
_CONSTANTS = ("mu", "L", "delta")


def cited(source: str) -> str:
    """Return a source with its arXiv numbers marked as such."""
    return re.sub(r"(?<![\d.:/])\d{4}\.\d{5}", r"arXiv:\g<0>", source)


def places(value: Fraction) -> int:
    """Return the least ``k >= 0`` with ``value >= 10**-k``, for a positive value."""
    k = 0
    while value * 10**k < 1:
        k += 1
    return k


def digits_for(lower: Fraction | None, upper: Fraction | None) -> int:
    """Return how many decimals show an interval: at least 15, more where it is narrow, close to 0 or close to 1."""
    ends = [end for end in (lower, upper) if end is not None]
    sizes = [size for end in ends for size in (end, 1 - end) if size > 0]
    found = min(max([_LEAST_DIGITS, *(places(size) + 3 for size in sizes)]), _MOST_DIGITS)
    return found if lower is None or upper is None or lower >= upper else max(found, places(upper - lower) + 3)


def closed_form_object(name: str, form: ClosedForm | None, digits: int = 0) -> dict[str, str | None] | None:
    """Return a closed form with its value, rounded down to so many decimals at least; what stands behind it beside it."""
    if form is None:
        return None
    return {name: down(form.value, max(digits, digits_for(form.value, None))), **form.described()}


def interval_object(lower: Fraction | None, upper: Fraction | None) -> dict[str, str | None]:
    """Return ``{"lower", "upper"}`` as decimals rounded down and up; an undecided end is None."""
    digits = digits_for(lower, upper)
    return {
        "lower": None if lower is None else down(lower, digits),
        "upper": None if upper is None else up(upper, digits),
    }


def ends_object(lower: Proved | None, upper: Proved | None) -> dict[str, str | None]:
    """Return the numbers that two witnesses prove as :func:`interval_object`."""
    return interval_object(*(None if end is None else end.theta for end in (lower, upper)))


def setting_object(setting: Setting) -> dict[str, object]:
    """Return ``{"mu", "L", "delta", "agents"}``; with groups the constants are None and ``"groups"`` lists them.

    Function and compressor classes other than smooth strongly convex and contractive are named under ``"functions"`` and
    ``"compressor"``, the server's compressor under ``"server_compressor"``, noise of gradients under ``"noise"``, and the class
    of the average f under ``"mean"``, each as ``{"class", parameters}``.
    """
    server = setting.server_compressor
    broadcast: dict[str, object] = {} if server is None else {"server_compressor": server.describe()}
    if setting.noise is not None:
        broadcast["noise"] = setting.noise.describe()
    if setting.mean is not None:
        broadcast["mean"] = setting.mean.describe()
    if isinstance(setting.agents, int):
        found = {**_constants(setting.functions, setting.compressor), "agents": setting.agents}
        return {**found, **_classes(setting.functions, setting.compressor), **broadcast}
    counts = [group.count for group in setting.agents]
    agents = None if None in counts else sum(count for count in counts if count is not None)
    groups = [_group_object(setting, group) for group in setting.agents]
    return {**dict.fromkeys(_CONSTANTS), "agents": agents, "groups": groups, **broadcast}


def setting_text(setting: Setting) -> str:
    """Return a setting as a reader sees it."""
    described = setting_object(setting)
    groups = described.pop("groups", None)
    if isinstance(groups, list):
        found = [_pairs(group) for group in groups]  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        return "; ".join(f"group {k}: {pairs}" for k, pairs in enumerate(found, 1))
    return _pairs(described)


def method_object(method: Method) -> dict[str, object]:
    """Return ``{"method", "step_size"}``, with exact text; other parameters stand under ``"parameters"``.

    The names of those that have their default values, given or not, stand under ``"defaults"``.
    """
    described = method.describe()
    found: dict[str, object] = {"method": described.pop("class"), "step_size": described.pop("step_size")}
    return {**found, "parameters": described, "defaults": method.defaults()} if described else found


def defaults_text(method: Method) -> str:
    """Return the parameters that have their default values as a line below a sentence, or nothing."""
    found = ", ".join(f"{name} = {text}" for name, text in method.describe().items() if name in method.defaults())
    return f"\n({found} by default.)" if found else ""


def usual(kind: str, component: Component) -> bool:
    """Return whether a class of functions or compressors is the one that needs no name."""
    return component.identifier() == {"functions": SmoothStronglyConvex.key, "compressor": Contractive.key}[kind]


class About(Protocol):
    """Whatever is about a method in a setting."""

    @property
    def method(self) -> Method:
        """The method."""
        ...

    @property
    def setting(self) -> Setting:
        """The setting."""
        ...


class Said(About, Protocol):
    """An answer that says what is proved as text."""

    @property
    def solver(self) -> str:
        """Whose proposals became certificates."""
        ...

    @property
    def seconds(self) -> float:
        """How long the answer took."""
        ...


def said_rows(answer: Said) -> list[tuple[str, str]]:
    """Return the rows of an answer that is one sentence: the question, the sentence, and who proposed the proof."""
    question = f"{answer.method.called()}; {setting_text(answer.setting)}; step size {exact(answer.method.step_size)}"
    return [("question", question), ("answer", str(answer)), ("solver", f"{answer.solver}, {answer.seconds:.3f} s")]


def shares_minimiser(answer: About) -> bool:
    """Return whether an answer is about several agents that are assumed to share one minimiser."""
    populations = answer.setting.populations()
    return answer.method.common_minimiser and not (len(populations) == 1 and populations[0].single)


def in_expectation(answer: About) -> bool:
    """Return whether an answer is about expectations: a compressor that is used is random, or it is drawn who takes part."""
    compressors = [group.compressor for group in answer.setting.populations()] if answer.method.compresses else []
    return answer.method.draws or any(
        type(compressor).add_noise is not Compressor.add_noise
        for compressor in [*compressors, answer.setting.server_compressor]
        if compressor is not None
    )


def _group_object(setting: Setting, group: Group) -> dict[str, object]:
    size: dict[str, object] = {"count": group.count} if group.share is None else {"share": exact(group.share)}
    functions, compressor = group.functions or setting.functions, group.compressor or setting.compressor
    return {**size, **_constants(functions, compressor), **_classes(functions, compressor)}


def _classes(functions: Component | None, compressor: Component | None) -> dict[str, object]:
    """Return the classes that are not those which the command line's constants stand for."""
    given = {"functions": functions, "compressor": compressor}
    return {name: c.describe() for name, c in given.items() if c is not None and not usual(name, c)}


def _constants(functions: Component | None, compressor: Component | None) -> dict[str, object]:
    found: dict[str, object] = {}
    for component in (functions, compressor):
        if component is not None:
            found |= component.parameters()
    return {name: exact(number) if isinstance(number, Fraction) else None for name in _CONSTANTS for number in [found.get(name)]}


def _pairs(described: dict[str, object]) -> str:
    for kind in ("functions", "compressor"):
        table = cast("dict[str, str] | None", described.get(kind))
        if table is not None:  # its parameters stand with it
            described = {name: value for name, value in described.items() if name not in table or name == "class"}
    return ", ".join(f"{name} = {_value(value)}" for name, value in described.items() if value is not None)


def _value(value: object) -> str:
    if not isinstance(value, dict):
        return str(value)
    table = cast("dict[str, str]", value)
    inside = ", ".join(f"{name} = {text}" for name, text in table.items() if name != "class")
    return f"{table['class']} ({inside})" if inside else table["class"]
