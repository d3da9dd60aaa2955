"""The checks of a stand-alone script.

:func:`efpep.questions.rate.script.write.write_script` copies everything below the imports into it. It runs on the standard
library alone; what it takes from :mod:`efpep.model.claim_sentences` is copied too, so that a script needs nothing of efpep.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from fractions import Fraction
from typing import Any

from efpep.model.claim_sentences import rate_claim, weights_text
from efpep.questions.rate.script.standalone_algebra import Matrix, add_form, add_product, is_positive_semidefinite, on_gram, zeros
from efpep.questions.rate.script.standalone_data import answer_conditions, data_conditions
from efpep.questions.rate.script.standalone_given import given_iteration, given_rows, iteration_conditions
from efpep.questions.rate.script.standalone_rows import inequality_conditions

# --- The checks: exact rational arithmetic, nothing else -------------------------------------------------------------------


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


def given_formula(q: Mapping[str, Any]) -> str:
    """Return the given V as a formula."""
    blocks = [(block, list(q["features"][block]), matrix) for block, matrix in q["given"]["weights"].items()]
    return weights_text(blocks, q["given"]["gaps"])


def main(p: Mapping[str, Any], q: Mapping[str, Any], upper: Mapping[str, Any] | None, lower: Mapping[str, Any] | None) -> int:
    """Check everything; return 0 if the claim is proved, and 1 at the first condition that fails."""
    parts = [
        ("The data.", data_conditions(p, q, [upper, lower])),
        ("The inequalities.", inequality_conditions(p, q)),
        ("The answers of functions and compressors.", answer_conditions(p, q)),
        ("The iteration.", iteration_conditions(p, q)),
    ]
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
    print("Given by the definition of the method, and not checked here.")  # noqa: T201
    for text in given_iteration(p, q):
        print(f"  given: {text}.")  # noqa: T201
    rows = given_rows(p, q)
    if rows:
        print("Given by the classes of functions and compressors, and not checked here.")  # noqa: T201
    for text in rows:
        print(f"  given: {text}.")  # noqa: T201
    for end, witness in (("upper", upper), ("lower", lower)):
        if witness is not None:
            print(f"The {end} end of the rate is exactly {witness['rate']}.")  # noqa: T201
    relations = f", given the {len(rows)} relation{'' if len(rows) == 1 else 's'} of the classes listed above" if rows else ""
    p = {**p, "V": None if q["given"] is None else given_formula(q)}
    claim = rate_claim(p, None if upper is None else upper["rate"], None if lower is None else lower["rate"])
    print(f"Proved{relations}: {claim}")  # noqa: T201
    return 0


def run(p: Mapping[str, Any], q: Mapping[str, Any], upper: Mapping[str, Any] | None, lower: Mapping[str, Any] | None) -> None:
    """Check everything and leave with the exit status."""
    try:
        sys.exit(main(p, q, upper, lower))
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError) as error:
        print(f"FAILS: The data fit together ({type(error).__name__}: {error}).")  # noqa: T201
        sys.exit(1)
