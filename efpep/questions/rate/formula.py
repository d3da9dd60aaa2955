"""Lyapunov functions written as formulas, and their weights in a question's features.

    |mean(g-d)|^2 + dev(g-d, g-d) + 0.7 |mean(g)|^2
    |x-x* - e|^2 + 1.5 |e|^2
    <x-x*, g> + 2 (f - f*)

A term is a coefficient (integer, decimal or fraction; default 1) times a squared norm ``|u|^2``, an inner product
``<u, v>``, a deviation product ``dev(u, v) = mean_i <u_i, v_i> - <mean u, mean v>``, or a function gap ``(f - f*)``. ``u`` and
``v`` are sums of multiples of the question's features; outside ``dev``, client features stand for their averages, and
``mean(...)`` may be written around them. The gap at a queried point y is ``(f(y) - f*)``. With several groups a feature carries
its group's number, ``g[2]``, and ``mean(g)`` is the average over all groups.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from efpep.errors import InputError
from efpep.model.field import Scalar, rational
from efpep.questions.common.step_inequalities import StepInequalities, Weights

_NUMBER = r"\d+(?:\.\d+)?(?:[eE][+-]?\d+)?(?:/\d+)?"
_TERM = re.compile(
    rf"\s*(?P<sign>[+-]?)\s*(?P<coefficient>{_NUMBER})?\s*\*?\s*"
    r"(?:\|(?P<norm>[^|]+)\|\^2|<(?P<left>[^<>]+),(?P<right>[^<>]+)>|dev\((?P<u>[^,]+),(?P<v>[^,]+?)\)(?=\s*(?:[+-]|$))"
    r"|\(\s*(?P<gap>f(?:\(\w+\))?(?P<group>(?:\[\d+\])?))\s*-\s*f(?P=group)\*\s*\))"
)
_PIECE = re.compile(rf"\s*(?P<sign>[+-]?)\s*(?P<coefficient>{_NUMBER})?\s*\*?\s*")


@dataclass(frozen=True, slots=True)
class _Block:
    """The features of one block, and the weights being collected."""

    names: tuple[str, ...]
    weights: list[list[Scalar]]

    def add(self, u: Mapping[str, Scalar], v: Mapping[str, Scalar], factor: Scalar) -> None:
        for left, a in u.items():
            for right, b in v.items():
                i, j = self.names.index(left), self.names.index(right)
                self.weights[i][j] += factor * a * b / 2
                self.weights[j][i] += factor * a * b / 2


def weights(question: StepInequalities, shares: Sequence[Scalar], text: str) -> Weights:
    """Return the weights of the function that ``text`` writes, for the question and the shares of its groups.

    Raises:
        InputError: the formula cannot be read, or names something that is no feature of the question.
    """
    text = text.strip().removeprefix("V =").removeprefix("V=")
    if not text.strip():
        raise InputError(
            "the Lyapunov function is empty; write one such as |g|^2, or give none for the best.", argument="lyapunov"
        )
    names = question.feature_names()
    gaps = {name: Fraction(0) for name in names["values"]}
    blocks = {
        block.name: _Block(tuple(names[block.name]), [[Fraction(0)] * len(block.features) for _ in block.features])
        for block in question.blocks
    }
    place = 0
    while place < len(text.rstrip()):
        match = _TERM.match(text, place)
        if match is None or (place > 0 and not match["sign"]):
            raise InputError(_unreadable(text[place:], names), argument="lyapunov")
        place = match.end()
        factor = rational(match["coefficient"] or "1", "a coefficient") * (-1 if match["sign"] == "-" else 1)
        if match["gap"]:
            if match["gap"] not in gaps:
                raise InputError(_unreadable(match["gap"], names), argument="lyapunov")
            gaps[match["gap"]] += factor
        elif match["u"]:
            u, v = (_combination(match[key], names, {}) for key in ("u", "v"))
            found = [block for name, block in blocks.items() if name != "mean" and {*u, *v} <= set(block.names)]
            if not found and len(question.blocks) > 1:
                raise InputError(_unreadable(match[0], names), argument="lyapunov")
            for block in found[:1]:
                block.add(u, v, factor)
        else:
            mixed = dict(enumerate(shares, 1)) if len(shares) > 1 else {}
            left, right = match["left"] or match["norm"], match["right"] or match["norm"]
            blocks["mean"].add(_combination(left, names, mixed), _combination(right, names, mixed), factor)
    collected = tuple(tuple(tuple(row) for row in block.weights) for block in blocks.values())
    return Weights(collected, tuple(gaps.values()))


def _combination(text: str, names: Mapping[str, Sequence[str]], shares: Mapping[int, Scalar]) -> dict[str, Scalar]:
    """Return the coefficients of a sum of multiples of features."""
    known = sorted({*names["mean"], *(re.sub(r"\[\d+\]$", "", name) for name in names["mean"])}, key=len, reverse=True)
    found: dict[str, Scalar] = {}
    rest = text.strip()
    first = True
    if not rest:
        raise InputError(_unreadable("an empty vector", names), argument="lyapunov")
    while rest:
        match = _PIECE.match(rest)
        if match is None or (not first and not match["sign"]):
            raise InputError(_unreadable(rest or text, names), argument="lyapunov")
        factor: Scalar = rational(match["coefficient"] or "1", "a coefficient") * (-1 if match["sign"] == "-" else 1)
        rest = rest[match.end() :]
        wrapped = rest.startswith("mean(")
        rest = rest.removeprefix("mean(")
        name = next((name for name in known if rest.startswith("x-x*" if name == "x" else name)), None)
        if name is None:
            raise InputError(_unreadable(rest or text, names), argument="lyapunov")
        rest = rest[len("x-x*" if name == "x" else name) :].lstrip()
        if wrapped:
            if not rest.startswith(")"):
                raise InputError(_unreadable(rest or text, names), argument="lyapunov")
            rest = rest[1:].lstrip()
        if name in names["mean"]:
            found[name] = found.get(name, 0) + factor
        else:
            for group, share in shares.items():
                numbered = f"{name}[{group}]"
                if numbered in names["mean"]:
                    found[numbered] = found.get(numbered, 0) + factor * share
        first = False
    return found


def _unreadable(text: str, names: Mapping[str, Sequence[str]]) -> str:
    features = ", ".join("x-x*" if name == "x" else name for name in names["mean"])
    return (
        f"the Lyapunov function cannot be read at {text.strip()[:40]!r}; write terms such as 2 |g|^2, <x-x*, g>, dev(g, g) or "
        f"(f - f*) in the features {features}."
    )
