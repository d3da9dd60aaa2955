"""What is recorded of a run: the state against the problem."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from efpep.compressors.arrays import USUAL, Arrays
from efpep.simulate.problem import Constrained, Problem, Valued, minimiser_of
from efpep.simulate.protocol_vector import ProtocolVector

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from efpep.methods.base import Method

TRAFFIC = ("bytes_client", "bytes_server")


class CountedRun(Protocol):
    """A run that can be measured."""

    @property
    def client_bytes(self) -> NDArray[np.int64]:
        """The bytes that each client has sent, shape ``(n,)``."""
        ...

    @property
    def server_bytes(self) -> int:
        """The bytes that the server has broadcast."""
        ...

    def gradients(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the clients' gradients, shape ``(n, d)``, without anything being sent."""
        ...


def columns(method: Method, problem: Problem) -> list[str]:
    """Return the names of what can be recorded for a method on a problem."""
    found = ["gradient"]
    valued = isinstance(problem, Valued)
    if minimiser_of(problem) is not None:
        found.insert(0, "distance")
        if valued:
            found.insert(0, "gap")
    elif valued:
        found.insert(0, "value")
    if isinstance(problem, Constrained):
        found.append("constraint")
    return [*found, *(f"error_{memory.name}" for memory in method.memories), *TRAFFIC]


class Recorder:
    """Measures states of one method on one problem.

    Attributes:
        names: what is recorded.
    """

    def __init__(self, method: Method, problem: Problem, names: list[str], arrays: Arrays = USUAL) -> None:
        """Record ``names``, which :func:`columns` lists, of states in such arrays."""
        self._arrays = arrays
        self.method = method
        self.problem = problem
        self.names = names
        self._best = minimiser_of(problem)
        self._valued = problem if isinstance(problem, Valued) else None
        self._least = 0.0
        if self._valued is not None and self._best is not None and "gap" in names:
            self._least = self._mean(self._valued.values(self._best))
        self._memories = [memory for memory in method.memories if f"error_{memory.name}" in names]

    @property
    def needs_gradients(self) -> bool:
        """Whether recording evaluates gradients."""
        return "gradient" in self.names or any(memory.equilibrium.value == "gradient" for memory in self._memories)

    def measure(self, state: Any, run: CountedRun) -> dict[str, float]:
        """Return what is recorded of a state."""
        x: Any = state.x.value
        found: dict[str, float] = {}
        if self._valued is not None and ("gap" in self.names or "value" in self.names):
            value = self._mean(self._valued.values(x))
            found["gap" if "gap" in self.names else "value"] = value - self._least
        if self._best is not None and "distance" in self.names:
            found["distance"] = self._square(x - self._best)
        if isinstance(self.problem, Constrained) and "constraint" in self.names:
            found["constraint"] = self._mean(self.problem.constraint_values(x))
        gradients = run.gradients(x) if self.needs_gradients else None
        if gradients is not None and "gradient" in self.names:
            found["gradient"] = self._square(self._arrays.xp.mean(gradients, axis=0))
        for memory in self._memories:
            held = getattr(state, memory.name)
            vector = held.value if isinstance(held, ProtocolVector) else np.asarray(held)
            found[f"error_{memory.name}"] = self._mean_square(memory.error_of(vector, x, gradients))
        if "bytes_client" in self.names:
            found["bytes_client"] = float(np.mean(run.client_bytes))
        if "bytes_server" in self.names:
            found["bytes_server"] = float(run.server_bytes)
        return {name: found[name] for name in self.names}

    def _mean(self, values: Any) -> float:
        return float(self._arrays.xp.mean(values))

    def _square(self, v: Any) -> float:
        return float(self._arrays.xp.sum(v * v))

    def _mean_square(self, v: Any) -> float:
        """Return the mean over rows of the squared norm, row by row to save memory."""
        rows = v if v.ndim == 2 else v[None, :]
        return float(np.mean([self._square(rows[i, ...]) for i in range(rows.shape[0])]))
