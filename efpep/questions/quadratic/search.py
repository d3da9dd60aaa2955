"""Finding eigen-instances that exclude a rate: parabolas and factors (:mod:`efpep.questions.quadratic.eigen_instance`).

On ``f_i = a_i x^2/2`` with ``a_i = mu_i + t (L_i - mu_i)`` and ``C(v) = c v`` a step is a matrix ``A(t) = A0 + t A1``, and
``A1 = v w'`` has rank one, because gradients are taken at one point. So for every number ``growth`` there is one t with the
eigenvalue ``growth``: ``z = (A0 - growth)^-1 v`` is the eigenvector and ``t = -1/<w, z>``. Floating point picks the candidates,
rationals do the rest.
"""

from __future__ import annotations

import itertools
import math
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from efpep.errors import CertificateError
from efpep.methods.base import Method
from efpep.model.exact import solve
from efpep.questions.quadratic.eigen_instance import EigenInstance, check_eigen_instance
from efpep.questions.quadratic.line import matrix
from efpep.setting import Setting

_DIGITS = 15
Rows = list[list[Fraction]]


def eigen_instance(method: Method, setting: Setting, rate: Fraction) -> EigenInstance | None:
    """Return a checked instance that excludes every rate below ``rate``, or None where none of the candidates does."""
    groups = setting.populations()
    curvatures = [found for group in groups if (found := group.functions.free_curvatures) is not None]
    free = [loss for group in groups if group.compressor is not None and (loss := group.compressor.free_losses) is not None]
    if setting.server_compressor is not None or setting.constraint is not None:
        return None
    if len(curvatures) < len(groups) or len(free) < len(groups):
        return None
    least = _root(rate, up=True)
    losses = [_root(loss, up=False) for loss in free]
    for sign in (-1, 1):
        factors = [1 + sign * loss for loss in losses]
        flat = matrix(method, setting, [Fraction(low) for low, _ in curvatures], [factors])
        steep = matrix(method, setting, [Fraction(high) for _, high in curvatures], [factors])
        for growth in _candidates(_floats(flat), _floats(steep), least):
            found = _instance(method, curvatures, factors, (flat, steep), growth)
            if found is None:
                continue
            try:
                check_eigen_instance(method, setting, rate, found)
            except CertificateError:
                continue
            return found
    return None


def _candidates(flat: NDArray[np.float64], steep: NDArray[np.float64], least: Fraction) -> list[Fraction]:
    """Return numbers of at least ``least`` in absolute value that some t in [0, 1] has as an eigenvalue, in floating point."""
    bound = float(least)
    found: list[Fraction] = []
    ends = [np.linalg.eigvals(matrix) for matrix in (flat, steep)]
    for sign in (1, -1):
        largest = [max((sign * float(z.real) for z in end if abs(z.imag) < 1e-12), default=-math.inf) for end in ends]
        if max(largest) < bound:
            continue
        if min(largest) <= bound:
            found.append(sign * least)
            continue
        # every t grows faster: any growth between the two ends will do
        low, high = sorted(largest)
        found.append(sign * max(Fraction(round((low + high) / 2, _DIGITS)), least))
    return found


def _instance(
    method: Method,
    curvatures: list[tuple[Fraction, Fraction]],
    factors: list[Fraction],
    ends: tuple[Rows, Rows],
    growth: Fraction,
) -> EigenInstance | None:
    flat, steep = ends
    size = range(len(flat))
    change = [[steep[i][j] - flat[i][j] for j in size] for i in size]
    row = next((line for line in change if any(line)), None)
    if row is None:
        return None
    place = next(j for j in size if row[j])
    column = [change[i][place] / row[place] for i in size]
    z = solve([[a - growth * (i == j) for j, a in enumerate(line)] for i, line in enumerate(flat)], column)
    product = sum((a * b for a, b in zip(row, z, strict=True)), Fraction(0))
    if product == 0 or z[0] == 0 or not 0 <= -1 / product <= 1:
        return None
    t = -1 / product
    state = [a / z[0] for a in z]
    rest = iter(state[1:])
    memories = tuple(tuple(itertools.islice(rest, 1 if memory.server else len(factors))) for memory in method.memories)
    return EigenInstance(growth, tuple(low + t * (high - low) for low, high in curvatures), tuple(factors), Fraction(1), memories)


def _floats(rows: Rows) -> NDArray[np.float64]:
    return np.array([[float(a) for a in line] for line in rows])


def _root(value: Fraction, *, up: bool) -> Fraction:
    """Return the square root of a number of [0, 1] rounded up or down to a decimal of a few digits."""
    scale = 10**_DIGITS
    scaled = value * scale * scale
    root = math.isqrt(math.floor(scaled))
    return Fraction(root + (up and root * root != scaled), scale)
