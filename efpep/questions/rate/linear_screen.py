"""How slow a method is on linear instances at least, in double precision: a quick look before a rate is computed.

On ``f_i = a |x|^2/2`` in the plane and ``C(v) = (1 + s R) v``, R a rotation, a recorded step is a complex matrix over the states
(:mod:`efpep.questions.rate.linear_instances`; a rotation by the angle phi is the number ``exp(i phi)``). No Lyapunov function
contracts by less a step than the square of its spectral radius. Nothing proved rests on these numbers.
"""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING, Any

import numpy as np

from efpep.questions.rate.inequalities import recorded
from efpep.questions.rate.linear_instances import Factor, known_equations

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from efpep.questions.rate.question import RateQuestion

_CURVATURES = 7
_ANGLES = (0.0, 0.003, 0.01, 0.03, 0.1, 0.3, 0.7, 1.2, 2.0, np.pi)
_RANK = 1e-12


def slowness(question: RateQuestion) -> float:
    """Return the largest square of a spectral radius that was found; 0 where agents differ, or instances are no members."""
    built, trace = recorded(question.method, question.setting, question.metric, lyapunov_class=question.lyapunov_class)
    curvatures, compressors = trace.groups[0].functions.free_curvatures, (trace.groups[0].compressor, trace.server_compressor)
    losses = [None if c is None else c.free_losses for c in compressors]
    known = all(c is None or loss is not None for c, loss in zip(compressors, losses, strict=True))
    if len(trace.groups) > 1 or trace.projects or trace.constraint is not None or curvatures is None or not known:
        return 0.0
    place = {j: i for i, j in enumerate(built.blocks[0].columns)}
    lines = known_equations(built, trace)
    left, right = np.zeros((2, len(lines), len(place)))
    for i, line in enumerate(lines):
        for side, terms in ((left, line.left.terms), (right, line.right.terms)):
            for j, a in terms.items():
                side[i, place[j]] = float(a)
    clients, servers = (
        [1 + float(loss or 0) ** 0.5 * np.exp(1j * phi) for phi in _ANGLES[:: 1 if loss else 99]] for loss in losses
    )
    choices = itertools.product(_between(*map(float, curvatures)), clients, servers[:: len(_ANGLES) - 1])
    names = (Factor.CURVATURE, Factor.CLIENT, Factor.SERVER)
    table: list[list[complex]] = []
    for choice in choices:
        factors: dict[Factor, complex] = dict(zip(names, choice, strict=True))
        table.append([factors.get(line.factor, 0.0) for line in lines])
    by = np.array(table)
    moving = np.array([line.factor is Factor.GROWTH for line in lines])
    return _spectral_radius(left, right, by, moving) ** 2


def _between(least: float, most: float) -> Any:
    return np.geomspace(least, most, _CURVATURES) if least > 0 else np.linspace(least, most, _CURVATURES)


def _spectral_radius(left: Any, right: Any, by: Any, moving: Any) -> float:
    """Return the largest modulus of an eigenvalue: ``left y = z right y`` in the moving rows, ``left y = by right y`` elsewhere.

    Args:
        left: shape (rows, columns), real.
        right: the same.
        by: shape (instances, rows), complex.
        moving: which rows are moving.
    """
    _, sizes, basis = np.linalg.svd((left - by[:, :, None] * right)[:, ~moving])
    rank = int(np.sum(sizes[0] > _RANK * sizes[0].max()))
    states = basis[:, rank:].conj().transpose(0, 2, 1)
    before: NDArray[np.complex128] = right[moving] @ states
    after: NDArray[np.complex128] = left[moving] @ states
    growths: Any = np.linalg.eigvals(np.linalg.pinv(before) @ after)
    return float(np.abs(growths).max())
