"""signSGD with majority vote, numeric only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from efpep.methods.base import Method, Run, Vec


class State(NamedTuple):
    """The iterate."""

    x: Vec


@dataclass(frozen=True)
class SignSGD(Method):
    """signSGD with majority vote (1810.05291), with exact gradients: a step by the signs of the sums of signs.

        x+ = x - step_size * C_0(mean_i C(grad f_i(x))),

    where C and C_0 are the bare sign, ``bare-sign`` at the clients and at the server; with others this is gradient descent that
    is compressed in both directions. Every entry of x moves by ``step_size``, so that the method does not settle at a
    constant step size; with error feedback (EF with the scaled sign, EF-signSGD of 1901.09847) it does. The sign belongs
    to no class of compressors: the method runs, and no worst-case analysis of it is made.
    """

    key: ClassVar[str] = "sign-sgd"
    title: ClassVar[str] = "signSGD"
    reference: ClassVar[str] = "1802.04434, 1810.05291"
    compresses_at_server: ClassVar[bool | None] = True
    numeric_only: ClassVar[bool | str] = "moves by signs, which belong to no class of compressors,"
    State: ClassVar[type] = State

    def start(self, x: Vec, run: Run) -> State:
        """Begin at ``x``."""
        del run
        return State(x)

    def step(self, state: State, run: Run) -> State:
        """Step along the compressed mean of the compressed gradients."""
        voted = run.compress_at_server(run.mean(run.compress(run.gradient(state.x))))
        return State(state.x - self.step_size * voted)
