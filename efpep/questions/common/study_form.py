"""How questions of a kind stand in study files: which keys they take, how they are posed, and what tables show of their answers.

A kind says so in its module ``study``, whose ``FORM`` is a frozen dataclass: its fields are the keys, each with the function that
reads it and the value that it has where a file does not give it. Files, tasks, stores and tables follow from it
(:mod:`efpep.studies.questions`).
"""

from __future__ import annotations

import dataclasses
import itertools
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar, cast

from efpep.errors import InputError
from efpep.methods import Method
from efpep.model.field import argument_of, shown
from efpep.model.function_class import FunctionClass
from efpep.model.metric import METRICS
from efpep.model.text import exact
from efpep.questions.base import AnyCertificate, Ends, Question, Verdict
from efpep.questions.kinds import KINDS
from efpep.report.answer import interval_object
from efpep.setting import Setting

Q = TypeVar("Q", bound=Question[Any, Any])
Quantity: TypeAlias = Ends | bool | None
"""What a table shows of an answer: the proved ends of a number, or yes, no and undecided."""


@dataclass(frozen=True, slots=True)
class Key:
    """How a key of study files is read.

    Attributes:
        read: reads a value, given it and the key's name.
        several: whether a list of values is as many questions.
        search: whether it says how the answer is searched for, as an option of ``ask``.
        placed: whether it is a part of the setting, of the same name.
        later: whether it came later than its kind: its usual value goes unsaid, so that stored answers are still found.
        example: a value for messages, where there is no usual one.
    """

    read: Callable[[object, str], object]
    several: bool = False
    search: bool = False
    placed: bool = False
    later: bool = False
    example: str = ""


def key(read: Callable[[Any, str], object], default: object = dataclasses.MISSING, **more: Any) -> Any:
    """Return the field of a form that is a key of study files; see :class:`Key`."""
    metadata = {"key": Key(read, **more)}
    if isinstance(default, dict):
        return field(default_factory=lambda: cast("dict[str, object]", default), metadata=metadata)
    return field(default=default, metadata=metadata)


