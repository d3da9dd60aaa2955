"""Saved adversaries as problems of the catalogue: the functions of a replayed worst case, for any method and operator."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from efpep.errors import InputError
from efpep.model.field import double, shown
from efpep.simulate.problems.clientwise import Clientwise

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from efpep.model.function_class import FunctionClass
    from efpep.simulate.adversary import Adversary


@dataclass(frozen=True)
class SavedAdversary(Clientwise):
    """The functions of an adversary that ``efpep replay --save`` wrote, from its starting point.

    Attributes:
        file: the path of the file.

    Raises:
        InputError: there is no such file, or it holds no adversary.
    """

    key: ClassVar[str] = "adversary"

    file: str = ""

    def __post_init__(self) -> None:
        """Read the file."""
        if not isinstance(self.file, str) or not self.file:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InputError(
                f"file is {shown(self.file)}; give the path of a file that 'efpep replay --save' wrote.", argument="file"
            )
        _ = self.adversary

    @cached_property
    def adversary(self) -> Adversary:
        """What the file holds."""
        from efpep.simulate.adversary_file import load_adversary

        return load_adversary(self.file)

    @property
    def clients(self) -> int:
        """The number n of clients that were built."""
        return self.adversary.agents

    @property
    def dimension(self) -> int:
        """The dimension d."""
        return self.adversary.dimension

    @property
    def mu(self) -> float:
        """The least curvature of the functions' classes; 0 where these are not strongly convex."""
        return 0.0 if self.L is None else max(0.0, min(double(c.curvature, "mu") for c in self._classes))

    @property
    def L(self) -> float | None:
        """The largest smoothness of the functions' classes; None where they are not smooth."""
        smooth = all(c.convexity is not None for c in self._classes)
        return max(double(c.smoothness, "L") for c in self._classes) if smooth else None

    @property
    def _classes(self) -> list[FunctionClass]:
        return [group.functions for group in self.adversary.setting.populations()]

    def bound_subgradients(self) -> float | None:
        """Return the largest M of the functions' classes; None where one has none."""
        found = [double(c.subgradient_bound, "M") for c in self._classes if c.subgradient_bound is not None]
        return max(found) if len(found) == len(self._classes) else None

    @property
    def start(self) -> NDArray[np.float64]:
        """Where the recorded run begins."""
        return self.adversary.start

    def value(self, i: int, x: NDArray[np.float64]) -> float:
        """Return ``f_i(x)``."""
        return self.adversary.functions[i].value(x)

    def gradient(self, i: int, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the gradient, or a subgradient, of ``f_i`` at x."""
        return self.adversary.functions[i].gradient(x)

    def project(self, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """Return the nearest point of the set on which the recorded run projects."""
        return self.adversary.project(x)

    def minimise(self) -> NDArray[np.float64] | None:
        """Return zero, or None where the functions need not have a minimiser."""
        return self.adversary.minimiser
