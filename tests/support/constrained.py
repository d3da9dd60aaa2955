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


NUMBERS = {
    "safe-ef": {"threshold": "1/10"},
    "parallel-crpo": {"threshold": "1/10"},
    "constrained-cgd": {"threshold": "1/10"},
    "triple-momentum": {"rho": "1/2"},
    "accelerated-ef21": {"beta": "1/2", "gamma": "1/3", "a": "1/5"},
}
"""What has no usual value without a setting, by method."""


def method_for(key, step="1/10"):
    """The method of a key with this step size, and with numbers for what has no usual value without a setting."""
    return METHODS.find(key)(step, **NUMBERS.get(key, {}))
