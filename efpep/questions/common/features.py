"""What Lyapunov functions and potentials are quadratic in: features of a step, by block."""

from __future__ import annotations

from dataclasses import dataclass

from efpep.model.column import Unit
from efpep.model.field import Scalar
from efpep.model.form import Form
from efpep.model.linear import Linear
from efpep.model.system import Block, Square


@dataclass(frozen=True, slots=True)
class Feature:
    """A vector that Lyapunov functions are quadratic in.

    Attributes:
        name: its name in formulas.
        unit: whether it is a point or a gradient.
        before: the feature before the step.
        after: the feature after the step.
        server: whether it is one vector rather than one of every client.
        curvature: for gradients, the ``mu`` of which ``mu (x - x*)`` is the part that cancels when solving.
    """

    name: str
    unit: Unit
    before: Linear
    after: Linear
    curvature: Scalar = 0
    server: bool = False


@dataclass(frozen=True, slots=True)
class Gap:
    """A function gap that Lyapunov functions may contain, before and after the step."""

    name: str
    before: Form
    after: Form


@dataclass(frozen=True, slots=True)
class FeatureBlock(Block):
    """A block with the features of Lyapunov functions in it.

    Attributes:
        features: the features of this block.
    """

    features: tuple[Feature, ...]

    def before(self, unknown: int, constant: Scalar, slope: Scalar) -> Square:
        """Return what the products of the features before the step contribute, with a coefficient affine in theta."""
        return Square(unknown, self.index, tuple(feature.before for feature in self.features), constant, slope)

    def after(self, unknown: int) -> Square:
        """Return minus what the products of the features after the step contribute."""
        return Square(unknown, self.index, tuple(feature.after for feature in self.features), -1, 0)
