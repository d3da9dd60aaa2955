"""A question by names: how the columns, blocks, vectors and forms of a question are called in a stand-alone script."""

from __future__ import annotations

from fractions import Fraction

from efpep.model.form import Form
from efpep.model.linear import Linear
from efpep.model.vector import Part
from efpep.questions.rate.script.observation import Observation
from efpep.questions.rate.script.text import form_formula


class Names:
    """A question with columns, blocks and values by name: the columns that occur in it or in what its rows come from."""

    def __init__(self, observation: Observation) -> None:
        """Name what the question of ``observation`` is made of."""
        self.question = question = observation.question
        used = {index: set(block.columns) for block in question.blocks for index in [block.index]}
        for row in question.rows:
            for index, entries in row.form.blocks.items():
                used.setdefault(index, set()).update(j for pair in entries for j in pair)
        for group, part in observation.vectors():
            for index, form in ((0, part.mean), (group + 1, part.deviation)):
                used.setdefault(index, set()).update(form.terms)
        several = len(question.columns) > 2
        titles = {index: "mean" if index == 0 else f"deviation[{index}]" if several else "deviation" for index in sorted(used)}
        self.blocks = {index: titles[index] for index in titles if used[index]}
        self.columns = {
            title: [question.columns[index][j].name for j in sorted(used[index])] for index, title in self.blocks.items()
        }
        self.values = [question.values[k] for k in question.values_used]

    def linear(self, index: int, form: Linear) -> dict[str, Fraction]:
        """Return a vector of one block."""
        return {self.question.columns[index][j].name: a for j, a in sorted(form.terms.items())}

    def part(self, part: Part, group: int) -> dict[str, dict[str, Fraction]]:
        """Return a client vector by block."""
        pieces = {0: part.mean, group + 1: part.deviation}
        return {
            self.blocks[index]: self.linear(index, form)
            for index, form in pieces.items()
            if form.nonzero and index in self.blocks
        }

    def entries(self, form: Form) -> dict[str, dict[tuple[str, str], Fraction]]:
        """Return the coefficients of ``<u, v>`` by block; an entry off the diagonal of the matrix counts twice."""
        found: dict[str, dict[tuple[str, str], Fraction]] = {}
        for index, title in self.blocks.items():
            columns = self.question.columns[index]
            entries = sorted(form.blocks.get(index, {}).items())
            if entries:
                found[title] = {(columns[i].name, columns[j].name): a if i == j else 2 * a for (i, j), a in entries}
        return found

    def amounts(self, form: Form) -> dict[str, Fraction]:
        """Return the coefficients of the function values."""
        return {self.question.values[k]: a for k, a in sorted(form.values.items())}

    def form(self, form: Form) -> dict[str, object]:
        """Return a form as a script has it."""
        return {**self.entries(form), "values": self.amounts(form)}

    def said(self, form: Form) -> str:
        """Return a form as a formula."""
        return form_formula(self.entries(form), self.amounts(form))
