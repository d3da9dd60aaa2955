"""The options about how the questions of a study are answered, which all commands on studies share."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from efpep.cli import options
from efpep.cli.progress import Bar

if TYPE_CHECKING:
    from efpep.studies.engine.study_type import Sweep as Sweeping


@dataclass(frozen=True, kw_only=True)
class SweepOptions:
    """A study, and how its questions are answered."""

    study: options.StudyFile
    jobs: options.Jobs = None
    dask: options.DaskAddress = None
    store: options.StorePath = None
    recheck: options.Recheck = False
    trust_store: options.TrustStore = False
    as_json: options.AsJson = False

    def sweep(self, bar: Bar) -> "Sweeping":
        """Return what answers the questions, with a bar that shows how far it is."""
        from efpep.studies.engine.study_type import Options

        return Options(self.jobs, self.dask, self.store, self.recheck, self.trust_store, bar.show).sweep
