"""One question of a table: a method in a setting, whatever is asked about them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.errors import InputError

if TYPE_CHECKING:
    from efpep.methods import Method
    from efpep.model.population import Population
    from efpep.setting import Setting


class Entry(ABC):
    """A row of a table, as far as the question goes.

    Attributes:
        step_size_factor: the step size as a multiple of the method's optimal one, or None where a number was given.
    """

    __slots__ = ()

    step_size_factor: Fraction | None

    @property
    @abstractmethod
    def asked(self) -> Method:
        """The method with its step size."""

    @property
    @abstractmethod
    def setting(self) -> Setting:
        """The setting."""

    @property
    @abstractmethod
    def impossible(self) -> str:
        """Why the question cannot be asked; nothing where it can be."""

    @property
    @abstractmethod
    def tuned(self) -> bool:
        """Whether the step size is the best one that was found."""

    @property
    def chosen(self) -> bool:
        """Whether the step size is no number of the question's, but follows from the rest: the optimal or the best one found."""
        return self.tuned or self.step_size_factor is not None

    @property
    def method(self) -> str:
        """The method's name."""
        return self.asked.title or type(self.asked).__name__

    @property
    def parameters(self) -> dict[str, object]:
        """The method's parameters besides the step size that do not follow from the setting by closed forms."""
        follow = {"step_size", *self.asked.usual(self.setting)}
        return {name: value for name, value in self.asked.parameters().items() if name not in follow}

    @property
    def others(self) -> str:
        """These parameters as text; nothing where there are none."""
        return self.asked.other_parameters(set(self.asked.parameters()) - set(self.parameters))

    @property
    def mu(self) -> Fraction | None:
        """The strong convexity of the agents, or of their mean where it has a class; None where it differs or there is none."""
        return (
            self.setting.mean.curvature
            if self.setting.mean is not None
            else self._common(lambda group: group.functions.curvature)
        )

    @property
    def L(self) -> Fraction | None:
        """The smoothness of the agents, or of their mean where it has a class; None where it differs or there is none."""
        return (
            self.setting.mean.smoothness
            if self.setting.mean is not None
            else self._common(lambda group: group.functions.smoothness)
        )

    @property
    def delta(self) -> Fraction | None:
        """The agents' contraction parameter; None without compression or where it differs between them."""
        return self._common(lambda group: group.compressor and group.compressor.parameters().get("delta"))

    @property
    def agents(self) -> int | None:
        """How many agents, or None for an arbitrarily large population."""
        counts = [group.count for group in self.setting.populations()]
        return None if None in counts else sum(count for count in counts if count is not None)

    @property
    def kappa(self) -> Fraction | None:
        """The condition number ``L/mu``."""
        return None if not self.mu or self.L is None else self.L / self.mu

    @property
    def step_size(self) -> Fraction:
        """The exact step size that the answer is about."""
        return self.asked.step_size

    def _common(self, constant: Callable[[Population], Fraction | None]) -> Fraction | None:
        try:
            values = {constant(group) for group in self.setting.populations()}
        except InputError:  # functions with bounded subgradients have neither mu nor L
            return None
        return values.pop() if len(values) == 1 else None
