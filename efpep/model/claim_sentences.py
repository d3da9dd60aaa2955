"""Sentences about rates, composed of the numbers that they are about.

They are written from plain tables, of text and exact numbers, by functions that a stand-alone script takes over as they stand: so
a certificate and its script say the same, and neither says another number than it has.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from efpep.model.text import down, exact, up

# --- The claim: a sentence, composed of the numbers ---------------------------------------------------------------------------


def written(value: object) -> str:
    """Return a number exactly, or text as it is."""
    return exact(value) if isinstance(value, Fraction) else str(value)


def component_text(component: Mapping[str, Any]) -> str:
    """Return a class with its constants, such as ``contractive (delta = 0.5)``."""
    inside = ", ".join(f"{name} = {written(value)}" for name, value in component.items() if name != "class")
    return f"{component['class']} ({inside})" if inside else str(component["class"])


def group_text(group: Mapping[str, Any]) -> str:
    """Return how many agents a group has, with the classes of their functions and compressors."""
    count, share = group["count"], group["share"]
    if count is not None:
        size = f"{written(count)} agent{'' if count == 1 else 's'}"
    else:
        size = f"{'any' if share == 1 else f'a share of {written(share)}'} of many agents"
    compressor = "" if group["compressor"] is None else f", compressor {component_text(group['compressor'])}"
    return f"{size} with functions {component_text(group['functions'])}{compressor}"


def who(setting: Mapping[str, Any]) -> str:
    """Return who takes part."""
    groups = setting["groups"]
    several = f"{len(groups)} groups of agents: " if len(groups) > 1 else ""
    told = [several + " and ".join(group_text(group) for group in groups)]
    places = [place for place in ("server compressor", "constraint", "mean") if setting.get(place) is not None]
    told += [f"{place} {component_text(setting[place])}" for place in places]
    if setting["limit"]:
        told.append("in the limit of infinitely many agents, whose independent draws average out")
    return f"for {'; '.join(told)}"


def named(parameters: Mapping[str, Any]) -> str:
    """Return the method with its parameters."""
    others = ", ".join(f"{name} = {written(value)}" for name, value in parameters["other parameters"].items())
    name = f"{parameters['method']} with step size {written(parameters['step size'])}"
    return f"{name} and {others}" if others else name


def decimals(*ends: Fraction | None) -> int:
    """Return how many decimals show that ends differ from one another and from 1: at least 12, at most 250."""
    known = {Fraction(1), *(end for end in ends if end is not None)}
    gap = min((b - a for a in known for b in known if a < b), default=Fraction(1))
    return next((k for k in range(12, 250) if gap * 10 ** (k - 1) >= 1), 250)


def lower_text(parameters: Mapping[str, Any], rate: Fraction, digits: int, *, upper: bool) -> str:
    """Return what a lower end says, to so many decimals."""
    metric, sufficient = parameters["metric"], parameters["sufficient"] == "yes"
    by = "" if sufficient else " by the recorded inequalities, which are necessary and need not be sufficient"
    if parameters["V"] is not None:
        function = "it" if upper else "the given Lyapunov function"
        contract = "does not contract" if sufficient else "is not proved to contract"
        if rate >= 1:
            return f"{contract} {function} in a way that controls the {metric}{by}"
        controls = "" if upper else f" in a way that controls the {metric}"
        return f"{contract} {function} by a factor below {down(rate, digits)}{controls}{by}"
    function = "has no Lyapunov function of the class that"
    if rate >= 1:
        growth = f" or grows by a factor below {down(rate, digits)}" if rate > 1 else ""
        return f"{function} {'contracts' if sufficient else 'proves a contraction'}{growth}{by}"
    return f"{function} proves a factor below {down(rate, digits)}{by}"


def weights_text(blocks: Sequence[Any], gaps: Mapping[str, Fraction]) -> str:
    """Return a function as a formula; a block is its name, its features' names and its matrix."""
    pieces: Sequence[str] = []
    for block, features, matrix in blocks:
        opened, closed = ("<", ">") if block == "mean" else (f"{block.replace('deviation', 'dev')}(", ")")
        for i, left in enumerate(features):
            for j, right in enumerate(features[i:], i):
                a = matrix[i][j] if i == j else 2 * matrix[i][j]
                pieces = [*pieces, f"{exact(a)} {opened}{left}, {right}{closed}"] if a != 0 else pieces
    return " + ".join([*pieces, *(f"{exact(a)} {name}" for name, a in gaps.items() if a != 0)]) or "0"


def rate_claim(parameters: Mapping[str, Any], upper: Fraction | None, lower: Fraction | None) -> str:
    """Return what is claimed about a rate whose proved ends are ``upper`` and ``lower``."""
    metric, given = parameters["metric"], parameters["V"]
    digits = decimals(upper, lower)
    parts: Sequence[str] = []
    if upper is not None:
        function = "a" if given is None else "the given"
        verb = "contracts" if upper < 1 else "multiplies, at most,"
        parts = [f"{verb} {function} Lyapunov function that controls the {metric} by the factor {up(upper, digits)} a step"]
    if lower is not None:
        parts = [*parts, lower_text(parameters, lower, digits, upper=upper is not None)]
    measured = f", measured by the {metric}," if upper is None and given is None else ""
    function = "" if given is None else f", V = {given}"
    subject = f"{named(parameters)} {who(parameters['setting'])}{measured}"
    return f"{subject} {' and '.join(parts)}{parameters['class of V']}{function}{parameters['assumed']}."
