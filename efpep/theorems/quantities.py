"""The quantities of a theorem as rational functions of the free ones, and their signs on the image of an orthant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from efpep.errors import InputError
from efpep.model.field import shown
from efpep.theorems.functions import Function, FunctionField
from efpep.theorems.signs import NONNEGATIVE, POSITIVE, Box, box_sign, orthant_sign
from efpep.theory import formula
from efpep.theory.statement import Coordinate


class Quantities:
    """Named rational functions of some free quantities.

    Attributes:
        field: the field of the free quantities.
        names: every quantity and abbreviation as a function of the free ones.
        coordinates: the coordinates of the orthant.
        region: the free quantities as functions of the coordinates.
    """

    def __init__(
        self, free: Sequence[str], defined: Mapping[str, str], coordinates: Sequence[Coordinate], region: Mapping[str, str]
    ) -> None:
        """Read the formulas of the quantities that are not free.

        Raises:
            InputError: a formula is none, has names that stand for nothing, or a name is defined twice.
            ZeroDivisionError: one divides by zero.
        """
        self.field = FunctionField(*free)
        self.names: dict[str, Function] = dict(self.field.symbols)
        self.coordinates, self.region = tuple(coordinates), region
        for name, text in defined.items():
            self.define(name, text)

    def define(self, name: str, text: str) -> None:
        """Define a quantity.

        Raises:
            InputError: its formula is none, or it is defined already.
            ZeroDivisionError: it divides by zero.
        """
        if name in self.names:
            raise InputError(f"{shown(name)} is defined twice; use another name.")
        self.names[name] = self.value(text)

    def value(self, text: str, **others: Function) -> Function:
        """Return the value of a formula, with other quantities in place of those of these names."""
        return formula.evaluated(formula.tree(text), {**self.names, **others}, self.field)

    @cached_property
    def orthant(self) -> tuple[FunctionField, dict[str, Function], list[str]]:
        """The orthant's field, the free quantities as functions of its coordinates, and the coordinates that may be zero."""
        field = FunctionField(*(coordinate.name for coordinate in self.coordinates))
        images = self.images(field, field.symbols)
        return field, images, [coordinate.name for coordinate in self.coordinates if not coordinate.positive]

    def images(self, field: FunctionField, coordinates: Mapping[str, Function]) -> dict[str, Function]:
        """Return the free quantities at the given coordinates; quantities that are constants keep their values."""
        constants = {name: field(0) for name, value in self.names.items() if value == 0}
        images: dict[str, Function] = {}
        for name, text in self.region.items():
            images[name] = formula.evaluated(formula.tree(text), {**constants, **coordinates, **images}, field)
        return images

    def sign(self, function: Function) -> int | None:
        """Return the sign of a function on the region, or None where coefficients do not show it."""
        field, images, closed = self.orthant
        return orthant_sign(function, field, images, closed)

    def nonnegative(self, function: Function) -> bool:
        """Whether coefficients show that a function is nonnegative on the region."""
        return function == 0 or (self.sign(function) or 0) >= NONNEGATIVE

    def positive(self, function: Function) -> bool:
        """Whether coefficients show that a function is positive on the region."""
        return self.sign(function) == POSITIVE

    def defined(self, text: str) -> bool:
        """Whether coefficients show that a formula's denominator has no zero on the region."""
        return nonzero(*self.orthant, self.value(text))


class BoxQuantities(Quantities):
    """Named rational functions of some free quantities, of which some range over a box, and the others over positive numbers.

    Attributes:
        box: the intervals by name.
    """

    def __init__(self, free: Sequence[str], defined: Mapping[str, str], box: Box) -> None:
        """Read the formulas of the quantities that are not free; as :class:`Quantities`."""
        super().__init__(free, defined, (), {})
        self.box = box

    def sign(self, function: Function) -> int | None:
        """Return the sign of a function on the box, or None where its Bernstein coefficients do not show it."""
        return box_sign(function, self.box)

    def defined(self, text: str) -> bool:
        """Whether Bernstein coefficients show that a formula's denominator has no zero on the box."""
        value = self.value(text)
        return abs(self.sign(self.field.polynomial(value.denominator)) or 0) == POSITIVE


def nonzero(field: FunctionField, images: Mapping[str, Function], closed: Sequence[str], function: Function) -> bool:
    """Whether coefficients show that the denominator of a function of the images' symbols has no zero on an orthant."""
    own = function.field
    return abs(orthant_sign(own.polynomial(function.denominator), field, images, closed) or 0) == POSITIVE
