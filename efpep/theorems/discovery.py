"""What was discovered about a rate: minimal polynomials at rational settings, and an equation over the parameters."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from efpep.model.text import down, exact, up
from efpep.report.answer import places
from efpep.report.display import Display, Displayed
from efpep.theorems.functions import Function, factored
from efpep.theorems.minimal_polynomial import MinimalPolynomial
from efpep.theorems.steps import BalancedStep


@dataclass(frozen=True)
class AlgebraicRate:
    """A rate at rational inputs.

    Attributes:
        at: the inputs by name.
        step_size: the step size.
        lower: the proved lower end of the rate.
        upper: the proved upper end.
        polynomial: the conjectured minimal polynomial of the rate, or None.
        weights: those of the Lyapunov function's coefficients relative to the largest one, where it is unique.
        balance: the step size at which the worst linear instances balance, where they do.
    """

    at: Mapping[str, Fraction]
    step_size: Fraction
    lower: Fraction
    upper: Fraction
    polynomial: MinimalPolynomial | None
    weights: Mapping[str, MinimalPolynomial | None]
    balance: BalancedStep | None = None

    def rows(self) -> list[tuple[str, str]]:
        """Return what is proved and what is conjectured, as lines by name."""
        digits = places(self.upper - self.lower) + 1 if self.upper > self.lower else 15
        about = ", ".join([*(f"{name} = {exact(value)}" for name, value in self.at.items()), f"eta = {exact(self.step_size)}"])
        rows = [("inputs", about), ("rate", f"{down(self.lower, digits)} <= rho <= {up(self.upper, digits)}   proved")]
        found = self.polynomial
        if found is None:
            return [*rows, ("degree", "none found: rho satisfies no polynomial of few enough digits"), *self._linear()]
        rows.append(("conjecture", f"{found.written('rho')} = 0   at these inputs"))
        rows.append(("", f"degree {found.degree}; it holds to {found.digits} digits and has {found.free} digits to choose"))
        for name, own in self.weights.items():
            rows.append((name, "none found" if own is None else f"{own.written('w')} = 0   conjectured, to {own.digits} digits"))
        return [*rows, *self._linear()]

    def _linear(self) -> list[tuple[str, str]]:
        return [] if self.balance is None else self.balance.rows()

    def describe(self) -> dict[str, object]:
        """Return the finding as an object."""
        return {
            "at": {name: str(value) for name, value in self.at.items()},
            "step_size": str(self.step_size),
            "lower": str(self.lower),
            "upper": str(self.upper),
            "polynomial": _polynomial(self.polynomial),
            "lyapunov": {name: _polynomial(own) for name, own in self.weights.items()},
            "linear": None if self.balance is None else self.balance.describe(),
        }


def _polynomial(found: MinimalPolynomial | None) -> dict[str, object] | None:
    return None if found is None else {"coefficients": list(found.coefficients), "digits": found.digits, "free": found.free}


@dataclass(frozen=True)
class Equation:
    """An equation of the rate over the parameters.

    Attributes:
        coefficients: those of rho^0, rho^1, ..., rational functions of the parameters; the last is 1.
        step_size: the step size by the parameters.
        digits: to how many digits the rate satisfies it in every setting.
        settings: in how many settings it holds.
        spare: how many of them did not serve to find its longest coefficient.
        proof: the theorem by which it is proved, in a sentence, or None where it is conjectured.
    """

    coefficients: tuple[Function, ...]
    step_size: Function
    digits: int
    settings: int
    spare: int
    proof: str | None

    def written(self) -> str:
        """Return the equation, squares completed where that makes it short."""
        if len(self.coefficients) == 2:
            return f"rho = {-self.coefficients[0]}"
        if len(self.coefficients) == 3:
            root = square_root(self.coefficients[0])
            if root is not None:
                return f"(rho - {_factor(root)})^2 = {_factor(-self.coefficients[1] - 2 * root)} rho"
        terms = [f"rho^{len(self.coefficients) - 1}"]
        for k in reversed(range(len(self.coefficients) - 1)):
            power = "" if k == 0 else " rho" if k == 1 else f" rho^{k}"
            if self.coefficients[k] != 0:
                terms.append(f"({self.coefficients[k]}){power}")
        return f"{' + '.join(terms)} = 0"

    @property
    def verdict(self) -> str:
        """Whether it is proved."""
        return "conjectured" if self.proof is None else "proved"


def square_root(function: Function) -> Function | None:
    """Return the square root of a rational function that is a square, the one with a positive leading number; else None."""
    sides: list[Function] = []
    for side in (function.numerator, function.denominator):
        constant, factors = side.factor()
        number = _root(Fraction(int(constant.p), int(constant.q)))
        if number is None or any(int(k) % 2 for _, k in factors):
            return None
        total = function.field(number)
        for factor, k in factors:
            total = total * function.field.polynomial(factor) ** (int(k) // 2)
        sides.append(total)
    return sides[0] / sides[1]


def _root(value: Fraction) -> Fraction | None:
    from efpep.theory.closed_form import square_root as number_root

    if value < 0:
        return None
    found = number_root(value)
    return found if found * found == value else None


def _factor(function: Function) -> str:
    text = str(function)
    simple = function.denominator == 1 and not any(c in factored(function.numerator).lstrip("-") for c in " +")
    return text if simple or "*" in text or "^" in text else f"({text})"


@dataclass(frozen=True, repr=False)
class Discovery(Displayed):
    """What :func:`efpep.discover` found.

    Attributes:
        method: the method.
        agents: about which agents.
        findings: the rates at rational inputs.
        equation: an equation over the parameters, or None.
        remark: why there is no equation, or what else was seen, in a sentence.
        seconds: how long it took.
    """

    method: str
    agents: str
    findings: tuple[AlgebraicRate, ...]
    equation: Equation | None
    remark: str | None
    seconds: float

    @property
    def degree(self) -> int | None:
        """The largest degree of the rate over the rationals among the findings; None where none is found in some."""
        degrees = [None if finding.polynomial is None else finding.polynomial.degree for finding in self.findings]
        known = [degree for degree in degrees if degree is not None]
        return max(known) if known and len(known) == len(degrees) else None

    def rows(self) -> list[tuple[str, str]]:
        """Return everything as lines by name."""
        rows = [("method", f"{self.method}; {self.agents}")]
        if self.equation is None:
            for finding in self.findings:
                rows += finding.rows()
            if len(self.findings) > 1:
                rows.append(
                    ("degrees", ", ".join("?" if f.polynomial is None else str(f.polynomial.degree) for f in self.findings))
                )
        else:
            found = self.equation
            rows.append(("parameters", "s = sqrt(1 - delta), k = (L - mu)/(L + mu), eta in units 2/(L + mu)"))
            rows += [("step size", f"eta = {found.step_size}"), ("equation", found.written())]
            rows.append((found.verdict, found.proof or f"it holds to {found.digits} digits at {found.settings} settings"))
            if found.proof is None:
                rows.append(("", f"{found.spare} settings more than its longest coefficient needs"))
        if self.remark is not None:
            rows.append(("remark", self.remark))
        rows.append(("seconds", f"{self.seconds:.1f}"))
        return rows

    def display(self) -> Display:
        """Return what notebooks and prompts show."""
        verdict = "conjectured" if self.equation is None else self.equation.verdict
        return Display(verdict, "", self.rows())

    def __str__(self) -> str:
        """Return the equation, or the degree of the rate."""
        if self.equation is not None:
            return f"{self.method}: {self.equation.written()}, {self.equation.verdict}."
        return (
            f"{self.method}: the rate has degree {'?' if self.degree is None else self.degree} over the rationals, conjectured."
        )

    def describe(self) -> dict[str, object]:
        """Return the discovery as an object."""
        found = self.equation
        return {
            "method": self.method,
            "agents": self.agents,
            "equation": None
            if found is None
            else {
                "text": found.written(),
                "coefficients": [str(a) for a in found.coefficients],
                "step_size": str(found.step_size),
                "verdict": found.verdict,
                "proof": found.proof,
                "digits": found.digits,
                "settings": found.settings,
                "spare": found.spare,
            },
            "degree": self.degree,
            "findings": [finding.describe() for finding in self.findings],
            "remark": self.remark,
            "seconds": round(self.seconds, 3),
        }
