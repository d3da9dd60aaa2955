"""Lyapunov functions as named coefficients."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from efpep.certify.witness import UpperWitness
from efpep.errors import InputError
from efpep.question.contraction import Contraction, Weights


@dataclass(frozen=True, slots=True)
class Term:
    """One term ``coefficient * <left, right>`` of a block, or ``coefficient * gap`` where ``right`` is None."""

    block: str
    left: str
    right: str | None
    coefficient: Fraction


@dataclass(frozen=True, slots=True)
class Lyapunov:
    """A Lyapunov function ``V = sum_b <P_b, features features'> + sum p gap``.

    The features are ``x`` (that is ``x - x*``), ``g`` (the clients' gradients, relative to those at the minimiser) and the
    method's own, such as ``g-d`` (EF21) or ``e`` (EF); ``f`` is the function gap. In the mean block client vectors stand for
    their averages, in a deviation block for their deviations from it: ``dev(u, v) = mean_i <u_i, v_i> - <mean u, mean v>``.

    Attributes:
        features: the features' names by block.
        weights: for each block, the symmetric matrix of exact coefficients.
        gaps: the exact coefficients of the function gaps by name.
    """

    features: dict[str, tuple[str, ...]]
    weights: dict[str, tuple[tuple[Fraction, ...], ...]]
    gaps: dict[str, Fraction]

    @classmethod
    def of(cls, question: Contraction, witness: UpperWitness) -> Lyapunov:
        """Return the function of an upper witness."""
        return cls(
            {block.name: tuple(feature.name for feature in block.features) for block in question.blocks},
            {block.name: weights for block, weights in zip(question.blocks, witness.weights, strict=True)},
            {gap.name: coefficient for gap, coefficient in zip(question.gaps, witness.gaps, strict=True)},
        )

    def in_features(self, question: Contraction) -> Weights:
        """Return the weights over a question's features, zero where this function lacks one.

        Raises:
            InputError: this function has a feature that the question lacks.
        """
        names = question.feature_names()
        for block, features in [*self.features.items(), ("values", tuple(self.gaps))]:
            for name in features:
                if name not in names.get(block, []):
                    raise InputError(
                        f"the Lyapunov function has the feature {name!r} ({block}), which the method lacks here; drop it."
                    )
        blocks = tuple(
            tuple(tuple(self._entry(block.name, u.name, v.name) for v in block.features) for u in block.features)
            for block in question.blocks
        )
        return Weights(blocks, tuple(self.gaps.get(gap.name, Fraction(0)) for gap in question.gaps))

    def _entry(self, block: str, left: str, right: str) -> Fraction:
        names = self.features.get(block, ())
        if left not in names or right not in names:
            return Fraction(0)
        return self.weights[block][names.index(left)][names.index(right)]

    def terms(self) -> Iterator[Term]:
        """Yield the terms with nonzero coefficients; mixed terms once, with twice the matrix entry."""
        for block, names in self.features.items():
            for i, left in enumerate(names):
                for j, right in enumerate(names[i:], i):
                    entry = self.weights[block][i][j]
                    if entry != 0:
                        yield Term(block, left, right, entry if i == j else 2 * entry)
        for name, coefficient in self.gaps.items():
            if coefficient != 0:
                yield Term("values", name, None, coefficient)

    def scale(self) -> Fraction:
        """Return the largest coefficient, by which printed formulas are divided."""
        return max((abs(term.coefficient) for term in self.terms()), default=Fraction(1))

    def __str__(self) -> str:
        """Return the formula, scaled to a largest coefficient of 1 and rounded to 6 digits."""
        pieces: list[str] = []
        for term in self.terms():
            coefficient = float(term.coefficient / self.scale())
            if abs(coefficient) < 5e-7:
                continue
            pieces.append(
                f"{'-' if coefficient < 0 else '+'} {abs(coefficient):.6g} {_plain(term, several=len(self.features) > 1)}"
            )
        return "V = " + " ".join(pieces).removeprefix("+ ")


def _plain(term: Term, *, several: bool) -> str:
    if term.right is None:
        return f"({term.left} - {term.left}*)"
    left, right = _shown(term.left), _shown(term.right)
    if term.block != "mean":
        return f"dev({left}, {right})"
    if several:
        left, right = (name if name == "x-x*" else f"mean({name})" for name in (left, right))
    return f"|{left}|^2" if left == right else f"<{left}, {right}>"


def _shown(name: str) -> str:
    return "x-x*" if name == "x" else name
