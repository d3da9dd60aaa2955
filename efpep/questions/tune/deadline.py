"""How long a search may take: one deadline that all of its phases share."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

A = TypeVar("A")


class TimeIsOver(Exception):  # noqa: N818 - it ends a search, and is no error
    """A search has no more time."""


@dataclass(slots=True)
class Deadline:
    """A moment of the monotonic clock, and what the work that ends there is like.

    Attributes:
        moment: the moment.
        longest: how long the longest piece of work so far took.
        whole: the deadline of all work of this kind, which remembers it too.
    """

    moment: float
    longest: float = 0.0
    whole: Deadline | None = None

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """Return the moment so many seconds from now."""
        return cls(time.monotonic() + seconds)

    @property
    def over(self) -> bool:
        """Whether it has passed, or will have before a piece of work ends that is as long as the longest so far."""
        return time.monotonic() + self.longest > self.moment

    def timed(self, work: Callable[[], A]) -> A:
        """Do a piece of work that is not interrupted, such as one solve, and remember how long it took."""
        begin = time.monotonic()
        try:
            return work()
        finally:
            took = time.monotonic() - begin
            deadline: Deadline | None = self
            while deadline is not None:
                deadline.longest = max(deadline.longest, took)
                deadline = deadline.whole

    def part(self, share: float) -> Deadline:
        """Return the moment at which this share of the time that is left is used up, for other work."""
        now = time.monotonic()
        return Deadline(now + share * max(self.moment - now, 0.0))

    def further(self, share: float) -> Deadline:
        """Return the same for more of this work, whose first piece is expected to be as long as the longest so far."""
        return Deadline(self.part(share).moment, self.longest, self)
