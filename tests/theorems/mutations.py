"""Random changes of a theorem's formulas: a coefficient, an exponent or a sign."""

import ast
import dataclasses
from collections.abc import Mapping

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


def mutated(text, random):
    """Return a formula with one number, exponent or sign changed."""
    tree = ast.parse(text.replace("^", "**"), mode="eval")
    exponents = {id(node.right) for node in ast.walk(tree) if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow)}
    places = [node for node in ast.walk(tree) if isinstance(node, ast.Constant | ast.BinOp | ast.Name | ast.UnaryOp)]
    node = random.choice(places)
    if isinstance(node, ast.Constant):
        node.value = node.value + random.choice([1, 2]) if id(node) in exponents or random.random() < 0.5 else node.value + 3
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
        node.op = ast.Sub() if isinstance(node.op, ast.Add) else ast.Add()
    elif isinstance(node, ast.BinOp):
        if isinstance(node.op, ast.Pow):
            node.right.value = getattr(node.right, "value", 2) + 1
        else:
            node.left = ast.BinOp(ast.Constant(2), ast.Mult(), node.left)
    else:
        return text.replace("^", "**") if not text else f"-({text})"
    return ast.unparse(tree)
