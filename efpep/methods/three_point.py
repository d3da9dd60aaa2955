"""Three point compression: EF21 and its relatives in one form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

from efpep.errors import InputError
from efpep.methods.base import Memory, Method, Run, Vec
from efpep.model.close import meant
from efpep.model.field import shown
from efpep.theory import three_point as theory
from efpep.theory.literature import Literature

INSTANCES = ("ef21", "v1", "v4")
_SEVERAL_CLASSES = "it compresses by two classes of compressors, and clients have one"
_OWN_DECISIONS = "each client decides by its own vectors whether it sends, and a step knows no such decision"
REFUSED: Mapping[str, str] = {
    "lag": _OWN_DECISIONS,
    "clag": _OWN_DECISIONS,
    "v2": _SEVERAL_CLASSES,
    "v3": "it is made of another instance, and v4 is the one of EF21",
    "v5": "all clients share one coin, and a run has none",
    "marina": "all clients share one coin, and a run has none",
}
"""Instances of 2202.00998 that the algebra of steps does not express, and why."""


class State(NamedTuple):
    """The iterate and each client's gradient estimate."""

    x: Vec
    d: Vec


@dataclass(frozen=True)
class ThreePointCompression(Method):
    """Three point compression (3PC, 2202.00998): gradient descent with the estimates of a three point compressor.

        x+ = x - step_size * mean_i d_i,   y_i = grad f_i(x),   g_i = grad f_i(x+),   d_i+ = C_{d_i, y_i}(g_i).

    Instances, with a contractive C:

    - ``"ef21"``: ``d + C(g - d)``, with ``A = 1 - s`` and ``B = s^2/(1 - s)``, ``s = sqrt(1 - delta)``;
    - ``"v1"``: ``y + C(g - y)``, with ``A = 1`` and ``B = 1 - delta``; the server needs y, so that clients send it as it is;
    - ``"v4"``: ``b + C(g - b)`` with ``b = d + C(g - d)``, two messages, with A and B of EF21 for ``s = 1 - delta``.

    Theorem (2202.00998, under the PL condition; an upper bound): with ``||d_i+ - g_i||^2 <= (1 - A) ||d_i - y_i||^2 +
    B ||g_i - y_i||^2``, the average constants L and mu, ``Lt^2 = mean L_i^2``, and
    ``gamma = min{1/(L + Lt sqrt(2 B/A)), A/(2 mu)}``,

        V+ <= (1 - gamma mu) V,   V = f(x) - f* + (gamma/A) mean_i ||grad f_i(x) - d_i||^2.

    LAG, CLAG, 3PCv2, 3PCv3 and 3PCv5 (MARINA) are refused: clients that decide for themselves, a second class of compressors and
    a coin are nothing that a step has. The agents' minimisers may differ.

    Attributes:
        instance: ``"ef21"``, ``"v1"`` or ``"v4"``.

    Raises:
        InputError: another instance.
    """

    key: ClassVar[str] = "3pc"
    title: ClassVar[str] = "3PC"
    reference: ClassVar[str] = "2202.00998"
    memories: ClassVar[tuple[Memory, ...]] = (Memory.tracker("d"),)
    compresses_at_server: ClassVar[bool | None] = False
    literature: ClassVar[Literature] = theory.KNOWN
    State: ClassVar[type] = State

    instance: str = "ef21"

    def __post_init__(self) -> None:
        """Check the instance."""
        super().__post_init__()
        if self.instance not in INSTANCES:
            given: object = self.instance
            why = REFUSED.get(str(given).lower())
            said = f"which is no step here: {why}" if why else f"which is no instance{meant(str(given), INSTANCES)}"
            raise InputError(f"instance is {shown(given)}, {said}; give one of {', '.join(INSTANCES)}.", argument="instance")

    def start(self, x: Vec, run: Run) -> State:
        """Begin at ``x`` with compressed gradients."""
        return State(x, run.compress(run.gradient(x)))

    def step(self, state: State, run: Run) -> State:
        """Step along the mean estimate, then compress the gradients at the new point."""
        x = state.x - self.step_size * run.mean(state.d)
        g = run.gradient(x)
        estimate = run.gradient(state.x) if self.instance == "v1" else state.d
        for _ in range(2 if self.instance == "v4" else 1):
            estimate = estimate + run.compress(g - estimate)
        return State(x, estimate)
