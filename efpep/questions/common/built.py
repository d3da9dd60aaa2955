"""A question that is built already, for a frozen object whose ``question`` is a cached property."""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")


def with_question(owner: T, question: object) -> T:
    """Return the object, which takes this question for the one that it would build."""
    owner.__dict__["question"] = question
    return owner
