"""The theorems that efpep knows, by the key of the method that they are about."""

from __future__ import annotations

from efpep.theorems.averaging import SAFE_EF
from efpep.theorems.compressed_gradients import CGD
from efpep.theorems.econtrol_law import ECONTROL
from efpep.theorems.error_feedback import EF, EF21
from efpep.theorems.groups import EF21_GROUPS, EF_GROUPS
from efpep.theorems.theorem import Theorem

THEOREMS: tuple[Theorem, ...] = (EF, EF21, CGD, EF_GROUPS, EF21_GROUPS, SAFE_EF, ECONTROL)


def theorems_about(key: str) -> list[Theorem]:
    """Return the theorems about a method, the most important one first."""
    return [theorem for theorem in THEOREMS if theorem.key == key]
