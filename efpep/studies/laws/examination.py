"""What is proved about a law on a grid."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import cast

from efpep.studies.engine.study_type import Answered
from efpep.studies.engine.task import TaskState
from efpep.studies.laws.law import Cell, Law
from efpep.studies.laws.study import LawStudy
from efpep.studies.laws.task import LawTask


@dataclass(frozen=True, slots=True)
class Examination(Answered[LawStudy, LawTask]):
    """What is proved about a law on a grid; see :class:`~efpep.studies.engine.study_type.Answered`."""

    @property
    def law(self) -> Law:
        """The law."""
        return self.study.law

    @property
    def verdicts(self) -> tuple[int, int]:
        """How many verdicts there are in all configurations, and how many of them are open; failed ones are not counted."""
        answered = [outcome.value for outcome in self.outcomes if outcome.state is not TaskState.FAILED]
        return (
            sum(cast("int", value["points"]) for value in answered),
            sum(cast("int", value["open"]) for value in answered),
        )

    def rows(self) -> list[dict[str, Cell]]:
        """Return one row of numbers for each configuration."""
        found: list[dict[str, Cell]] = []
        for task, outcome in zip(self.tasks, self.outcomes, strict=True):
            configuration = task.configuration
            row: dict[str, Cell] = {
                "L": " ".join(str(L) for L, _ in configuration.workers),
                "kappa": " ".join(str(kappa) for _, kappa in configuration.workers),
                "epsilon": str(configuration.epsilon),
                "verdict": outcome.state.value,
            }
            found.append({**row, **cast("dict[str, Cell]", outcome.value.get("row", {}))})
        return found

    def theorems(self) -> tuple[int, str]:
        """Return how many configurations are theorems, and the commands that check these."""
        named = [str(row["theorem"]) for row in self.rows() if row.get("theorem")]
        return len(named), ", ".join(dict.fromkeys(command for text in named for command in text.split(", ")))

    def tallies(self) -> dict[str, Counter[str]]:
        """Return, for laws whose rows have verdicts by several measures, how many configurations have each."""
        rows = self.rows()
        names = dict.fromkeys(name for row in rows for name in row if name.startswith("by_"))
        return {name.removeprefix("by_"): Counter(str(row[name]) for row in rows if name in row) for name in names}

    def totals(self) -> dict[str, int]:
        """Return the sums of the counts that rows hold."""
        total: Counter[str] = Counter()
        for row in self.rows():
            total.update({name: cell for name, cell in row.items() if isinstance(cell, int)})
        return dict(total)

    def greatest(self, column: str) -> int | None:
        """Return which configuration has the greatest number in a column, or None where there is none."""
        numbers = [(float(str(row[column])), k) for k, row in enumerate(self.rows()) if row.get(column) is not None]
        return max(numbers, key=lambda pair: pair[0])[1] if numbers else None