@dataclass(frozen=True, kw_only=True)
class StudyForm(ABC, Generic[Q]):
    """What is asked of every method in every setting of a study, before step sizes are known.

    Attributes:
        KIND: the kind's name.
        STORED: how stores call its questions, where not by this name.
        VALUE: what JSON objects call the interval.
        MEANING: what the numbers of a table mean.
        OPEN: why an answer is undecided.
        RESOLVED: whether a step size that is left open is the literature's optimal one, which has to be known then.
    """

    KIND: ClassVar[str]
    STORED: ClassVar[str] = ""
    VALUE: ClassVar[str] = "value"
    MEANING: ClassVar[str]
    OPEN: ClassVar[str] = "the solvers' proposals do not prove an upper end"
    RESOLVED: ClassVar[bool] = True

    @abstractmethod
    def question(self, method: Method, setting: Setting) -> Q:
        """Return the question as certificates are about it.

        Raises:
            InputError: it is not well posed.
        """

    @abstractmethod
    def told(self) -> str:
        """Return what is asked, as a sentence."""

    @classmethod
    def asks(cls, method: type[Method], functions: type[FunctionClass] | None = None) -> bool:
        """Return whether the kind is the one that its verb asks of a method about functions of a class (None: the usual one)."""
        del method, functions
        return True

    @classmethod
    def functions(cls, method: type[Method]) -> str | None:
        """Return the class of the functions where a study gives none; None for smooth strongly convex."""
        del method
        return None

    def tuning(self) -> dict[str, Any]:
        """Return by which rate step sizes are tuned for the question, as :func:`efpep.tune` takes it."""
        names = ("metric", "lyapunov", "memory", "features")
        given = {name: getattr(self, name) for name in names if name in self.readers()}
        return {name: value for name, value in given.items() if name != "metric" or value in METRICS}

    def fits(self, claimed: Question[Any, Any], asked: Q) -> bool:
        """Return whether a certificate's question is the one that was asked."""
        return claimed == asked

    def answer(self, asked: Q, solver: str) -> tuple[AnyCertificate | None, dict[str, str]]:
        """Return what is proved, or None, and by name whose proposals it rests on, and a note on what is not proved.

        Raises:
            InputError: the question is not well posed.
        """
        from efpep.questions.answer import ask

        found = ask(asked, solver, **{name: getattr(self, name) for name, how in self.readers().items() if how.search})
        return found.certificate, {"solver": found.solver, "note": str(getattr(found, "note", ""))}

    def verdict(self, certificate: AnyCertificate, asked: Q) -> Verdict:
        """Return what a certificate says."""
        del asked
        return certificate.verdict

    def claimed(self, certificate: AnyCertificate | None, asked: Q) -> dict[str, object]:
        """Return the numbers that a certificate proves, as text; all of them None where it proves none."""
        del asked
        ends = (None, None) if certificate is None else certificate.ends
        return {name: None if end is None else str(end) for name, end in zip(("lower", "upper"), ends, strict=True)}

    def quantities(self, claimed: Mapping[str, object]) -> dict[str, Quantity]:
        """Return what a table shows of an answer, by name."""
        return {self.VALUE: ends_of(claimed)}

    def decimals(self, lower: Fraction | None, upper: Fraction | None) -> dict[str, str | None]:
        """Return an interval as decimals rounded outward."""
        return interval_object(lower, upper)

    def method(self, asked: Q, claimed: Mapping[str, object]) -> Method:
        """Return the method with the step size that a table shows."""
        del claimed
        return asked.method

    def setting(self, setting: Setting) -> Setting:
        """Return a setting with the keys that are parts of it."""
        given = {name: getattr(self, name) for name, how in self.readers().items() if how.placed}
        return dataclasses.replace(setting, **given) if any(value is not None for value in given.values()) else setting

    def describe(self, method: Method) -> dict[str, object]:
        """Return what is asked besides the method and the setting, as exact text: everything that the answer depends on."""
        del method
        usual = {field.name: field.default for field in dataclasses.fields(self)}
        said = [name for name, how in self.readers().items() if not how.placed]
        said = [name for name in said if not self.readers()[name].later or getattr(self, name) != usual[name]]
        return {name: written(getattr(self, name)) for name in said}

    def further(self) -> dict[str, object]:
        """Return the keys in which the questions of one study differ."""
        return {name: written(getattr(self, name)) for name, how in self.readers().items() if how.several}

    def about(self) -> dict[str, object]:
        """Return the keys that are the same for all questions of one study."""
        values = {name: getattr(self, name) for name, how in self.readers().items() if not how.several and not how.search}
        return {name: written(value) for name, value in values.items() if value is not None}

    @classmethod
    def readers(cls) -> dict[str, Key]:
        """Return how the keys are read, by name."""
        return {f.name: f.metadata["key"] for f in dataclasses.fields(cls)}

    @classmethod
    def combined(cls, given: Mapping[str, object]) -> Iterator[StudyForm[Q]]:
        """Yield a form for every combination of the values that a study gives, of each key one or a list.

        Raises:
            InputError: a key is missing, or the kind does not take it.
        """
        kind, keys = KINDS[cls.KIND], cls.readers()
        for name in given:
            if name not in keys:
                raise InputError(f"{name} are given, but the {cls.KIND} does not depend on them; leave them out.", argument=name)
        for f in dataclasses.fields(cls):
            if f.name not in given and f.default is dataclasses.MISSING and f.default_factory is dataclasses.MISSING:
                raise InputError(
                    f"{f.name} is missing, and the question of 'efpep {kind.verb}' is about it; give it, such as "
                    f"{keys[f.name].example}.",
                    argument=f.name,
                )
        lists = [cast("list[object]", value) if keys[name].several else [value] for name, value in given.items()]
        for values in itertools.product(*lists):
            yield cls(**dict(zip(given, values, strict=True)))


AnyForm: TypeAlias = StudyForm[Any]
"""The form of questions of whatever kind."""


def ends_of(claimed: Mapping[str, object]) -> Ends:
    """Return the ends ``lower`` and ``upper`` of what is claimed, as numbers."""
    lower, upper = (None if claimed.get(end) is None else Fraction(str(claimed[end])) for end in ("lower", "upper"))
    return lower, upper


def written(value: object) -> object:
    """Return a key's value as exact text."""
    if isinstance(value, Mapping):
        return {name: written(part) for name, part in cast("Mapping[str, object]", value).items()}
    return exact(value) if isinstance(value, Fraction) else value


def one_of(known: Mapping[str, object] | tuple[str, ...]) -> Callable[[object, str], str]:
    """Return what reads one of some names."""

    def read(value: object, what: str) -> str:
        if not isinstance(value, str) or value not in known:
            raise InputError(f"{what} is {shown(value)}; choose one of {', '.join(known)}.", argument=argument_of(what))
        return value

    return read


def text(value: object, what: str) -> str:
    """Read a text that is not blank.

    Raises:
        InputError: it is another thing.
    """
    if not isinstance(value, str) or not value.strip():
        raise InputError(f"{what} is {shown(value)}, which is no name or formula; give one.", argument=argument_of(what))
    return value.strip()


def names(value: object, what: str) -> list[str]:
    """Read a list of names.

    Raises:
        InputError: it is another thing, or empty.
    """
    if not isinstance(value, list) or not value:
        given = shown(cast("object", value))
        raise InputError(f"{what} is {given}, which is no list of names; give at least one.", argument=argument_of(what))
    return [text(item, what) for item in cast("list[object]", value)]


def truth(value: object, what: str) -> bool:
    """Read true or false.

    Raises:
        InputError: it is another thing.
    """
    if not isinstance(value, bool):
        raise InputError(f"{what} is {shown(value)}, neither true nor false; give one of these.", argument=argument_of(what))
    return value
