"""How the numbers of a witness stand in a certificate's file: a template of nested objects and lists, filled in one order.

A leaf of a template is a :class:`Slot`. Its key in the file is the kind's; which number it is, the slot says. So a kind of
question describes its file once, and writing and reading are the same walk.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeAlias, cast

from efpep.errors import CertificateError
from efpep.model.system import Matrix, System
from efpep.proof import files
from efpep.proof.witness import LowerWitness, UpperWitness


@dataclass(frozen=True, slots=True)
class Slot:
    """A number or a symmetric matrix of a witness.

    Attributes:
        part: the attribute of the witness that holds it.
        index: where it stands there: the number of the unknown; or that of the relation, then that of the row, block or value.
        order: the order of the matrix, None for a number.
    """

    part: str
    index: tuple[int, ...] = ()
    order: int | None = None


Template: TypeAlias = "Slot | Mapping[str, Template] | Sequence[Template]"


@dataclass(frozen=True, slots=True)
class Layout:
    """The templates of both ends of a kind of question."""

    upper: Mapping[str, Template]
    lower: Mapping[str, Template]


def weights(system: System, names: Sequence[str], first: int = 0) -> dict[str, Template]:
    """Return the template of the shared matrices from number ``first``, under these names."""
    unknowns = system.matrices[first : first + len(names)]
    pairs = enumerate(zip(names, unknowns, strict=True), first)
    return {name: Slot("weights", (k,), len(unknown.features)) for k, (name, unknown) in pairs}


def gaps(system: System) -> dict[str, Template]:
    """Return the template of the shared numbers, under their names."""
    return {multiple.name: Slot("gaps", (k,)) for k, multiple in enumerate(system.multiples)}


def multipliers(system: System, relation: int) -> dict[str, Template]:
    """Return the template of a relation's multipliers, under their rows' names."""
    return _distinct([(row.name, Slot("multipliers", (relation, c))) for c, row in enumerate(system.relations[relation].rows)])


def grams(system: System, relation: int) -> dict[str, Template]:
    """Return the template of a relation's Gram matrices, under their blocks' names."""
    blocks = system.relations[relation].blocks
    return {block.name: Slot("grams", (relation, b), len(block.columns)) for b, block in enumerate(blocks)}


def values(system: System, relation: int) -> dict[str, Template]:
    """Return the template of a relation's values, under their names."""
    own = system.relations[relation]
    return _distinct([(own.value_names[k], Slot("values", (relation, place))) for place, k in enumerate(own.values)])


def _distinct(slots: Sequence[tuple[str, Slot]]) -> dict[str, Template]:
    """Return slots by name.

    Raises:
        CertificateError: two have one name, so that a file cannot tell them apart.
    """
    found: dict[str, Template] = dict(slots)
    if len(found) != len(slots):
        names = [name for name, _ in slots]
        twice = next(name for name in names if names.count(name) > 1)
        raise CertificateError(f"two inequalities or values are called {twice!r}, so that a file cannot tell them apart.")
    return found


def written(template: Template, witness: UpperWitness | LowerWitness) -> object:
    """Return a witness as a template has it.

    Raises:
        CertificateError: the witness does not have all that the template names.
    """
    if isinstance(template, Slot):
        held: object = getattr(witness, template.part)
        for k in template.index:
            sequence = cast("Sequence[object]", held)
            if k >= len(sequence):
                raise CertificateError(f"the {template.part} of the witness do not fit the question.")
            held = sequence[k]
        if template.order is None:
            return str(held)
        return [[str(a) for a in row] for row in cast("Matrix", held)]
    if isinstance(template, Mapping):
        return {name: written(inner, witness) for name, inner in template.items()}
    return [written(inner, witness) for inner in template]


def read_upper(system: System, theta: Fraction, template: Template, described: object) -> UpperWitness:
    """Return the witness of an upper end.

    Raises:
        CertificateError: the description is not as the template has it.
    """
    found = dict(_read(template, described, "the upper witness"))
    held = {"weights": len(system.matrices), "gaps": len(system.multiples)}
    unknowns = {part: tuple(found[Slot(part, (k,), _order(system, part, k))] for k in range(held[part])) for part in held}
    multipliers = tuple(
        tuple(cast("Fraction", found[Slot("multipliers", (i, c))]) for c in range(len(relation.rows)))
        for i, relation in enumerate(system.relations)
    )
    margin = cast("Fraction", found.get(Slot("margin"), Fraction(0)))
    return UpperWitness(
        theta,
        cast("tuple[Matrix, ...]", unknowns["weights"]),
        cast("tuple[Fraction, ...]", unknowns["gaps"]),
        multipliers,
        margin,
    )


def _order(system: System, part: str, k: int) -> int | None:
    return len(system.matrices[k].features) if part == "weights" else None


def read_lower(system: System, theta: Fraction, template: Template, described: object) -> LowerWitness:
    """Return the witness of a lower end.

    Raises:
        CertificateError: the description is not as the template has it.
    """
    found = dict(_read(template, described, "the lower witness"))
    count = 1 + max((slot.index[0] for slot in found if slot.part == "grams"), default=0)
    grams = tuple(
        tuple(
            cast("Matrix", found[Slot("grams", (i, b), len(block.columns))]) for b, block in enumerate(system.relations[i].blocks)
        )
        for i in range(count)
    )
    values = tuple(
        tuple(cast("Fraction", found[Slot("values", (i, k))]) for k in range(len(system.relations[i].values)))
        for i in range(count)
    )
    return LowerWitness(theta, grams, values)


def _read(template: Template, described: object, what: str) -> Iterator[tuple[Slot, Fraction | Matrix]]:
    if isinstance(template, Slot):
        if template.order is None:
            yield template, files.number(described, what)
            return
        matrix = files.matrix(described, what)
        if len(matrix) != template.order:
            raise CertificateError(f"{what} is of order {len(matrix)}, but the question needs {template.order}.")
        yield template, matrix
    elif isinstance(template, Mapping):
        found = files.table(described, what, list(template))
        for name, inner in template.items():
            yield from _read(inner, found[name], f"{what}: {name}")
    else:
        listed = files.listed(described, len(template), what)
        for k, inner in enumerate(template):
            yield from _read(inner, listed[k], f"{what} ({k})")
