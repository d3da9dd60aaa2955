"""Whether the data of a stand-alone script fit together: exact numbers, about listed columns, for one claim.

:func:`efpep.questions.rate.script.write.write_script` copies everything below the imports, as it does with
:mod:`efpep.questions.rate.script.standalone`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from efpep.questions.rate.script.standalone_rows import (
    AVERAGING,
    DETERMINISTIC,
    DOMINATED,
    LINEAR,
    SMOOTH,
    compressor_of,
    functions_of,
    groups_of,
    is_minimiser,
    loss_bound,
)

# --- The data: exact numbers, about listed columns ----------------------------------------------------------------------------


def data_conditions(p: Mapping[str, Any], q: Mapping[str, Any], witnesses: Sequence[Any]) -> Iterator[tuple[str, bool]]:
    """All numbers are exact, vectors and forms are about the listed columns, and the claim's words fit its classes."""
    yield "An end of the rate is claimed.", any(witness is not None for witness in witnesses)
    yield "All numbers are exact fractions.", all(type(leaf) is Fraction for leaf in numbers_in([p, q, *witnesses]))
    groups = p["setting"]["groups"]
    labels = [f"[{k}]" if len(groups) > 1 else "" for k in range(1, len(groups) + 1)]
    blocks = list(q["columns"])
    known = blocks[:1] == ["mean"] and set(blocks[1:]) <= {f"deviation{label}" for label in labels}
    yield "The blocks are that of means, and those of the groups' deviations.", known
    listed = {block: set(columns) for block, columns in q["columns"].items()}
    once = all(len(listed[block]) == len(columns) for block, columns in q["columns"].items())
    yield "Every column and function value is listed once.", once and len(set(q["values"])) == len(q["values"])
    vectors = [(block, vector) for vector_by_block in client_vectors(q) for block, vector in vector_by_block.items()]
    fits = all(block in listed and set(vector) <= listed[block] for block, vector in vectors)
    yield "All vectors are combinations of the listed columns.", fits and all(block in q["features"] for block in blocks)
    fits = all(
        set(terms) <= set(q["values"]) if block == "values" else {c for pair in terms for c in pair} <= listed.get(block, set())
        for form in forms(q)
        for block, terms in form.items()
    )
    yield "All forms are about the listed columns and function values.", fits
    whole = all(group["count"] is None or group["count"].denominator == 1 for group in groups)
    sizes = [size for group in groups for size in (group["count"], group["share"]) if size is not None]
    fits = len(sizes) == len(groups) and (all(g["share"] is None for g in groups) or sum(sizes) == 1)
    yield "Groups have whole numbers of agents, or shares that add up to 1.", whole and fits and all(a > 0 for a in sizes)
    yield from word_conditions(p)


