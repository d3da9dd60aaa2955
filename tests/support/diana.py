"""DIANA (1901.09269), a method that users might write."""

from dataclasses import dataclass
from fractions import Fraction
from typing import Any, NamedTuple

import efpep


class DianaState(NamedTuple):
    x: Any
    h: Any


@dataclass(frozen=True)
class Diana(efpep.Method):
    """Unbiased compression of differences."""

    key = "diana"
    title = "DIANA"
    memories = (efpep.Memory.tracker("h"),)
    State = DianaState

    alpha: Any = Fraction(1, 2)

    def start(self, x, run):
        g = run.gradient(x)
        return DianaState(x, g - g)

    def step(self, state, run):
        q = run.compress(run.gradient(state.x) - state.h)
        return DianaState(state.x - self.step_size * run.mean(state.h + q), state.h + self.alpha * q)
