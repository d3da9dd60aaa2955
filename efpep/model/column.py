"""Columns: the basis vectors of a Trace, with the units that they are measured in."""

from __future__ import annotations

import enum
from dataclasses import dataclass

from efpep.model.linear import ZERO, Linear


class Unit(enum.Enum):
    """The physical unit of a vector: that of points or that of gradients."""

    POINT = "point"
    GRADIENT = "gradient"


@dataclass(frozen=True, slots=True)
class Column:
    """A basis vector: its name, and either its unit or the linear form whose size it has (residuals of compressors)."""

    name: str
    unit: Unit | None
    like: Linear = ZERO
