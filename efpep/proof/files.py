"""Reading certificate files: strict, with one sentence for whatever is wrong."""

from __future__ import annotations

import json
import os
import re
from abc import abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Any, Self, cast

from efpep.errors import CertificateError, InputError
from efpep.model.argument import path_of
from efpep.model.field import shown
from efpep.model.system import Matrix
from efpep.trust import allowing

_NUMBER = re.compile(r"-?[0-9]{1,4000}(/[0-9]{1,4000})?")
_LARGEST = 20_000_000


def load(path: Path) -> dict[str, object]:
    """Return the JSON object in a file.

    Raises:
        CertificateError: the file cannot be read or holds no JSON object.
    """
    name = str(path) if str(path).isprintable() else repr(str(path))
    try:
        with path.open("rb") as file:
            content = file.read(_LARGEST + 1)
    except OSError as error:
        raise CertificateError(f"{name} cannot be read ({error.strerror}).") from error
    except ValueError as error:
        raise CertificateError(f"{name} cannot be read ({error}).") from error
    if len(content) > _LARGEST:
        raise CertificateError(f"{name} is larger than {_LARGEST} bytes, which no certificate is.")
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CertificateError(f"{name} is not a text file.") from error
    try:
        parsed: object = json.loads(text, object_pairs_hook=_unique, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise CertificateError(f"{name} is not JSON ({error}).") from error
    return table(parsed, "the file")


def text_of(described: Mapping[str, object]) -> str:
    """Return a JSON object as the text of a file."""
    return json.dumps(described, indent=1) + "\n"


def save(path: str | Path, described: Mapping[str, object]) -> None:
    """Write a JSON object to a file.

    Raises:
        InputError: the file cannot be written.
    """
    try:
        path_of(path).write_text(text_of(described), encoding="utf-8")
    except (OSError, ValueError) as error:
        raise InputError(
            f"the certificate cannot be written to {str(path)!r} ({getattr(error, 'strerror', error)}); "
            "give a path that can be written.",
            argument="path",
        ) from error


class Saved:
    """What is written to a file and read from it, by ``describe`` and ``restore``."""

    __slots__ = ()

    @abstractmethod
    def describe(self) -> dict[str, object]:
        """Return it as a JSON object."""

    @classmethod
    @abstractmethod
    def restore(cls, described: Mapping[str, object]) -> Self:
        """Return what :meth:`describe` described, without checking any proof.

        Raises:
            CertificateError: the description is malformed, or does not fit the question that it names.
            UnavailableError: a class of the user's cannot be imported here.
        """

    def save(self, path: str | Path) -> None:
        """Write it to a JSON file.

        Raises:
            InputError: the file cannot be written.
        """
        save(path, self.describe())

    @classmethod
    def load(cls, path: str | Path, *, allow: Iterable[str] = ()) -> Self:
        """Read it from a JSON file, without checking any proof.

        Args:
            path: the file.
            allow: the names of the modules that it may name classes of, whose code runs then; see :mod:`efpep.trust`.

        Raises:
            CertificateError: the file is malformed.
            InputError: ``path`` is no path.
            UnavailableError: the module of a user's class is not allowed, or the class cannot be imported here.
        """
        if not isinstance(path, str | os.PathLike):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InputError(f"path is {shown(path)}, which is not the path of a file; give one.", argument="path")
        with allowing(*([allow] if isinstance(allow, str) else allow)):
            return cls.restore(load(Path(path)))


def table(value: object, what: str, keys: Sequence[str] | None = None) -> dict[str, object]:
    """Return a JSON object, with exactly ``keys`` where they are given.

    Raises:
        CertificateError: it is not an object, or its keys differ.
    """
    if not isinstance(value, dict):
        raise CertificateError(f"{what} is not a JSON object.")
    found = cast("dict[str, object]", value)
    if keys is not None:
        missing = [key for key in keys if key not in found]
        if missing:
            raise CertificateError(f"{what} has no {shown(missing[0])}.")
        unknown = [key for key in found if key not in keys]
        if unknown:
            raise CertificateError(f"{what} has the unknown key {shown(unknown[0])}.")
    return found


def has(value: Mapping[str, object], keys: Sequence[str], what: str) -> None:
    """Refuse a JSON object without some of ``keys``.

    Raises:
        CertificateError: naming the first that is missing.
    """
    for key in keys:
        if key not in value:
            raise CertificateError(f"{what} has no {key!r}.")


def number(value: object, what: str) -> Fraction:
    """Return an exact number written as ``"p/q"`` or ``"p"``.

    Raises:
        CertificateError: it is written otherwise.
    """
    if not isinstance(value, str) or not _NUMBER.fullmatch(value):
        raise CertificateError(f"{what} is not an exact number written as 'p/q'.")
    numerator, _, denominator = value.partition("/")
    if denominator and int(denominator) == 0:
        raise CertificateError(f"{what} is a division by zero.")
    return Fraction(int(numerator), int(denominator or 1))


def matrix(value: object, what: str) -> Matrix:
    """Return a matrix of exact numbers.

    Raises:
        CertificateError: it is not a list of rows of equal length.
    """
    if not isinstance(value, list) or not all(isinstance(row, list) for row in cast("list[object]", value)):
        raise CertificateError(f"{what} is not a list of rows.")
    rows = cast("list[list[object]]", value)
    if any(len(row) != len(rows) for row in rows):
        raise CertificateError(f"{what} is not square.")
    return tuple(tuple(number(a, f"an entry of {what}") for a in row) for row in rows)


def named(value: object, names: Sequence[str], what: str) -> tuple[Fraction, ...]:
    """Return the numbers of an object whose keys are exactly ``names``, in their order.

    Raises:
        CertificateError: keys are missing or unknown, or a number is malformed.
    """
    found = table(value, what, names)
    return tuple(number(found[name], f"{what}: {name}") for name in names)


def listed(value: object, length: int, what: str) -> list[object]:
    """Return a list of the given length.

    Raises:
        CertificateError: it is no list, or of another length.
    """
    if not isinstance(value, list) or len(cast("list[object]", value)) != length:
        raise CertificateError(f"{what} is not a list of length {length}.")
    return cast("list[object]", value)


def written(values: Mapping[str, Fraction]) -> dict[str, str]:
    """Return numbers as text by name."""
    return {name: str(value) for name, value in values.items()}


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key occurs twice")
    return found


def _refuse_constant(name: str) -> object:
    raise ValueError(f"{name} is not a number of JSON")
