"""What a stand-alone script checks of its iteration, and what it lists as given because it does not.

:func:`efpep.questions.rate.script.write.write_script` copies everything below the imports, as it does with
:mod:`efpep.questions.rate.script.standalone`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from typing import Any

from efpep.model.claim_sentences import component_text, written
from efpep.questions.rate.script.standalone_algebra import Formed, add_values, combined, formed, nothing, put
from efpep.questions.rate.script.standalone_data import given_words
from efpep.questions.rate.script.standalone_rows import DOMINATED, SMOOTH, functions_of, origin

# --- The iteration, and what is given --------------------------------------------------------------------------------------

TIMES = (("before", "", "0"), ("after", "+", "1"))


def iteration_conditions(p: Mapping[str, Any], q: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """The iterate moves by the step size times the given direction; gradients, gaps and metric are what they are called."""
    direction = q["direction"]
    old, new, along = direction["x"], direction["x+"], direction["along"]
    yield "The iterate before the step is a vector of its own.", old == {"x": Fraction(1)}
    if along is None:
        yield "Without a direction, the step size is zero.", p["step size"] == 0
    else:
        moved = all(new.get(c, 0) - old.get(c, 0) == -p["step size"] * along.get(c, 0) for c in {*old, *new, *along})
        yield "The iterate moves by minus the step size times the direction.", moved
    if "x" in q["features"]["mean"]:
        yield "The feature x is the iterate.", q["features"]["mean"]["x"] == {"before": old, "after": new}
    for number, group in enumerate(p["setting"]["groups"], 1):
        label = label_of(p, number)
        count, apart = group["count"], f"deviation{label}" in q["columns"]
        yield f"Group {number} is one agent, or its agents have deviations from their mean.", count != 1 or not apart
        functions = group["functions"]
        if functions["class"] in SMOOTH and all(rule["group"] != number for rule in q["interpolation"].values()):
            yield f"The functions of group {number}, which have no inequality, have L = mu.", functions["L"] == functions["mu"]
    for time, _, _ in TIMES:
        for name in q["gaps"]:
            if is_gap(p, q, name, time):
                yield f"The function gap {name} {time} the step is that of the point, F + mu/2 ||x - x*||^2.", True
        for block, features in q["features"].items():
            for name in features:
                if is_gradient(p, q, block, name, time):
                    yield f"The gradient {name} {time} the step is mu (x - x*) + u in the {block} block.", True
    if metric_formula(p, q) is not None:
        yield "The metric is what it is called, before the step.", metric_formula(p, q) == formed(q, q["metric"])


def label_of(p: Mapping[str, Any], number: int) -> str:
    """Return how a group is marked: by its number, where there are several."""
    return f"[{number}]" if len(p["setting"]["groups"]) > 1 else ""


def point_at(q: Mapping[str, Any], number: int, time: str) -> Mapping[str, Any] | None:
    """Return the point of a group that is the iterate before or after the step."""
    iterate = q["direction"]["x" if time == "before" else "x+"]
    for name, point in q["points"].items():
        if point["group"] == number and not name.startswith("*") and point["x"].get("mean", {}) == iterate:
            return point
    return None


def tilt(p: Mapping[str, Any], number: int) -> Fraction:
    """Return the m for which gradients are m (x - x*) + u: mu of smooth strongly convex functions, otherwise 0."""
    functions = functions_of(p, Fraction(number))
    return functions["mu"] if functions["class"] in SMOOTH else Fraction(0)


def is_gap(p: Mapping[str, Any], q: Mapping[str, Any], name: str, time: str) -> bool:
    """Whether a function gap is that of its group at the iterate; over a set, with <grad f(x*), x - x*>, that of the average."""
    total, resting = nothing(q), q["feasible"].get("0")
    for number, share in enumerate(shares_of(p), 1):
        if resting is None and name != f"f{label_of(p, number)}":
            continue
        point = point_at(q, number, time)
        if point is None:
            return False
        weight = share if resting is not None else Fraction(1)
        add_values(total, weight, point["F"])
        put(total, q, weight * tilt(p, number) / 2, point["x"], point["x"])
    if resting is not None:
        iterate = q["direction"]["x" if time == "before" else "x+"]
        put(total, q, Fraction(-1), {"mean": resting["normal"]}, {"mean": iterate})
    return total != nothing(q) and formed(q, q["gaps"][name][time]) == total


def is_gradient(p: Mapping[str, Any], q: Mapping[str, Any], block: str, name: str, time: str) -> bool:
    """Whether a feature is the gradient of its group at the iterate, less that at the minimiser."""
    for number in range(1, len(p["setting"]["groups"]) + 1):
        point = point_at(q, number, time)
        if name == f"g{label_of(p, number)}" and point is not None:
            gradient = combined((tilt(p, number), point["x"]), (1, point["u"])).get(block, {})
            found = q["features"][block][name][time]
            return all(found.get(c, 0) == gradient.get(c, 0) for c in {*gradient, *found})
    return False


def metric_formula(p: Mapping[str, Any], q: Mapping[str, Any]) -> Formed | None:
    """Return the metric of its name; None where its formula is not known here."""
    numbers = range(1, len(p["setting"]["groups"]) + 1)
    total, means = nothing(q), q["features"]["mean"]
    if p["metric"] == "distance":
        put(total, q, Fraction(1), {"mean": q["direction"]["x"]}, {"mean": q["direction"]["x"]})
    elif p["metric"] == "gradient" and all(f"g{label_of(p, k)}" in means for k in numbers):
        parts = zip(shares_of(p), numbers)  # noqa: B905
        mean = combined(*((share, {"mean": means[f"g{label_of(p, k)}"]["before"]}) for share, k in parts))
        put(total, q, Fraction(1), mean, mean)
    elif p["metric"] == "gap" and q["gaps"]:
        shares = {f"f{label_of(p, k)}": shares_of(p)[k - 1] for k in numbers} if "f" not in q["gaps"] else {"f": Fraction(1)}
        for name, share in shares.items():
            if name not in q["gaps"]:
                return None
            matrices, values = formed(q, q["gaps"][name]["before"])
            add_values(total, share, values)
            for block, matrix in matrices.items():
                for i, row in enumerate(matrix):
                    for j, a in enumerate(row):
                        total[0][block][i][j] += share * a
    else:
        return None
    return total


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


def vector_formula(vector: Mapping[str, Any]) -> str:
    """Return a client vector as formulas, block by block."""
    pieces = [f"{sum_formula((a, c) for c, a in part.items())} in the {block} block" for block, part in vector.items()]
    return "; ".join(pieces) or "0"


def given_rows(p: Mapping[str, Any], q: Mapping[str, Any]) -> list[str]:
    """Return the relations that are not checked against a formula, each with its formula."""
    unchecked = [name for name in q["inequalities"] if origin(p, q, name) is None]
    signs = {name: "==" if name in q["equalities"] else "<=" for name in unchecked}
    told = [f"{name}: {form_formula(q['inequalities'][name])} {signs[name]} 0" for name in unchecked]
    checked = {value for point in q["points"].values() for value in point["F"]}
    told += [f"{value} >= 0" for value in q["values"] if value not in checked]
    told += given_words(p)
    return told if metric_formula(p, q) is not None else [*told, f"the {p['metric']} is {form_formula(q['metric'])}"]


def given_class(p: Mapping[str, Any], q: Mapping[str, Any]) -> Iterator[str]:
    """What Lyapunov functions are made of, and how many agents there are."""
    made = [f"{', '.join(features)} in the {block} block" for block, features in q["features"].items() if features]
    gaps = f", plus multiples of the gaps {', '.join(q['gaps'])}" if q["gaps"] else ""
    yield f"Lyapunov functions are quadratics in {'; and in '.join(made)}{gaps}"
    for number, group in enumerate(p["setting"]["groups"], 1):
        if group["count"] is not None:
            yield f"group {number} has {written(group['count'])} agent{'' if group['count'] == 1 else 's'}"


def given_iteration(p: Mapping[str, Any], q: Mapping[str, Any]) -> list[str]:
    """Return what is taken from the method's definition: how it moves, and what its features and other quantities are."""
    direction = q["direction"]
    told = [f"the method is {p['method']}"]
    if direction["along"] is None:
        told.append(f"x+ = {sum_formula((a, name) for name, a in direction['x+'].items())}")
    else:
        told.append(f"its direction is {sum_formula((a, name) for name, a in direction['along'].items())}")
    told += [f"its {name} is {written(value)}" for name, value in p["other parameters"].items()]
    told += [f"in the {block} block arise, in this order, {', '.join(columns)}" for block, columns in q["columns"].items()]
    answers = {(block, c) for point in q["points"].values() for block, part in point["u"].items() for c in part}
    for message in q["messages"].values():
        answers |= {(block, c) for kind in ("v - C(v)", "noise") for block, part in message[kind].items() for c in part}
    for block, columns in q["columns"].items():
        free = [column for column in columns if (block, column) not in answers]
        told.append(f"nothing is known of {', '.join(free)} in the {block} block besides") if free else None
    ends = [direction["x"], direction["x+"]]
    for name, point in q["points"].items():
        if not name.startswith("*") and point["x"].get("mean", {}) not in ends:
            told.append(f"the point {name} is {vector_formula(point['x'])}")
    told += [f"the message {name} is {vector_formula(message['v'])}" for name, message in q["messages"].items()]
    for name, found in q["feasible"].items():
        point, normal = (sum_formula((a, c) for c, a in found[kind].items()) for kind in ("point", "normal"))
        told.append(f"the point {name} of the set is {point}, where {normal} is in the normal cone")
    for block, features in q["features"].items():
        for name, feature in features.items():
            for time, mark, _ in TIMES:
                if not is_gradient(p, q, block, name, time):
                    pieces = [(a, column) for column, a in feature[time].items()]
                    told.append(f"({name}){mark} = {sum_formula(pieces)} in the {block} block")
    for name, gap in q["gaps"].items():
        told += [f"the gap {name}{mark} = {form_formula(gap[time])}" for time, mark, _ in TIMES if not is_gap(p, q, name, time)]
    used = {message["group"] for message in q["messages"].values()}
    places = [(number, group["compressor"], f"of group {number}") for number, group in enumerate(p["setting"]["groups"], 1)]
    for number, compressor, where in [*places, (0, p["setting"]["server compressor"], "of the server")]:
        if compressor is not None and number not in used:
            told.append(f"no relation that is checked is about the compressor {component_text(compressor)} {where}")
    for number, group in enumerate(p["setting"]["groups"], 1):
        if group["functions"]["class"] not in (*SMOOTH, *DOMINATED):
            told.append(
                f"no relation that is checked is about the functions {component_text(group['functions'])} of group {number}"
            )
    if p["setting"]["constraint"] is not None:
        told.append(f"no relation that is checked is about the constraint {component_text(p['setting']['constraint'])}")
    told += given_class(p, q)
    told.append(f"averages are over groups in shares of {', '.join(written(share) for share in shares_of(p))}")
    told.append(f"assumed besides: {p['assumed'].strip(', ') or 'nothing'}")
    return told
