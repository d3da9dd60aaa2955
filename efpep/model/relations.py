"""Linear relations among columns, solved: each dependent column as a combination of free ones."""

from __future__ import annotations

from efpep.model.form import Entries, Form, product
from efpep.model.linear import Linear, column
from efpep.model.vector import Part


class Relations:
    """Linear forms that vanish, kept in reduced form; of each new one the newest column becomes dependent.

    Attributes:
        dependent: the dependent columns as linear forms over the free ones.
    """

    def __init__(self) -> None:
        """Start without relations."""
        self.dependent: dict[int, Linear] = {}

    def reduced(self, form: Linear) -> Linear:
        """Return the form over the free columns that equals ``form``."""
        if not any(j in self.dependent for j in form.terms):
            return form
        total = Linear({j: a for j, a in form.terms.items() if j not in self.dependent})
        for j, a in form.terms.items():
            if j in self.dependent:
                total = total + a * self.dependent[j]
        return total

    def add(self, form: Linear) -> bool:
        """Let ``form`` vanish, and return whether that is news."""
        rest = self.reduced(form)
        if not rest.nonzero:
            return False
        last = max(rest.terms)
        head = rest.terms[last]
        solved = Linear({j: -a / head for j, a in rest.terms.items() if j != last})
        for j, old in self.dependent.items():
            if last in old.terms:
                factor = old.terms[last]
                self.dependent[j] = Linear({i: a for i, a in old.terms.items() if i != last}) + factor * solved
        self.dependent[last] = solved
        return True


class Substitution:
    """Relations among the columns of each block and among the function values.

    Attributes:
        blocks: the relations by block.
        values: the relations among function values.
    """

    def __init__(self, blocks: int) -> None:
        """Start without relations for so many blocks."""
        self.blocks = [Relations() for _ in range(blocks)]
        self.values = Relations()

    def equate(self, u: Part, v: Part, group: int) -> bool:
        """Let the vectors ``u`` and ``v`` of one group be equal, and return whether that is news."""
        mean = self.blocks[0].add(u.mean - v.mean)
        deviation = (u.deviation.nonzero or v.deviation.nonzero) and self.blocks[group + 1].add(u.deviation - v.deviation)
        return mean or deviation

    def part(self, u: Part, group: int) -> Part:
        """Return ``u`` over the free columns."""
        deviation = self.blocks[group + 1].reduced(u.deviation) if u.deviation.nonzero else u.deviation
        return Part(self.blocks[0].reduced(u.mean), deviation)

    def form(self, form: Form) -> Form:
        """Return ``form`` over the free columns and values."""
        blocks: dict[int, Entries] = {}
        for b, entries in form.blocks.items():
            relations = self.blocks[b]
            found: Entries = {}
            for (i, j), a in entries.items():
                left = relations.reduced(column(i, a if i == j else 2 * a))
                product(left, relations.reduced(column(j, 1)), found)
            kept = {key: a for key, a in found.items() if a != 0}
            if kept:
                blocks[b] = kept
        return Form(blocks, dict(self.values.reduced(Linear(form.values)).terms))
