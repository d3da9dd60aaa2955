"""Smaller classes of Lyapunov functions: what one of them proves, it proves as a member of the larger class."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from efpep.errors import CertificateError, InputError
from efpep.model.row import Origin, Row
from efpep.proof.conditions import check_upper
from efpep.proof.witness import UpperWitness
from efpep.questions.rate.lyapunov import Lyapunov
from efpep.questions.rate.lyapunov_class import INTERPOLATION, WEIGHTS, LyapunovClass
from efpep.questions.rate.question import RateQuestion


def contained(question: RateQuestion) -> Iterator[RateQuestion]:
    """Yield the questions about the classes next below that of ``question``, if any: fewer past states, semidefinite weights.

    Their upper ends are upper ends of the question; their lower ends are not lower ends of it. Where the question is about a
    given function, so are they, as far as it is of their classes.
    """
    whole = question.lyapunov_class
    smaller: list[LyapunovClass] = []
    if whole.positivity == INTERPOLATION:
        smaller.append(replace(whole, positivity=WEIGHTS))
    if whole.memory:
        smaller.append(replace(whole, memory=whole.memory - 1))
    for lyapunov_class in smaller:
        found = replace(question, lyapunov_class=lyapunov_class, given=None)
        if question.given is not None:
            try:
                found = found.about(_given(question).in_features(found.inequalities))
            except InputError:  # it is about more
                continue
        yield found


def _given(question: RateQuestion) -> Lyapunov:
    """Return the given function of a question in the features and gaps that it has."""
    if question.given is None:
        raise AssertionError
    whole = Lyapunov.of(question.inequalities, UpperWitness(Fraction(1), question.given.blocks, question.given.gaps, ()))
    used = {block: [i for i, row in enumerate(weights) if any(row)] for block, weights in whole.weights.items()}
    return replace(
        whole,
        features={block: tuple(names[i] for i in used[block]) for block, names in whole.features.items()},
        weights={b: tuple(tuple(weights[i][j] for j in used[b]) for i in used[b]) for b, weights in whole.weights.items()},
        gaps={name: coefficient for name, coefficient in whole.gaps.items() if coefficient},
    )


def embedded(witness: UpperWitness, smaller: RateQuestion, larger: RateQuestion) -> UpperWitness | None:
    """Return a witness of the smaller question as a checked one of the larger, or None where it is none.

    The weights are those of the features of the same names, and the multipliers those of the same inequalities of the last step;
    whatever else the larger question has takes no part.
    """
    try:
        weights = Lyapunov.of(smaller.inequalities, witness).in_features(larger.inequalities)
    except InputError:  # features depend on others here
        return None
    systems = smaller.system, larger.system
    counts = [_last(system.relations[0].rows) for system in systems]
    later = {inequality: counts[1].get(inequality, 0) - last for inequality, last in counts[0].items()}
    known = [
        {_moved(row.origin, later): number for row, number in zip(relation.rows, numbers, strict=True)}
        for relation, numbers in zip(systems[0].relations, witness.multipliers, strict=True)
    ]
    known += [{} for _ in systems[1].relations[len(known) :]]
    multipliers = tuple(
        tuple(own.get(row.origin, Fraction(0)) for row in relation.rows)
        for relation, own in zip(systems[1].relations, known, strict=True)
    )
    found = UpperWitness(witness.theta, weights.blocks, weights.gaps, multipliers, witness.margin)
    try:
        check_upper(systems[1], found)
    except CertificateError:
        return None
    return found


def _last(rows: Sequence[Row]) -> dict[str, int]:
    """Return the last sample or message of each inequality."""
    found: dict[str, int] = {}
    for origin in (row.origin for row in rows):
        labels = [int(label) for label in origin.about if label.isdecimal()]
        found[origin.inequality] = max([found.get(origin.inequality, 0), *labels])
    return found


def _moved(origin: Origin, later: Mapping[str, int]) -> Origin:
    """Return the same inequality of later samples or messages."""
    amount = later[origin.inequality]
    return replace(origin, about=tuple(str(int(label) + amount) if label.isdecimal() else label for label in origin.about))
