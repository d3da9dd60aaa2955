"""The formulas of the inequalities of a stand-alone script, by the classes of functions and compressors.

:func:`efpep.questions.rate.script.write.write_script` copies everything below the imports, as it does with
:mod:`efpep.questions.rate.script.standalone`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from efpep.questions.rate.script.standalone_algebra import Formed, add_values, combined, formed, nothing, put

# --- The inequalities, by the classes of functions and compressors ------------------------------------------------------------

SMOOTH = ("smooth-strongly-convex",)
DOMINATED = ("gradient-dominated",)
DETERMINISTIC = ("contractive", "projection")
LINEAR = ("linear", "common-linear")
AVERAGING = ("randomized", "unbiased")  # random, and orthogonal in the mean to those of other agents unless they are shared


def groups_of(p: Mapping[str, Any]) -> dict[Fraction, Mapping[str, Any]]:
    """Return the groups of agents by number."""
    groups: Sequence[Mapping[str, Any]] = p["setting"]["groups"]
    return {Fraction(k): group for k, group in enumerate(groups, 1)}


def functions_of(p: Mapping[str, Any], number: Fraction) -> Mapping[str, Any]:
    """Return the functions of a group; an empty class where there is no such group."""
    return groups_of(p).get(number, {"functions": {"class": ""}})["functions"]


def compressor_of(p: Mapping[str, Any], number: Fraction) -> Mapping[str, Any]:
    """Return the compressor of a group, or of the server (0); an empty class where there is none."""
    place = p["setting"]["server compressor"] if number == 0 else groups_of(p).get(number, {"compressor": None})["compressor"]
    return {"class": ""} if place is None else place


def loss_bound(compressor: Mapping[str, Any]) -> Fraction:
    """Return the bound of what is lost, relative to ||v||^2: 1 - delta, or omega."""
    return compressor["omega"] if compressor["class"] == "unbiased" else 1 - compressor["delta"]


def is_minimiser(name: str, point: Mapping[str, Any]) -> bool:
    """Whether a point is the minimiser, from which everything is measured."""
    return name.startswith("*") and not point["x"] and not point["u"] and not point["F"]


def interpolation_form(p: Mapping[str, Any], q: Mapping[str, Any], rule: Mapping[str, Any]) -> Formed | None:
    """Return the inequality between two points a and b that functions of their class satisfy; None where there is none.

    Smooth strongly convex: F_b - F_a + <u_b, x_a - x_b> + ||u_a - u_b||^2 / (2 (L - mu)).
    Gradient-dominated: F_b - F_a + <u_a + u_b, x_a - x_b>/2 + ||u_a - u_b||^2/(4 L) - L ||x_a - x_b||^2/4, and with the minimiser
    F_b - ||u_b||^2/(2 mu) and ||u_a||^2/(2 L) - F_a.
    """
    functions, a, b = functions_of(p, rule["group"]), q["points"][rule["a"]], q["points"][rule["b"]]
    if functions["class"] not in (*SMOOTH, *DOMINATED) or {a["group"], b["group"]} != {rule["group"]}:
        return None
    mu, smoothness = functions["mu"], functions["L"]
    if not 0 < mu <= smoothness or (functions["class"] in SMOOTH and mu == smoothness):
        return None
    total = nothing(q)
    add_values(total, 1, b["F"])
    add_values(total, -1, a["F"])
    apart, jump = combined((1, a["x"]), (-1, b["x"])), combined((1, a["u"]), (-1, b["u"]))
    if functions["class"] in SMOOTH:
        put(total, q, Fraction(1), b["u"], apart)
        put(total, q, 1 / (2 * (smoothness - mu)), jump, jump)
    elif is_minimiser(rule["a"], a):
        put(total, q, -1 / (2 * mu), b["u"], b["u"])
    elif is_minimiser(rule["b"], b):
        put(total, q, 1 / (2 * smoothness), a["u"], a["u"])
    else:
        put(total, q, Fraction(1, 2), combined((1, a["u"]), (1, b["u"])), apart)
        put(total, q, 1 / (4 * smoothness), jump, jump)
        put(total, q, -smoothness / 4, apart, apart)
    return total


def compression_form(p: Mapping[str, Any], q: Mapping[str, Any], rule: Mapping[str, Any]) -> Formed | None:
    """Return what a compressor of its class guarantees of a message v; None where there is no such relation.

    The loss: ||v - C(v)||^2 - (1 - delta) ||v||^2; in expectation ||v - E C(v)||^2 + E ||C(v) - E C(v)||^2 - (1 - delta) ||v||^2,
    with omega for 1 - delta where E C(v) = v. Projections: <C(v), v - C(v)> == 0. Linear maps: the mean and the deviations apart.
    """
    message = q["messages"][rule["of"]]
    compressor, says = compressor_of(p, message["group"]), rule["says"]
    kind, v, loss, noise = compressor["class"], message["v"], message["v - C(v)"], message["noise"]
    total = nothing(q)
    if says == "projection" and kind == "projection" and not noise:
        put(total, q, Fraction(1), combined((1, v), (-1, loss)), loss)
        return total
    if says in ("mean", "deviation") and kind in LINEAR and not noise:
        v, loss = ({block: u for block, u in part.items() if block.startswith(says)} for part in (v, loss))
    else:
        strange = (noise and kind in DETERMINISTIC) or (loss and kind == "unbiased")
        if says != "loss" or kind not in (*DETERMINISTIC, *AVERAGING) or strange:
            return None
    put(total, q, Fraction(1), loss, loss)
    put(total, q, Fraction(1), noise, noise)
    put(total, q, -loss_bound(compressor), v, v)
    return total


def noise_form(p: Mapping[str, Any], q: Mapping[str, Any], rule: Mapping[str, Any]) -> Formed | None:
    """Return 2 <n, c> in a block, for the fluctuation n of a message and a column c that was there before the draw."""
    message, block, column = q["messages"][rule["of"]], rule["block"], rule["past"]
    drawn = message["noise"].get(block, {})
    columns = q["columns"].get(block, [])
    if compressor_of(p, message["group"])["class"] not in AVERAGING or len(drawn) != 1 or column not in columns:
        return None
    number = rule["of"].partition("[")[0]
    together = [m["noise"].get(block, {}) for name, m in q["messages"].items() if name.partition("[")[0] == number]
    if any(column in vector for vector in together) or columns.index(column) > columns.index(next(iter(drawn))):
        return None
    total = nothing(q)
    put(total, q, Fraction(2), {block: drawn}, {block: {column: Fraction(1)}})
    return total


def independence_form(p: Mapping[str, Any], q: Mapping[str, Any], rule: Mapping[str, Any]) -> Formed | None:
    """Return dev(n, n) - (agents - 1) ||mean n||^2 of agents that draw independently, or <n, n'> of two groups' means."""
    one, two = q["messages"][rule["of"]], q["messages"][rule["and"]]
    for message in (one, two):
        compressor = compressor_of(p, message["group"])
        if compressor["class"] not in AVERAGING or compressor["shared"] != "False":
            return None
    total, mean = nothing(q), {"mean": one["noise"].get("mean", {})}
    if rule["of"] != rule["and"]:
        same = rule["of"].partition("[")[0] == rule["and"].partition("[")[0]
        if not same or one["group"] == two["group"]:
            return None
        put(total, q, Fraction(1), mean, {"mean": two["noise"].get("mean", {})})
        return total
    count: Fraction | None = groups_of(p).get(one["group"], {"count": None})["count"]
    if count is None:
        return None
    apart = {block: vector for block, vector in one["noise"].items() if block != "mean"}
    put(total, q, Fraction(1), apart, apart)
    put(total, q, 1 - count, mean, mean)
    return total


def normal_form(q: Mapping[str, Any], rule: Mapping[str, Any]) -> Formed | None:
    """Return <n_b, y_a - y_b> for points y of a convex set and a vector n_b of the normal cone at y_b."""
    a, b = q["feasible"][rule["a"]], q["feasible"][rule["b"]]
    total = nothing(q)
    put(total, q, Fraction(1), {"mean": b["normal"]}, combined((1, {"mean": a["point"]}), (-1, {"mean": b["point"]})))
    return total


def origin(p: Mapping[str, Any], q: Mapping[str, Any], name: str) -> tuple[str, Formed | None, bool] | None:
    """Return where a row comes from: a sentence, its formula, and whether it is an equality; None where it has no formula."""
    if name in q["interpolation"]:
        rule = q["interpolation"][name]
        said = f"{name} is the interpolation inequality between the points {rule['a']} and {rule['b']}"
        return said, interpolation_form(p, q, rule), False
    if name in q["compression"]:
        rule = q["compression"][name]
        kind = compressor_of(p, q["messages"][rule["of"]]["group"])["class"]
        what = {"loss": "inequality", "projection": "orthogonality"}.get(rule["says"], f"inequality of the {rule['says']}")
        said = f"{name} is the {what} of a {kind} compressor"
        return said, compression_form(p, q, rule), rule["says"] == "projection"
    if name in q["noise"]:
        rule = q["noise"][name]
        said = f"{name} is the orthogonality of a fluctuation to {rule['past']} in the {rule['block']} block"
        return said, noise_form(p, q, rule), True
    if name in q["independence"]:
        said = f"{name} is the independence of the draws of different agents"
        return said, independence_form(p, q, q["independence"][name]), True
    if name in q["normal"]:
        rule = q["normal"][name]
        return f"{name} is the inequality of the normal cone at point {rule['b']} of the set", normal_form(q, rule), False
    return None


def inequality_conditions(p: Mapping[str, Any], q: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Every inequality that has a formula is what its formula gives, for the constants of the claim."""
    for name, form in q["inequalities"].items():
        found = origin(p, q, name)
        if found is not None:
            said, wanted, equality = found
            yield f"{said}.", formed(q, form) == wanted and (name in q["equalities"]) == equality
    for name, point in q["points"].items():
        functions = functions_of(p, point["group"])
        bent = functions["class"] not in SMOOTH or functions["mu"] != functions["L"]
        for other in [other for other, found in q["points"].items() if found["group"] == point["group"] and other != name]:
            rule = {"a": name, "b": other, "group": point["group"]}
            if bent and rule not in q["interpolation"].values():
                void = interpolation_form(p, q, rule) == nothing(q)
                yield f"There is an inequality between the points {name} and {other}.", void
    for name in [*q["interpolation"], *q["compression"], *q["noise"], *q["independence"], *q["normal"]]:
        if name not in q["inequalities"]:
            yield f"{name} is among the inequalities.", False
