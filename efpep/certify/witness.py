"""The rational numbers that prove an end of a rate interval."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

Matrix = tuple[tuple[Fraction, ...], ...]


@dataclass(frozen=True, slots=True)
class UpperWitness:
    """A Lyapunov function and multipliers that prove ``V_{k+1} <= rate V_k``.

    Attributes:
        rate: the contraction factor.
        weights: for each block, the symmetric matrix P of V over the block's features.
        gaps: the coefficients of the function gaps in V.
        multipliers: one multiplier for each recorded inequality, in the question's order.
        margin: how much of the metric is left over in each step, positive.
        positivity: where the weights may have any sign, one multiplier for each inequality of a state, which shows that V is
            nonnegative.
    """

    rate: Fraction
    weights: tuple[Matrix, ...]
    gaps: tuple[Fraction, ...]
    multipliers: tuple[Fraction, ...]
    margin: Fraction
    positivity: tuple[Fraction, ...] = ()


@dataclass(frozen=True, slots=True)
class LowerWitness:
    """Gram matrices of one step on which no Lyapunov function of the class decreases below ``rate``.

    Attributes:
        rate: every smaller contraction factor is excluded.
        grams: for each block, the Gram matrix over the block's columns.
        values: the function values that occur, in the question's order.
        state_grams: where weights may have any sign, for each block the Gram matrix over the state's columns of a state whose
            features have the products that those of this step gain.
        state_values: the function values of that state.
    """

    rate: Fraction
    grams: tuple[Matrix, ...]
    values: tuple[Fraction, ...]
    state_grams: tuple[Matrix, ...] = ()
    state_values: tuple[Fraction, ...] = ()
