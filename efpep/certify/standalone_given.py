"""What a stand-alone script checks of its iteration, and what it lists as given because it does not.

:func:`efpep.certify.script.write_script` copies everything below the imports, as it does with :mod:`efpep.certify.standalone`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from efpep.certify.standalone_algebra import Matrix, add_form, add_product, zeros
from efpep.model.statement import written

# --- The iteration, and what is given --------------------------------------------------------------------------------------

_TIMES = (("before", ""), ("after", "+"))


def answer_conditions(p: Mapping[str, Any], q: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """What functions and compressors answer are columns of their own, about which nothing is known but the inequalities."""
    answers: list[tuple[str, str]] = []
    for name, point in q["points"].items():
        parts = [(block, column) for block, part in point["u"].items() for column in part]
        single = all(len(part) == 1 and set(part.values()) == {Fraction(1)} for part in point["u"].values())
        at_rest = not point["x"] and not point["u"] and not point["F"]
        value = list(point["F"].items())
        fresh = single and bool(parts) and len(value) == 1 and value[0][1] == 1
        yield f"The functions answer at the point {name} with a gradient and a value of their own.", at_rest or fresh
        answers += [*parts, *(("values", column) for column, _ in value)]
    for name, rule in q["compression"].items():
        loss = rule["v - C(v)"]
        single = bool(loss) and all(len(part) == 1 and set(part.values()) == {Fraction(1)} for part in loss.values())
        yield f"What is lost in {name} is a vector of its own.", single
        answers += [(block, column) for block, part in loss.items() for column in part]
    yield "No two answers are the same vector.", len(answers) == len(set(answers))
    for number, group in enumerate(p["setting"]["groups"], 1):
        rules = [rule for rule in q["interpolation"].values() if rule["group"] == number]
        if set(group["functions"]) == {"class", "mu", "L"} and not rules:
            same = group["functions"]["L"] == group["functions"]["mu"]
            yield f"The functions of group {number}, which have no inequality with a formula, have L = mu.", same


def iteration_conditions(p: Mapping[str, Any], q: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """The iterate moves by the step size times the given direction; gradients, gaps and metric are what they are called."""
    step, direction = p["step size"], q["direction"]
    if direction is not None:
        old, new = direction["x"], direction["x+"]
        names = {*old, *new, *direction["along"]}
        moved = all(new.get(c, 0) - old.get(c, 0) == -step * direction["along"].get(c, 0) for c in names)
        yield "The iterate moves by minus the step size times the direction.", moved
        ends = [point["x"].get("mean", {}) for name, point in q["points"].items() if not name.startswith("*")]
        yield "The points of the inequalities are the iterates.", all(end in (old, new) for end in ends)
    for number, group in enumerate(p["setting"]["groups"], 1):
        label = f"[{number}]" if len(p["setting"]["groups"]) > 1 else ""
        count, apart = group["count"], f"deviation{label}" in q["columns"]
        yield f"Group {number} has a whole number of agents.", count is None or (count >= 1 and count.denominator == 1)
        yield f"Group {number} is one agent, or its agents have deviations from their mean.", count != 1 or not apart
        mu = group["functions"].get("mu")
        points = [q["points"].get(f"{name}{label}") for name in ("0", "1")]
        if mu is None or points[0] is None or points[1] is None or f"f{label}" not in q["gaps"]:
            continue
        for time, point in zip(("before", "after"), points):  # noqa: B905
            gap = q["gaps"][f"f{label}"][time]
            same = gap["values"] == point["F"]
            for block, columns in q["columns"].items():
                found, wanted = zeros(len(columns)), zeros(len(columns))
                add_form(found, Fraction(1), gap, block, columns)
                add_product(wanted, mu / 2, point["x"].get(block, {}), point["x"].get(block, {}), columns)
                same = same and found == wanted
            yield f"The function gap f{label} {time} the step is F + mu/2 ||x - x*||^2.", same
            for block, features in q["features"].items():
                if f"g{label}" in features:
                    x, u = (point[kind].get(block, {}) for kind in ("x", "u"))
                    names = {*x, *u, *features[f"g{label}"][time]}
                    given = features[f"g{label}"][time]
                    same = all(given.get(c, 0) == mu * x.get(c, 0) + u.get(c, 0) for c in names)
                    yield f"The gradient g{label} {time} the step is mu (x - x*) + u in the {block} block.", same
    if metric_formula(p, q) is not None:
        yield "The metric is what it is called, before the step.", metric_formula(p, q) == metric_written(q)


def metric_written(q: Mapping[str, Any]) -> Any:
    """Return the metric as matrices by block and coefficients of values."""
    matrices: list[Matrix] = []
    for block, columns in q["columns"].items():
        matrices.append(zeros(len(columns)))
        add_form(matrices[-1], Fraction(1), q["metric"], block, columns)
    return matrices, dict(q["metric"]["values"])


def metric_formula(p: Mapping[str, Any], q: Mapping[str, Any]) -> Any:
    """Return the metric of its name as matrices by block and coefficients of values; None where its formula is not known here."""
    groups, shares = p["setting"]["groups"], shares_of(p)
    labels = [f"[{k}]" if len(groups) > 1 else "" for k in range(1, len(groups) + 1)]
    matrices = [zeros(len(columns)) for columns in q["columns"].values()]
    blocks = list(q["columns"].items())
    values: dict[str, Fraction] = {}
    means = q["features"].get("mean", {})
    if p["metric"] == "distance" and q["direction"] is not None:
        x = q["direction"]["x"]
        add_product(matrices[0], Fraction(1), x, x, blocks[0][1])
    elif p["metric"] == "gradient" and all(f"g{label}" in means for label in labels):
        total: dict[str, Fraction] = {}
        for share, label in zip(shares, labels):  # noqa: B905
            for column, a in means[f"g{label}"]["before"].items():
                total[column] = total.get(column, Fraction(0)) + share * a
        add_product(matrices[0], Fraction(1), total, total, blocks[0][1])
    elif p["metric"] == "gap" and all(f"f{label}" in q["gaps"] for label in labels):
        for share, label in zip(shares, labels):  # noqa: B905
            gap = q["gaps"][f"f{label}"]["before"]
            for matrix, (block, columns) in zip(matrices, blocks):  # noqa: B905
                add_form(matrix, share, gap, block, columns)
            for value, a in gap["values"].items():
                values[value] = values.get(value, Fraction(0)) + share * a
    else:
        return None
    return matrices, values


def shares_of(p: Mapping[str, Any]) -> list[Fraction]:
    """Return the groups' shares of all agents."""
    groups = p["setting"]["groups"]
    total = sum((group["count"] or Fraction(0) for group in groups), Fraction(0))
    return [group["share"] if group["count"] is None else group["count"] / total for group in groups]


