"""What a method may do with points: nothing that depends on where the origin lies.

Positions are measured from the minimiser ``x*``, wherever that is, so a proof is about a method only if the method does the same
after a shift of all points. It does if a point is a combination of points whose coefficients add up to 1, and if whatever is
compressed, or kept as an error or an estimate of a gradient, is one whose coefficients add up to 0: the *anchor* of a vector
(:class:`efpep.model.vector.Vector`) is that sum. Weight decay, gradients at ``x/2`` and compressed iterates are refused by it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

from efpep.errors import InputError
from efpep.model.field import shown

if TYPE_CHECKING:
    from efpep.model.field import Scalar


class Anchored(Protocol):
    """A vector that knows the sum of the coefficients of points in it."""

    @property
    def anchor(self) -> Scalar:
        """The sum."""
        ...


def require_point(v: Anchored, what: str) -> None:
    """Refuse a vector in which the coefficients of points do not add up to 1; ``what`` it is begins the sentence.

    Raises:
        InputError: they do not.
    """
    if not _is(v.anchor, 1):
        raise InputError(
            f"{what} is no point: the coefficients of points in it add up to {shown(v.anchor)}, so that it depends on where the "
            "origin lies, which the analysis does not know; let them add up to 1."
        )


def require_difference(v: Anchored, what: str) -> None:
    """Refuse a vector in which the coefficients of points do not add up to 0; ``what`` it is begins the sentence.

    Raises:
        InputError: they do not.
    """
    if not _is(v.anchor, 0):
        raise InputError(
            f"{what} is no difference: the coefficients of points in it add up to {shown(v.anchor)}, so that it depends on where "
            "the origin lies, which the analysis does not know; let them add up to 0."
        )


def _is(anchor: Any, wanted: int) -> bool:
    """Whether a sum of coefficients is the wanted number; floats, which prove nothing, may be off by rounding."""
    return abs(anchor - wanted) < 1e-9 if isinstance(anchor, float) else bool(anchor == wanted)
