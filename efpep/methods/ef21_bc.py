"""EF21-BC: EF21 with compression in both directions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from efpep.methods.base import Memory, Method, Run, Vec


class State(NamedTuple):
    """The point that the clients hold, the server's own iterate, and each client's gradient estimate."""

    x: Vec
    w: Vec
    d: Vec


@dataclass(frozen=True)
class EF21BC(Method):
    """EF21 with bidirectional compression (2110.03294): EF21 uplink, EF21-P downlink.

        w+ = w - step_size * mean_i d_i,   x+ = x + C_0(w+ - x),   d_i+ = d_i + C(grad f_i(x+) - d_i).

    2110.03294 treats smooth nonconvex and PL functions. C is the setting's ``compressor``, C_0 its
    ``server_compressor``. The agents' minimisers may differ.
    """

    key: ClassVar[str] = "ef21-bc"
    title: ClassVar[str] = "EF21-BC"
    reference: ClassVar[str] = "2110.03294"
    memories: ClassVar[tuple[Memory, ...]] = (Memory.point("w"), Memory.tracker("d"))
    compresses_at_server: ClassVar[bool | None] = True
    State: ClassVar[type] = State

    def start(self, x: Vec, run: Run) -> State:
        """Begin with server and clients at ``x`` and compressed gradients."""
        return State(x, x, run.compress(run.gradient(x)))

    def step(self, state: State, run: Run) -> State:
        """Step at the server, broadcast the compressed difference, correct the estimates."""
        w = state.w - self.step_size * run.mean(state.d)
        x = state.x + run.compress_at_server(w - state.x)
        return State(x, w, state.d + run.compress(run.gradient(x) - state.d))
