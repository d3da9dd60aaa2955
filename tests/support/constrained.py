"""Diagonal quadratics with a constraint, and methods that may need one."""

import numpy as np

from efpep.methods import METHODS
from efpep.simulate.problems import DiagonalQuadratics


class Constrained(DiagonalQuadratics):
    """The same with ``mean <m_i, x> <= 1/10`` and the ball of radius 2, for NumPy alone."""

    key = "constrained-diagonal"
    on = None

    def constraint_values(self, x):
        return self._minimisers @ x - 0.1

    def constraint_gradients(self, x):
        return self._minimisers.copy()

    def project(self, x):
        return x * min(1.0, 2 / max(np.linalg.norm(x), 1e-300))


def method_for(key, step="1/10"):
    """The method of a key with this step size, and with a threshold where it takes one."""
    cls = METHODS.find(key)
    return cls(step, threshold="1/10") if key in {"safe-ef", "parallel-crpo", "constrained-cgd"} else cls(step)
