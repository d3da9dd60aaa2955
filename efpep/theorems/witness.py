"""Worst cases that the search for proofs begins with: linear instances on a line, in numbers and in symbols.

On ``f_i = c x^2/2`` with c = mu or L and ``C(v) = (1 +- s) v`` a step is a matrix that is affine in c, so that its characteristic
polynomial at a number z is linear in c (gradients are taken at one point): the c with the eigenvalue z is a rational function.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

import numpy as np

from efpep.errors import UndecidedError
from efpep.functions import SmoothStronglyConvex
from efpep.methods.base import Method
from efpep.questions.common.reduction import relations
from efpep.questions.quadratic.line import matrix
from efpep.setting import Setting
from efpep.theorems.functions import Function, FunctionField
from efpep.theorems.identity import with_step_size

ALONE = Setting(SmoothStronglyConvex(1, 1))
SAMPLE = {"mu": Fraction(1, 10), "L": Fraction(1), "s": Fraction(1, 2)}
"""Where the numbers are looked at."""
_CLOSE = 1e-5
_GRID = 60
_APART = Fraction(1, 10**3)
_DENOMINATOR = 10**4
_RATIONAL = Fraction(1, 10**11)


@dataclass(frozen=True)
class Witness:
    """A linear instance: its curvature, the sign of s in the compressor's factor, and that of its largest eigenvalue."""

    curvature: str
    lossy: int
    sign: int

    @property
    def factor(self) -> str:
        """The compressor's factor."""
        return "1+s" if self.lossy > 0 else "1-s"


@dataclass(frozen=True)
class Balance:
    """The step size at which the worst linear instances are best, at :data:`SAMPLE`.

    Attributes:
        step_size: the step size.
        radius: the largest modulus of an eigenvalue there.
        witnesses: the instances that attain it, one with curvature mu and one with L.
    """

    step_size: Fraction
    radius: float
    witnesses: tuple[Witness, Witness]


def _spectra(method: Method, step: Fraction, at: Mapping[str, Fraction]) -> dict[tuple[str, int], Any]:
    """Return the eigenvalues of a step by curvature and sign of s."""
    stepped = replace(method, step_size=step)
    found: dict[tuple[str, int], Any] = {}
    for curvature, lossy in itertools.product(("mu", "L"), (1, -1)):
        rows = matrix(stepped, ALONE, [float(at[curvature])], [[1 + lossy * float(at["s"])]])
        found[curvature, lossy] = np.linalg.eigvals(np.array(rows, dtype=np.float64))
    return found


def balance(method: Method, at: Mapping[str, Fraction] = SAMPLE) -> Balance:
    """Return the best step size for linear instances at some constants, with the instances that are worst there.

    Raises:
        UndecidedError: the worst ones do not balance curvatures mu and L, or oscillate.
    """

    def worst(step: Fraction) -> float:
        return max(float(np.abs(values).max()) for values in _spectra(method, step, at).values())

    steps = [Fraction(2 * k, _GRID) for k in range(1, _GRID + 1)]
    k = min(range(_GRID), key=lambda k: worst(steps[k]))
    step = _least(worst, steps[max(k - 1, 0)], steps[min(k + 1, _GRID - 1)])
    spectra = _spectra(method, step, at)
    radii = {place: float(np.abs(values).max()) for place, values in spectra.items()}
    largest = max(radii.values())
    if largest >= 1:
        raise UndecidedError("no step size makes the linear instances decrease, so there is no rate to prove.")
    found: list[Witness] = []
    for curvature in ("mu", "L"):
        lossy = next((sign for sign in (1, -1) if radii[curvature, sign] > largest - _CLOSE), None)
        if lossy is None:
            other = "L" if curvature == "mu" else "mu"
            raise UndecidedError(
                f"at the best step size the worst linear instances all have the curvature {other}; the search balances mu and L."
            )
        values = spectra[curvature, lossy]
        z = values[np.abs(values).argmax()]
        if abs(z.imag) > _CLOSE:
            raise UndecidedError(
                "the worst linear instances oscillate: their largest eigenvalue is not real at the best step size."
            )
        found.append(Witness(curvature, lossy, 1 if z.real > 0 else -1))
    return Balance(step, largest, (found[0], found[1]))


