"""Classic error feedback."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar, NamedTuple

from efpep.methods.base import Memory, Method, Run, Vec
from efpep.model.column import Unit
from efpep.theory import error_feedback as theory
from efpep.theory import error_feedback_proof
from efpep.theory.literature import Literature, of_setting, of_step


class State(NamedTuple):
    """The iterate and each client's accumulated error."""

    x: Vec
    e: Vec


@dataclass(frozen=True)
class EF(Method):
    """Classic error feedback (EF, also EF14).

    With ``c_i`` the message of client i,

        c_i = C(e_i + step_size * grad f_i(x)),   x+ = x - mean_i c_i,   e_i+ = e_i + step_size * grad f_i(x) - c_i.

    Theorem (2506.05271 for one agent, 2605.31594 for any number; tight): optimal step size and rate as in
    :mod:`efpep.theory.error_feedback`, with the Lyapunov function
    ``||x - x* - mean e||^2 + dev(e, e) + ||mean e||^2 / s``. The agents share one minimiser.
    """

    key: ClassVar[str] = "ef"
    title: ClassVar[str] = "EF"
    reference: ClassVar[str] = "2506.05271, 2605.31594"
    memories: ClassVar[tuple[Memory, ...]] = (Memory.error("e", Unit.POINT),)
    common_minimiser: ClassVar[bool] = True
    compresses_at_server: ClassVar[bool | None] = False
    literature: ClassVar[Literature] = Literature(
        theorem="2506.05271 (one agent, tight), 2605.31594 (n agents of one kind, tight)",
        optimal_step_size=of_setting(partial(theory.optimal_step_size, known=theory.EF)),
        rate=of_setting(partial(theory.rate, known=theory.EF)),
        rate_at=of_step(partial(theory.rate_at, known=theory.EF)),
        stability_limit=of_setting(partial(theory.stability_limit, known=theory.EF)),
        lyapunov=of_setting(theory.ef_lyapunov),
        rate_proof=error_feedback_proof.EF,
    )
    State: ClassVar[type] = State

    def start(self, x: Vec, run: Run) -> State:
        """Begin at ``x`` with no error."""
        g = run.gradient(x)
        return State(x, g - g)

    def step(self, state: State, run: Run) -> State:
        """Send the compressed step and keep what was lost."""
        v = state.e + self.step_size * run.gradient(state.x)
        c = run.compress(v)
        return State(state.x - run.mean(c), v - c)

    def virtual(self, state: State, run: Run) -> Vec:
        """Return ``x - mean_i e_i``, which moves by ``-step_size mean_i grad f_i(x)``."""
        return state.x - run.mean(state.e)
