"""What a check did: its steps and its verdict."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from efpep.errors import EfpepError


@dataclass(frozen=True)
class Step:
    """One step of a check.

    Attributes:
        text: what is checked.
        holds: whether it holds.
        part: the case that it belongs to; empty for the whole.
        detail: whether it is one that readers of a summary can do without.
    """

    text: str
    holds: bool
    part: str = ""
    detail: bool = False


@dataclass
class Report:
    """The steps of a check, in order.

    Attributes:
        steps: the steps.
        seconds: how long it took.
    """

    steps: list[Step] = field(default_factory=list[Step])
    seconds: float = 0.0
    _part: str = ""
    _began: float = field(default_factory=time.perf_counter)

    def part(self, name: str) -> None:
        """Begin the steps of a case."""
        self._part = name

    def step(self, text: str, holds: Callable[[], bool] | bool, *, detail: bool = False) -> bool:
        """Record a step; it fails where its formulas are none or divide by zero."""
        try:
            good = bool(holds() if callable(holds) else holds)
        except (ZeroDivisionError, EfpepError) as error:
            text, good = f"{text} ({error})", False
        self.steps.append(Step(text, good, self._part, detail))
        self.seconds = time.perf_counter() - self._began
        return good

    @property
    def proved(self) -> bool:
        """Whether every step holds, and there is one."""
        return bool(self.steps) and all(step.holds for step in self.steps)

    @property
    def failed(self) -> tuple[Step, ...]:
        """The steps that do not hold."""
        return tuple(step for step in self.steps if not step.holds)

    def text(self, *, details: bool = False) -> str:
        """Return the steps as lines, with ``details`` or without those that hold."""
        lines: list[str] = []
        part = ""
        for step in self.steps:
            if step.part != part:
                part = step.part
                lines.append(part)
            if details or not step.detail or not step.holds:
                lines.append(f"  {'ok  ' if step.holds else 'FAIL'} {step.text}")
        return "\n".join(lines)

    def described(self) -> list[dict[str, object]]:
        """Return the steps as objects."""
        return [{"part": step.part, "step": step.text, "holds": step.holds} for step in self.steps]
