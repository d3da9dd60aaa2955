"""What a finite-horizon question asks, validated and frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from types import MappingProxyType
from typing import TYPE_CHECKING

from efpep.errors import InputError
from efpep.methods.base import Method
from efpep.model.field import Scalar, rational, shown
from efpep.model.metric import METRICS
from efpep.questions.worst_case.metric import Metric, check_metric

if TYPE_CHECKING:
    from efpep.setting import Setting

LONGEST = 1000
"""The most iterations."""
DIAMETER = "diameter"
"""The name of a bound of the set that a method projects onto."""


@dataclass(frozen=True)
class Asked:
    """The question about T steps of a method (with a numeric step size).

    Attributes:
        method: the method.
        setting: functions, compressor, agents, and their heterogeneity.
        iterations: the number T of steps, at least 1.
        metric: a name of :data:`~efpep.model.metric.METRICS`, or a function of a
            :class:`~efpep.questions.worst_case.metric.Course` that returns a form.
        at: a name of :data:`~efpep.questions.worst_case.metric.PLACES`.
        initial: bounds of the squared distance, the gap, the squared gradient at the start by name (``"distance"``, ``"gap"``,
            ``"gradient"``), or of the mean squared errors of the method's memories by their features (such as ``"g-d"``). A
            memory with a bound starts free within it, or without error where it is 0, not where the method starts it. Methods
            that project have besides ``"diameter"``, the squared diameter of the set: of any two iterates, and of an iterate and
            ``x*``. They start in the set then.

    Raises:
        InputError: an unknown name, a bound that is not positive, a number of steps that is none, or something that the function
            classes do not speak of.
    """

    method: Method
    setting: Setting
    iterations: int
    metric: Metric = "distance"
    at: str = "last"
    initial: Mapping[str, Scalar] = field(default_factory=lambda: {"distance": 1})

    def __post_init__(self) -> None:
        """Check everything and read the bounds exactly."""
        steps = self.iterations
        if isinstance(steps, bool) or not isinstance(steps, int) or not 1 <= steps <= LONGEST:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InputError(f"iterations is {shown(steps)}, the number of steps of the method; give 1 to {LONGEST}.")
        check_metric(self.metric, self.at)
        features = [memory.feature for memory in self.method.memories]
        quantities = [*METRICS, DIAMETER] if self.method.projects else [*METRICS]
        read: dict[str, Fraction] = {}
        for name, bound in self.initial.items():
            if name not in quantities and name not in features:
                known = ", ".join([*quantities, *features])
                raise InputError(f"{shown(name)} is no initial condition of {self.method.title}; choose among {known}.")
            read[name] = rational(bound, f"the bound of the initial {name}")
            if read[name] < 0 or (read[name] == 0 and name in quantities):
                raise InputError(f"the bound of the initial {name} is {shown(read[name])}; give a positive number.")
        if not any(read.values()):
            raise InputError("there is no initial condition, so nothing is bounded; give one such as distance.")
        object.__setattr__(self, "initial", MappingProxyType(read))
        self._check_minimiser()

    def _check_minimiser(self) -> None:
        if all(group.functions.has_minimiser for group in self.setting.populations()):
            return
        if self.method.projects:
            raise InputError(
                f"{self.method.title} is about the minimiser over a set, and this function class need not have one; use convex "
                "functions such as SmoothConvex."
            )
        if self.setting.heterogeneity is not None:
            raise InputError(
                "heterogeneity bounds the agents' gradients at a minimiser, which this function class lacks; leave it out."
            )
        where = "the metric" if self.metric == "distance" else "an initial condition" if "distance" in self.initial else None
        if where is not None:
            raise InputError(
                f"{where} is the distance to a minimiser, and this function class need not have one; use gap or gradient."
            )
