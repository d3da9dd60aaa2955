"""Tables that are written in several forms."""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, Self, Unpack

from efpep.errors import InputError
from efpep.optional import optional
from efpep.report.arrangement import METHOD, across
from efpep.report.cells import method_names, parameters
from efpep.report.layout import Keys, TableLayout

if TYPE_CHECKING:
    import pandas as pd

    from efpep.report.cells import Parameter
    from efpep.report.entry import Entry

_ENDS = ("lower", "upper")


class Rendered(ABC):
    """A table that is written in several forms.

    Attributes:
        FORMS: what writes it, by form.
        layout: how it is laid out.
    """

    __slots__ = ()

    FORMS: ClassVar[Mapping[str, Callable[[Any], str]]]
    layout: TableLayout

    @property
    @abstractmethod
    def cells(self) -> Sequence[Mapping[str, object]]:
        """The rows as CSV has them: exact numbers as text, and the proved ends rounded outward."""

    @classmethod
    def check_layout(cls, layout: TableLayout) -> None:
        """Refuse a layout that the table cannot have.

        Raises:
            InputError: it cannot.
        """
        del layout  # every layout will do, unless a table says otherwise

    @classmethod
    def check_asked(cls, rows: Sequence[Entry], further: Sequence[Mapping[str, Parameter]], layout: TableLayout) -> None:
        """Refuse a layout that does not fit what is asked, before anything is answered.

        Args:
            rows: the questions.
            further: what each asks besides the method and the setting.
            layout: how the table is laid out.

        Raises:
            InputError: the table cannot have the layout, or the questions do not differ in what stands across.
        """
        cls.check_layout(layout)
        about = [{METHOD: name, **parameters(row)} for name, row in zip(method_names(rows), rows, strict=True)]
        across([{**each, **more} for each, more in zip(about, further, strict=True)], layout.pivot)

    @classmethod
    def renderer(cls, form: str) -> Callable[[Any], str]:
        """Return what writes the table as ``form``.

        Raises:
            InputError: there is no such form.
        """
        if form not in cls.FORMS:
            raise InputError(f"{form!r} is not a format of tables; choose one of {', '.join(cls.FORMS)}.", argument="form")
        return cls.FORMS[form]

    def render(self, form: str = "md", **keys: Unpack[Keys]) -> str:
        """Return the table as text.

        Args:
            form: ``"md"``, ``"html"``, ``"csv"``, ``"json"``, or ``"latex"``: a fragment for documents with booktabs, siunitx.
            keys: how it is laid out; see :class:`~efpep.report.layout.TableLayout`. With ``standalone=True`` LaTeX is a document.

        Raises:
            InputError: there is no such form, or no such layout.
        """
        return self.renderer(form)(self.laid_out(**keys))

    def laid_out(self, **keys: Unpack[Keys]) -> Self:
        """Return the table in another layout; raises as :meth:`render`."""
        layout = self.layout.changed(**keys)
        self.check_layout(layout)
        return replace(self, layout=layout)  # pyright: ignore[reportArgumentType, reportUnknownVariableType, reportUnknownMemberType]

    def to_pandas(self) -> pd.DataFrame:
        """Return the rows as a data frame: the columns of CSV, numbers as doubles, the proved ends rounded outward.

        Raises:
            UnavailableError: pandas is not installed.
        """
        frame = optional("pandas", "data frames").DataFrame
        return frame([{name: _double(name, value) for name, value in row.items()} for row in self.cells])

    def __str__(self) -> str:
        """Return the table in Markdown."""
        return self.render()

    def __repr__(self) -> str:
        """Return what the table is called, and its size."""
        return f"{type(self).__name__}: {self.render().splitlines()[0].removeprefix('# ')} ({len(self.cells)} rows)"

    def _repr_html_(self) -> str:
        """Return the table for notebooks."""
        return self.render("html")

    def _repr_markdown_(self) -> str:
        """Return the table for converters that take no HTML."""
        return self.render()


def _double(name: str, value: object) -> object:
    """Return a cell's exact text as a double, the ends rounded outward; other text as it is, and None where it is empty."""
    if value == "":
        return None
    try:
        exact = Fraction(str(value))
    except (ValueError, ZeroDivisionError):
        return value
    number = float(exact)
    end = name.rpartition("_")[2]
    if end in _ENDS and (Fraction(number) > exact if end == "lower" else Fraction(number) < exact):
        return math.nextafter(number, -math.inf if end == "lower" else math.inf)
    return number
