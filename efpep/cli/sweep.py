"""The options about how the questions of a study are answered, which all commands on studies share."""

from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

from efpep.cli import options


class Answering(TypedDict):
    """How the questions of a study are answered, as arguments of the functions that do."""

    jobs: int | None
    dask: str | None
    store: Path | None
    recheck: bool
    trust_store: bool


@dataclass(frozen=True, kw_only=True)
class Sweep:
    """A study, and how its questions are answered."""

    study: options.StudyFile
    jobs: options.Jobs = None
    dask: options.DaskAddress = None
    store: options.StorePath = None
    recheck: options.Recheck = False
    trust_store: options.TrustStore = False
    as_json: options.AsJson = False

    def how(self) -> Answering:
        """Return how the questions are answered."""
        return {
            "jobs": self.jobs,
            "dask": self.dask,
            "store": self.store,
            "recheck": self.recheck,
            "trust_store": self.trust_store,
        }
