"""What an entry and a difference are, and what became of them in a run."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Entry:
    """A table or a figure, or what else a command says.

    Attributes:
        name: what its files in ``paper/`` are called.
        published: its number, or that of what it stands for; as the authors' code numbers it; empty where none is known here.
        shows: what it shows.
        command: the words after ``efpep``.
        whole: where the command takes a sample or a coarse grid, the command of the whole.
        takes: about how long that takes, where it is known.
        differs: the keys of the differences from what was published.
    """

    name: str
    published: str
    shows: str
    command: str
    whole: str = ""
    takes: str = ""
    differs: tuple[str, ...] = ()

    DRAWING: ClassVar[Mapping[str, str]] = {"figure": "--output", "simulate": "--figure"}
    """The commands that draw, and the option that says where the figure goes."""

    @property
    def words(self) -> list[str]:
        """The words of the command; those of one that draws, or writes a report, end with where that goes."""
        words = shlex.split(self.command)
        if words[0] in self.DRAWING:
            return [*words, self.DRAWING[words[0]], f"paper/{self.file}"]
        return [*words, "--report", f"paper/{self.name}"] if words[0] == "run" else words

    @property
    def file(self) -> str:
        """The file in ``paper/``: the figure, or what the command prints."""
        verb = self.command.partition(" ")[0]
        return f"{self.name}.{'pdf' if verb in self.DRAWING else 'tex' if verb == 'table' else 'txt'}"


@dataclass(frozen=True, slots=True)
class Evidence:
    """A command, and what it prints if the claim holds.

    Attributes:
        command: the words after ``efpep``.
        says: a part of what is printed.
    """

    command: str
    says: str


@dataclass(frozen=True, slots=True)
class Difference:
    """Where an answer differs from what was published, and why.

    Attributes:
        key: what entries call it.
        about: what was published.
        published: what it says.
        here: what is found here.
        why: the reason.
        evidence: commands that take a second or so.
        recorded: a file that says what long commands printed.
    """

    key: str
    about: str
    published: str
    here: str
    why: str
    evidence: tuple[Evidence, ...] = ()
    recorded: str = ""


@dataclass(frozen=True, slots=True)
class Part:
    """The entries and the differences about one paper.

    Attributes:
        title: the paper.
        about: how it is numbered, and what is left out.
        entries: its tables and figures.
        differences: where they differ.
    """

    title: str
    about: str
    entries: tuple[Entry, ...]
    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a command.

    Attributes:
        failure: one sentence; empty where it was answered, or not run.
        open: whether something stayed undecided.
        seconds: how long it took.
        processor: the processor time.
        ran: whether it was run.
    """

    failure: str = ""
    open: bool = False
    seconds: float = 0
    processor: float = 0
    ran: bool = True

    ANSWERED: ClassVar[tuple[int, ...]] = (0, 3, 4)
    """The statuses of answers: all, that there is no contraction, and that something is undecided."""

    @property
    def said(self) -> str:
        """What became of it, in a few words."""
        if not self.ran:
            return "left out of this run"
        time = f"{self.seconds:.0f} s, {self.processor:.0f} s of processor time"
        return f"FAILED: {self.failure}" if self.failure else f"{time}{', something is undecided' if self.open else ''}"
