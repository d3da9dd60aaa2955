"""How long a search may take: one deadline that all of its phases share."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

A = TypeVar("A")


@dataclass(slots=True)
class Deadline:
    """A moment of the monotonic clock, and what the work that ends there is like.

    Attributes:
        moment: the moment.
        longest: how long the longest piece of work so far took.
    """

    moment: float
    longest: float = 0.0

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
            self.longest = max(self.longest, time.monotonic() - begin)

    def part(self, share: float) -> Deadline:
        """Return the moment at which this share of the time that is left is used up, for other work."""
        now = time.monotonic()
        return Deadline(now + share * max(self.moment - now, 0.0))
