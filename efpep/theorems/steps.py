"""The step size at which the worst linear instances balance, and their rate there, as roots of polynomials over the rationals.

At the best step size one instance of curvature mu and one of L have eigenvalues ``+-beta`` of the same modulus. Both
characteristic polynomials vanish there; a resultant eliminates beta or the step size, and another one ``s = sqrt(1 - delta)``
where it is irrational. Which of the roots it is, and which instances are worst, is seen in numbers. The method's rate at this
step size is no smaller than that of the instances, but may be larger: it is proved beside.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import gcd, lcm
from typing import Any

from efpep.compressors import Contractive
from efpep.errors import UndecidedError
from efpep.methods.base import Method
from efpep.model.field import rounded
from efpep.model.text import down, up
from efpep.questions.quadratic.line import matrix
from efpep.questions.rate.answer import rate
from efpep.setting import Setting
from efpep.theorems.functions import FunctionField
from efpep.theorems.identity import with_step_size
from efpep.theorems.minimal_polynomial import written
from efpep.theorems.witness import ALONE, balance, determinant
from efpep.theory.closed_form import square_root

_PRECISION = 200
_NEAR, _APART = Fraction(1, 10**6), Fraction(1, 10**4)
"""How near the root is to what is seen in double precision, and how far all others are."""


@dataclass(frozen=True)
class AlgebraicNumber:
    """A real root of an irreducible polynomial.

    Attributes:
        value: the root, to about 40 digits.
        coefficients: integers without a common factor, the constant first; the leading one is positive.
    """

    value: Fraction
    coefficients: tuple[int, ...]

    def said(self, name: str) -> str:
        """Return the number and its equation in a variable of this name."""
        return (
            f"{name} = {float(self.value):.12g}, of degree {len(self.coefficients) - 1}: {written(self.coefficients, name)} = 0"
        )

    def describe(self) -> dict[str, object]:
        """Return the number as an object."""
        return {"value": f"{float(self.value):.17g}", "coefficients": list(self.coefficients)}


@dataclass(frozen=True)
class BalancedStep:
    """The step size at which the worst linear instances balance.

    Attributes:
        step_size: the step size.
        rate: their rate.
        lower: the proved lower end of the method's rate at the step size, rounded to 17 digits; None where there is none.
        upper: the proved upper end.
    """

    step_size: AlgebraicNumber
    rate: AlgebraicNumber
    lower: Fraction | None
    upper: Fraction | None

    @property
    def attained(self) -> bool:
        """Whether the method's rate there is proved to be that of the instances up to a millionth of ``1 - rho``."""
        return self.upper is not None and self.upper - self.rate.value < _NEAR * (1 - self.rate.value)

    def rows(self) -> list[tuple[str, str]]:
        """Return the step size and the rates there as lines by name."""
        rows = [("linear", f"worst linear instances balance at {self.step_size.said('eta')}")]
        rows.append(("", f"with {self.rate.said('rho')}"))
        if self.lower is None or self.upper is None:
            return [*rows, ("", "no rate of the method is proved there")]
        attained = f", theirs up to {float(_NEAR):.0e} of 1 - rho" if self.attained else ""
        return [*rows, ("", f"{down(self.lower, 12)} <= rho <= {up(self.upper, 12)} of the method there, proved{attained}")]

    def describe(self) -> dict[str, object]:
        """Return them as an object."""
        ends = {"lower": self.lower, "upper": self.upper}
        return {
            "step_size": self.step_size.describe(),
            "rate": self.rate.describe(),
            **{name: None if end is None else str(end) for name, end in ends.items()},
        }


def balanced(method: Method, setting: Setting) -> BalancedStep:
    """Return the step size at which the worst linear instances balance, for agents of one kind.

    Raises:
        UndecidedError: they do not balance, or their step size is not isolated.
    """
    group, *others = setting.populations()
    if others or not isinstance(group.compressor, Contractive):
        raise UndecidedError("the linear instances are those of agents of one kind with contractive compressors.")
    delta = Fraction(group.compressor.delta)
    s = square_root(1 - delta)
    constants = {"mu": Fraction(group.functions.curvature), "L": Fraction(group.functions.smoothness)}
    field = FunctionField("eta", "beta", "s", "rho")
    found = balance(method, {**constants, "s": s})
    eta, beta, root, rho = field.symbols.values()
    own = root if s * s != 1 - delta else field(s)
    stepped = with_step_size(method, eta)
    polynomials: list[Any] = []
    for each in found.witnesses:
        rows = matrix(stepped, ALONE, [field(constants[each.curvature])], [[1 + each.lossy * own]])
        shifted = [[field(a) - (each.sign * beta if i == j else 0) for j, a in enumerate(row)] for i, row in enumerate(rows)]
        polynomials.append(determinant(shifted).numerator)
    relation = (root**2 - (1 - delta)).numerator
    step = _root(_eliminated(polynomials, "beta", relation), 0, found.step_size)
    radius = _polynomial(_root(_eliminated(polynomials, "eta", relation), 1, Fraction(found.radius)), beta)
    square = _root(radius.resultant((rho - beta**2).numerator, "beta"), 3, Fraction(found.radius) ** 2)
    answer = rate(replace(method, step_size=rounded(step.value, 17)), setting)
    return BalancedStep(step, square, answer.lower, answer.upper)


def _eliminated(polynomials: Sequence[Any], name: str, relation: Any) -> Any:
    """Return what vanishes where both polynomials do, without a variable, and without s."""
    return polynomials[0].resultant(polynomials[1], name).resultant(relation, "s")


def _polynomial(number: AlgebraicNumber, variable: Any) -> Any:
    total = 0 * variable
    for k, a in enumerate(number.coefficients):
        total = total + a * variable**k
    return total.numerator


def _root(polynomial: Any, place: int, near: Fraction) -> AlgebraicNumber:
    """Return the root of a polynomial in the variable at a place that is near a number.

    Raises:
        UndecidedError: there is none, or more than one.
    """
    import flint

    backend: Any = flint
    roots: list[tuple[Fraction, AlgebraicNumber]] = []
    for factor, _ in polynomial.factor()[1] if polynomial != 0 else ():
        terms: Mapping[int, Any] = {int(powers[place]): value for powers, value in factor.to_dict().items()}
        coefficients = _integers([terms.get(k, 0) for k in range(max(terms) + 1)])
        with backend.ctx.workprec(_PRECISION):
            for root, _ in backend.fmpz_poly(list(coefficients)).complex_roots():
                if root.imag.contains(0):
                    value = Fraction(int((root.real * backend.arb(10) ** 45).mid().floor().unique_fmpz()), 10**45)
                    roots.append((abs(value - near), AlgebraicNumber(value, coefficients)))
    roots.sort(key=lambda pair: pair[0])
    if not roots or roots[0][0] > _NEAR or (len(roots) > 1 and roots[1][0] < _APART):
        raise UndecidedError("the step size at which the worst linear instances balance is no root that stands alone.")
    return roots[0][1]


def _integers(values: Sequence[Any]) -> tuple[int, ...]:
    """Return rational numbers times the number that makes them integers without a common factor, the last one positive."""
    fractions = [Fraction(int(value.p), int(value.q)) if value != 0 else Fraction(0) for value in values]
    scale = lcm(*(value.denominator for value in fractions))
    whole = [int(value * scale) for value in fractions]
    common = gcd(*whole) * (1 if whole[-1] > 0 else -1)
    return tuple(value // common for value in whole)
