"""Three point compression: EF21 and its relatives in one form."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from efpep.errors import InputError
from efpep.methods.base import Run, Vec
from efpep.methods.three_point_method import ThreePointMethod
from efpep.model.close import meant
from efpep.model.field import shown
from efpep.theory import three_point as theory
from efpep.theory.constants import contraction

if TYPE_CHECKING:
    from efpep.setting import Setting

INSTANCES = ("ef21", "v1", "v4")
_SEVERAL_CLASSES = "it compresses by two classes of compressors, and clients have one"
_LAZY = "it has a class of its own, efpep.methods.CLAG, and without compression it is LAG"
_MARINA = "its estimate is unbiased only together, and it has a class of its own, efpep.methods.MARINA"
REFUSED: Mapping[str, str] = {
    "lag": _LAZY,
    "clag": _LAZY,
    "v2": _SEVERAL_CLASSES,
    "v3": "it is made of another instance, and v4 is the one of EF21",
    "v5": _MARINA,
    "marina": _MARINA,
}
"""Instances of 2202.00998 that the algebra of steps does not express, and why."""


@dataclass(frozen=True)
class ThreePointCompression(ThreePointMethod):
    """Three point compression (3PC, 2202.00998): gradient descent with the estimates of a three point compressor.

        x+ = x - step_size * mean_i d_i,   y_i = grad f_i(x),   g_i = grad f_i(x+),   d_i+ = C_{d_i, y_i}(g_i).

    Instances, with a contractive C:

    - ``"ef21"``: ``d + C(g - d)``, with ``A = 1 - s`` and ``B = s^2/(1 - s)``, ``s = sqrt(1 - delta)``;
    - ``"v1"``: ``y + C(g - y)``, with ``A = 1`` and ``B = 1 - delta``; the server needs y, so that clients send it as it is;
    - ``"v4"``: ``b + C(g - b)`` with ``b = d + C(g - d)``, two messages, with A and B of EF21 for ``s = 1 - delta``.

    Theorem (2202.00998, under the PL condition; an upper bound): with ``||d_i+ - g_i||^2 <= (1 - A) ||d_i - y_i||^2 +
    B ||g_i - y_i||^2``, the average constants L and mu, ``Lt^2 = mean L_i^2``, and
    ``gamma = min{1/(L + Lt sqrt(2 B/A)), A/(2 mu)}``,

        V+ <= (1 - gamma mu) V,   V = f(x) - f* + (gamma/A) mean_i ||grad f_i(x) - d_i||^2.

    3PCv2 and 3PCv3 are refused, with a second class of compressors, or another instance; LAG and CLAG are
    :class:`~efpep.methods.clag.CLAG`, and MARINA is :class:`~efpep.methods.marina.MARINA`. Others are a few lines of a
    :class:`~efpep.methods.three_point_method.ThreePointMethod`. The agents' minimisers may differ.

    Attributes:
        instance: ``"ef21"``, ``"v1"`` or ``"v4"``.

    Raises:
        InputError: another instance.
    """

    key: ClassVar[str] = "3pc"
    title: ClassVar[str] = "3PC"
    reference: ClassVar[str] = "2202.00998"

    instance: str = "ef21"

    def __post_init__(self) -> None:
        """Check the instance."""
        super().__post_init__()
        if self.instance not in INSTANCES:
            given: object = self.instance
            why = REFUSED.get(str(given).lower())
            said = f"which is no step here: {why}" if why else f"which is no instance{meant(str(given), INSTANCES)}"
            raise InputError(f"instance is {shown(given)}, {said}; give one of {', '.join(INSTANCES)}.", argument="instance")

    def three_point(self, setting: Setting) -> theory.ThreePoint:
        """Return what the instance is known by."""
        return theory.instance(self.instance, contraction(setting))

    def estimate(self, h: Vec, y: Callable[[], Vec], g: Vec, run: Run) -> Vec:
        """Return the estimates after one or two messages."""
        estimate = y() if self.instance == "v1" else h
        for _ in range(2 if self.instance == "v4" else 1):
            estimate = estimate + run.compress(g - estimate)
        return estimate
