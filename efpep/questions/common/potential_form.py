"""What the studies of all kinds of potentials have in common."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, TypeVar

from efpep.methods import Method
from efpep.model.function_class import FunctionClass
from efpep.questions.base import SystemQuestion
from efpep.questions.common.study_form import StudyForm

Q = TypeVar("Q", bound=SystemQuestion)


@dataclass(frozen=True, kw_only=True)
class PotentialForm(StudyForm[Q]):
    """The question for the least constant of a potential of the kind that a method names.

    Attributes:
        ANALYSIS: the key of the kind of potential.
        MINIMISER: whether it is about functions with a minimiser, or about those without; None for all.
    """

    VALUE: ClassVar[str] = "K"
    MEANING: ClassVar[str] = (
        "A potential of the method's kind proves the upper end as its constant K, and none proves less than the lower end. "
        "Both are rounded outward."
    )
    ANALYSIS: ClassVar[str]
    MINIMISER: ClassVar[bool | None] = None

    @classmethod
    def asks(cls, method: type[Method], functions: type[FunctionClass] | None = None) -> bool:
        """Return whether the method names this kind of potential, and it is about such functions."""
        has = functions is None or functions.has_minimiser
        return method.potential.key == cls.ANALYSIS and cls.MINIMISER in {None, has}

    @classmethod
    def functions(cls, method: type[Method]) -> str | None:
        """Return the class that the kind of potential is about."""
        return method.potential.functions

    def told(self) -> str:
        """Return what is asked, as a sentence."""
        return "Least constants K of the methods' potentials."
