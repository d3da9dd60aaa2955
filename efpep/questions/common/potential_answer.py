"""The answer of :func:`efpep.potential`, whatever the kind of potential."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TypeAlias

from efpep.proof.witness import LowerWitness, UpperWitness
from efpep.questions.answer import Interval
from efpep.questions.base import SystemQuestion
from efpep.theory.closed_form import ClosedForm

Detail: TypeAlias = Fraction | int | str | tuple[Fraction, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Potential(Interval[SystemQuestion, LowerWitness, UpperWitness]):
    """The answer of :func:`efpep.potential`: the least constant K for which a potential of the method's kind exists.

    No potential of the kind proves a constant smaller than ``lower``, and one proves ``upper``; an end is None where undecided.
    For functions without a minimiser it is the largest decrease a: a potential proves ``lower``, and none more than ``upper``.

    Attributes:
        details: what else the kind of potential has to say, by name: exact numbers, one or several, whole numbers or text.
        theory: the literature's constant, where there is one.
    """

    details: Mapping[str, Detail] = field(default_factory=dict[str, Detail])
    theory: ClosedForm | None = None
