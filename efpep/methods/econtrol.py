"""EControl."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from efpep.methods.base import Memory, Method, Range, Run, Vec
from efpep.model.column import Unit
from efpep.model.field import Scalar
from efpep.theory import error_feedback as theory
from efpep.theory.closed_form import ClosedForm, Standing
from efpep.theory.literature import Literature

if TYPE_CHECKING:
    from efpep.setting import Setting


class State(NamedTuple):
    """The iterate, each client's gradient estimate and its accumulated error."""

    x: Vec
    h: Vec
    e: Vec


TUNING = "2605.31594, empirical tuning law (eta = 0 with EF21's optimal step size)"


def _optimal_step_size(method: EControl, setting: Setting) -> ClosedForm:
    """Return EF21's optimal step size: that of EControl where ``eta = 0``, the law's for every other weight."""
    found = theory.optimal_step_size(setting)
    return found if method.eta == 0 else replace(found, source=TUNING, standing=Standing.CONJECTURE, theorem="")


def _rate_without_control(method: EControl, setting: Setting) -> ClosedForm | None:
    """Return EF21's rate where ``eta = 0``, else None."""
    return theory.rate(setting) if method.eta == 0 else None


def _rate_at_without_control(method: EControl, setting: Setting) -> ClosedForm | None:
    return theory.rate_at(setting, method.step_size) if method.eta == 0 else None


def _limit_without_control(method: EControl, setting: Setting) -> ClosedForm | None:
    return theory.stability_limit(setting) if method.eta == 0 else None


@dataclass(frozen=True)
class EControl(Method):
    """EControl (2311.05645): error feedback with a controlled weight ``eta`` of the error, ``c_i`` the message of client i.

        c_i = C(eta e_i + grad f_i(x) - h_i),   h_i+ = h_i + c_i,   x+ = x - step_size * mean_i h_i+,
        e_i+ = e_i + grad f_i(x) - h_i+.

    ``eta = 0`` is EF21 in another order. 2311.05645 treats smooth strongly convex functions with noise. The
    empirical tuning law of 2605.31594: no (eta, step_size) improves the rate at ``eta = 0`` and EF21's optimal step size by one
    per cent or more. The agents' minimisers may differ.

    Attributes:
        eta: the weight of the accumulated error, in [0, 1].

    Raises:
        InputError: ``eta`` outside [0, 1].
    """

    key: ClassVar[str] = "econtrol"
    title: ClassVar[str] = "EControl"
    reference: ClassVar[str] = "2311.05645"
    memories: ClassVar[tuple[Memory, ...]] = (Memory.tracker("h"), Memory.error("e", Unit.GRADIENT))
    compresses_at_server: ClassVar[bool | None] = False
    literature: ClassVar[Literature] = Literature(
        theorem=TUNING,
        optimal_step_size=_optimal_step_size,
        rate=_rate_without_control,
        rate_at=_rate_at_without_control,
        stability_limit=_limit_without_control,
    )
    State: ClassVar[type] = State
    ranges: ClassVar[dict[str, Range]] = {"eta": Range(least=0, most=1)}

    eta: Scalar = Fraction(0)

    def start(self, x: Vec, run: Run) -> State:
        """Begin at ``x`` with compressed gradients and no error."""
        g = run.gradient(x)
        return State(x, run.compress(g), g - g)

    def step(self, state: State, run: Run) -> State:
        """Correct the estimates, step along their mean, and update the errors."""
        g = run.gradient(state.x)
        h = state.h + run.compress(self.eta * state.e + g - state.h)
        return State(state.x - self.step_size * run.mean(h), h, state.e + g - h)

    def virtual(self, state: State, run: Run) -> Vec:
        """Return ``x - step_size mean_i e_i``, which moves by ``-step_size mean_i grad f_i(x)``."""
        return state.x - self.step_size * run.mean(state.e)
