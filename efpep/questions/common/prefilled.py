"""Inequalities that are recorded already, for a frozen question whose ``inequalities`` is a cached property."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


def with_inequalities(question: T, inequalities: object) -> T:
    """Return the question, which takes this for what it would build."""
    question.__dict__["inequalities"] = inequalities
    return question
