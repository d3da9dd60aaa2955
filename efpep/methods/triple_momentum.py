"""The triple momentum method."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from efpep.errors import InputError
from efpep.methods.base import INTERPOLATION, OPTIMAL, Memory, Method, Range, Run, Vec
from efpep.model.field import Scalar
from efpep.theory import triple_momentum as theory
from efpep.theory.literature import Literature, of_setting

if TYPE_CHECKING:
    from efpep.setting import Setting
    from efpep.theory.closed_form import ClosedForm


def _step_size(method: TripleMomentum, setting: Setting) -> ClosedForm:
    return theory.step_size(setting, theory.factor(setting).value if method.rho == OPTIMAL else method.rho)


class State(NamedTuple):
    """The iterate, and the one before."""

    x: Vec
    w: Vec


@dataclass(frozen=True)
class TripleMomentum(Method):
    """The triple momentum method, without compression, w the iterate before x.

        y = x + gamma (x - w),   x+ = x + beta (x - w) - step_size * mean_i grad f_i(y),   w+ = x,

    with ``beta = rho^2/(2 - rho)`` and ``gamma = rho^2/((1 + rho)(2 - rho))``. Theorem (Van Scoy, Freeman, Lynch 2018): on
    L-smooth mu-strongly convex functions, with ``rho = 1 - sqrt(mu/L)`` and ``step_size = (1 + rho)/L``, squared distances
    contract like ``rho^(2 k)``; no first-order method has a better rate (Drori, Taylor 2022). Its Lyapunov function has the
    gradient and the value at y, and weights of any sign.

    Attributes:
        rho: the rate of distances that the parameters are made for, in [0, 1), or ``"optimal"`` for the theorem's.

    Raises:
        InputError: ``rho`` outside [0, 1).
    """

    key: ClassVar[str] = "triple-momentum"
    title: ClassVar[str] = "Triple momentum"
    reference: ClassVar[str] = "Van Scoy, Freeman, Lynch 2018"
    memories: ClassVar[tuple[Memory, ...]] = (Memory.point("w"),)
    compresses: ClassVar[bool] = False
    compresses_at_server: ClassVar[bool | None] = False
    queried: ClassVar[str] = "y"
    positivity: ClassVar[str] = INTERPOLATION
    literature: ClassVar[Literature] = Literature(
        theorem="Van Scoy, Freeman, Lynch 2018, Theorem 1: (1 - sqrt(mu/L))^2 (tight: Drori, Taylor 2022)",
        optimal_step_size=_step_size,
    )
    State: ClassVar[type] = State
    ranges: ClassVar[dict[str, Range]] = {"rho": Range(least=0, below=1)}
    closed_forms: ClassVar[Mapping[str, Callable[[Any, Setting], ClosedForm]]] = {"rho": of_setting(theory.factor)}

    rho: Scalar = OPTIMAL

    def extrapolation(self) -> Scalar:
        """Return gamma.

        Raises:
            InputError: ``rho`` is not known as a number.
        """
        if isinstance(self.rho, str):
            raise InputError(
                "rho is 'optimal', which depends on mu and L; give a number, or method.resolved(setting).", argument="rho"
            )
        return self.rho * self.rho / ((1 + self.rho) * (2 - self.rho))

    def query(self, state: State) -> Vec:
        """Return y."""
        return state.x + self.extrapolation() * (state.x - state.w)

    def start(self, x: Vec, run: Run) -> State:
        """Begin at rest at ``x``."""
        del run
        return State(x, x)

    def step(self, state: State, run: Run) -> State:
        """Take a gradient step from y with momentum."""
        beta = (1 + self.rho) * self.extrapolation()
        x = state.x + beta * (state.x - state.w) - self.step_size * run.mean(run.gradient(self.query(state)))
        return State(x, state.x)
