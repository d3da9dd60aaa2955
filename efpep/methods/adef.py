"""ADEF: acceleration with error feedback and gradient differences."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from typing import ClassVar, NamedTuple, cast

from efpep.errors import InputError
from efpep.methods.base import Memory, Method, Range, Run, Vec
from efpep.model.column import Unit
from efpep.model.field import Scalar, rational, shown


class State(NamedTuple):
    """The iterate, the dual-averaging point, each client's gradient estimate and error, and the number of steps taken."""

    x: Vec
    z: Vec
    u: Vec
    e: Vec
    t: int


@dataclass(frozen=True)
class ADEF(Method):
    """ADEF (2503.08427): accelerated distributed error feedback, with weights ``a_t`` and ``A_t = a_1 + ... + a_t``.

    With ``a = a_{t+1}`` and ``A+ = A_t + a``, one iteration is

        y = (A_t x + a z) / A+,   g_i = grad f_i(y),   u_i+ = u_i + C(g_i - u_i),   r_i = g_i - u_i+ - e_i / a,
        e_i+ = a (C(r_i) - r_i),   z+ = z - a mean_i (u_i+ + C(r_i)),   x+ = (A_t x + a z+) / A+.

    Clients send two messages, ``C(g_i - u_i)`` and ``C(r_i)``. The virtual iterate ``z + mean_i e_i`` moves by exactly
    ``-a mean_i g_i``. The weights are ``a_t = step_size t^power`` (``power = 1`` accelerates, ``power = 0`` averages), or
    ``a_t = step_size w_t`` for given numbers ``w_t``. A run begins with ``z = x``, ``e_i = 0`` and ``u_i = grad f_i(x)``, so that
    the very first gradients are sent as they are. The agents' minimisers may differ.

    Without compression this is the method of similar triangles (Nesterov 2018, section 6.1.3; Gasnikov, Nesterov 2018), for
    which ``A_t (f(x_t) - f*) <= ||x_0 - x*||^2 / 2`` where ``L a_t^2 <= A_t`` for all t, as for ``step_size <= 1/(2 L)``,
    ``power = 1``.

    Attributes:
        step_size: the scale of the weights; for smooth functions of the order of ``1/L``.
        power: how the weights grow, a whole number from 0 to 8.
        weights: positive numbers ``w_1, w_2, ...`` separated by commas, which replace ``t^power``; empty for none.

    Raises:
        InputError: ``power`` is no whole number from 0 to 8, or a weight is not a positive number.
    """

    key: ClassVar[str] = "adef"
    title: ClassVar[str] = "ADEF"
    reference: ClassVar[str] = "2503.08427"
    memories: ClassVar[tuple[Memory, ...]] = (
        Memory.point("z"),
        Memory.tracker("u"),
        Memory.error("e", Unit.POINT),
    )
    compresses_at_server: ClassVar[bool | None] = False
    State: ClassVar[type] = State
    ranges: ClassVar[dict[str, Range]] = {"power": Range(least=0, most=8)}
    counted: ClassVar[bool] = True

    power: Scalar = Fraction(1)
    weights: str = ""

    def __post_init__(self) -> None:
        """Read the parameters exactly, and check that the weights are usable."""
        super().__post_init__()
        if self.power != int(self.power):
            raise InputError(
                f"power is {shown(self.power)}, which is not a whole number; give one from 0 to 8.", argument="power"
            )
        given: object = self.weights
        if not isinstance(given, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            if not isinstance(given, list | tuple):
                raise InputError(
                    f"weights is {shown(given)}, which is no list of numbers; give some such as '1, 2, 3'.", argument="weights"
                )
            numbers = [str(rational(w, "a weight")) for w in cast("Sequence[object]", given)]
            object.__setattr__(self, "weights", ", ".join(numbers))
        if self.weights and any(w <= 0 for w in _numbers(self.weights)):
            raise InputError(
                "weights has a number that is not positive, and every step needs a positive one; change it.", argument="weights"
            )

    def weight(self, t: int) -> Scalar:
        """Return ``a_t``, the weight of step t (the first is step 1).

        Raises:
            InputError: the given weights end before step t.
        """
        if not self.weights:
            return self.step_size * t ** int(self.power)
        given = _numbers(self.weights)
        if t > len(given):
            raise InputError(
                f"weights has {len(given)} numbers, and step {t} needs one more; give as many as there are steps.",
                argument="weights",
            )
        return self.step_size * given[t - 1]

    def query(self, state: State) -> Vec:
        """Return y."""
        a, past = self.weight(state.t + 1), self.total(state.t)
        return (past / (past + a)) * state.x + (a / (past + a)) * state.z

    def start(self, x: Vec, run: Run) -> State:
        """Begin at ``x`` with exact gradients as estimates and no error."""
        g = run.gradient(x)
        return State(x, x, g, g - g, 0)

    def step(self, state: State, run: Run) -> State:
        """Evaluate at y, send two messages, and take the weighted step."""
        a, past = self.weight(state.t + 1), self.total(state.t)
        g = run.gradient(self.query(state))
        u = state.u + run.compress(g - state.u)
        r = g - u - (1 / a) * state.e
        sent = run.compress(r)
        z = state.z - a * run.mean(u + sent)
        x = (past / (past + a)) * state.x + (a / (past + a)) * z
        return State(x, z, u, a * (sent - r), state.t + 1)


@cache
def _numbers(text: str) -> tuple[Fraction, ...]:
    return tuple(rational(piece, "a weight") for piece in re.split(r"[\s,;]+", text.strip()))