def word_conditions(p: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """The words of the claim that follow from its classes."""
    groups = p["setting"]["groups"]
    compressors = [group["compressor"] for group in groups if group["compressor"] is not None]
    everywhere = [c for c in (*compressors, p["setting"]["server compressor"]) if c is not None]
    random = any(c["class"] in AVERAGING for c in everywhere)
    yield "The claim says that it is about expectations where it is.", not random or "in expectation" in p["assumed"]
    many = [group["compressor"] for group in groups if group["count"] is None and group["compressor"] is not None]
    limit = any(c["class"] in AVERAGING and c["shared"] != "True" for c in many)
    yield "The claim says that it is about infinitely many agents where it is.", not limit or p["setting"]["limit"] is True
    inexact = {*DOMINATED, *LINEAR, *AVERAGING}
    necessary = any(c["class"] in inexact for c in [*everywhere, *(group["functions"] for group in groups)])
    yield "The claim says where the inequalities need not be sufficient.", not necessary or p["sufficient"] != "yes"
    yield "The claim is about all quadratics in the features, plus function gaps.", p["class of V"] == ""


def given_words(p: Mapping[str, Any]) -> Iterator[str]:
    """What the claim says of classes whose formulas are not known here."""
    groups, server = p["setting"]["groups"], p["setting"]["server compressor"]
    functions = {group["functions"]["class"] for group in groups}
    compressors = {c["class"] for c in (*(group["compressor"] for group in groups), server) if c is not None}
    strange = sorted({*(functions - {*SMOOTH, *DOMINATED}), *(compressors - {*DETERMINISTIC, *LINEAR, *AVERAGING})})
    if strange and p["sufficient"] == "yes":
        yield f"the relations of the class{'es' if len(strange) > 1 else ''} {', '.join(strange)} are sufficient"


def numbers_in(data: Any) -> Iterator[Any]:
    """Yield what is neither text nor a switch nor missing, of nested tables and lists."""
    nested: Any = data
    if isinstance(data, (Mapping, list, tuple)):
        for piece in nested.values() if isinstance(data, Mapping) else nested:
            yield from numbers_in(piece)
    elif data is not None and not isinstance(data, (str, bool)):
        yield data


def client_vectors(q: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield all vectors that take part, by block."""
    for point in q["points"].values():
        yield from (point["x"], point["u"])
    for message in q["messages"].values():
        yield from (message["v"], message["v - C(v)"], message["noise"])
    for feasible in q["feasible"].values():
        yield from ({"mean": feasible["point"]}, {"mean": feasible["normal"]})
    for block, features in q["features"].items():
        for feature in features.values():
            yield from ({block: feature["before"]}, {block: feature["after"]})


def forms(q: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield all forms."""
    yield from q["inequalities"].values()
    yield q["metric"]
    for gap in q["gaps"].values():
        yield from (gap["before"], gap["after"])
    for point in q["points"].values():
        yield {"values": point["F"]}


def answer_conditions(p: Mapping[str, Any], q: Mapping[str, Any]) -> Iterator[tuple[str, bool]]:
    """What functions and compressors answer are columns of their own, about which nothing is known but the inequalities."""
    answers: list[tuple[str, str]] = []
    for name, point in q["points"].items():
        functions, value = functions_of(p, point["group"]), list(point["F"].items())
        asked = set(point["x"]) <= {"mean"}
        own = fresh(p, q, point["group"], point["u"], point["x"]) and len(value) == 1 and value[0][1] == 1
        bare = functions["class"] in SMOOTH and functions["mu"] == functions["L"] and not point["u"] and not point["F"]
        said = f"The functions answer at the point {name} with a gradient and a value of their own."
        yield said, asked and labelled(p, name, point["group"]) and (is_minimiser(name, point) or own or bare)
        answers += [(block, column) for block, part in point["u"].items() for column in part]
        answers += [("values", column) for column, _ in value]
    for name, message in q["messages"].items():
        compressor, loss, noise = compressor_of(p, message["group"]), message["v - C(v)"], message["noise"]
        lossless = compressor["class"] == "unbiased" or loss_bound(compressor) == 0
        said = f"What is lost of the message {name} is a vector of its own, or nothing."
        yield said, (lossless and not loss) or fresh(p, q, message["group"], loss, message["v"])
        steady = compressor["class"] not in AVERAGING or loss_bound(compressor) == 0
        count = count_of(p, message["group"])
        vanishes = count is None and compressor.get("shared") == "False" and not noise.get("mean")
        said = f"The fluctuation of the message {name} is a vector of its own, or nothing."
        own = fresh(p, q, message["group"], noise, message["v"], mean=not vanishes)
        yield said, labelled(p, name, message["group"]) and ((steady and not noise) or own)
        answers += [(block, column) for part in (loss, noise) for block, vector in part.items() for column in vector]
        needed = ["mean", "deviation"] if compressor["class"] in LINEAR else ["loss"]
        needed += ["projection"] if compressor["class"] == "projection" else []
        found = [rule["says"] for rule in q["compression"].values() if rule["of"] == name]
        single = count == 1 or message["group"] == 0
        all_there = all(says in found or (says == "deviation" and single) for says in needed)
        yield f"The message {name} has the inequalities of its compressor.", all_there or loss_bound(compressor) == 0
    yield "No two answers are the same vector.", len(answers) == len(set(answers))


def count_of(p: Mapping[str, Any], number: Fraction) -> Fraction | None:
    """Return how many agents a group has (the server is one), or None for a share of arbitrarily many."""
    return Fraction(1) if number == 0 else groups_of(p)[number]["count"]


def labelled(p: Mapping[str, Any], name: str, number: Fraction) -> bool:
    """Whether a name has the number of its group where there are several."""
    if number == 0:
        return name.endswith(" at the server")
    return name.endswith(f"[{number}]") == (len(p["setting"]["groups"]) > 1) and "server" not in name


def fresh(p: Mapping[str, Any], q: Mapping[str, Any], number: Fraction, answer: Any, asked: Any, *, mean: bool = True) -> bool:
    """Whether an answer is one later column in every block that the agents of its group have, with coefficient 1."""
    label = f"[{number}]" if len(p["setting"]["groups"]) > 1 else ""
    wanted = {block for block, has in (("mean", mean), (f"deviation{label}", count_of(p, number) != 1)) if has}
    single = all(list(part.values()) == [Fraction(1)] for part in answer.values())
    if not single or set(answer) != wanted or not wanted | {"mean"} >= set(asked):
        return False
    columns = q["columns"]
    return all(
        columns[block].index(column) < columns[block].index(next(iter(part)))
        for block, part in answer.items()
        for column in asked.get(block, {})
    )
