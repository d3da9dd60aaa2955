"""Tables that are written in several forms."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from efpep.errors import InputError


class Rendered:
    """A table that is written in several forms.

    Attributes:
        FORMS: what writes it, by form.
    """

    __slots__ = ()

    FORMS: ClassVar[Mapping[str, Callable[[Any], str]]]

    @classmethod
    def renderer(cls, form: str) -> Callable[[Any], str]:
        """Return what writes the table as ``form``.

        Raises:
            InputError: there is no such form.
        """
        if form not in cls.FORMS:
            raise InputError(f"{form!r} is not a format of tables; choose one of {', '.join(cls.FORMS)}.", argument="form")
        return cls.FORMS[form]

    def render(self, form: str = "md") -> str:
        """Return the table as text.

        Args:
            form: ``"md"``, ``"csv"``, ``"latex"`` (a complete document that compiles as it stands) or ``"json"``.

        Raises:
            InputError: there is no such form.
        """
        return self.renderer(form)(self)

    def __str__(self) -> str:
        """Return the table in Markdown."""
        return self.render()

    def _repr_markdown_(self) -> str:
        """Return the table for notebooks."""
        return self.render()
