"""``efpep.noise``: what stochastic gradients cost, with proof, of functions with a minimiser and of those without."""

from __future__ import annotations

import time
from dataclasses import replace

from efpep.conic.solver import DEFAULT, find_solver
from efpep.errors import InputError
from efpep.methods.base import Method
from efpep.model.field import rational
from efpep.questions.common.required import require
from efpep.questions.noise.answer import NoiseConstant, ask
from efpep.questions.noise.question import AVERAGE, NoiseQuestion
from efpep.questions.nonconvex_noise.answer import NonconvexNoise, nonconvex_noise
from efpep.setting import Setting


def noise(
    method: Method,
    setting: Setting,
    rho: object = 1,
    bound: str = AVERAGE,
    metric: str = "distance",
    *,
    decrease: object | None = None,
    solver: str = DEFAULT,
) -> NoiseConstant | NonconvexNoise:
    """Enclose the least c that the noise of the gradients adds to a Lyapunov function in one step, times ``sigma^2``.

    See :mod:`efpep.questions.noise.question` for what is asked with ``bound="average"`` and with ``bound="last"``. The first is
    much sharper: at ``rho = 1`` the average of the metric over K iterates is at most ``V_0/K + c sigma^2``.

    For functions without a minimiser (:class:`~efpep.functions.SmoothWeaklyConvex`) c is what the noise adds to a potential with
    the ``decrease`` a (:mod:`efpep.questions.nonconvex_noise.question`), so that the mean of ``||grad f(x_t)||^2`` over T
    iterates is at most ``Phi_0/(a T) + (c/a) sigma^2`` in expectation.

    Args:
        method: the method with its parameters; ``step_size="optimal"`` takes the literature's closed form, rounded to 17 digits.
        setting: functions, compressor and agents, with ``noise=GradientNoise(sigma)``.
        rho: the factor, ``0 < rho <= 1``, below 1 for the last iterate.
        bound: ``"average"`` or ``"last"``.
        metric: ``"distance"``, ``"gradient"`` or ``"gap"``.
        decrease: the decrease a, for functions without a minimiser; about that with the least ``c/a`` where it is None.
        solver: ``"clarabel"`` (with extended precision where it does not suffice), ``"extended"``, ``"scs"`` or ``"cvxpy:NAME"``.

    Raises:
        InputError: the question is not well posed, for instance because the setting has no noise.
    """
    require(method, setting)
    backend = find_solver(solver)
    begin = time.perf_counter()
    if setting.noise is not None and not any(group.functions.has_minimiser for group in setting.populations()):
        given = {"rho": rho != 1, "bound": bound != AVERAGE, "metric": metric != "distance"}
        for name in (name for name, changed in given.items() if changed):
            raise InputError(
                f"{name} is about Lyapunov functions, and these functions need have no minimiser; leave it out.", argument=name
            )
        return replace(nonconvex_noise(method, setting, decrease, backend), seconds=time.perf_counter() - begin)
    if decrease is not None:
        raise InputError(
            "decrease is that of potentials of functions without a minimiser, and these have one; leave it out.",
            argument="decrease",
        )
    found = ask(NoiseQuestion(method.resolved(setting), setting, rational(rho, "rho"), bound, metric), backend)
    return replace(found, seconds=time.perf_counter() - begin)
