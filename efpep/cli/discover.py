"""``efpep discover``."""

from dataclasses import dataclass

from efpep.cli import options
from efpep.cli.command import Command
from efpep.cli.output import note, show
from efpep.cli.question import QuestionOptions, method_of
from efpep.cli.status import ExitCode
from efpep.errors import UndecidedError
from efpep.model.field import whole


@dataclass(frozen=True, kw_only=True)
class DiscoverCommand(Command, QuestionOptions):
    """Find the equation of a method's rate from numbers that are proved to many digits.

    Without constants, the equation over all parameters, at the best step size or at one in units 2/(L + mu): conjectured from
    many settings, and proved where a proof is found. With constants, the minimal polynomial of the rate in this setting, and of
    the step size at which the worst linear instances balance. The exit status is 4 where nothing is found.
    """

    features: options.Features = None
    as_json: options.AsJson = False

    def run(self) -> int:
        """Find it and print it."""
        from efpep.theorems.discover import discover

        constants = (self.mu, self.L, self.kappa, self.delta, self.group, self.functions, self.compressor, self.delta_server)
        try:
            if any(value is not None for value in constants):
                method, setting = self.read()
                names = None if self.features is None else [name.strip() for name in self.features.split(",")]
                found = discover(method, setting, features=names)
            else:
                agents = 1 if self.agents is None else whole(self.agents, "--agents")
                found = discover(method_of(self.method, self.step_size, self.values), agents=agents, tell=note)
        except UndecidedError as error:
            failed = str(error)
            show(self.as_json, lambda: {"method": self.method, "failed": failed}, lambda: f"undecided: {failed}")
            return ExitCode.UNDECIDED
        show(self.as_json, found.describe, found.summary)
        return ExitCode.UNDECIDED if found.equation is None and found.degree is None else ExitCode.ANSWERED
