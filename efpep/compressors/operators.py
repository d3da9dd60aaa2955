"""The operators by key; :func:`read_operator` reads one from a line of text."""

from __future__ import annotations

from efpep.component import Catalogue
from efpep.compressors.adversarial import Adversarial
from efpep.compressors.bare_sign import BareSign
from efpep.compressors.block_top_k import BlockTopK
from efpep.compressors.clip import Clip
from efpep.compressors.identity import Identity
from efpep.compressors.low_rank import LowRank
from efpep.compressors.natural import NaturalCompression
from efpep.compressors.operator import CompressionOperator
from efpep.compressors.quantisation import Quantisation
from efpep.compressors.rand_k import RandK
from efpep.compressors.sign import Sign
from efpep.compressors.sparsification import Bernoulli, Sparsification
from efpep.compressors.top_k import TopK
from efpep.errors import InputError

OPERATORS: Catalogue[CompressionOperator] = Catalogue(
    "compression operator",
    CompressionOperator,
    [
        Identity,
        TopK,
        BlockTopK,
        RandK,
        Sparsification,
        Bernoulli,
        Sign,
        Quantisation,
        NaturalCompression,
        LowRank,
        Adversarial,
        BareSign,
        Clip,
    ],
)


def read_operator(text: str) -> CompressionOperator:
    """Return the operator that a line such as ``top-k:k=10`` names: a key, and parameters after a colon.

    Raises:
        InputError: the line is malformed, or the operator is unknown or has other parameters.
    """
    return OPERATORS.build(described(text, "the compression operator"))


def described(text: str, what: str) -> dict[str, object]:
    """Return the table ``{"class": key, name: value, ...}`` that a line ``key:name=value,name=value`` stands for.

    Raises:
        InputError: the line is malformed.
    """
    key, _, rest = text.partition(":")
    found: dict[str, object] = {"class": key.strip()}
    for piece in rest.split(",") if rest.strip() else []:
        name, sign, value = (part.strip() for part in piece.partition("="))
        if not (name and sign and value):
            raise InputError(f"{what} has {piece.strip()!r}, which is not name=value; write it like key:name=value,name=value.")
        if name in found:
            raise InputError(f"{what} gives {name} twice; give it once.")
        found[name] = value
    return found
