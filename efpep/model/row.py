"""Rows: the relations that every run of a method satisfies, each with the inequality that it is."""

from __future__ import annotations

from dataclasses import dataclass

from efpep.model.form import Form

MINIMISER = "*"
"""The label of the sample at the minimiser."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Which inequality a row is, of which samples or message, and of whom.

    Attributes:
        inequality: the inequality: ``"interpolation"``, ``"compression"``, ``"initial"``, ...
        about: the labels of the samples, the message, the feasible points or the state that it is about, in order.
        group: the number of the group of agents, from 0; None for the server, and for what is about all agents.
        part: of which part of the vectors it is (``"mean"``, ``"deviation"``, ``"average"``); empty for the whole.
        server: whether it is about a message that the server compresses.
        past: the block and the name of the earlier column that a fluctuation is orthogonal to, or None.
        other: the number of the other group, from 0, whose draws are independent of this one's, or None.
    """

    inequality: str
    about: tuple[str, ...] = ()
    group: int | None = None
    part: str = ""
    server: bool = False
    past: tuple[str, str] | None = None
    other: int | None = None

    def name(self, *, several: bool) -> str:
        """Return the row's name; with ``several`` groups it has the group's number."""
        said = f"{self.inequality}({','.join(self.about)})" if self.about else self.inequality
        said += f" of the {self.part}" if self.part else ""
        said += f" of group {self.other + 1}" if self.other is not None else ""
        said += " at the server" if self.server else ""
        said += f" | {self.past[0]} {self.past[1]}" if self.past is not None else ""
        return f"{said}[{self.group + 1}]" if several and self.group is not None else said

    @property
    def lag(self) -> int | None:
        """How far apart the two samples are; None where one is the minimiser, or there are no two."""
        if len(self.about) != 2 or not all(label.isdecimal() for label in self.about):
            return None
        return abs(int(self.about[0]) - int(self.about[1]))


@dataclass(frozen=True, slots=True)
class Row:
    """A recorded relation ``form <= 0`` (or ``form == 0``) that every run of the method satisfies.

    Attributes:
        name: the name under which certificates have its multiplier.
        form: the form.
        equality: whether it is an equality.
        origin: which inequality it is.
    """

    name: str
    form: Form
    equality: bool
    origin: Origin
