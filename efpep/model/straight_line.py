"""Straight-line programs: the arithmetic of a computation with rational numbers, recorded at some inputs and run at others.

A computation that takes its inputs from :meth:`StraightLineProgram.input` leaves behind the sums, differences, products and
quotients that it formed, and how every comparison turned out. Run at other inputs, the same operations give what the computation
itself would, provided that every comparison turns out as it did: between comparisons a computation does the same whatever its
numbers are. Where one does not, there is no value. Nothing but arithmetic and comparisons can be asked of such a number: a
computation that looks at a numerator, rounds, or writes a number down fails while it is recorded.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NoReturn, TypeAlias, cast

from efpep.model.field import Scalar, rational

Run: TypeAlias = Callable[[Sequence[Any], Sequence[Any]], "tuple[Any, ...] | None"]
"""From inputs and constants to numbers of a computation, or None; see :meth:`StraightLineProgram.compiled`."""
_OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
}
_RELATIONS: dict[str, Callable[[Any, Any], Any]] = {"==": operator.eq, "<": operator.lt, "<=": operator.le}


class StraightLineProgram:
    """A recorded computation, and the field of its numbers: constants are its elements too.

    Attributes:
        inputs: the inputs, in order.
    """

    def __init__(self) -> None:
        """Start without operations."""
        self.inputs: list[ProgramNumber] = []
        self._constants: dict[Fraction, ProgramNumber] = {}
        self._results: dict[tuple[str, int, int], ProgramNumber] = {}
        self._outcomes: dict[tuple[str, int, int], bool] = {}
        self._lines: list[tuple[int | None, tuple[int, int], str]] = []
        self._count = 0

    def __call__(self, value: Scalar, /) -> ProgramNumber:
        """Return a number of the program, or a constant, as an element of the field; raises as :func:`~.field.rational`."""
        return value if isinstance(value, ProgramNumber) else self.constant(rational(value, "a coefficient"))

    def input(self, value: Scalar) -> ProgramNumber:
        """Return the next input, which has this value while the computation is recorded; raises as :func:`~.field.rational`."""
        self.inputs.append(self._number(rational(value, "an input"), constant=False))
        return self.inputs[-1]

    def constant(self, value: Fraction) -> ProgramNumber:
        """Return a constant."""
        if value not in self._constants:
            self._constants[value] = self._number(value, constant=True)
        return self._constants[value]

    @property
    def constants(self) -> tuple[Fraction, ...]:
        """The constants, in order."""
        return tuple(self._constants)

    def compiled(self, places: Sequence[int]) -> Run:
        """Return the numbers at these places as a function of the inputs and the constants.

        They may be given in whatever represents rational numbers exactly. The function returns None where a comparison turns out
        differently, and raises a ZeroDivisionError where the computation divides by zero.
        """
        needed = set(places)
        used: list[str] = []
        for target, operands, line in reversed(self._lines):
            if target is None or target in needed:
                needed.update(operands)
                used.append(line)
        lines = [
            "def run(inputs, constants):",
            f" [{', '.join(f'x{number.place}' for number in self.inputs)}] = inputs",
            f" [{', '.join(f'x{number.place}' for number in self._constants.values())}] = constants",
            *(f" {line}" for line in reversed(used)),
            f" return ({''.join(f'x{place}, ' for place in places)})",
        ]
        found: dict[str, Any] = {"__builtins__": {}}
        exec("\n".join(lines), found)  # noqa: S102 - written here, of places and operators
        return cast("Run", found["run"])

    def combined(self, operation: str, a: ProgramNumber, b: ProgramNumber) -> ProgramNumber:
        """Return the result of an operation."""
        key = (operation, a.place, b.place)
        found = self._results.get(key)
        if found is None:
            value = _OPERATIONS[operation](a.value, b.value)
            if a.constant and b.constant:
                return self.constant(value)
            found = self._results[key] = self._number(value, constant=False)
            line = f"x{found.place} = x{a.place} {operation} x{b.place}"
            self._lines.append((found.place, (a.place, b.place), line))
        return found

    def compared(self, relation: str, a: ProgramNumber, b: ProgramNumber) -> bool:
        """Return how a comparison turns out, and take note of it."""
        outcome: bool = _RELATIONS[relation](a.value, b.value)
        key = (relation, a.place, b.place)
        if not (a.constant and b.constant) and a.place != b.place and key not in self._outcomes:
            self._outcomes[key] = outcome
            held = f"x{a.place} {relation} x{b.place}"
            if relation == "==" and b.constant and b.value == 0:
                held, outcome_of_line = f"x{a.place}", not outcome
            else:
                outcome_of_line = outcome
            line = f"if {'not ' if outcome_of_line else ''}{held}: return None"
            self._lines.append((None, (a.place, b.place), line))
        return outcome

    def _number(self, value: Fraction, *, constant: bool) -> ProgramNumber:
        self._count += 1
        return ProgramNumber(self, self._count - 1, value, constant=constant)


class ProgramNumber:
    """A number of a computation that is recorded.

    All have one hash, so that whatever is looked up by numbers is compared with them.

    Attributes:
        program: the program.
        place: its place in the program.
        value: its value at the inputs at which the computation is recorded.
        constant: whether it is the same at all inputs.
    """

    __slots__ = ("constant", "place", "program", "value")

    symbolic = True

    def __init__(self, program: StraightLineProgram, place: int, value: Fraction, *, constant: bool) -> None:
        """Take the parts."""
        self.program = program
        self.place = place
        self.value = value
        self.constant = constant

    def _joined(self, operation: str, left: object, right: object) -> Any:
        """Return an operation of two numbers; what is not one is no operand. 0 and 1 need no arithmetic."""
        a, b = (self._element(part) for part in (left, right))
        if a is None or b is None:
            return NotImplemented
        if b.constant and ((b.value == 0 and operation in "+-") or (b.value == 1 and operation in "*/")):
            return a
        if a.constant and ((a.value == 0 and operation == "+") or (a.value == 1 and operation == "*")):
            return b
        if operation == "-" and a is b:
            return self.program.constant(Fraction(0))
        if operation == "*" and any(part.constant and part.value == 0 for part in (a, b)):
            return self.program.constant(Fraction(0))
        return self.program.combined(operation, a, b)

    def _element(self, part: object) -> ProgramNumber | None:
        if isinstance(part, ProgramNumber):
            return part
        return self.program.constant(Fraction(part)) if isinstance(part, int | Fraction) else None

    def _compared(self, relation: str, left: object, right: object) -> Any:
        a, b = self._element(left), self._element(right)
        return NotImplemented if a is None or b is None else self.program.compared(relation, a, b)

    def __add__(self, other: object) -> Any:
        """Return the sum."""
        return self._joined("+", self, other)

    def __radd__(self, other: object) -> Any:
        """Return the sum."""
        return self._joined("+", other, self)

    def __sub__(self, other: object) -> Any:
        """Return the difference."""
        return self._joined("-", self, other)

    def __rsub__(self, other: object) -> Any:
        """Return the difference."""
        return self._joined("-", other, self)

    def __mul__(self, other: object) -> Any:
        """Return the product."""
        return self._joined("*", self, other)

    def __rmul__(self, other: object) -> Any:
        """Return the product."""
        return self._joined("*", other, self)

    def __truediv__(self, other: object) -> Any:
        """Return the quotient."""
        return self._joined("/", self, other)

    def __rtruediv__(self, other: object) -> Any:
        """Return the quotient."""
        return self._joined("/", other, self)

    def __neg__(self) -> Any:
        """Return the negative."""
        return self._joined("-", 0, self)

    def __pow__(self, exponent: int) -> Any:
        """Return an integer power."""
        found: Any = self.program.constant(Fraction(1))
        for _ in range(abs(exponent)):
            found = found * self
        return found if exponent >= 0 else 1 / found

    def __eq__(self, other: object) -> Any:
        """Compare."""
        return self._compared("==", self, other)

    def __lt__(self, other: object) -> Any:
        """Compare."""
        return self._compared("<", self, other)

    def __le__(self, other: object) -> Any:
        """Compare."""
        return self._compared("<=", self, other)

    def __gt__(self, other: object) -> Any:
        """Compare."""
        return self._compared("<", other, self)

    def __ge__(self, other: object) -> Any:
        """Compare."""
        return self._compared("<=", other, self)

    def __bool__(self) -> bool:
        """Whether it is not zero."""
        return self != 0

    def __hash__(self) -> int:
        """Return the same for all."""
        return 0

    def __repr__(self) -> NoReturn:
        """Refuse: a text does not change with the inputs.

        Raises:
            TypeError: always.
        """
        raise TypeError("a number of a straight-line program has no text.")
