"""Random changes of a theorem's formulas: a coefficient, an exponent or a sign."""

import ast
import dataclasses
import random
from collections.abc import Mapping

from efpep.theorems.functions import FunctionField
from efpep.theory.formula import evaluated, tree

WORDS = {
    "name",
    "title",
    "agents",
    "source",
    "method",
    "root",
    "metric",
    "facts",
    "consequences",
    "coordinates",
    "region",
    "where",
}
"""Fields that are no formulas, or only say how the parameters are covered."""


def formulas(part, path=()):
    """Yield the places of all formulas with their texts."""
    if isinstance(part, str):
        yield path, part
    elif dataclasses.is_dataclass(part):
        for field in dataclasses.fields(part):
            if field.name not in WORDS | {"free"}:
                yield from formulas(getattr(part, field.name), (*path, field.name))
    elif isinstance(part, Mapping):
        for key, each in part.items():
            yield from formulas(each, (*path, key))
    elif isinstance(part, tuple):
        for k, each in enumerate(part):
            yield from formulas(each, (*path, k))


def replaced(part, path, text):
    """Return a theorem with the formula at a place replaced."""
    if not path:
        return text
    head, rest = path[0], path[1:]
    if dataclasses.is_dataclass(part):
        return dataclasses.replace(part, **{head: replaced(getattr(part, head), rest, text)})
    if isinstance(part, Mapping):
        return {**part, head: replaced(part[head], rest, text)}
    return tuple(replaced(each, rest, text) if k == head else each for k, each in enumerate(part))


def mutated(text, choose):
    """Return a formula with one number, exponent or sign changed."""
    root = ast.parse(text.replace("^", "**"), mode="eval")
    exponents = {id(node.right) for node in ast.walk(root) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow)}
    places = [node for node in ast.walk(root) if isinstance(node, ast.Constant | ast.BinOp | ast.Name | ast.UnaryOp)]
    node = choose.choice(places)
    if isinstance(node, ast.Constant):
        node.value = node.value + choose.choice([1, 2]) if id(node) in exponents or choose.random() < 0.5 else node.value + 3
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        node.op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
    elif isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.Pow):
            node.right.value = getattr(node.right, "value", 2) + 1
        else:
            node.left = ast.BinOp(ast.Constant(2), ast.Mult(), node.left)
    else:
        return text.replace("^", "**") if not text else f"-({text})"
    return ast.unparse(root)


def differs(old, new, names, power=1):
    """Whether two formulas, or their squares, are different functions of the names that they have."""
    field = FunctionField(*names)
    try:
        return evaluated(tree(old), field.symbols, field) ** power != evaluated(tree(new), field.symbols, field) ** power
    except ZeroDivisionError:
        return True


def names_in(text):
    return sorted({node.id for node in ast.walk(tree(text)) if isinstance(node, ast.Name)}) or ["s"]


def changes(part, count, seed, skip=lambda path: False):
    """Return other formulas of a theorem, each with its place."""
    choose = random.Random(seed)  # noqa: S311
    places = [(path, text) for path, text in formulas(part) if not skip(path)]
    found = []
    while len(found) < count:
        path, text = choose.choice(places)
        new = mutated(text, choose)
        vector = (path[0] in {"squares", "last"} and path[-1] == 1) or path[0] in {"server", "errors"} or alone(part, path)
        if differs(text, new, names_in(text), 2 if vector else 1):
            found.append((path, text, new))
    return found


def alone(part, path):
    """Whether a formula is the only coefficient of a square."""
    if "vector" not in path:
        return False
    for name in path[:-1]:
        part = getattr(part, name) if isinstance(name, str) and hasattr(part, name) else part[name]
    return len(part) == 1
