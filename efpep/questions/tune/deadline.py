"""How long a search may take: one deadline that all of its phases share."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadline:
    """A moment of the monotonic clock."""

    moment: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        """Return the moment so many seconds from now."""
        return cls(time.monotonic() + seconds)

    @property
    def over(self) -> bool:
        """Whether it has passed."""
        return time.monotonic() > self.moment

    def part(self, share: float) -> Deadline:
        """Return the moment at which this share of the time that is left is used up."""
        now = time.monotonic()
        return Deadline(now + share * max(self.moment - now, 0.0))