def form_formula(form: Mapping[str, Any]) -> str:
    """Return a form as a formula."""
    pieces = [(a, value) for value, a in form["values"].items()]
    for block, entries in form.items():
        if block != "values":
            opened, closed = ("<", ">") if block == "mean" else (f"{block.replace('deviation', 'dev')}(", ")")
            pieces += [(a, f"{opened}{left}, {right}{closed}") for (left, right), a in entries.items()]
    return sum_formula(pieces)


def sum_formula(pieces: Iterable[tuple[Fraction, str]]) -> str:
    """Return a sum of multiples as a formula."""
    terms = [(a, f"({name})" if any(sign in name for sign in "+-") and name[0] not in "<d" else name) for a, name in pieces]
    return " + ".join(f"{written(a)} {name}" for a, name in terms).replace("+ -", "- ") or "0"


def given_rows(p: Mapping[str, Any], q: Mapping[str, Any]) -> list[str]:
    """Return the relations that are not checked against a formula, each with its formula."""
    unchecked = [name for name in q["inequalities"] if name not in q["interpolation"] and name not in q["compression"]]
    signs = {name: "==" if name in q["equalities"] else "<=" for name in unchecked}
    told = [f"{name}: {form_formula(q['inequalities'][name])} {signs[name]} 0" for name in unchecked]
    return told if metric_formula(p, q) is not None else [*told, f"the {p['metric']} is {form_formula(q['metric'])}"]


def given_iteration(p: Mapping[str, Any], q: Mapping[str, Any]) -> list[str]:
    """Return what is taken from the method's definition: how it moves, and what its features and other quantities are."""
    told = [f"the method is {p['method']}"]
    if q["direction"] is not None:
        told.append(f"its direction is {sum_formula((a, name) for name, a in q['direction']['along'].items())}")
    told += [f"its {name} is {written(value)}" for name, value in p["other parameters"].items()]
    for block, features in q["features"].items():
        for name, feature in features.items():
            for time, mark in (("before", ""), ("after", "+")):
                pieces = [(a, column) for column, a in feature[time].items()]
                told.append(f"({name}){mark} = {sum_formula(pieces)} in the {block} block")
    told += [f"the gap {name}{mark} = {form_formula(gap[time])}" for name, gap in q["gaps"].items() for time, mark in _TIMES]
    told.append(f"averages are over groups in shares of {', '.join(written(share) for share in shares_of(p))}")
    told.append(f"assumed besides: {p['assumed'].strip(', ') or 'nothing'}")
    silent = [
        str(k) for k in range(1, len(p["setting"]["groups"]) + 1) if all(r["group"] != k for r in q["compression"].values())
    ]
    if silent:
        told.append(f"no inequality of a contractive compressor of group {' or '.join(silent)} occurs")
    return told
