"""Gaussian rationals: complex numbers with rational parts, for maps of the plane that turn and scale."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from efpep.model.field import Scalar

ZERO = Fraction(0)


@dataclass(frozen=True, slots=True)
class Gaussian:
    """The number ``real + imag i``; beside rational numbers these are read as such."""

    real: Fraction
    imag: Fraction = ZERO

    @classmethod
    def of(cls, value: Scalar) -> Gaussian:
        """Return a rational number, or one that is Gaussian already, as a Gaussian one."""
        return value if isinstance(value, Gaussian) else cls(Fraction(value))

    @property
    def norm(self) -> Fraction:
        """The square of the absolute value."""
        return self.real * self.real + self.imag * self.imag

    def conjugate(self) -> Gaussian:
        """Return ``real - imag i``."""
        return Gaussian(self.real, -self.imag)

    def __add__(self, other: Scalar) -> Gaussian:
        """Return the sum."""
        b = Gaussian.of(other)
        return Gaussian(self.real + b.real, self.imag + b.imag)

    __radd__ = __add__

    def __neg__(self) -> Gaussian:
        """Return the negative."""
        return Gaussian(-self.real, -self.imag)

    def __sub__(self, other: Scalar) -> Gaussian:
        """Return the difference."""
        return self + -Gaussian.of(other)

    def __rsub__(self, other: Scalar) -> Gaussian:
        """Return the difference from another number."""
        return Gaussian.of(other) - self

    def __mul__(self, other: Scalar) -> Gaussian:
        """Return the product."""
        b = Gaussian.of(other)
        return Gaussian(self.real * b.real - self.imag * b.imag, self.real * b.imag + self.imag * b.real)

    __rmul__ = __mul__

    def __truediv__(self, other: Scalar) -> Gaussian:
        """Return the quotient."""
        b = Gaussian.of(other)
        found = self * b.conjugate()
        return Gaussian(found.real / b.norm, found.imag / b.norm)

    def __rtruediv__(self, other: Scalar) -> Gaussian:
        """Return another number divided by this one."""
        return Gaussian.of(other) / self

    def __bool__(self) -> bool:
        """Whether it is not zero."""
        return bool(self.real or self.imag)

    def __complex__(self) -> complex:
        """Return the nearest complex number in double precision."""
        return complex(float(self.real), float(self.imag))


def turn(half: Fraction) -> Gaussian:
    """Return the rotation by the angle whose half has the tangent ``half``: a Gaussian rational of absolute value 1."""
    total = 1 + half * half
    return Gaussian((1 - half * half) / total, 2 * half / total)
