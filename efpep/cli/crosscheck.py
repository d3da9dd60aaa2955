"""``efpep crosscheck``."""

from __future__ import annotations

from dataclasses import dataclass

from efpep.cli import options
from efpep.cli.command import Command
from efpep.cli.horizon import Horizon
from efpep.cli.lyapunov import LyapunovFunction
from efpep.cli.output import answer, answer_json, keep_certificate, note
from efpep.cli.rate import ask_rate
from efpep.cli.status import ExitCode
from efpep.errors import InputError
from efpep.model.field import whole


@dataclass(frozen=True, kw_only=True)
class CrosscheckCommand(Command, Horizon):
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
        if self.heterogeneity is not None or self.initial is not None or self.at != "last":
            raise InputError(
                "--heterogeneity, --initial and --at belong to worst cases after several steps; give --iterations too."
            )
        return self._one_step()

    def _one_step(self) -> int:
        """Compare the rate."""
        function = LyapunovFunction(lyapunov=self.lyapunov)
        function.check_given()
        rate = ask_rate(self, function, self.metric, self.solver)
        keep_certificate(rate.certificate, self.certificate)
        if ExitCode.of(rate) is not ExitCode.ANSWERED:
            note("there is no Lyapunov function to check, because no contraction is proved; 'efpep rate' says more.")
            return ExitCode.of(rate)
        from efpep.crosscheck.crosscheck import crosscheck
        from efpep.report.answer import interval_object

        found = crosscheck(rate.method, rate.setting, metric=self.metric, rate=rate)
        ends = interval_object(found.lower, found.upper)
        if self.as_json:
            answer_json(
                {
                    "method": type(rate.method).identifier(),
                    "metric": self.metric,
                    "agents": found.agents,
                    "value": found.value,
                    "rate": ends,
                    "agrees": found.agrees,
                    "difference": found.difference,
                }
            )
        else:
            answer(f"PEPit {found.value:.12g}, proved [{ends['lower'] or 'undecided'}, {ends['upper'] or 'undecided'}]\n{found}")
        return ExitCode.ANSWERED if found.agrees else ExitCode.REJECTED

    def _after_steps(self, iterations: str) -> int:
        """Compare the worst case after several steps."""
        method, setting = self.read()
        from efpep.crosscheck.pepit_horizon import crosscheck_worst_case
        from efpep.questions.worst_case.answer import worst_case
        from efpep.report.answer import interval_object

        steps = whole(iterations, "--iterations")
        worst = worst_case(method, setting, steps, self.metric, self.bounds(), at=self.at, solver=self.solver)
        keep_certificate(worst.certificate, self.certificate)
        if not worst.certified:
            note("there is no proved upper end to check; 'efpep worst-case' says more.")
            return ExitCode.UNDECIDED
        found = crosscheck_worst_case(worst)
        ends = interval_object(found.lower, found.upper)
        if self.as_json:
            answer_json(
                {
                    "method": type(method).identifier(),
                    "metric": self.metric,
                    "at": self.at,
                    "iterations": steps,
                    "agents": found.agents,
                    "value": found.value,
                    "worst_case": ends,
                    "agrees": found.agrees,
                    "difference": found.value - float(found.upper),
                }
            )
        else:
            answer(f"PEPit {found.value:.12g}, proved [{ends['lower'] or 'undecided'}, {ends['upper']}]\n{found}")
        return ExitCode.ANSWERED if found.agrees else ExitCode.REJECTED
