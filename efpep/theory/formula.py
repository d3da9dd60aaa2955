"""Formulas as text: reading them as rational functions, writing them in LaTeX, and signs that their structure shows.

A formula has numbers, names, ``+ - * /``, integer powers (``^`` or ``**``) and parentheses, such as ``2*(1-s)/(1+s)``.
"""

from __future__ import annotations

import ast
import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, TypeVar

from efpep.errors import InputError
from efpep.model.field import shown

Tree = ast.expr
T = TypeVar("T")
_OPERATORS: dict[type[ast.operator], str] = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}
_LETTERS = {"alpha", "beta", "gamma", "delta", "zeta", "eta", "theta", "kappa", "lambda", "mu", "rho", "sigma", "tau", "omega"}

_WRITTEN = {"Ee": r"\mathbb{E}e", "Ey": r"\mathbb{E}y", "kbar": r"\bar{k}", "Sbar": r"\bar{S}", "k2": "k^{2}"}


@functools.lru_cache(maxsize=4096)
def tree(text: str) -> Tree:
    """Return the syntax tree of a formula, which nothing changes.

    Raises:
        InputError: it is none.
    """
    try:
        return ast.parse(text.strip().replace("^", "**"), mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise InputError(f"{shown(text)} is no formula; write it like 2*(1-s)/(1+s).") from error


@functools.lru_cache(maxsize=4096)
def names_of(text: str) -> frozenset[str]:
    """Return the names in a formula."""
    return frozenset(node.id for node in ast.walk(tree(text)) if isinstance(node, ast.Name))


@dataclass(frozen=True, slots=True, eq=False)
class Compiled:
    """A formula as a function of what its names stand for and of its numbers as elements of their field.

    Attributes:
        function: the function.
        numbers: the numbers in the formula, in order.
    """

    function: Callable[[Mapping[str, Any], Sequence[Any]], Any]
    numbers: tuple[Fraction, ...]

    def at(self, names: Mapping[str, Any], numbers: Sequence[Any]) -> Any:
        """Return the value, as :func:`evaluated`, with the numbers of the formula in the field of the names."""
        try:
            return self.function(names, numbers)
        except KeyError as error:
            name = error.args[0]
            raise InputError(
                f"a formula has the name {shown(name)}, which stands for nothing; it may use {', '.join(names)}."
            ) from error


@functools.lru_cache(maxsize=4096)
def compiled(node: Tree) -> Compiled:
    """Return a formula compiled, once.

    Raises:
        InputError: it has something that formulas do not have.
    """
    numbers: list[Fraction] = []
    source = _source(node, numbers)
    function = eval(f"lambda names, numbers: {source}", {"__builtins__": {}})  # noqa: S307 - written below, of a checked tree
    return Compiled(function, tuple(numbers))


def _source(node: Tree, numbers: list[Fraction]) -> str:
    """Write a formula over ``names`` and ``numbers`` in Python, and collect its numbers."""
    match node:
        case ast.Constant(value=int() as value) if not isinstance(value, bool):
            numbers.append(Fraction(value))
            return f"numbers[{len(numbers) - 1}]"
        case ast.Name(id=name):
            return f"names[{name!r}]"
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return f"(-{_source(operand, numbers)})"
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return f"({_source(left, numbers)}**{exponent(right)})"
        case ast.BinOp(left=left, op=op, right=right) if type(op) in _OPERATORS:
            return f"({_source(left, numbers)}{_OPERATORS[type(op)]}{_source(right, numbers)})"
        case _:
            raise InputError(
                f"{shown(ast.unparse(node))} is no formula; formulas have numbers, names, + - * / and integer powers."
            )


def evaluated(node: Tree, names: Mapping[str, T], number: Callable[[Fraction], T]) -> T:
    """Return the value of a formula.

    Args:
        node: the formula.
        names: what its names stand for.
        number: how a number is written in their field.

    Raises:
        InputError: an unknown name, or something that formulas do not have.
        ZeroDivisionError: it divides by zero.
    """
    formula = compiled(node)
    return formula.at(names, formula.numbers if number is Fraction else [number(a) for a in formula.numbers])


def exponent(node: Tree) -> int:
    """Return an exponent.

    Raises:
        InputError: it is no integer.
    """
    match node:
        case ast.Constant(value=int() as value):
            return value
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=int() as value)):
            return -value
        case _:
            raise InputError(f"the exponent {shown(ast.unparse(node))} is no integer; write powers like s^2.")