def balanced_step(method: Method, at: Mapping[str, Fraction]) -> Fraction:
    """Return the rational step size at which the worst linear instances balance.

    Raises:
        UndecidedError: they do not balance, or not at a rational number with a short denominator.
    """
    found = balance(method, at)

    def ahead(step: Fraction) -> float:
        spectra = _spectra(method, step, at)
        low, high = (float(np.abs(spectra[w.curvature, w.lossy]).max()) for w in found.witnesses)
        return low - high

    low, high = found.step_size * (1 - _APART), found.step_size * (1 + _APART)
    rising = ahead(high) > ahead(low)
    middle = low
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (low, middle) if (ahead(middle) > 0) == rising else (middle, high)
    simple = middle.limit_denominator(_DENOMINATOR)
    if abs(simple - middle) > _RATIONAL * middle:
        raise UndecidedError(
            f"the step size at which the worst linear instances balance is about {float(middle):.12g}, which is no rational "
            "number with a short denominator; give a step size."
        )
    return simple


def _least(function: Callable[[Fraction], float], low: Fraction, high: Fraction) -> Fraction:
    """Return about where a function with one minimum has it, by thirds."""
    for _ in range(28):
        third = (high - low) / 3
        left, right = _short(low + third), _short(high - third)
        low, high = (low, right) if function(left) < function(right) else (left, high)
    return _short((low + high) / 2)


def _short(value: Fraction) -> Fraction:
    return Fraction(round(value * 10**12), 10**12)


@dataclass(frozen=True)
class SymbolicWitness:
    """A witness with its curvature as a rational function, and its state.

    Attributes:
        witness: the instance.
        value: the curvature.
        multiple: the eigenvalue.
        state: the eigenvector: the iterate, 1, and the memories.
    """

    witness: Witness
    value: Function
    multiple: Function
    state: Mapping[str, Function]


def symbolic(method: Method, witness: Witness, field: FunctionField) -> SymbolicWitness:
    """Return the curvature at which the instance has the eigenvalue ``beta`` (or ``-beta``), and the eigenvector.

    Raises:
        UndecidedError: the characteristic polynomial does not determine the curvature, or x takes no part.
    """
    z = witness.sign * field.symbols["beta"]
    stepped = with_step_size(method, field.symbols["eta"])
    factor = 1 + witness.lossy * field.symbols["s"]

    def shifted(curvature: Function) -> list[list[Function]]:
        rows = matrix(stepped, ALONE, [curvature], [[factor]])
        return [[field(value) - (z if i == j else 0) for j, value in enumerate(row)] for i, row in enumerate(rows)]

    at = [determinant(shifted(field(k))) for k in range(3)]
    slope = at[1] - at[0]
    if slope == 0 or at[2] - at[1] != slope:
        raise UndecidedError("the characteristic polynomial of a linear instance does not determine the curvature.")
    curvature = -at[0] / slope
    rows = shifted(curvature)
    null = relations([list(column) for column in zip(*rows, strict=True)])
    if len(null) != 1 or null[0][0] == 0:
        raise UndecidedError("the worst linear instance has no unique state in which the iterate takes part.")
    names = ["x", *(memory.name for memory in method.memories)]
    state = {name: field(value) / null[0][0] for name, value in zip(names, null[0], strict=True)}
    return SymbolicWitness(witness, curvature, z, state)


def determinant(rows: list[list[Function]]) -> Function:
    """Return the determinant of a small matrix."""
    if len(rows) == 1:
        return rows[0][0]
    total = 0 * rows[0][0]
    for j, value in enumerate(rows[0]):
        if value != 0:
            minor = [[*row[:j], *row[j + 1 :]] for row in rows[1:]]
            total = total + (-1) ** j * value * determinant(minor)
    return total
