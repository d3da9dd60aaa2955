"""Random quadratics, compressors on the boundary of their class, and the certified V along a run."""

from fractions import Fraction

import numpy as np

import efpep
from efpep.questions.rate.lyapunov_value import feature_vectors, lyapunov_value
from efpep.simulate.quadratics import Quadratics

DIMENSION = 4


MU, L = Fraction(1, 10), Fraction(1)


FUNCTIONS = efpep.SmoothStronglyConvex(MU, L)


class Stretch:
    """``C(v) = (1 + s) v``, on the boundary of the class with ``delta = 1 - s^2``: the worst case of one step of EF and EF21."""

    def __init__(self, s):
        self.s = s

    def __call__(self, v):
        return (1 + self.s) * v


class Astray:
    """``C(v) = v - s ||v|| u`` with random unit directions u, on the boundary of the class too."""

    def __init__(self, s, rng):
        self.s = s
        self.rng = rng

    def __call__(self, v):
        u = self.rng.standard_normal(v.shape)
        return v - self.s * np.linalg.norm(v, axis=1, keepdims=True) * u / np.linalg.norm(u, axis=1, keepdims=True)


def quadratics(n, rng, *, common):
    """Random client quadratics that attain both mu and L."""
    hessians = []
    for _ in range(n):
        basis, _ = np.linalg.qr(rng.standard_normal((DIMENSION, DIMENSION)))
        spectrum = np.concatenate([[float(MU), float(L)], rng.uniform(float(MU), float(L), DIMENSION - 2)])
        h = (basis * spectrum) @ basis.T
        hessians.append((h + h.T) / 2)
    minimisers = rng.standard_normal(DIMENSION) if common else rng.standard_normal((n, DIMENSION))
    return Quadratics(hessians, minimisers)


def energy(rate, state, problem):
    """The certified V, from the state and the problem alone."""
    best, n = problem.minimiser, len(problem.hessians)
    vectors = feature_vectors(
        rate.method,
        state,
        [n],
        x=state.x - best,
        gradient=problem.gradients(state.x),
        gradient_at_minimiser=problem.gradients(best),
        queried=lambda: problem.gradients(rate.method.query(state)),
    )
    points = {"f": state.x, **({f"f({rate.method.queried})": rate.method.query(state)} if rate.method.queried else {})}
    gaps = {name: np.mean(problem.values(x) - problem.values(best)) for name, x in points.items()}
    return lyapunov_value(rate.lyapunov, vectors, gaps, np.dot, rate.lyapunov.scale())
