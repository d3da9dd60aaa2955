"""Replays as JSON objects and as text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from efpep.model.text import down, up
from efpep.report.answer import interval_object, method_object, setting_object

if TYPE_CHECKING:
    from efpep.simulate.replay import Replay


def replay_object(found: Replay) -> dict[str, object]:
    """Return a replay: ``"attained"`` is a number of the run in double precision, ``"proved"`` the certified interval."""
    adversary = found.adversary
    return {
        **method_object(adversary.method),
        **setting_object(adversary.setting),
        "iterations": adversary.iterations,
        "proved": interval_object(found.lower, found.upper),
        "attained": found.attained,
        "ratio": found.ratio,
        "dimension": found.dimension,
        "agents_run": adversary.agents,
        "seconds": round(found.seconds, 6),
    }


def replay_text(found: Replay) -> str:
    """Return a replay as lines for a reader."""
    adversary = found.adversary
    count = "one agent" if adversary.agents == 1 else f"{adversary.agents} agents"
    lower = "" if found.lower is None else f"{down(found.lower, 12)} <= "
    upper = "value" if found.upper is None else f"value <= {up(found.upper, 12)}"
    lines = [
        f"proved     {lower}{upper}",
        f"attained   {found.attained:.7g}, by {adversary.iterations} ordinary iterations with {count} in R^{found.dimension}",
    ]
    if found.ratio is not None:
        lines.append(f"ratio      {math.floor(found.ratio * 1e6) / 1e6:.6f}")
    return "\n".join(lines)
