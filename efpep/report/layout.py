"""How a table is laid out, as its study file and the command line say."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, Self, TypedDict, Unpack, cast

from efpep.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

COMPARISONS = ("ratio", "difference")
COLUMNS = ("step", "rho", "iterations", *COMPARISONS, "lower", "upper", "theory", "standing", "verdict")
"""What tables of rates show of an answer.

``iterations`` is ``1/log(1/rho)``, the steps for a factor e, ``ratio`` how many times more of them than the reference's,
``difference`` how much larger rho is than the reference's,
``theory`` the closed form of the rate, and ``standing`` what stands behind it, where one is known.
"""


class Keys(TypedDict, total=False):
    """The attributes of :class:`TableLayout`."""

    columns: Sequence[str] | None
    digits: int | None
    pivot: str | None
    reference: str | None
    best: bool
    notes: bool
    short_caption: str | None
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
        pivot: what stands across, each value with columns of its own: ``"method"``, or what the questions differ in, such as
            ``"kappa"``, ``"delta"``, ``"step_size"``; ``"none"`` for one row a question; None for what the form usually shows.
        reference: what ratios and differences are taken to: a method, or a value of what the questions differ in, such as
            ``"kappa=10"``; None for the first method.
        best: whether the smallest proved bound is bold: of each setting, or of each row where step sizes stand across.
        notes: whether notes below the table (in LaTeX by threeparttable) say the digest of the certificates and the command that
            makes the table.
        caption: a caption instead of the study's title and what is said of the numbers.
        short_caption: what LaTeX's list of tables says instead of a caption that is given, or of the title.
        label: the LaTeX label, such as ``"tab:rates"``.
        standalone: whether LaTeX is a whole document rather than a fragment for ``\input``.
        command: the command that makes the table.

    Raises:
        InputError: a column is unknown or named twice, or there are too many or too few digits.
    """

    columns: tuple[str, ...] | None = None
    digits: int | None = None
    pivot: str | None = None
    reference: str | None = None
    best: bool = False
    notes: bool = False
    caption: str | None = None
    short_caption: str | None = None
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
        """Return the layout with other keys; those that are None, false or empty text stay as they are.

        Raises:
            InputError: as for the layout itself.
        """
        given = {name: value for name, value in keys.items() if value is not None and value is not False and value != ""}
        if "columns" in given:
            given["columns"] = tuple(cast("Sequence[str]", given["columns"]))
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
