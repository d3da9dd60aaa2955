"""``efpep.potential``: bounds by potential functions, of the kind that the method names.

A method's ``potential`` says which analysis is its own (see :class:`efpep.methods.base.Analysis`). A new kind is one line in
:data:`ANALYSES`, a function that takes the method, resolves its step size, and returns a
:class:`~efpep.questions.common.potential_answer.Potential`.
"""

from __future__ import annotations

from collections.abc import Callable

from efpep.conic.solver import DEFAULT, find_solver
from efpep.errors import InputError
from efpep.methods.base import AVERAGING, GROWING, Method
from efpep.model.field import shown
from efpep.questions.averaging.answer import averaging_potential
from efpep.questions.common.potential_answer import Potential
from efpep.questions.common.required import require
from efpep.questions.nonconvex.answer import nonconvex_potential
from efpep.questions.potential.answer import growing_potential
from efpep.setting import Setting

ANALYSES: dict[str, Callable[..., Potential]] = {
    GROWING.key: growing_potential,
    AVERAGING.key: averaging_potential,
}
"""The analyses by the key of their kind."""


def potential(
    method: Method,
    setting: Setting,
    iterations: int | None = None,
    *,
    memory: int = 0,
    radius: object = 1,
    solver: str = DEFAULT,
) -> Potential:
    """Compute and prove the least constant K, or the largest decrease a, of a potential function of the method.

    The usual kind is a growing potential: with ``A_t`` the sum of the method's weights of the first t steps (its step sizes, or
    weights of its own), ``Phi_t = A_t (f(x_t) - f*)`` plus a quadratic P_t >= 0 in the method's features, one for each t, has
    ``Phi_0 <= K ||x_0 - x*||^2`` and ``Phi_{t+1} <= Phi_t``, so that

        f(x_T) - f* <= K ||x_0 - x*||^2 / A_T.

    With stochastic gradients (``noise`` in the setting) ``E Phi_{t+1} <= E Phi_t + c_{t+1} sigma^2``, with a constant for each
    step, and one for the start where that evaluates gradients. The answer is the least K with, from ``||x_0 - x*|| <= radius``,

        E f(x_T) - f* <= (start ||x_0 - x*||^2 + c sigma^2) / A_T <= K radius^2 / A_T.

    The kind of subgradient methods with a virtual iterate ``xt`` (Safe-EF) is one step of ``V = ||xt - x*||^2`` plus a quadratic
    in the errors of compression, with subgradients h_i of whichever function the step works on:

        V+ <= V - 2 gamma (f(x) - f*) + gamma^2 K mean_i ||h_i||^2;

    K depends on the compressors alone, and bounds what averaging achieves (:mod:`efpep.theory.safe_ef`).

    For functions without a minimiser (:class:`~efpep.functions.SmoothWeaklyConvex`) it is one step of ``Phi = f - f*`` plus a
    quadratic in gradients and memories, of any sign as long as ``Phi >= 0``, and the answer is the largest a with

        Phi+ <= Phi - a ||grad f(x)||^2,

    so that ``min_{t<T} ||grad f(x_t)||^2 <= Phi_0/(a T)``, with ``Phi_0`` from the method's own start. Where the upper end is not
    positive, the verdict is *refuted*.

    Both ends of the interval are certified in exact arithmetic: ``upper`` is a guarantee, ``lower`` says that no such potential
    proves a smaller K (it is not a lower bound on the method itself). An end that is not certified is None. The details hold
    ``iterations``, ``total`` (that is A_T) and ``bound`` (``upper / A_T``); with noise also ``radius``, ``start``, ``c`` and the
    ``constants`` whose sum c is, and ``bound`` is that of ``E f(x_T) - f*``.

    Args:
        method: the method with its parameters.
        setting: functions, compressor and agents; convexity suffices for growing potentials.
        iterations: the number T of steps, for kinds of potentials that depend on it.
        memory: how many past states take part too, for functions without a minimiser.
        radius: a bound of ``||x_0 - x*||``, for growing potentials with stochastic gradients.
        solver: the name of a solver, as for :func:`efpep.rate`; ``"clarabel"`` unless told.

    Raises:
        InputError: the question is not well posed.
    """
    require(method, setting, "ADEF(step_size='1/40')")
    backend = find_solver(solver)
    nonconvex = method.potential is GROWING and not any(group.functions.has_minimiser for group in setting.populations())
    growing = method.potential is GROWING and not nonconvex
    if not growing and radius != 1:
        raise InputError(
            f"radius is {shown(radius)}, the distance of the start for growing potentials with stochastic gradients, and this "
            "potential has none; leave it out.",
            argument="radius",
        )
    if nonconvex:
        return nonconvex_potential(method, setting, iterations, memory, backend)
    if memory:
        raise InputError(
            f"memory is {shown(memory)}, the past states in potentials of functions without a minimiser, and this one has none; "
            "leave it out.",
            argument="memory",
        )
    kind = method.potential.key
    if kind not in ANALYSES:
        raise InputError(
            f"the method's potential {shown(kind)} is none of {', '.join(ANALYSES)}; name one of these.", argument="method"
        )
    more = {"radius": radius} if growing else {}
    return ANALYSES[kind](method, setting, iterations, backend, **more)
