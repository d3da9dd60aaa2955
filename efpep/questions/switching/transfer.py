"""Bounds of all switching patterns from one proof: multipliers of the pattern without a violation, carried over to the others.

Let multipliers prove ``(1/T) sum_t (f(x^t) - f*) <= b`` for the pattern that stays in B, by bounds of subgradients, compressors'
inequalities and ``||x^0 - x*|| <= R`` alone (the pathwise lemma of docs/safe_ef.md). A method that moves along the active
subgradient, whichever it is, has the same rows in every pattern, and ``threshold <= g(x^t)`` in the rounds of N takes the place
of ``f(x^t) - f*``: the same multipliers and weights 1 of the comparisons prove

    sum_{t in B} (f(x^t) - f*) + threshold |N| <= T b,

a bound ``(T b - threshold |N|)/|B|`` of the average over B, hence of ``f(xbar) - f*`` by convexity, and that B is not empty where
``b < threshold``. What is carried over is a proposal like a solver's: every pattern's proof is checked in exact arithmetic.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from efpep.questions.switching.inequalities import PatternInequalities

Proof = tuple[Fraction, dict[str, Fraction]]
_OWN = ("bound", "constraint", "constraint bound", "comparison", "interpolation")
"""The inequalities whose rows depend on the pattern; those of compressors are the same in all patterns, in the same order."""


def star_rows(question: PatternInequalities) -> PatternInequalities:
    """Return the question without the inequalities between iterates, which patterns do not share."""
    return replace(question, rows=tuple(row for row in question.rows if row.origin.inequality != "interpolation"))


def estimate(word: str, average: Fraction, threshold: Fraction) -> Fraction:
    """Return ``(T b - threshold |N|)/|B|``; without B, ``b - threshold``, which is negative where there is no such run."""
    inside = word.count("f")
    outside = len(word) - inside
    return (len(word) * average - threshold * outside) / inside if inside else average - threshold


def carried(
    question: PatternInequalities, word: str, source: PatternInequalities, proof: Proof, *, output: bool
) -> dict[str, Fraction] | None:
    """Return the multipliers of the pattern without a violation, carried over to ``word``, or None where rows differ.

    Args:
        question: the question of ``word``.
        word: the pattern.
        source: the question of the pattern of f alone, of the same method.
        proof: its proof for the average.
        output: whether the metric is the value at the average, which needs the cuts there.
    """
    _, multipliers = proof
    shared = [[row.name for row in asked.rows if row.origin.inequality not in _OWN] for asked in (source, question)]
    if len(shared[0]) != len(shared[1]):
        return None
    inside = [t for t, letter in enumerate(word) if letter == "f"]
    names = dict(zip(*shared, strict=True))
    names |= {f"bound({t})": f"constraint bound({t})" for t in range(len(word)) if t not in inside}
    names |= {f"bound({t})": f"bound({k})" for k, t in enumerate(inside)}
    if not set(multipliers) <= set(names):
        return None
    share = Fraction(1, len(inside) or len(word))
    found = {names[name]: len(word) * share * multiplier for name, multiplier in multipliers.items()}
    found |= {f"comparison({t + 1})": share for t in range(len(word)) if t not in inside}
    if output and len(inside) > 1:
        found |= {f"interpolation({k},{len(inside)})": share for k in range(len(inside))}
    return found
