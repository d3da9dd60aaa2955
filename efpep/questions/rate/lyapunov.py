"""Lyapunov functions as named coefficients."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from efpep.errors import InputError
from efpep.proof.witness import UpperWitness
from efpep.questions.common.step_inequalities import StepInequalities, Weights


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
        server: the names of the features that are one vector rather than one of every client.
    """

    features: dict[str, tuple[str, ...]]
    weights: dict[str, tuple[tuple[Fraction, ...], ...]]
    gaps: dict[str, Fraction]
    server: frozenset[str] = frozenset({"x"})

    @classmethod
    def of(cls, question: StepInequalities, witness: UpperWitness) -> Lyapunov:
        """Return the function of an upper witness."""
        return cls(
            {block.name: tuple(feature.name for feature in block.features) for block in question.blocks},
            {block.name: weights for block, weights in zip(question.blocks, witness.weights, strict=True)},
            {gap.name: coefficient for gap, coefficient in zip(question.gaps, witness.gaps, strict=True)},
            frozenset(feature.name for block in question.blocks for feature in block.features if feature.server),
        )

    def in_features(self, question: StepInequalities) -> Weights:
        """Return the weights over a question's features, zero where this function lacks one.

        Raises:
            InputError: this function has a feature that the question lacks.
        """
        names = question.feature_names()
        for block, features in [*self.features.items(), ("values", tuple(self.gaps))]:
            for name in features:
                if name not in names.get(block, []):
                    raise InputError(
                        f"the Lyapunov function has the feature {name!r} ({block}), which the method lacks here; drop it.",
                        argument="lyapunov",
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

    def _averaged(self) -> frozenset[str]:
        """Return the features that stand for averages in the mean block."""
        if len(self.features) == 1 and all("[" not in name for name in self.features["mean"]):
            return frozenset()
        return frozenset(name for name in self.features["mean"] if name not in self.server)

    def latex(self, digits: int = 6) -> str:
        r"""Return the formula for a LaTeX equation, scaled to a largest coefficient of 1 and rounded to ``digits`` digits.

        Client vectors stand for their averages in norms, ``\operatorname{dev}`` is as in :mod:`efpep.questions.rate.formula`.
        """
        pieces: list[str] = []
        for term in self.terms():
            coefficient = float(term.coefficient / self.scale())
            if abs(coefficient) < 5 * 10.0 ** (-digits - 1):
                continue
            number = f"{abs(coefficient):.{digits}g}"
            shown = "" if number == "1" else rf"{number}\," if "e" not in number else _power(number)
            pieces.append(f"{'-' if coefficient < 0 else '+'} {shown}{_latex(term, self._averaged())}")
        return "V = " + (" ".join(pieces).removeprefix("+ ") or "0")

    def __str__(self) -> str:
        """Return the formula, scaled to a largest coefficient of 1 and rounded to 6 digits."""
        pieces: list[str] = []
        for term in self.terms():
            coefficient = float(term.coefficient / self.scale())
            if abs(coefficient) < 5e-7:
                continue
            pieces.append(f"{'-' if coefficient < 0 else '+'} {abs(coefficient):.6g} {_plain(term, self._averaged())}")
        return "V = " + (" ".join(pieces).removeprefix("+ ") or "0")


def _plain(term: Term, averaged: frozenset[str]) -> str:
    if term.right is None:
        return f"({term.left} - {_place(term.left)[0]}*)"
    if term.block != "mean":
        return f"dev({term.left}, {term.right})"
    left, right = (f"mean({name})" if name in averaged else _shown(name) for name in (term.left, term.right))
    return f"|{left}|^2" if left == right else f"<{left}, {right}>"


def _place(name: str) -> tuple[str, str]:
    """Split a name such as ``g(y)`` into that without the point and the point; the iterate is none."""
    match = re.search(r"\(([A-Za-z_]\w*)\)", name)
    return (name, "") if match is None else (name.replace(match[0], ""), match[1])


def _shown(name: str) -> str:
    return "x-x*" if name == "x" else name


def _latex(term: Term, averaged: frozenset[str]) -> str:
    if term.right is None:
        gap, place = _place(term.left)
        return rf"\bigl({_symbol(gap)}({place or 'x'}) - {_symbol(gap)}(x^\star)\bigr)"
    left, right = _vector(term.left), _vector(term.right)
    if term.block != "mean":
        return rf"\operatorname{{dev}}({left}, {right})"
    left = rf"\overline{{{left}}}" if term.left in averaged else left
    right = rf"\overline{{{right}}}" if term.right in averaged else right
    return rf"\lVert {left} \rVert^2" if term.left == term.right else rf"\langle {left}, {right} \rangle"


def _vector(name: str) -> str:
    """Return a feature as LaTeX: ``x`` is the distance to the minimiser, ``a-b`` a difference of two vectors."""
    base, lag, group = _parts(name)
    pieces = [_symbol(piece, lag, group) for piece in base.split("-")]
    return rf"{pieces[0]} - x^\star" if base == "x" else " - ".join(pieces)


def _symbol(name: str, lag: str = "", group: str = "") -> str:
    if not lag and not group:
        name, lag, group = _parts(name)
    name, place = _place(name)
    stem = name.rstrip("0123456789")
    indices = ",".join(part for part in (name[len(stem) :], group, f"k-{lag}" if lag else "") if part)
    letter = stem if len(stem) == 1 else r"\mathrm{" + stem.replace("_", r"\_") + "}"
    return (f"{letter}_{{{indices}}}" if indices else letter) + (f"({place})" if place else "")


def _parts(name: str) -> tuple[str, str, str]:
    """Split a feature's name into its base, its lag and its group."""
    match = re.fullmatch(r"(.*?)(?:\(-(\d+)\))?(?:\[(\d+)\])?", name)
    return ("", "", "") if match is None else (match[1], match[2] or "", match[3] or "")


def _power(number: str) -> str:
    mantissa, _, exponent = number.partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}\,"
