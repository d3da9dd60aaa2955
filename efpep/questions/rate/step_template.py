"""The recorded step of a question about rates as a function of its numbers, so that grids record it once and not at every point.

A recording is arithmetic and comparisons with the parameters of method and setting. It is kept as a straight-line program
(:mod:`efpep.model.straight_line`), and run at another question of the same shape: the same classes, defined in the same way, of
efpep's own, and whatever else is no number. Where a comparison turns out differently there, the recording may be another one, and
is not taken from the program. Only answers are searched with it; a certificate that is checked records its question.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, Generic, NoReturn, TypeAlias, TypeVar

from efpep.component import Component
from efpep.errors import EfpepError
from efpep.model.straight_line import Run, StraightLineProgram
from efpep.questions.common.evaluated import At, Places, evaluated
from efpep.questions.common.separation import separated
from efpep.questions.rate.inequalities import recorded
from efpep.questions.rate.linear_instances import flint_number, fraction
from efpep.setting import Setting

if TYPE_CHECKING:
    from efpep.methods.base import Method
    from efpep.model.field import Scalar
    from efpep.model.trace import Trace
    from efpep.questions.common.step_inequalities import StepInequalities
    from efpep.questions.rate.question import RateQuestion

E = TypeVar("E")
Follows: TypeAlias = "Callable[[Callable[[Fraction], Scalar], StepInequalities, Trace, Method, Sequence[Scalar]], E | None]"
_MOST = 4
"""How many programs are kept for one shape: comparisons may turn out in several ways."""
_SHAPES = 64
"""How many shapes are kept."""


@dataclass(frozen=True, slots=True)
class Shape:
    """What recordings of a question depend on besides its numbers.

    Attributes:
        key: the classes, what they consist of, and the parameters that are no numbers.
        numbers: the numbers, in order.
    """

    key: tuple[object, ...]
    numbers: tuple[Fraction, ...]

    @classmethod
    def of(cls, question: RateQuestion) -> Shape | None:
        """Return the shape of a question about all Lyapunov functions; None where its recording is not kept."""
        method, setting = question.method, question.setting
        if setting != Setting(setting.functions, setting.compressor, setting.agents) or not isinstance(setting.agents, int):
            return None
        key: list[object] = [question.metric, setting.agents]
        numbers: list[Fraction] = []
        for part in (method, setting.functions, setting.compressor):
            key.append(type(part))
            if part is None:
                continue
            if part.foreign():
                return None
            key.append(_definition(type(part)))
            for name, value in part.parameters().items():
                if isinstance(value, Fraction):
                    numbers.append(value)
                elif isinstance(value, str | bool | None):
                    key.append((name, value))
                else:
                    return None
        return cls(tuple(key), tuple(numbers))


_definitions: dict[type[Component], tuple[list[tuple[object, ...]], int]] = {}
_numbers = itertools.count()


def _definition(cls: type[Component]) -> int:
    """Return the number of a class's definition: another one as soon as anything in it changes, or in what it derives from."""
    now = [tuple(vars(base).values()) for base in cls.__mro__]
    before, number = _definitions.get(cls, ([], 0))
    if now != before:
        number = next(_numbers)
        _definitions[cls] = now, number
    return number


@dataclass(frozen=True, slots=True)
class StepTemplate(Generic[E]):
    """A recorded step, and what follows from it, as functions of numbers.

    Attributes:
        run: the arithmetic of the recording.
        constants: its constants, as flint's numbers.
        step: makes the recorded step.
        ends: makes what follows.
    """

    run: Run
    constants: tuple[Any, ...]
    step: Callable[[At], StepInequalities]
    ends: Callable[[At], E]

    @classmethod
    def record(cls, question: RateQuestion, more: Sequence[Fraction], follows: Follows[E]) -> StepTemplate[E] | None:
        """Record a question's step, and what follows from it; None where that is more than arithmetic and comparisons.

        Args:
            question: the question, whose recording has been found in order.
            more: numbers besides those of the question.
            follows: see :func:`recalled`.
        """
        program = StraightLineProgram()
        try:
            method = question.method.over(program.input)
            setting = _over(question.setting, program.input)
            built, trace = recorded(method, setting, question.metric, program, question.lyapunov_class)
            built = replace(built, separated=separated(trace, _more))
            ends = follows(program.constant, built, trace, method, [program.input(a) for a in more])
            if ends is None:
                return None
            places: Places = {}
            step, made = evaluated(built, places), evaluated(ends, places)
            return cls(program.compiled(list(places)), tuple(map(flint_number, program.constants)), step, made)
        except (EfpepError, TypeError, AttributeError, ArithmeticError):
            return None

    def at(self, numbers: Sequence[Fraction]) -> tuple[StepInequalities, E] | None:
        """Return the step and what follows at other numbers, those of the question first; None where it is not known."""
        try:
            found = self.run([flint_number(a) for a in numbers], self.constants)
        except ZeroDivisionError:
            return None
        if found is None:
            return None
        at = [fraction(a) for a in found].__getitem__
        return self.step(at), self.ends(at)


@dataclass(slots=True)
class _Known:
    """What is kept of one shape: its programs, and how often one was to be recorded."""

    templates: list[StepTemplate[Any]] = field(default_factory=list[StepTemplate[Any]])
    tries: int = 0


KNOWN: dict[tuple[object, ...], _Known] = {}
"""What is kept, by shape."""


def recalled(
    question: RateQuestion, case: str, more: Sequence[Fraction], follows: Follows[E]
) -> tuple[StepInequalities, E] | None:
    """Return a question's recorded step and what follows from it, from a program; None where the step is to be recorded.

    The first question of a shape is always recorded as it stands.

    Args:
        question: the question.
        case: what ``follows`` depends on besides its arguments: questions of one case have the same.
        more: numbers besides those of the question.
        follows: makes, of how constants are written, the recorded step, the trace, the method and the further numbers, what
            follows: tuples, dataclasses and numbers, by arithmetic and comparisons alone.
    """
    shape = Shape.of(question)
    if shape is None:
        return None
    key = (case, *shape.key)
    known = KNOWN.get(key)
    if known is None:
        if len(KNOWN) >= _SHAPES:
            KNOWN.clear()
        KNOWN[key] = _Known()
        return None
    numbers = (*shape.numbers, *more)
    for template in known.templates:
        found = template.at(numbers)
        if found is not None:
            return found
    if known.tries >= _MOST:
        return None
    known.tries += 1
    template = StepTemplate[E].record(question, more, follows)
    if template is None:
        return None
    known.templates.append(template)
    return template.at(numbers)


def _over(setting: Setting, change: Callable[[Scalar], Any]) -> Setting:
    """Return a setting with its numbers changed, in the order of shapes."""
    parts = {"functions": setting.functions, "compressor": setting.compressor}
    return replace(setting, **{name: part.over(change) for name, part in parts.items() if part is not None})


def _more(*_: object) -> NoReturn:
    """Refuse to record an instance that separates messages: it is no arithmetic with the question's numbers.

    Raises:
        TypeError: always.
    """
    raise TypeError("messages are separated by an instance.")
