"""``efpep rate``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from efpep.cli import options
from efpep.cli.command import AskingKind
from efpep.cli.lyapunov import LyapunovOptions
from efpep.cli.output import note
from efpep.cli.question import QuestionOptions
from efpep.cli.status import ExitCode
from efpep.errors import InputError

if TYPE_CHECKING:
    from efpep.questions.rate.answer import Rate


@dataclass(frozen=True, kw_only=True)
class RateCommand(AskingKind["Rate"], LyapunovOptions, QuestionOptions):
    """Compute and prove the best worst-case contraction factor of a method.

    Numbers are integers, decimals or fractions ("1/10"), and are read exactly.
    """

    solver: options.SolverName = "automatic"
    metric: options.Metric = "distance"
    positivity: options.Positivity = None
    simple: options.Simple = None
    latex: options.Latex = False
    own_rate: options.OwnRate = False
    width: options.Width = None
    digits: options.Digits = None

    def ask(self) -> Rate:
        """Return the rate, simplified where that is asked for."""
        self.check_given()
        if self.lyapunov is not None and self.simple is not None:
            raise InputError("--simple and --lyapunov are both given, and a given function is not changed; give one of them.")
        found = ask_rate(self, self, self.metric, self.solver, positivity=self.positivity, width=self.width, digits=self.digits)
        found = found if self.simple is None else _simplified(found, self.simple)
        return _beside_instances(found, self.solver) if self.own_rate else found

    def as_object(self, found: Rate) -> dict[str, object]:
        """Return the rate as a JSON object."""
        return {**super().as_object(found), "simplified": self.simple}

    def as_text(self, found: Rate) -> str:
        """Return the rate as text."""
        from efpep.questions.rate.report import answer_text

        return answer_text(found, simple=self.simple is not None, latex=self.latex)

    def status(self, found: Rate) -> ExitCode:
        """Return the exit status of a rate."""
        return ExitCode.of(found)


def ask_rate(
    question: QuestionOptions,
    function: LyapunovOptions,
    metric: str,
    solver: str,
    *,
    positivity: str | None = None,
    width: str | None = None,
    digits: int | None = None,
) -> Rate:
    """Answer a question about rates.

    Raises:
        InputError: the question is not well posed.
        UnavailableError: a method or solver is not available here.
    """
    method, setting = question.read()
    from efpep.questions.rate.answer import rate
    from efpep.questions.rate.enclosure import WIDTH

    return rate(
        method,
        setting,
        metric,
        solver,
        lyapunov=function.lyapunov,
        memory=function.past_states(),
        features=function.feature_names(),
        positivity=positivity,
        width=WIDTH if width is None else width,
        digits=digits,
    )


def _beside_instances(found: Rate, solver: str) -> Rate:
    from efpep.questions.cycle.asymptotic_lower_bound import asymptotic_lower_bound

    return asymptotic_lower_bound(found.method, found.setting, solver=solver, certified=found).rate


def _simplified(found: Rate, tolerance: str) -> Rate:
    from efpep.questions.rate.simplify import simplify

    if ExitCode.of(found) is not ExitCode.ANSWERED:
        note("no contraction is proved, so there is no Lyapunov function to simplify.")
        return found
    return simplify(found, tolerance)
