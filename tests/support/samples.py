"""Samples of a function class at free points, and what its inequalities are at numbers."""

import efpep
from efpep.model.trace import Trace


def recorded(functions, points, agents=1):
    """A trace with samples at free points, and the samples."""
    trace = Trace(efpep.Setting(functions, agents=agents).populations())
    samples = [trace.samples(trace.point(f"x{k}"))[0] for k in range(points)]
    return trace, samples


def value(form, vectors, numbers):
    """A form of one agent at numeric columns and values."""
    total = sum(float(a) * numbers[k] for k, a in form.values.items())
    for (i, j), a in form.blocks.get(0, {}).items():
        total += float(a) * (1 if i == j else 2) * float(vectors[i] @ vectors[j])
    return total
