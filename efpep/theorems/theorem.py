"""What every theorem offers: its statement, its check, and its text in LaTeX."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING

from efpep.errors import InputError
from efpep.report.display import Display, Displayed

if TYPE_CHECKING:
    from efpep.theorems.report import Report


class Theorem(Displayed, ABC):
    """A theorem about a method, with its proof as data."""

    @property
    @abstractmethod
    def key(self) -> str:
        """The key of the method that it is about."""

    @property
    @abstractmethod
    def name(self) -> str:
        """What it is about, in a few words."""

    @property
    @abstractmethod
    def reference(self) -> str:
        """Whose theorem it is."""

    @abstractmethod
    def statement(self) -> list[str]:
        """Return what it says, in sentences."""

    def display(self) -> Display:
        """Return what notebooks and prompts show: the statement, with its proof in LaTeX folded; nothing is checked."""
        said = [("statement" if k == 0 else "", sentence) for k, sentence in enumerate(self.statement())]
        return Display("stated", self.name, [*said, ("reference", self.reference)], None, ("LaTeX", self.latex))

    @abstractmethod
    def check(self) -> Report:
        """Check the proof in exact arithmetic."""

    @abstractmethod
    def latex(self) -> str:
        """Return the theorem and its proof in LaTeX, ready for an appendix."""

    def coq(self) -> str:
        """Return the decrease as a file for the proof assistant Coq, where there is one.

        Raises:
            InputError: this theorem is none about rates at every step size.
        """
        raise InputError(f"there is no file for Coq of the theorem {self.name!r}; there are some of ef, ef21 and cgd.")


class CatalogueTheorem(Theorem):
    """Base of the theorems that are stated as data: what they are called stands in their fields.

    Attributes:
        method: the method's key.
        title: what it is about.
        source: whose theorem it is.
    """

    method: str
    title: str
    source: str

    @property
    def key(self) -> str:
        """The key of the method."""
        return self.method

    @property
    def name(self) -> str:
        """The title."""
        return self.title

    @property
    def reference(self) -> str:
        """The source."""
        return self.source
