"""What Safe-EF with Top-K sends until its guarantee reaches an accuracy, in closed form.

With delta = K/d, ``q = sqrt(1 - delta)`` and an uncompressed broadcast the guarantee (docs/safe_ef.md, section 2) is at most the
accuracy epsilon after

    T = ceil((1+q)^2 d/K (R M/epsilon)^2)

rounds, in each of which a client sends at most ``b = 8 (4 + ceil(K ceil(log2 d)/8) + 8 K)`` bits: a count, K positions and K
doubles, as :mod:`efpep.compressors.packing` counts them, or all d doubles where K = d. So ``b T`` is about

    (1+q)^2 (1 + ceil(log2 d)/64)

times what is sent without compression, for every K < d: this guarantee promises no saving by Top-K; what it saves in runs is
measured.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from fractions import Fraction

from efpep.compressors.packing import counted_sizes
from efpep.errors import InputError
from efpep.model.argument import require_whole
from efpep.model.field import positive
from efpep.theory.safe_ef import uplink

_BITS, _DOUBLE = 8, 8


@dataclass(frozen=True, slots=True)
class Communication:
    """How much a client sends until the guarantee reaches an accuracy.

    Attributes:
        rounds: the number T of rounds.
        message: the bits b of one message.
    """

    rounds: int
    message: int

    @property
    def bits(self) -> int:
        """The bits of a client in all rounds."""
        return self.rounds * self.message


def top_k_communication(accuracy: object, d: int, k: int, *, R: object = 1, M: object = 1) -> Communication:
    """Return the rounds and bits after which Safe-EF with Top-K is proved to be within ``accuracy``.

    Derived for efpep from the constant ``(1+q)^2/delta`` of docs/safe_ef.md; the method is that of 2505.06053. Zeros are not
    sent, so that ``bits`` is the most that is.

    Args:
        accuracy: epsilon, in units of function values.
        d: the dimension.
        k: how many of the d entries are kept.
        R: the distance of the start from a solution.
        M: the bound of subgradients.

    Raises:
        InputError: a number that is not positive, or k above d.
    """
    require_whole(d, "d", 1)
    require_whole(k, "k", 1)
    if k > d:
        raise InputError(f"k is {k}, but vectors have {d} entries; give at most d.", argument="k")
    ratio = positive(R, "R") * positive(M, "M") / positive(accuracy, "accuracy")
    rounds = math.ceil(uplink(Fraction(k, d)).value * ratio**2)
    message = _DOUBLE * d if k == d else int(counted_sizes([k], d)[0])
    return Communication(rounds, _BITS * message)
