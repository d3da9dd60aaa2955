"""Change of basis while recording: columns that are combinations of states are eliminated.

A run over many steps writes every iterate as a combination of all earlier gradients and messages, so that each inequality
touches everything before it. With the states themselves as basis each inequality touches two moments only, and matrices are
banded. After each step the new state becomes a *cut*: fresh columns stand for it, and the link ``fresh = computed`` eliminates
one column each, a message's loss or a gradient rather than a state.
"""

from __future__ import annotations

from collections.abc import Mapping

from efpep.model.form import Entries, Form, product
from efpep.model.linear import ZERO, Linear
from efpep.model.vector import Part


class Elimination:
    """Linear relations among the columns of each block, solved one by one.

    Attributes:
        solved: for each block, the eliminated columns as forms in others.
        rank: for each block, how much a column is wanted in the basis; the least wanted one of a link is eliminated.
    """

    def __init__(self, blocks: int) -> None:
        """Start without relations."""
        self.solved: list[dict[int, Linear]] = [{} for _ in range(blocks)]
        self.rank: list[dict[int, int]] = [{} for _ in range(blocks)]

    def link(self, block: int, relation: Linear) -> None:
        """Eliminate the least wanted column of ``relation = 0``, the newest among equals."""
        reduced = self.linear(block, relation)
        if not reduced.nonzero:
            return
        rank = self.rank[block]
        pivot = min(reduced.terms, key=lambda j: (rank.get(j, 0), -j))
        factor = reduced.terms[pivot]
        self.solved[block][pivot] = Linear({j: -a / factor for j, a in reduced.terms.items() if j != pivot})

    def linear(self, block: int, form: Linear) -> Linear:
        """Return ``form`` without eliminated columns."""
        solved = self.solved[block]
        while any(j in solved for j in form.terms):
            total = Linear({j: a for j, a in form.terms.items() if j not in solved})
            for j, a in form.terms.items():
                if j in solved:
                    total = total + a * solved[j]
            form = total
        return form

    def part(self, group: int, part: Part) -> Part:
        """Return the vectors of one group without eliminated columns."""
        deviation = self.linear(group + 1, part.deviation) if part.deviation.nonzero else ZERO
        return Part(self.linear(0, part.mean), deviation)

    def form(self, form: Form) -> Form:
        """Return a quadratic form without eliminated columns."""
        blocks: dict[int, Entries] = {}
        for block, entries in form.blocks.items():
            if not any(i in self.solved[block] or j in self.solved[block] for i, j in entries):
                blocks[block] = entries
                continue
            found: Entries = {}
            for i, line in _lines(entries).items():
                product(self.linear(block, Linear({i: 1})), self.linear(block, Linear(line)), found)
            blocks[block] = {key: a for key, a in found.items() if a != 0}
        return Form(blocks, form.values)


def _lines(entries: Entries) -> Mapping[int, dict[int, object]]:
    """Return a quadratic form as ``sum_i <c_i, line_i>``."""
    lines: dict[int, dict[int, object]] = {}
    for (i, j), a in entries.items():
        lines.setdefault(i, {})[j] = a if i == j else 2 * a
    return lines
