"""EF21-P: error feedback from the server to the clients."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from efpep.methods.base import Memory, Method, Run, Vec


class State(NamedTuple):
    """The point that the clients hold, and the server's own iterate."""

    x: Vec
    w: Vec


@dataclass(frozen=True)
class EF21P(Method):
    """EF21-P with gradient descent (2209.15218): the server broadcasts a compressed correction of the clients' point.

        w+ = w - step_size * mean_i grad f_i(x),   x+ = x + C_0(w+ - x).

    2209.15218 gives a linear rate for smooth strongly convex functions (not claimed to be tight). Messages to the server are not
    compressed; C_0 is the setting's ``server_compressor``. The agents' minimisers may differ.
    """

    key: ClassVar[str] = "ef21-p"
    title: ClassVar[str] = "EF21-P"
    reference: ClassVar[str] = "2209.15218"
    memories: ClassVar[tuple[Memory, ...]] = (Memory.point("w"),)
    compresses: ClassVar[bool] = False
    compresses_at_server: ClassVar[bool | None] = True
    State: ClassVar[type] = State

    def start(self, x: Vec, run: Run) -> State:
        """Begin with server and clients at ``x``."""
        del run
        return State(x, x)

    def step(self, state: State, run: Run) -> State:
        """Step at the server from the clients' gradients, then broadcast the compressed difference."""
        w = state.w - self.step_size * run.mean(run.gradient(state.x))
        return State(state.x + run.compress_at_server(w - state.x), w)
