"""The errors that efpep raises: each message is one sentence with what is wrong, why, and the remedy."""

from __future__ import annotations

from collections.abc import Sequence


class EfpepError(Exception):
    """Base of every error raised on purpose by efpep."""


class InputError(EfpepError, ValueError):
    """The question is not well posed: a parameter, a file or an option has to be changed by the user.

    Attributes:
        arguments: the names of the arguments of the call that the error is about; the command line names their options.
    """

    def __init__(self, message: str = "", *, argument: str | Sequence[str] | None = None) -> None:
        """Say what is wrong.

        Args:
            message: one sentence with what is wrong, why, and the remedy.
            argument: the argument that it is about, or several; None where it is about none.
        """
        super().__init__(message)
        self.arguments: tuple[str, ...] = (
            () if argument is None else (argument,) if isinstance(argument, str) else tuple(argument)
        )


class CertificateError(EfpepError):
    """A certificate is malformed or its witnesses do not prove its claim."""


class ContradictionError(CertificateError):
    """A run contradicts what is proved about it."""


class UnavailableError(EfpepError):
    """Something that the question needs is not installed or cannot be imported here."""


class UndecidedError(EfpepError):
    """Nothing was proved or refuted: what was tried, and why it failed."""


def reason(error: BaseException) -> str:
    """Return what an error says on one line without a full stop."""
    text = " ".join(f"{type(error).__name__}: {error}".split()).replace(". ", "; ")
    return text[:200].rstrip(".: ")
