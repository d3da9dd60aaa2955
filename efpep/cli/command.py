"""What a command is: its options as fields of a frozen dataclass, and what it does with them.

typer reads the options from the constructor, so a command gets those of another class by inheritance. This module and others
whose fields are inherited do without ``from __future__ import annotations``, so that typer sees types and no names to look up.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar

from efpep.cli import options
from efpep.cli.output import keep_certificate, show
from efpep.cli.status import ExitCode

if TYPE_CHECKING:
    from efpep.proof.files import Saved
    from efpep.questions.answer import Answer


@dataclass(frozen=True, kw_only=True)
class Command(ABC):
    """A command with its options as they were written; its docstring is the command's help."""

    @abstractmethod
    def run(self) -> int:
        """Do what is asked for and return the exit status.

        Raises:
            EfpepError: the options are malformed, missing or impossible, or what they ask for is not available here.
        """


class Printable(Protocol):
    """The answer to a question, as far as all commands know it."""

    @property
    def certificate(self) -> "Saved | None":
        """What is proved; None where nothing is."""
        ...


A = TypeVar("A", bound=Printable)
B = TypeVar("B", bound="Answer[Any, Any, Any]")


@dataclass(frozen=True, kw_only=True)
class Asking(Command, Generic[A]):
    """A command that asks for an answer with a certificate: it says how it asks, and how the answer is printed."""

    solver: options.SolverName = "clarabel"
    certificate: options.CertificateFile = None
    as_json: options.AsJson = False

    @abstractmethod
    def ask(self) -> A:
        """Return the answer.

        Raises:
            InputError: the question is not well posed.
            UnavailableError: a class of the user's or a solver is not available here.
        """

    @abstractmethod
    def as_object(self, found: A) -> Mapping[str, object]:
        """Return an answer as one JSON object."""

    @abstractmethod
    def as_text(self, found: A) -> str:
        """Return an answer as text."""

    def status(self, found: A) -> ExitCode:
        """Return the exit status of an answer; undecided where nothing is proved unless a command knows more."""
        return ExitCode.UNDECIDED if found.certificate is None else ExitCode.ANSWERED

    def keep(self, found: A) -> None:
        """Write an answer to the files that are named.

        Raises:
            InputError: a file cannot be written.
        """
        keep_certificate(found.certificate, self.certificate)

    def run(self) -> int:
        """Ask, write the certificate where a file is named, and print the answer."""
        found = self.ask()
        self.keep(found)
        show(self.as_json, lambda: self.as_object(found), lambda: self.as_text(found))
        return self.status(found)


@dataclass(frozen=True, kw_only=True)
class AskingKind(Asking[B]):
    """A command that asks a kind of question: how its answer is printed, the kind says."""

    def as_object(self, found: B) -> Mapping[str, object]:
        """Return an answer as its kind does."""
        from efpep.questions.kinds import answer_object

        return answer_object(found)

    def as_text(self, found: B) -> str:
        """Return an answer as its kind does."""
        from efpep.questions.kinds import answer_text

        return answer_text(found)

    def status(self, found: B) -> ExitCode:
        """Return the exit status of an answer: undecided, or answered."""
        from efpep.questions.base import Verdict

        return ExitCode.UNDECIDED if found.verdict is Verdict.UNDECIDED else ExitCode.ANSWERED
