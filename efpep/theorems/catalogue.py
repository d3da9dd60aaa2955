"""The theorems that efpep knows, by the key of the method that they are about."""

from __future__ import annotations

from efpep.theorems.compressed_gradients import CGD
from efpep.theorems.error_feedback import EF, EF21
from efpep.theorems.theorem import Theorem

THEOREMS: tuple[Theorem, ...] = (EF, EF21, CGD)


def theorems_about(key: str) -> list[Theorem]:
    """Return the theorems about a method, the most important one first."""
    return [theorem for theorem in THEOREMS if theorem.key == key]


def keys() -> list[str]:
    """Return the keys of the methods that theorems are about."""
    return list(dict.fromkeys(theorem.key for theorem in THEOREMS))
