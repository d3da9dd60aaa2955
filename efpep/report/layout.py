"""How a table is laid out, as its study file and the command line say."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, Self, TypedDict, Unpack

from efpep.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

COLUMNS = ("step", "rho", "iterations", "lower", "upper", "verdict")
"""What tables of rates show of an answer; ``iterations`` is ``1/log(1/rho)``, the steps for a factor e."""


class Keys(TypedDict, total=False):
    """The attributes of :class:`TableLayout`."""

    columns: Sequence[str] | None
    digits: int | None
    best: bool
    notes: bool
    caption: str | None
    label: str | None
    standalone: bool
    command: str


class Described(Protocol):
    """A certificate, as far as its digest needs it."""

    def describe(self) -> Mapping[str, object]:
        """Return it as a JSON object."""
        ...


@dataclass(frozen=True, slots=True)
class TableLayout:
    r"""How a table is laid out.

    Attributes:
        columns: what is shown of an answer, of :data:`COLUMNS`; None for what the form usually shows.
        digits: how many decimals are asked for; None for the study's.
        best: whether the smallest proved bound of each setting is bold.
        notes: whether notes below the table say the digest of the certificates and the command that makes the table.
        caption: a caption instead of the study's title and what is said of the numbers.
        label: the LaTeX label, such as ``"tab:rates"``.
        standalone: whether LaTeX is a whole document rather than a fragment for ``\input``.
        command: the command that makes the table.

    Raises:
        InputError: a column is unknown or named twice, or there are too many or too few digits.
    """

    columns: tuple[str, ...] | None = None
    digits: int | None = None
    best: bool = False
    notes: bool = False
    caption: str | None = None
    label: str | None = None
    standalone: bool = False
    command: str = ""

    def __post_init__(self) -> None:
        """Check the columns and the digits."""
        for name in self.columns or ():
            if name not in COLUMNS:
                known = ", ".join(COLUMNS)
                raise InputError(f"columns has {name!r}, which tables of rates lack; choose from {known}.", argument="columns")
        if self.columns is not None and (not self.columns or len(set(self.columns)) < len(self.columns)):
            raise InputError("columns names none, or one twice; give each that is wanted once.", argument="columns")
        if self.digits is not None and not 1 <= self.digits <= 15:
            raise InputError(f"digits is {self.digits}; give 1 to 15 decimals.", argument="digits")
        if self.label is not None and not set(self.label).isdisjoint("{}\\%#~$&^ \n"):
            raise InputError(
                f"label is {self.label!r}, which LaTeX cannot refer to; give one such as tab:rates.", argument="label"
            )

    def changed(self, **keys: Unpack[Keys]) -> Self:
        """Return the layout with other keys; those that are None or false stay as they are.

        Raises:
            InputError: as for the layout itself.
        """
        given = {name: tuple(value) if name == "columns" else value for name, value in keys.items() if value}  # pyright: ignore[reportArgumentType, reportUnknownVariableType]
        return replace(self, **given)  # pyright: ignore[reportArgumentType]

    def told(self, certificates: Iterable[Described | None]) -> list[str]:
        """Return the notes below a table: none, or the digest of its certificates and the command that makes it."""
        if not self.notes:
            return []
        described = [None if certificate is None else certificate.describe() for certificate in certificates]
        total = hashlib.sha256(json.dumps(described, sort_keys=True).encode()).hexdigest()
        return [f"Certificates: SHA-256 {total[:16]}.", *([f"Made by: {self.command}"] if self.command else [])]


PLAIN = TableLayout()
"""The layout where nobody says any."""
