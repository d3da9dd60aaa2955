"""Which unknowns a proof can do without: they are deleted one by one while a semidefinite program at sample points allows it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from efpep.conic.clarabel_solver import ClarabelSolver
from efpep.conic.program import Cones, Program
from efpep.conic.solver import propose
from efpep.theorems.functions import Function

Rows = list[list[Function]]
_RANK = 1e-9
_SLACK = 1e-7


@dataclass(frozen=True, eq=False)
class ProofUnknown:
    """An unknown of the proof, by which a form of the mean block is multiplied.

    Attributes:
        name: its name.
        place: for the weights of V, the two features.
        size: whether it counts for the size of V.
        matrix: the form's matrix.
        values: its coefficients of function values.
        rank: when it is tried: the smallest first.
    """

    name: str
    place: tuple[int, int] | None
    size: bool
    matrix: Rows
    values: list[Function]
    rank: int


class SamplePoint:
    """The question of the unknowns at one point, in floating point."""

    def __init__(
        self, unknowns: Sequence[ProofUnknown], equations: Rows, vectors: Rows, features: int, at: Mapping[str, Fraction]
    ) -> None:
        """Evaluate: unknowns satisfy ``equations``, and the sum of forms is nonnegative across the witnesses' vectors."""
        self.features = features
        self.unknowns = unknowns
        rows = _floats(equations, at)
        sizes = np.linalg.norm(rows, axis=1)
        rows = rows[sizes > _RANK] / sizes[sizes > _RANK, None]
        _, singular, right = np.linalg.svd(rows)
        self.equations = right[: int((singular > _RANK * singular[0]).sum())]
        left, singular, _ = np.linalg.svd(_floats(vectors, at).T)
        across = left[:, int((singular > _RANK * singular[0]).sum()) :]
        self.forms = [across.T @ _floats(unknown.matrix, at) @ across for unknown in unknowns]
        self.size = across.shape[1]

    def feasible(self, kept: Sequence[int]) -> bool:
        """Whether the unknowns that are kept are enough: V of size 1, every condition violated by next to nothing."""
        measured = [k for k, i in enumerate(kept) if self.unknowns[i].size]
        if not measured:
            return False
        n = len(kept)
        rows: list[dict[int, float]] = [{k: float(row[i]) for k, i in enumerate(kept) if row[i]} for row in self.equations]
        constants: dict[int, float] = {len(rows): -1.0}
        rows.append(dict.fromkeys(measured, 1.0))
        zero = len(rows)
        signed = [k for k, i in enumerate(kept) if self.unknowns[i].place is None]
        rows += [{k: 1.0, n: 1.0} for k in signed]
        constants[len(rows)] = 1.0
        rows.append({n: 1.0})
        for j in range(self.size):
            for i in range(j + 1):
                row = {k: float(self.forms[u][i, j]) for k, u in enumerate(kept)}
                rows.append(row | ({n: 1.0} if i == j else {}))
        for j in range(self.features):
            for i in range(j + 1):
                row = {k: 1.0 for k, u in enumerate(kept) if self.unknowns[u].place == (i, j)}
                rows.append(row | ({n: 1.0} if i == j else {}))
        cones = Cones(zero, len(signed) + 1, (self.size, self.features))
        program = Program({n: -1.0}, constants, cones, n + 1, rows)
        found = propose(ClarabelSolver(), program, 1e-10)
        return found.usable and found.primal is not None and self._violation(kept, found.primal[:-1]) <= _SLACK

    def _violation(self, kept: Sequence[int], values: NDArray[np.float64]) -> float:
        """Return by how much numbers miss a condition at most."""
        equal = np.abs(self.equations[:, list(kept)] @ values).max(initial=0.0)
        size = abs(sum(v for v, i in zip(values, kept, strict=True) if self.unknowns[i].size) - 1)
        weights = np.zeros((self.features, self.features))
        for v, i in zip(values, kept, strict=True):
            place = self.unknowns[i].place
            if place is not None:
                weights[place] = weights[place[::-1]] = v
        form = sum((v * self.forms[i] for v, i in zip(values, kept, strict=True)), np.zeros((self.size, self.size)))
        least = min(np.linalg.eigvalsh(part).min(initial=0.0) for part in (weights, form))
        signed = min((v for v, i in zip(values, kept, strict=True) if self.unknowns[i].place is None), default=0.0)
        return float(max(equal, size, -least, -signed))


def support(unknowns: Sequence[ProofUnknown], samples: Sequence[SamplePoint]) -> list[int]:
    """Return the unknowns that are left when no further one can be deleted, or none where they do not suffice together."""
    kept = list(range(len(unknowns)))
    if not all(sample.feasible(kept) for sample in samples):
        return []
    for i in sorted(kept, key=lambda i: (unknowns[i].rank, -i)):
        fewer = [j for j in kept if j != i]
        if all(sample.feasible(fewer) for sample in samples):
            kept = fewer
    return kept


def _floats(rows: Any, at: Mapping[str, Fraction]) -> NDArray[np.float64]:
    return np.array([[float(value(**at)) if isinstance(value, Function) else float(value) for value in row] for row in rows])
