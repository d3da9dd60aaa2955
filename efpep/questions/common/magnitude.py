"""Questions whose numbers no solver can hold."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from efpep.errors import InputError


@contextmanager
def within_doubles() -> Generator[None]:
    """Say of an overflow in what is done inside that the question's numbers are too far apart.

    Raises:
        InputError: a number of the question is no double.
    """
    try:
        yield
    except OverflowError as error:
        raise InputError(
            "the numbers of the question span too many orders of magnitude for a solver; rescale the problem."
        ) from error
