"""Accelerated EF21."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from efpep.methods.base import INTERPOLATION, OPTIMAL, Memory, Method, Range, Run, Vec
from efpep.model.column import Unit
from efpep.model.field import Scalar
from efpep.theory import accelerated_ef21 as theory
from efpep.theory.literature import Literature, of_setting

if TYPE_CHECKING:
    from efpep.setting import Setting
    from efpep.theory.closed_form import ClosedForm


class State(NamedTuple):
    """The iterate, at which clients evaluate, the server's last displacement, and each client's gradient estimate and error."""

    x: Vec
    p: Vec
    d: Vec
    e: Vec


@dataclass(frozen=True)
class AcceleratedEF21(Method):
    """EF21 with two momentum parameters at the server, and errors at the clients that are fed back as in EControl.

        p+ = beta p - step_size mean_i d_i,   x+ = x - gamma p + (1 + gamma) p+,
        v_i = grad f_i(x+) - d_i + a e_i,   c_i = C(v_i),   d_i+ = d_i + c_i,   e_i+ = (1 - a) e_i + v_i - c_i.

    One gradient and one compressed message a client and iteration. The server moves as in the triple-momentum method (Van Scoy,
    Freeman, Lynch 2018): with ``w = x - gamma p``, ``w+ = w + p+`` and ``x+ = w+ + gamma p+``. Members: EF21 (``beta = gamma =
    a = 0``), EF21 with heavy ball (``gamma = a = 0``) and with Nesterov's extrapolation (``gamma = beta``, ``a = 0``), EControl
    (``beta = gamma = 0``, in another order). The combination was found by search for efpep; whether it is new is unchecked.

    The parameters that are not given are those of :mod:`efpep.theory.accelerated_ef21`, fitted to rates that
    :func:`efpep.rate` proves with Lyapunov functions of weights of any sign. ``1 - rho`` is there of the order ``C/sqrt(kappa)``,
    ``C = (1 - sqrt(1 - delta))/(1 + sqrt(1 - delta))``, where EF21's is at most ``4 C/kappa``; for condition numbers well below
    10 EF21 is faster. No theorem about all parameters is known. The agents' minimisers may differ.

    Attributes:
        beta: the momentum, in [0, 1).
        gamma: how far the last displacement is extrapolated, at least 0.
        a: the weight of the accumulated error, in [0, 1].

    Raises:
        InputError: a parameter is out of its range.
    """

    key: ClassVar[str] = "accelerated-ef21"
    title: ClassVar[str] = "Accelerated EF21"
    reference: ClassVar[str] = "none"
    memories: ClassVar[tuple[Memory, ...]] = (
        Memory.error("p", Unit.POINT, server=True),
        Memory.tracker("d"),
        Memory.error("e", Unit.GRADIENT),
    )
    compresses_at_server: ClassVar[bool | None] = False
    positivity: ClassVar[str] = INTERPOLATION
    literature: ClassVar[Literature] = Literature(
        theorem="no theorem: parameters fitted to rates that are proved one by one",
        optimal_step_size=of_setting(theory.step_size),
    )
    State: ClassVar[type] = State
    ranges: ClassVar[dict[str, Range]] = {"beta": Range(least=0, below=1), "gamma": Range(least=0), "a": Range(least=0, most=1)}
    closed_forms: ClassVar[Mapping[str, Callable[[Any, Setting], ClosedForm]]] = {
        "beta": of_setting(theory.beta),
        "gamma": of_setting(theory.gamma),
        "a": of_setting(theory.a),
    }

    beta: Scalar = OPTIMAL
    gamma: Scalar = OPTIMAL
    a: Scalar = OPTIMAL

    def start(self, x: Vec, run: Run) -> State:
        """Begin at rest at ``x`` with compressed gradients and no error."""
        g = run.gradient(x)
        return State(x, x - x, run.compress(g), g - g)

    def step(self, state: State, run: Run) -> State:
        """Move with momentum along the mean estimate, extrapolate, then correct the estimates and keep what is left."""
        p = self.beta * state.p - self.step_size * run.mean(state.d)
        x = state.x - self.gamma * state.p + (1 + self.gamma) * p
        v = run.gradient(x) - state.d + self.a * state.e
        c = run.compress(v)
        return State(x, p, state.d + c, (1 - self.a) * state.e + v - c)
