"""Heterogeneous quadratics with different minimisers, and gaps to their minimum."""

import numpy as np

from efpep.simulate.quadratics import Quadratics


def quadratics(seed, agents=5, dimension=6, flat=0.0):
    """Heterogeneous quadratics with eigenvalues in [flat, 1] and different minimisers."""
    rng = np.random.default_rng(seed)
    hessians = []
    for _ in range(agents):
        q, _ = np.linalg.qr(rng.normal(size=(dimension, dimension)))
        hessians.append(q @ np.diag(rng.uniform(max(flat, 1e-3), 1, size=dimension)) @ q.T)
    h = np.array(hessians)
    return Quadratics((h + h.swapaxes(1, 2)) / 2, rng.normal(size=(agents, dimension)))


def gap(problem, x):
    return float(problem.values(x).mean() - problem.values(problem.minimiser).mean())
