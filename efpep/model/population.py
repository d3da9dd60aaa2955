"""A group of agents as the algebra knows it."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from efpep.model.compressor_class import Compressor
from efpep.model.function_class import FunctionClass


@dataclass(frozen=True, slots=True)
class Population:
    """A group with everything resolved: what the algebra needs to know.

    Attributes:
        functions: the agents' function class.
        compressor: the agents' compressor class, or None.
        share: their share of all agents.
        count: their number, or None for a share of an arbitrarily large population.
    """

    functions: FunctionClass
    compressor: Compressor | None
    share: Fraction
    count: int | None

    @property
    def single(self) -> bool:
        """Whether the group is one agent, which has no deviation block."""
        return self.count == 1
