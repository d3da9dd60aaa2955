"""DIANA: unbiased compression of gradient differences."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from efpep.methods.base import OPTIMAL, Memory, Method, Range, Run, Vec
from efpep.model.field import Scalar
from efpep.theory import diana as theory
from efpep.theory.literature import Literature

if TYPE_CHECKING:
    from efpep.setting import Setting


class State(NamedTuple):
    """The iterate and each client's shift."""

    x: Vec
    h: Vec


@dataclass(frozen=True)
class DIANA(Method):
    """DIANA (1901.09269): clients send unbiased messages about how far their gradients are from their shifts ``h_i``.

        m_i = C(grad f_i(x) - h_i),   x+ = x - step_size * mean_i (h_i + m_i),   h_i+ = h_i + alpha m_i.

    Theorem (1901.09269; an upper bound): for ``E C(v) = v``, ``E ||C(v) - v||^2 <= omega ||v||^2``, n agents who draw
    independently, ``alpha < 1/(1 + omega)``, ``c alpha = (omega/n)/(1 - (1 + omega) alpha)`` and
    ``gamma = min{alpha/mu, 2/((mu + L) (1 + c alpha))}``,

        E V+ <= (1 - gamma mu) V,   V = ||x - x*||^2 + c gamma^2 mean_i ||h_i - grad f_i(x*)||^2.

    With ``alpha = 1/(2 (1 + omega))``, which :meth:`published` takes, ``c alpha = 2 omega/n``. At ``alpha = 1/(1 + omega)`` too
    1905.11261 has ``gamma = 1/((1 + 6 omega/n) L)`` and the rate ``max{1 - gamma mu, 1 - alpha/2}``. ``"optimal"`` is the step
    size of that of the two theorems which has the smaller rate. The agents' minimisers may differ.

    Attributes:
        alpha: how far shifts follow the messages, in (0, 1].

    Raises:
        InputError: ``alpha`` outside (0, 1].
    """

    key: ClassVar[str] = "diana"
    title: ClassVar[str] = "DIANA"
    reference: ClassVar[str] = "1901.09269"
    memories: ClassVar[tuple[Memory, ...]] = (Memory.tracker("h"),)
    compresses_at_server: ClassVar[bool | None] = False
    literature: ClassVar[Literature] = theory.KNOWN
    State: ClassVar[type] = State
    ranges: ClassVar[dict[str, Range]] = {"alpha": Range(above=0, most=1)}

    alpha: Scalar = Fraction(1, 2)

    @classmethod
    def published(cls, setting: Setting, step_size: Scalar = OPTIMAL) -> DIANA:
        """Return the method with the ``alpha`` that 1901.09269 recommends for a setting.

        Raises:
            InputError: the compressors are not unbiased, or not of one variance.
        """
        return cls(step_size, theory.shift(setting))

    def start(self, x: Vec, run: Run) -> State:
        """Begin at ``x`` with compressed gradients as shifts; the theorems are about any."""
        return State(x, run.compress(run.gradient(x)))

    def step(self, state: State, run: Run) -> State:
        """Step along the mean of shifts and messages, then let the shifts follow."""
        m = run.compress(run.gradient(state.x) - state.h)
        return State(state.x - self.step_size * run.mean(state.h + m), state.h + self.alpha * m)