def sign(node: Tree, known: Callable[[Tree], int | None]) -> int | None:
    """Return what the structure of a formula says of its sign: 2 positive, 1 nonnegative, -1, -2; 0 zero; None unknown.

    Args:
        node: the formula.
        known: what is known of the signs of formulas.
    """
    found = known(node)
    if found is not None:
        return found
    match node:
        case ast.Constant(value=int() as value):
            return 2 if value > 0 else 0
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            inner = sign(operand, known)
            return None if inner is None else -inner
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub() as op, right=right):
            a, b = sign(left, known), sign(right, known)
            if a is None or b is None:
                return None
            b = b if isinstance(op, ast.Add) else -b
            return None if a * b < 0 else a + b if a * b == 0 else (1 if a > 0 else -1) * max(abs(a), abs(b))
        case ast.BinOp(left=left, op=ast.Mult() | ast.Div() as op, right=right):
            a, b = sign(left, known), sign(right, known)
            if a is None or b is None or (isinstance(op, ast.Div) and abs(b) < 2):
                return None
            size = min(abs(a), abs(b))
            return size if a * b > 0 else -size
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            a, k = sign(left, known), exponent(right)
            if a is None:
                return 1 if k >= 0 and k % 2 == 0 else None
            if k < 0 and abs(a) < 2:
                return None
            return 2 if k == 0 else abs(a) if k % 2 == 0 else a
        case _:
            return None


def latex(node: Tree) -> str:
    """Return a formula in LaTeX's mathematics mode."""
    return _latex(node)[0]


def is_sum(node: Tree) -> bool:
    """Return whether a formula needs parentheses as a factor."""
    return _latex(node)[1] > 1 and not isinstance(node, ast.UnaryOp)


def _latex(node: Tree) -> tuple[str, int]:
    """Return the LaTeX and how loosely it binds: 0 an atom, 1 a product, 2 a sum."""
    match node:
        case ast.Constant(value=value):
            return str(value), 0
        case ast.Name(id=name):
            return symbol(name), 0
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return f"-{_wrapped(operand, 1)}", 2
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return f"{_wrapped(left, 2)}+{_wrapped(right, 1)}", 2
        case ast.BinOp(left=left, op=ast.Sub(), right=right):
            return f"{_wrapped(left, 2)}-{_wrapped(right, 1)}", 2
        case ast.BinOp(left=left, op=ast.Mult(), right=right):
            dot = r" \cdot " if isinstance(left, ast.Constant) and isinstance(right, ast.Constant) else r"\,"
            return f"{_wrapped(left, 1)}{dot}{_wrapped(right, 1)}", 1
        case ast.BinOp(left=left, op=ast.Div(), right=right):
            return rf"\frac{{{latex(left)}}}{{{latex(right)}}}", 1
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            return f"{_wrapped(left, 0)}^{{{exponent(right)}}}", 0
        case _:
            return ast.unparse(node), 2


def _wrapped(node: Tree, loosest: int) -> str:
    text, loose = _latex(node)
    return rf"\left({text}\right)" if loose > loosest else text


def symbol(name: str) -> str:
    """Return a name in mathematics mode: Greek letters by their names, digits and what follows a first letter as an index."""
    if name in _WRITTEN:
        return _WRITTEN[name]
    stem = name.rstrip("0123456789")
    index = name[len(stem) :]
    head, _, rest = stem.partition("_")
    index = ",".join(piece for piece in (rest, index) if piece)
    letter = rf"\{head}" if head in _LETTERS else head if len(head) == 1 else rf"\mathrm{{{head}}}"
    return f"{letter}_{{{index}}}" if index else letter
