"""EF-BV: error feedback for compressors with a bias and a variance."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, ClassVar, NamedTuple

from efpep.methods.base import OPTIMAL, Memory, Method, Range, Run, Vec
from efpep.model.field import Scalar
from efpep.theory import ef_bv as theory
from efpep.theory.literature import Literature

if TYPE_CHECKING:
    from efpep.setting import Setting


class State(NamedTuple):
    """The iterate and each client's gradient estimate."""

    x: Vec
    h: Vec


@dataclass(frozen=True)
class EFBV(Method):
    """EF-BV (2205.04180): EF21 and DIANA in one, with a weight ``lam`` of corrections and a weight ``nu`` of steps.

        m_i = C(grad f_i(x) - h_i),   x+ = x - step_size * mean_i (h_i + nu m_i),   h_i+ = h_i + lam m_i.

    ``nu = 1`` is DIANA with ``alpha = lam``; ``lam = nu = 1`` is EF21 in another order.

    Theorem (2205.04180, Theorem 1; gradient-dominated functions, an upper bound): for ``||E C(v) - v|| <= eta ||v||``,
    ``E ||C(v) - E C(v)||^2 <= omega ||v||^2``, ``omega_av = omega/n`` for n agents who draw independently,
    ``r = (1 - lam + lam eta)^2 + lam^2 omega < 1``, ``r_av = (1 - nu + nu eta)^2 + nu^2 omega_av``,
    ``s* = sqrt((1 + r)/(2 r)) - 1``, ``theta* = s* (1 + s*) r/r_av`` and ``gamma <= 1/(L + Lt sqrt(r_av/r)/s*)``,

        E V+ <= max{1 - gamma mu, (1 + r)/2} V,   V = f(x) - f* + gamma/(2 theta*) mean_i ||grad f_i(x) - h_i||^2.

    :meth:`published` takes the paper's ``lam`` and ``nu``. The agents' minimisers may differ.

    Attributes:
        lam: the weight of corrections of the estimates, in (0, 1].
        nu: the weight of the messages in the step, in (0, 1].

    Raises:
        InputError: ``lam`` or ``nu`` outside (0, 1].
    """

    key: ClassVar[str] = "ef-bv"
    title: ClassVar[str] = "EF-BV"
    reference: ClassVar[str] = "2205.04180"
    memories: ClassVar[tuple[Memory, ...]] = (Memory.tracker("h"),)
    compresses_at_server: ClassVar[bool | None] = False
    literature: ClassVar[Literature] = theory.KNOWN
    State: ClassVar[type] = State
    ranges: ClassVar[dict[str, Range]] = {"lam": Range(above=0, most=1), "nu": Range(above=0, most=1)}

    lam: Scalar = Fraction(1)
    nu: Scalar = Fraction(1)

    @classmethod
    def published(cls, setting: Setting, step_size: Scalar = OPTIMAL) -> EFBV:
        """Return the method with the ``lam`` and ``nu`` that 2205.04180 recommends for a setting.

        Raises:
            InputError: the agents' compressors have no bounds of bias and variance, or different ones.
        """
        return cls(step_size, *theory.weights(setting))

    def start(self, x: Vec, run: Run) -> State:
        """Begin at ``x`` with compressed gradients; the theorem is about any estimates."""
        return State(x, run.compress(run.gradient(x)))

    def step(self, state: State, run: Run) -> State:
        """Step along the mean of estimates and weighted messages, then correct the estimates."""
        m = run.compress(run.gradient(state.x) - state.h)
        return State(state.x - self.step_size * run.mean(state.h + self.nu * m), state.h + self.lam * m)
