"""Three point compressors (2202.00998) and EF21-W (2402.10774): their theorems for gradient-dominated functions.

A three point compressor sends estimates ``d_i`` of the gradients ``y_i``, which become ``x_i``, to ``d_i+`` with
``||d_i+ - x_i||^2 <= (1 - A) ||d_i - y_i||^2 + B ||x_i - y_i||^2``. With the average constants L and mu and ``Lt^2 = mean L_i^2``

    gamma = min{1/(L + Lt sqrt(2 B/A)), A/(2 mu)},   rate 1 - gamma mu,   V = f - f* + (gamma/A) mean_i ||grad f_i(x) - d_i||^2.

With ``s = sqrt(1 - delta)``, EF21 has ``A = 1 - s`` and ``B = s^2/(1 - s)``. EF21-W has L instead of ``Lt``, by the weights
``L/L_i`` of the squares in V. Where ``A = 1`` no estimate outlives a step, and the averages in V suffice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from efpep.errors import InputError
from efpep.model.field import Scalar, rational, rounded, shown
from efpep.theory.closed_form import square_root
from efpep.theory.constants import averages, contraction, smoothness_in_square_mean
from efpep.theory.published import Published, gap, published, weighted

if TYPE_CHECKING:
    from efpep.setting import Setting

THREE_POINT = "2202.00998, theorem under the PL condition"
WEIGHTED = "2402.10774, theorem under the PL condition"
_TWO = square_root(2)


@dataclass(frozen=True, slots=True)
class ThreePoint:
    """What a three point compressor is known by.

    Attributes:
        a: A.
        root: ``sqrt(B/A)``.
        formula: both as text.
    """

    a: Fraction
    root: Fraction
    formula: str

    @classmethod
    def of(cls, a: Scalar, b: Scalar) -> ThreePoint:
        """Return what is known of a compressor by its A and B.

        Raises:
            InputError: A is not in (0, 1], or B is negative, or one is no number.
        """
        first, second = rational(a, "A"), rational(b, "B")
        if not 0 < first <= 1 or second < 0:
            raise InputError(
                f"A is {shown(first)} and B is {shown(second)}, and a three point compressor has 0 < A <= 1 and B >= 0; "
                "correct constants(setting).",
                argument="method",
            )
        return cls(first, square_root(second / first), f"A = {shown(first)}, B = {shown(second)}")


def of_differences(s: Fraction, written: str) -> ThreePoint:
    """Return EF21's for compressors with ``||C(v) - v|| <= s ||v||``: ``A = 1 - s``, ``B = s^2/(1 - s)``."""
    return ThreePoint(1 - s, s / (1 - s), f"A = 1 - s, B = s^2/(1 - s), s = {written}")


def instance(name: str, delta: Fraction) -> ThreePoint:
    """Return what an instance of :class:`~efpep.methods.three_point.ThreePointCompression` is known by."""
    s = square_root(1 - delta)
    if name == "v1":
        return ThreePoint(Fraction(1), s, "A = 1, B = 1 - delta")
    return of_differences(1 - delta, "1 - delta") if name == "v4" else of_differences(s, "sqrt(1 - delta)")


def lazy(zeta: Fraction, delta: Fraction) -> ThreePoint:
    """Return what CLAG is known by, with the s of 2202.00998 that has the least B/A.

    With ``s > 0``, ``A = 1 - (1 - delta) (1 + s)`` and ``B = max{(1 - delta) (1 + 1/s), zeta}``: EF21's A and B where zeta is at
    most that B, else ``B = zeta`` and ``A = 1 - (1 - delta) zeta/(zeta - (1 - delta))``. LAG has ``delta = 1``, so that
    ``A = 1`` and ``B = zeta``.
    """
    lost = 1 - delta
    s = square_root(lost)
    if zeta * (1 - s) <= lost:
        return of_differences(s, "sqrt(1 - delta)")
    a = 1 - lost * zeta / (zeta - lost)
    return ThreePoint(a, square_root(zeta / a), "A = 1 - (1 - delta) zeta/(zeta - (1 - delta)), B = zeta")


def three_point(method: Any, setting: Setting) -> Sequence[Published]:
    """Return the theorem of 2202.00998 for a method with a three point compressor.

    Raises:
        InputError: the setting is none of the paper's, or the method does not say its A and B.
    """
    known: ThreePoint = method.three_point(setting)
    ones = [Fraction(1)] * len(setting.populations())
    return (_theorem(setting, known, THREE_POINT, mean=("Lt", smoothness_in_square_mean(setting)), weights=ones),)


def weighted_differences(method: Any, setting: Setting) -> Sequence[Published]:
    """Return the theorem of 2402.10774 about EF21-W.

    Raises:
        InputError: the setting is none of the paper's.
    """
    del method
    known = of_differences(square_root(1 - contraction(setting)), "sqrt(1 - delta)")
    mean = averages(setting).L
    weights = [mean / Fraction(group.functions.smoothness) for group in setting.populations()]
    return (_theorem(setting, known, WEIGHTED, mean=("L", mean), weights=weights),)


def _theorem(
    setting: Setting, known: ThreePoint, source: str, *, mean: tuple[str, Fraction], weights: Sequence[Fraction]
) -> Published:
    """Return the theorem with a mean of the ``L_i``, and what it is called, beside L."""
    c, (name, smoothness) = averages(setting), mean
    return Published(
        source,
        min(1 / (c.L + smoothness * _TWO * known.root), known.a / (2 * c.mu)),
        f"min{{1/(L + {name} sqrt(2 B/A)), A/(2 mu)}}, {known.formula}",
        lambda step: 1 - step * c.mu,
        "1 - eta mu",
        lambda step: (
            gap(setting)
            + weighted(setting, [rounded(step / known.a * weight, 17) for weight in weights], "g-d{}", deviations=known.a < 1)
        ),
    )


EF21W = published(f"{WEIGHTED} (an upper bound)", weighted_differences)
KNOWN = published(f"{THREE_POINT} (an upper bound)", three_point)
