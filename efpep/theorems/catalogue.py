"""The theorems that efpep knows, by the key of the method that they are about."""

from __future__ import annotations

from efpep.theorems.averages import ECONTROL_AVERAGES, EF21_AVERAGES, EF_AVERAGES
from efpep.theorems.averaging import SAFE_EF
from efpep.theorems.comparison import CGD_BEATS
from efpep.theorems.compressed_gradients import CGD
from efpep.theorems.different_steps import EF21_STEPS, EF_STEPS
from efpep.theorems.econtrol_law import ECONTROL
from efpep.theorems.ef21_nonconvex import EF21_DECREASE
from efpep.theorems.error_feedback import EF, EF21
from efpep.theorems.groups import EF21_GROUPS, EF_GROUPS
from efpep.theorems.theorem import Theorem

THEOREMS: tuple[Theorem, ...] = (
    EF,
    EF21,
    CGD,
    CGD_BEATS,
    EF_GROUPS,
    EF21_GROUPS,
    SAFE_EF,
    ECONTROL,
    EF_AVERAGES,
    EF21_AVERAGES,
    ECONTROL_AVERAGES,
    EF_STEPS,
    EF21_STEPS,
    EF21_DECREASE,
)


def theorems_about(key: str) -> list[Theorem]:
    """Return the theorems about a method, the most important one first."""
    return [theorem for theorem in THEOREMS if theorem.key == key]
