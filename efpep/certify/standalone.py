"""The checks of a stand-alone script: :func:`efpep.certify.script.write_script` copies everything below the imports into it.

It runs on the standard library alone and imports nothing of efpep, so that a script needs no trust in efpep.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

# --- The checks: exact rational arithmetic, nothing else -------------------------------------------------------------------

Linear = Mapping[str, Fraction]  # a vector: its coefficients by column
Matrix = list[list[Fraction]]


def is_positive_semidefinite(matrix: Sequence[Sequence[Fraction]]) -> bool:
    """Decide by symmetric elimination (L D L') whether a symmetric matrix has no negative eigenvalue.

    Every pivot has to be nonnegative; a pivot of zero is allowed only where the rest of its row is zero too.
    """
    work = [list(row) for row in matrix]
    size = len(work)
    if any(len(row) != size for row in work) or any(work[i][j] != work[j][i] for i in range(size) for j in range(i)):
        return False
    for k in range(size):
        pivot = work[k][k]
        if pivot < 0 or (pivot == 0 and any(work[k][j] != 0 for j in range(k + 1, size))):
            return False
        if pivot > 0:
            for i in range(k + 1, size):
                factor = work[i][k] / pivot
                for j in range(k + 1, size):
                    work[i][j] -= factor * work[k][j]
    return True


def add_product(target: Matrix, factor: Fraction, u: Linear, v: Linear, columns: Sequence[str]) -> None:
    """Add ``factor`` times the symmetric matrix of ``<u, v>``, that is ``(u v' + v u')/2``."""
    for i, left in enumerate(columns):
        for j, right in enumerate(columns):
            target[i][j] += factor * (u.get(left, 0) * v.get(right, 0) + v.get(left, 0) * u.get(right, 0)) / 2


def add_form(target: Matrix, factor: Fraction, form: Mapping[str, Any], block: str, columns: Sequence[str]) -> None:
    """Add ``factor`` times the symmetric matrix of a form's part in ``block``; ``(u, v): a`` stands for ``a <u, v>``."""
    for (left, right), a in form.get(block, {}).items():
        i, j = columns.index(left), columns.index(right)
        target[i][j] += factor * a / 2
        target[j][i] += factor * a / 2


def zeros(size: int) -> Matrix:
    """Return the zero matrix."""
    return [[Fraction(0)] * size for _ in range(size)]


def on_gram(u: Linear, v: Linear, gram: Sequence[Sequence[Fraction]], columns: Sequence[str]) -> Fraction:
    """Return ``<u, v>`` for vectors whose inner products are given by a Gram matrix."""
    place = {name: i for i, name in enumerate(columns)}
    return sum((a * b * gram[place[i]][place[j]] for i, a in u.items() for j, b in v.items()), Fraction(0))


def interpolation_form(q: Mapping[str, Any], rule: Mapping[str, Any], block: str) -> Matrix:
    """Return the block of ``<u_b, x_a - x_b> + ||u_a - u_b||^2 / (2 (L - mu))``."""
    columns = q["columns"][block]
    a, b = q["points"][rule["a"]], q["points"][rule["b"]]
    xa, xb, ua, ub = (point[kind].get(block, {}) for kind in ("x", "u") for point in (a, b))
    found = zeros(len(columns))
    add_product(found, Fraction(1), ub, xa, columns)
    add_product(found, Fraction(-1), ub, xb, columns)
    for sign, left, right in ((1, ua, ua), (-2, ua, ub), (1, ub, ub)):
        add_product(found, sign / (2 * rule["L - mu"]), left, right, columns)
    return found


def compression_form(q: Mapping[str, Any], rule: Mapping[str, Any], block: str) -> Matrix:
    """Return the block of ``||v - C(v)||^2 - epsilon ||v||^2``."""
    columns = q["columns"][block]
    loss, message = rule["v - C(v)"].get(block, {}), rule["v"].get(block, {})
    found = zeros(len(columns))
    add_product(found, Fraction(1), loss, loss, columns)
    add_product(found, -rule["epsilon"], message, message, columns)
    return found


def inequality_conditions(q: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Every inequality that has a formula is what its formula gives."""
    for name, form in q["inequalities"].items():
        written: dict[str, Matrix] = {}
        for block, columns in q["columns"].items():
            written[block] = zeros(len(columns))
            add_form(written[block], Fraction(1), form, block, columns)
        if name in q["interpolation"]:
            rule = q["interpolation"][name]
            values: dict[str, Fraction] = {}
            for sign, point in ((1, rule["b"]), (-1, rule["a"])):
                for value, a in q["points"][point]["F"].items():
                    values[value] = values.get(value, Fraction(0)) + sign * a
            same = all(written[block] == interpolation_form(q, rule, block) for block in q["columns"])
            same = same and form["values"] == {value: a for value, a in values.items() if a != 0}
            yield f"{name} is the interpolation inequality between the points {rule['a']} and {rule['b']}.", same
        if name in q["compression"]:
            rule = q["compression"][name]
            same = all(written[block] == compression_form(q, rule, block) for block in q["columns"])
            yield f"{name} is the inequality of a contractive compressor.", same and not form["values"]


def decrease(q: Mapping[str, Any], w: Mapping[str, Any], block: str) -> Matrix:
    """Return the block of ``rate V(before) - V(after) + sum multiplier inequality - margin metric``."""
    columns, features = q["columns"][block], list(q["features"][block].values())
    found = zeros(len(columns))
    for factor, time in ((w["rate"], "before"), (Fraction(-1), "after")):
        for i, row in enumerate(w["weights"][block]):
            for j, a in enumerate(row):
                add_product(found, factor * a, features[i][time], features[j][time], columns)
        for name, gap in q["gaps"].items():
            add_form(found, factor * w["gaps"][name], gap[time], block, columns)
    for name, form in q["inequalities"].items():
        add_form(found, w["multipliers"][name], form, block, columns)
    add_form(found, -w["margin"], q["metric"], block, columns)
    return found


def decrease_in_value(q: Mapping[str, Any], w: Mapping[str, Any], value: str) -> Fraction:
    """Return the coefficient of a function value in the same expression."""
    total = -w["margin"] * q["metric"]["values"].get(value, 0)
    for name, gap in q["gaps"].items():
        total += w["gaps"][name] * (w["rate"] * gap["before"]["values"].get(value, 0) - gap["after"]["values"].get(value, 0))
    for name, form in q["inequalities"].items():
        total += w["multipliers"][name] * form["values"].get(value, 0)
    return total


def upper_conditions(q: Mapping[str, Any], w: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Everything that makes ``V(after) <= rate V(before)`` true, and V control the metric."""
    yield "The rate is not negative.", w["rate"] >= 0
    yield "The margin in the metric is positive.", w["margin"] > 0
    for name, a in w["gaps"].items():
        yield f"The coefficient of the function gap {name} in V is not negative.", a >= 0
    for name, a in w["multipliers"].items():
        if name not in q["equalities"]:
            yield f"The multiplier of {name} is not negative.", a >= 0
    for block, weights in w["weights"].items():
        fits = len(weights) == len(q["features"][block])
        yield f"The weights of V in the {block} block are positive semidefinite.", fits and is_positive_semidefinite(weights)
    if q["given"] is not None:
        same = w["weights"] == q["given"]["weights"] and w["gaps"] == q["given"]["gaps"]
        yield "V is the Lyapunov function that the claim is about.", same
    for value in q["values"]:
        yield f"The decrease has a nonnegative coefficient of {value}.", decrease_in_value(q, w, value) >= 0
    for block in q["columns"]:
        yield f"The decrease is positive semidefinite in the {block} block.", is_positive_semidefinite(decrease(q, w, block))


def evaluate(q: Mapping[str, Any], w: Mapping[str, Any], form: Mapping[str, Any]) -> Fraction:
    """Return a form's number on the instance."""
    total = sum((a * w["values"][value] for value, a in form["values"].items()), Fraction(0))
    for block, columns in q["columns"].items():
        for (left, right), a in form.get(block, {}).items():
            total += a * w["grams"][block][columns.index(left)][columns.index(right)]
    return total


def given_on_instance(q: Mapping[str, Any], w: Mapping[str, Any], time: str) -> Fraction:
    """Return the number of the given V before or after the step on the instance."""
    total = sum((a * evaluate(q, w, q["gaps"][name][time]) for name, a in q["given"]["gaps"].items()), Fraction(0))
    for block, weights in q["given"]["weights"].items():
        features = [feature[time] for feature in q["features"][block].values()]
        for row, u in zip(weights, features):  # noqa: B905
            for a, v in zip(row, features):  # noqa: B905
                total += a * on_gram(u, v, w["grams"][block], q["columns"][block])
    return total


def lower_conditions(q: Mapping[str, Any], w: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """Everything that makes the instance one on which every V of the class is at least ``rate`` times as large after the step."""
    for value, a in w["values"].items():
        yield f"The instance's function value {value} is not negative.", a >= 0
    for block, gram in w["grams"].items():
        fits = len(gram) == len(q["columns"][block])
        yield (
            f"The instance's Gram matrix of the {block} block is positive semidefinite.",
            fits and is_positive_semidefinite(gram),
        )
    for name, form in q["inequalities"].items():
        number = evaluate(q, w, form)
        yield f"The instance satisfies {name}.", number == 0 if name in q["equalities"] else number <= 0
    yield "The metric is positive on the instance.", evaluate(q, w, q["metric"]) > 0
    if q["given"] is not None:
        before, after = given_on_instance(q, w, "before"), given_on_instance(q, w, "after")
        yield "V is at least rate times as large after the step, and was not negative.", after >= w["rate"] * before >= 0
        return
    for block, columns in q["columns"].items():
        gram, features = w["grams"][block], list(q["features"][block].values())
        growth = [
            [
                on_gram(u["after"], v["after"], gram, columns) - w["rate"] * on_gram(u["before"], v["before"], gram, columns)
                for v in features
            ]
            for u in features
        ]
        sentence = f"Every quadratic in the features of the {block} block is at least rate times as large after the step."
        yield sentence, is_positive_semidefinite(growth)
    for name, gap in q["gaps"].items():
        grows = evaluate(q, w, gap["after"]) >= w["rate"] * evaluate(q, w, gap["before"])
        yield f"The function gap {name} is at least rate times as large after the step.", grows


def main(claim: str, q: Mapping[str, Any], upper: Mapping[str, Any] | None, lower: Mapping[str, Any] | None) -> int:
    """Check everything; return 0 if the claim is proved, and 1 at the first condition that fails."""
    parts = [("The inequalities.", inequality_conditions(q))]
    if upper is not None:
        parts.append(("The upper end of the rate.", upper_conditions(q, upper)))
    if lower is not None:
        parts.append(("The lower end of the rate.", lower_conditions(q, lower)))
    for title, conditions in parts:
        print(title)  # noqa: T201
        for sentence, holds in conditions:
            if not holds:
                print(f"FAILS: {sentence}")  # noqa: T201
                return 1
            print(f"  holds: {sentence}")  # noqa: T201
    for end, witness in (("upper", upper), ("lower", lower)):
        if witness is not None:
            print(f"The {end} end of the rate is exactly {witness['rate']}.")  # noqa: T201
    print(f"Proved: {claim}")  # noqa: T201
    return 0


def run(claim: str, q: Mapping[str, Any], upper: Mapping[str, Any] | None, lower: Mapping[str, Any] | None) -> None:
    """Check everything and leave with the exit status."""
    sys.exit(main(claim, q, upper, lower))
