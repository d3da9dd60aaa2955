"""Published rates that are upper bounds and not tight, as those of DIANA, EF-BV and EF21-W: how they are stated.

Such a theorem has a largest step size, and at every step size up to it a rate and a Lyapunov function.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, TypeAlias

from efpep.errors import InputError
from efpep.model.field import rounded
from efpep.theory.closed_form import ClosedForm
from efpep.theory.literature import Literature

if TYPE_CHECKING:
    from efpep.setting import Setting

_DIGITS = 16
_ROUNDING = Fraction(1, 10 ** (_DIGITS - 1))


@dataclass(frozen=True, slots=True)
class Published:
    """A theorem at the parameters of a method in a setting.

    Attributes:
        source: whose theorem it is.
        largest: its largest step size.
        step_formula: how that is written.
        rate: from a step size up to the largest one to the rate.
        rate_formula: how that is written.
        lyapunov: from such a step size to the Lyapunov function, as a formula (see :mod:`efpep.questions.rate.formula`).
    """

    source: str
    largest: Fraction
    step_formula: str
    rate: Callable[[Fraction], Fraction]
    rate_formula: str
    lyapunov: Callable[[Fraction], str]

    @property
    def step_size(self) -> Fraction:
        """The largest step size to 16 digits, rounded down where it has more."""
        near = rounded(self.largest, _DIGITS)
        return near if near <= self.largest else rounded(self.largest * (1 - _ROUNDING), _DIGITS)


Theorems: TypeAlias = "Callable[[Any, Setting], Sequence[Published]]"
"""From a method with its parameters, and a setting, to at least one theorem, or an :class:`~efpep.errors.InputError`."""


def published(references: str, theorems: Theorems) -> Literature:
    """Return what the literature says of a method by some theorems: of several that hold, the one with the least rate."""

    def best(method: Any, setting: Setting) -> tuple[Fraction, Published]:
        return min(((found.rate(found.step_size), found) for found in theorems(method, setting)), key=lambda pair: pair[0])

    def at(method: Any, setting: Setting) -> tuple[Fraction, Published]:
        step = method.step_size
        holding = [(found.rate(step), found) for found in theorems(method, setting) if 0 < step <= found.largest]
        if not holding:
            raise InputError(
                f"no theorem about {method.title} holds at this step size; give a shorter one, or 'optimal'.",
                argument="step_size",
            )
        return min(holding, key=lambda pair: pair[0])

    def step_size(method: Any, setting: Setting) -> ClosedForm:
        found = best(method, setting)[1]
        return ClosedForm(found.step_size, found.step_formula, found.source)

    def rate(method: Any, setting: Setting) -> ClosedForm:
        value, found = best(method, setting)
        return ClosedForm(value, found.rate_formula, found.source)

    def rate_at(method: Any, setting: Setting) -> ClosedForm:
        value, found = at(method, setting)
        return ClosedForm(value, found.rate_formula, found.source)

    def lyapunov(method: Any, setting: Setting) -> str:
        return at(method, setting)[1].lyapunov(method.step_size)

    return Literature(theorem=references, optimal_step_size=step_size, rate=rate, rate_at=rate_at, lyapunov=lyapunov)


def weighted(setting: Setting, weights: Sequence[Fraction], vector: str, *, deviations: bool = True) -> str:
    """Return ``sum_a share_a weight_a mean_i ||vector_i||^2`` over the groups as a formula; each term begins with a plus.

    Args:
        setting: the setting with the groups.
        weights: a weight of each group.
        vector: a sum of client features, each with the braces that its group's number takes, such as ``"g{} - g-h{}"``.
        deviations: whether the deviations from the groups' averages count, and not the averages alone.
    """
    groups = setting.populations()
    terms: list[str] = []
    for a, (group, weight) in enumerate(zip(groups, weights, strict=True), 1):
        name = vector.replace("{}", "" if len(groups) == 1 else f"[{a}]")
        factor = group.share * weight
        terms.append(f" + {factor} |{name}|^2" + (f" + {factor} dev({name}, {name})" if deviations and not group.single else ""))
    return "".join(terms)


def gap(setting: Setting) -> str:
    """Return ``f - f*`` as a formula."""
    groups = setting.populations()
    if len(groups) == 1:
        return "(f - f*)"
    return " + ".join(f"{group.share} (f[{a}] - f[{a}]*)" for a, group in enumerate(groups, 1))
