"""A recorded step whose parameters vary, as far as linear instances of it go."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.errors import InputError
from efpep.model.field import Scalar
from efpep.model.form import Form
from efpep.model.polynomial import POLYNOMIALS, variables
from efpep.questions.rate.inequalities import recorded

if TYPE_CHECKING:
    from efpep.model.trace import Trace
    from efpep.questions.common.step_inequalities import StepInequalities
    from efpep.questions.rate.question import RateQuestion


@dataclass(frozen=True)
class VaryingStep:
    """A step whose parameters vary.

    Attributes:
        built: the one-step question, polynomial in the parameters.
        trace: its recording.
        curvatures: mu and L.
        loss: ``1 - delta``.
    """

    built: StepInequalities
    trace: Trace
    curvatures: tuple[Fraction, Fraction]
    loss: Fraction

    @classmethod
    def of(cls, rate: RateQuestion, names: Sequence[str]) -> VaryingStep | None:
        """Return the step of a rate's question where some parameters vary; None where no instance here is one of it."""
        groups = rate.setting.populations()
        if len(groups) != 1 or rate.setting.server_compressor is not None:
            return None
        mu, smoothness, compressor = groups[0].functions.curvature, groups[0].functions.smoothness, groups[0].compressor
        if not 0 < mu < smoothness < math.inf or compressor is None or compressor.contraction is None:
            return None
        loss = 1 - Fraction(compressor.contraction)
        method = replace(rate.method, **dict(zip(names, variables(len(names)), strict=True)))
        try:
            built, trace = recorded(method, rate.setting, rate.metric, POLYNOMIALS, rate.lyapunov_class)
        except InputError:
            return None
        special = trace.projects or trace.constraint is not None or trace.draws is not None or built.state_row_count is not None
        messages = [m for m in trace.messages if m.group is not None]
        if special or len(messages) != 1 or len(trace.messages) != 1 or not 0 < loss < 1:
            return None
        return cls(built, trace, (Fraction(mu), Fraction(smoothness)), loss)

    def values(self, parts: Sequence[Mapping[int, Scalar]]) -> dict[int, Scalar]:
        """Return the function values ``<g, x>/2`` of a parabola with a state's parts, as much as is above the question's own."""
        found: dict[int, Scalar] = {}
        for sample in self.trace.history(0):
            height: Scalar = Fraction(0)
            for state in parts:
                product = sample.gradient.mean.at(state) * sample.x.mean.at(state)
                height = height + Fraction(1, 2) * product - _square(sample.value, state)
            for k, b in sample.excess.values.items():
                found[k] = height * (1 / Fraction(b))
        return found


def _square(form: Form, state: Mapping[int, Scalar]) -> Scalar:
    """Return the part of a form that is quadratic in the mean block."""
    entries = form.blocks.get(0, {}).items()
    return sum(((1 if i == j else 2) * a * (state[i] * state[j]) for (i, j), a in entries), Fraction(0))
