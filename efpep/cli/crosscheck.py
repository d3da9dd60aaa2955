"""``efpep crosscheck``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from efpep.cli import options
from efpep.cli.command import Command
from efpep.cli.horizon import HorizonOptions
from efpep.cli.lyapunov import LyapunovOptions
from efpep.cli.output import keep_certificate, note, show
from efpep.cli.rate import ask_rate
from efpep.cli.status import ExitCode
from efpep.errors import InputError

if TYPE_CHECKING:
    from efpep.crosscheck.crosscheck import CrossCheck
    from efpep.crosscheck.pepit_horizon import HorizonCheck


@dataclass(frozen=True, kw_only=True)
class CrosscheckCommand(Command, HorizonOptions):
    """Ask PEPit, with the agents written out one by one, for the worst case of the Lyapunov function that efpep found.

    With --iterations T, and then --initial, --at and --heterogeneity, for the worst case of the metric after T steps instead. The
    exit status is 1 where PEPit's floating-point number contradicts the proved interval.
    """

    metric: options.Metric = "distance"
    iterations: options.Iterations = None
    lyapunov: options.GivenLyapunov = None
    solver: options.SolverName = "clarabel"
    certificate: options.CertificateFile = None
    as_json: options.AsJson = False

    def run(self) -> int:
        """Compare one step, or several."""
        if self.iterations is not None:
            if self.lyapunov is not None:
                raise InputError("--lyapunov is about one step and --iterations about many; give one of them.")
            return self._after_steps(self.iterations)
        if any(given is not None for given in (self.heterogeneity, self.dissimilarity, self.initial)) or self.at != "last":
            raise InputError(
                "--heterogeneity, --dissimilarity, --initial and --at belong to worst cases after several steps; give "
                "--iterations too."
            )
        return self._one_step()

    def _one_step(self) -> int:
        """Compare the rate."""
        function = LyapunovOptions(lyapunov=self.lyapunov)
        function.check_given()
        rate = ask_rate(self, function, self.metric, self.solver)
        keep_certificate(rate.certificate, self.certificate)
        if ExitCode.of(rate) is not ExitCode.ANSWERED:
            note("there is no Lyapunov function to check, because no contraction is proved; 'efpep rate' says more.")
            return ExitCode.of(rate)
        from efpep.crosscheck.crosscheck import crosscheck

        found = crosscheck(rate.method, rate.setting, metric=self.metric, rate=rate)
        about = {"method": type(rate.method).identifier(), "metric": self.metric}
        return self._told(found, about, "rate", found.difference)

    def _after_steps(self, iterations: str) -> int:
        """Compare the worst case after several steps."""
        worst = self.worst_case(iterations, self.metric, self.solver)
        keep_certificate(worst.certificate, self.certificate)
        if not worst.certified:
            note("there is no proved upper end to check; 'efpep worst-case' says more.")
            return ExitCode.UNDECIDED
        from efpep.crosscheck.pepit_horizon import crosscheck_worst_case

        found = crosscheck_worst_case(worst)
        asked = worst.question
        about = {"method": asked.method.identifier(), "metric": self.metric, "at": self.at, "iterations": asked.iterations}
        return self._told(found, about, "worst_case", found.value - float(found.upper))

    def _told(self, found: CrossCheck | HorizonCheck, about: Mapping[str, object], name: str, difference: float) -> int:
        """Print PEPit's number beside the proved interval, and return the exit status."""
        from efpep.report.answer import interval_object

        ends = interval_object(found.lower, found.upper)
        described = {
            **about,
            "agents": found.agents,
            "value": found.value,
            name: ends,
            "agrees": found.agrees,
            "difference": difference,
        }
        interval = f"[{ends['lower'] or 'undecided'}, {ends['upper'] or 'undecided'}]"
        show(self.as_json, lambda: described, lambda: f"PEPit {found.value:.12g}, proved {interval}\n{found}")
        return ExitCode.ANSWERED if found.agrees else ExitCode.REJECTED
