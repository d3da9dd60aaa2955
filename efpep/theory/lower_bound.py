"""A lower bound for methods whose query points are determined by what the server broadcasts.

Derived for efpep, proof in docs/safe_ef.md. For T rounds, ``R M/sqrt(d)`` is lost on a function of d coordinates unless the next
coordinate passes the compressor d - 1 times, where each round lets it pass with probability delta:

    E f(x_T) - f*  >=  sup_d (R M/sqrt d) P(Bin(T, delta) <= d - 2)  =  (1 - o(1)) R M/sqrt(delta T).

It holds for every output that is determined by server messages, not only for the last iterate, and for compressors that are
contractive in expectation (Rand-K with shared randomness, Bernoulli). Clients that query at local iterates of their own are not
covered, and do beat it where all f_i are equal.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from efpep.errors import InputError
from efpep.model.field import positive
from efpep.theory.closed_form import Standing, square_root
from efpep.theory.safe_ef import SOURCE, _delta, _rounds  # pyright: ignore[reportPrivateUsage]

MOST_ROUNDS = 1_000_000
"""The most rounds for which the bound is computed; its exact binomial sums take minutes there."""


@dataclass(frozen=True, slots=True)
class LowerBound:
    """A lower bound on what any such method achieves.

    Attributes:
        value: the bound, rounded down (units of function values).
        dimension: the number d of coordinates of its worst-case function.
        probability: the exact probability that at most d - 2 rounds of T let the next coordinate pass.
        source: where it comes from.
        standing: what stands behind it.
    """

    value: Fraction
    dimension: int
    probability: Fraction
    source: str = SOURCE
    standing: Standing = Standing.DERIVED


def lower_bound(delta: object, T: int, *, R: object = 1, M: object = 1) -> LowerBound:
    """Return ``max_d (R M/sqrt d) P(Bin(T, delta) <= d - 2)`` over ``2 <= d <= T + 2``.

    Raises:
        InputError: ``delta`` outside (0, 1], T no whole number from 1 to :data:`MOST_ROUNDS`, or R or M not positive.
    """
    d, rounds, scale = _delta(delta, "delta"), _rounds(T), positive(R, "R") * positive(M, "M")
    p, rest = d.numerator, d.denominator - d.numerator
    if rest == 0:
        return LowerBound(_down(scale / square_root(Fraction(rounds + 2))), rounds + 2, Fraction(1))
    if rounds > MOST_ROUNDS:
        raise InputError(
            f"T is {rounds}, but the bound is computed exactly, up to {MOST_ROUNDS} rounds; give fewer.", argument="T"
        )
    whole = d.denominator**rounds
    term = rest**rounds
    total, best, where, probability = 0, 0.0, 2, 0
    for k in range(rounds + 1):
        total += term
        size = total / whole / (k + 2) ** 0.5
        if size > best:
            best, where, probability = size, k + 2, total
        elif whole - total < whole >> 40:
            break
        term = term * (rounds - k) * p // ((k + 1) * rest)
    found = Fraction(probability, whole)
    return LowerBound(_down(scale * found / square_root(Fraction(where))), where, found)


def markov_bound(delta: object, T: int, *, R: object = 1, M: object = 1) -> Fraction | None:
    """Return ``R M/(4 sqrt(delta T))``, rounded down, for ``delta T >= 1``; None otherwise."""
    d, rounds, scale = _delta(delta, "delta"), _rounds(T), positive(R, "R") * positive(M, "M")
    if d * rounds < 1:
        return None
    return _down(scale / (4 * square_root(d * rounds)))


def _down(value: Fraction) -> Fraction:
    """Round down to 40 decimals, with room for the rounding of the root."""
    scale = 10**40
    return Fraction(int(value * scale) - 1, scale)
