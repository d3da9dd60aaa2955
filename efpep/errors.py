"""The errors that efpep raises: each message is one sentence with what is wrong, why, and the remedy."""


class EfpepError(Exception):
    """Base of every error raised on purpose by efpep."""


class InputError(EfpepError, ValueError):
    """The question is not well posed: a parameter, a file or an option has to be changed by the user."""


class CertificateError(EfpepError):
    """A certificate is malformed or its witnesses do not prove its claim."""


class ContradictionError(CertificateError):
    """A run contradicts what is proved about it."""


class UnavailableError(EfpepError):
    """Something that the question needs is not installed or cannot be imported here."""


def reason(error: BaseException) -> str:
    """Return what an error says on one line without a full stop."""
    text = " ".join(f"{type(error).__name__}: {error}".split()).replace(". ", "; ")
    return text[:200].rstrip(".: ")
