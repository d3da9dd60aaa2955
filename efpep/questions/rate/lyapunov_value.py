"""The value of a Lyapunov function on explicit agents, whatever their vectors are made of.

:class:`~efpep.questions.rate.lyapunov.Lyapunov` speaks of means and deviations. Here every agent's vector is at hand, as an
array of a numeric run or as a point of a PEPit model, and the two blocks are formed by their definition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any

from efpep.methods.base import Method, Vec
from efpep.questions.common.recording import queried_gradient
from efpep.questions.rate.lyapunov import Lyapunov

Number = Any
"""What inner products are: a float, or an expression of a model."""


def feature_vectors(
    method: Method,
    state: Any,
    counts: Sequence[int],
    *,
    x: Vec,
    gradient: Vec,
    gradient_at_minimiser: Vec,
    queried: Callable[[], Vec] | None = None,
) -> dict[str, list[Vec]]:
    """Return the agents' vectors by feature name.

    Args:
        method: whose memories are features.
        state: the state.
        counts: how many agents each group has, in the agents' order.
        x: the iterate relative to the minimiser, one vector.
        gradient: every agent's gradient at the iterate, a client vector that iterates over the agents.
        gradient_at_minimiser: every agent's gradient at the minimiser, likewise.
        queried: computes every agent's gradient at the point that the method queries besides its iterate, likewise.

    Returns:
        ``"x"`` with one vector, and every client feature (``"g"``, ``"e"``, ``"g-d"``; with several groups ``"g[1]"``, ...) with
        one vector an agent of the group.
    """
    clients = {"g": gradient - gradient_at_minimiser}
    if method.queried and queried is not None:
        clients[queried_gradient(method)] = queried() - gradient_at_minimiser
    found: dict[str, list[Vec]] = {"x": [x]}
    for memory in method.memories:
        error = memory.error_of(getattr(state, memory.name), state.x, gradient)
        if memory.server:
            found[memory.feature] = [error] if getattr(error, "ndim", 0) == 1 else list(error)
        else:
            clients[memory.feature] = error
    for name, vectors in clients.items():
        found |= by_group(name, list(vectors), counts)
    return found


def by_group(name: str, agents: Sequence[Any], counts: Sequence[int]) -> dict[str, list[Any]]:
    """Split what the agents hold into groups, called ``name`` or, with several groups, ``name[1]``, ``name[2]``, ..."""
    found: dict[str, list[Any]] = {}
    first = 0
    for a, count in enumerate(counts):
        found[name if len(counts) == 1 else f"{name}[{a + 1}]"] = list(agents[first : first + count])
        first += count
    return found


def lyapunov_value(
    lyapunov: Lyapunov,
    vectors: Mapping[str, Sequence[Vec]],
    gaps: Mapping[str, Number],
    inner: Callable[[Vec, Vec], Number],
    scale: Fraction,
) -> Number:
    """Return ``V / scale``, with coefficients rounded to doubles after the division.

    In the mean block client vectors stand for their averages, in a deviation block ``dev(u, v)`` is
    ``mean_i <u_i - mean u, v_i - mean v>``.

    Args:
        lyapunov: the function V.
        vectors: the agents' vectors by feature name; see :func:`feature_vectors`.
        gaps: the function gaps by name.
        inner: the inner product of two agents' vectors.
        scale: by what V is divided, such as ``lyapunov.scale()``.
    """
    means = {name: mean(agents) for name, agents in vectors.items()}
    total: Number = 0.0
    for term in lyapunov.terms():
        coefficient = float(term.coefficient / scale)
        if term.right is None:
            number = gaps[term.left]
        elif term.block == "mean":
            number = inner(means[term.left], means[term.right])
        else:
            pairs = list(zip(vectors[term.left], vectors[term.right], strict=True))
            spread = [inner(u - means[term.left], v - means[term.right]) for u, v in pairs]
            number = mean(spread)
        total = total + coefficient * number
    return total


def mean(items: Sequence[Any]) -> Any:
    """Return the average of vectors or numbers of any kind."""
    total = items[0]
    for item in items[1:]:
        total = total + item
    return (1.0 / len(items)) * total
