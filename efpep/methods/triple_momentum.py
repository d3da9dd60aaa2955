"""The triple momentum method."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar, NamedTuple, Self

from efpep.errors import InputError
from efpep.methods.base import OPTIMAL, Memory, Method, Run, Vec, read_parameter
from efpep.model.field import Scalar, rounded
from efpep.theory import triple_momentum as theory
from efpep.theory.literature import Literature

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
    gradient and the value at y, and weights of any sign: ask with ``positivity="interpolation"``.

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
    literature: ClassVar[Literature] = Literature(
        theorem="Van Scoy, Freeman, Lynch 2018, Theorem 1: (1 - sqrt(mu/L))^2 (tight: Drori, Taylor 2022)",
        optimal_step_size=_step_size,
    )
    State: ClassVar[type] = State

    rho: Scalar = OPTIMAL

    def __post_init__(self) -> None:
        """Read the parameters exactly and check their ranges."""
        super().__post_init__()
        if not (isinstance(self.rho, str) and self.rho == OPTIMAL):
            read_parameter(self, "rho", least=0, below=1)

    def resolved(self, setting: Setting) -> Self:
        """Return the method with ``"optimal"`` replaced by the closed forms rounded to rationals of 17 digits."""
        settled = self if self.rho != OPTIMAL else replace(self, rho=rounded(theory.factor(setting).value, 17))
        return super(TripleMomentum, settled).resolved(setting)

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
