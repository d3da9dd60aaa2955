"""Which Lyapunov functions a question is about."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from efpep.errors import InputError
from efpep.methods.base import INTERPOLATION, WEIGHTS
from efpep.model.field import shown
from efpep.questions.common.size import check_memory


@dataclass(frozen=True, slots=True)
class LyapunovClass:
    """The features that Lyapunov functions may be made of.

    Attributes:
        memory: how many past states take part besides the current one; features that depend on others are dropped.
        features: the names of the features and gaps to keep (``"x"``, ``"g"``, ``"g-d"``, ``"f"``, ...), or None for all.
        positivity: what makes V nonnegative: ``"weights"`` (positive semidefinite weights and nonnegative multiples of gaps), or
            ``"interpolation"`` (weights of any sign, so that V plus nonnegative multiples of the inequalities that every state
            satisfies is positive semidefinite).

    Raises:
        InputError: ``memory`` is no small whole number, ``features`` is empty, or ``positivity`` is none of these.
    """

    memory: int = 0
    features: tuple[str, ...] | None = None
    positivity: str = WEIGHTS

    def __post_init__(self) -> None:
        """Check the choice."""
        check_memory(self.memory)
        if self.positivity not in {WEIGHTS, INTERPOLATION}:
            raise InputError(
                f"positivity is {shown(self.positivity)}; choose one of {WEIGHTS}, {INTERPOLATION}.", argument="positivity"
            )
        if self.features is not None:
            object.__setattr__(self, "features", tuple(self.features))
            if not self.features:
                raise InputError(
                    "features is empty, so there is no Lyapunov function; name at least one, or leave it out for all.",
                    argument="features",
                )

    def keeps(self, name: str) -> bool:
        """Whether the feature or gap ``name`` takes part."""
        return self.features is None or name in self.features

    def check_names(self, known: list[str]) -> None:
        """Refuse names that the method has not.

        Raises:
            InputError: a name is unknown.
        """
        for name in self.features or ():
            if name not in known:
                raise InputError(
                    f"{shown(name)} is not a feature of the method; choose among {', '.join(known)}.", argument="features"
                )

    def note(self) -> str:
        """Return what a sentence adds to say which class it is about; nothing for the usual one."""
        parts: list[str] = []
        if self.features is not None:
            parts.append(f"made of {', '.join(self.features)} alone")
        if self.memory:
            parts.append("of one past state too" if self.memory == 1 else f"of {self.memory} past states too")
        if self.positivity != WEIGHTS:
            parts.append("with weights of any sign")
        return f", for Lyapunov functions {' and '.join(parts)}" if parts else ""

    def describe(self) -> dict[str, object]:
        """Return the choice for claims and files."""
        described: dict[str, object] = {"memory": self.memory, "features": None if self.features is None else list(self.features)}
        return described if self.positivity == WEIGHTS else {**described, "positivity": self.positivity}

    @classmethod
    def restore(cls, described: Mapping[str, object]) -> LyapunovClass:
        """Return the choice that :meth:`describe` described.

        Raises:
            InputError: it is malformed.
        """
        features = described.get("features")
        known = {"memory", "features"} <= set(described) <= {"memory", "features", "positivity"}
        if not known or not isinstance(features, list | None):
            raise InputError("the class of Lyapunov functions is not described by 'memory' and 'features'; write both.")
        names = None if features is None else tuple(str(name) for name in cast("list[object]", features))
        return cls(cast("int", described["memory"]), names, str(described.get("positivity", WEIGHTS)))


EVERYTHING = LyapunovClass()
