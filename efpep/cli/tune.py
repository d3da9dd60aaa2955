"""``efpep tune``."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from efpep.cli import options
from efpep.cli.command import Asking
from efpep.cli.files import Writes
from efpep.cli.horizon import HorizonOptions
from efpep.cli.lyapunov import LyapunovOptions
from efpep.cli.output import keep_certificate, note, show
from efpep.cli.status import ExitCode
from efpep.errors import InputError
from efpep.functions import FUNCTIONS
from efpep.methods import METHODS
from efpep.methods.base import GROWING, OPTIMAL
from efpep.model.field import rational, whole
from efpep.model.gradient_noise import GradientNoise

if TYPE_CHECKING:
    from efpep.methods import Method
    from efpep.questions.base import Question
    from efpep.questions.tune.result import StepSize

_RATES = ["parameters", "tolerance", "verify", "metric", "seconds", "landscape", "lyapunov", "memory", "features", "solver"]
_SEARCHED = ["criterion", "tolerance", "solver", "certificate"]
_USED = {
    "": frozenset([*_RATES, "certificate"]),
    "--iterations": frozenset({"iterations", "radius", "failure", "sigma"}),
    "--target": frozenset({"target", "radius", "heterogeneity", "sigma", "metric", "seconds", "solver", "certificate"}),
    "--criterion worst-case": frozenset([*_SEARCHED, "iterations", "metric", "at", "initial", "heterogeneity", "dissimilarity"]),
    "--criterion potential": frozenset([*_SEARCHED, "iterations"]),
    "--criterion noise": frozenset([*_SEARCHED, "sigma", "rho", "bound", "metric"]),
    "--functions": frozenset([*_SEARCHED, "memory"]),
}
"""Which fields are used for rates, and with options that ask for something else (``--functions``: a class without minimiser)."""
_CRITERIA = ["rate", *(option.removeprefix("--criterion ") for option in _USED if option.startswith("--criterion"))]


@dataclass(frozen=True, kw_only=True)
class TuneCommand(Asking["StepSize"], LyapunovOptions, HorizonOptions):
    """Find the best step size (and other parameters), and prove a bracket outside which nothing is better.

    With --iterations: the step size and threshold with the best guarantee for averages of subgradient steps (safe-ef). Its
    functions have bounded subgradients, by --functions-set M=NUMBER; with --sigma these are stochastic.

    With --target and --sigma: the step size with which stochastic gradients reach an accuracy in the fewest iterations, and how
    many are proved to be enough.

    With --criterion worst-case, potential or noise: the step size with the least worst case after --iterations steps, bound by a
    growing potential, or constant of the noise at a factor --rho (see the commands of these names). A --step-size is where the
    search begins.

    With --functions smooth-weakly-convex: the step size with the largest decrease of a potential (see efpep potential), and the
    largest step size with any.

    Numbers are integers, decimals or fractions ("1/10"), and are read exactly. The exit status is 4 where the bracket is wider
    than asked, or where it stays undecided whether the value of --verify is optimal.
    """

    criterion: Annotated[
        str | None, typer.Option("--criterion", metavar="NAME", help=f"What is best: the least {', '.join(_CRITERIA)}.")
    ] = None
    parameters: Annotated[
        str | None,
        typer.Option(
            "--parameters",
            metavar="NAMES",
            help="The parameters to tune, such as 'step_size,theta'; all with a known range that --step-size and --set do not "
            "give, unless told.",
        ),
    ] = None
    tolerance: Annotated[
        str, typer.Option("--tolerance", metavar="NUMBER", help="How wide the bracket may be, relative to the step size.")
    ] = "1e-3"
    verify: Annotated[
        str | None,
        typer.Option(
            "--verify",
            metavar="VALUE",
            help="Is this step size ('optimal' for the literature's) optimal to within the tolerance? Other parameters that are "
            "tuned are asked about at the values that --set gives.",
        ),
    ] = None
    metric: options.Metric = "distance"
    seconds: Annotated[
        str, typer.Option("--seconds", metavar="NUMBER", help="How long the answer may take, to about a tenth.")
    ] = "120"
    iterations: Annotated[
        str | None,
        typer.Option(
            "--iterations",
            metavar="NUMBER",
            help="The number of rounds, for subgradient methods such as safe-ef; of steps, with --criterion.",
        ),
    ] = None
    target: Annotated[
        str | None,
        typer.Option("--target", metavar="NUMBER", help="What the metric of the last iterate has to come down to, with --sigma."),
    ] = None
    sigma: Annotated[
        str | None,
        typer.Option("--sigma", metavar="NUMBER", help="Standard deviation of every agent's gradients, with --target or noise."),
    ] = None
    rho: Annotated[
        str | None, typer.Option("--rho", metavar="NUMBER", help="The factor of V a step, with --criterion noise (1).")
    ] = None
    bound: Annotated[
        str | None,
        typer.Option("--bound", metavar="NAME", help="What is bounded, with --criterion noise: average (default), or last."),
    ] = None
    radius: Annotated[
        str | None,
        typer.Option("--radius", metavar="NUMBER", help="The distance of x^0 from x*, with --iterations or --target (1)."),
        options.Gives("R"),
    ] = None
    failure: Annotated[
        str | None,
        typer.Option(
            "--failure",
            metavar="NUMBER",
            help="How likely the guarantee may fail, with --iterations and compressors that contract in expectation only.",
        ),
    ] = None
    landscape: Annotated[
        Path | None,
        typer.Option(
            "--landscape",
            metavar="FILE",
            help="Write the rate against the step size: FILE.csv for the numbers alone, FILE.pdf, FILE.png or FILE.svg for the "
            "figure in these formats with the numbers beside it.",
        ),
        Writes((".csv", ".pdf", ".png", ".svg"), makes=True),
    ] = None

    def run(self) -> int:
        """Answer with the best guarantee of so many rounds where their number is given, and with the best rate without it."""
        self._check_used()
        if self.landscape is not None and self.landscape.suffix != ".csv":
            from efpep.report.figure_style import check_drawable

            check_drawable()
        if self.criterion not in {None, "rate"} or self.nonconvex:
            return self._stepped()
        if self.target is not None:
            return self._reached(self.target)
        return super().run() if self.iterations is None else self._guaranteed(self.iterations)

    @property
    def nonconvex(self) -> bool:
        """Whether the functions are of a class without a minimiser."""
        return self.functions is not None and not FUNCTIONS.find(self.functions).has_minimiser

    @property
    def decreasing(self) -> bool:
        """Whether the question is about the decrease of potentials of such functions."""
        return self.nonconvex and self.criterion in {None, "rate", "potential"}

    def _check_used(self) -> None:
        """Refuse options that the others make idle.

        Raises:
            InputError: one is given.
        """
        if self.criterion not in {None, *_CRITERIA}:
            raise InputError(f"--criterion is {self.criterion!r}, which is none; choose one of {', '.join(_CRITERIA)}.")
        given = {
            "--functions": self.decreasing,
            f"--criterion {self.criterion}": self.criterion not in {None, "rate"},
            "--target": self.target is not None,
            "--iterations": self.iterations is not None,
        }
        chosen = next((option for option, there in given.items() if there), "")
        idle = frozenset[str]().union(*_USED.values()) - _USED[chosen]
        for field in fields(self):
            if field.name not in idle - {"criterion"} or getattr(self, field.name) == field.default:
                continue
            if not chosen:
                alone = " or ".join(option for option, names in _USED.items() if field.name in names)
                raise InputError(f"--{field.name} is used with {alone} alone; give {alone}, or leave it out.")
            named = f"{chosen} {self.functions}" if self.decreasing else chosen
            raise InputError(f"--{field.name} is not used with {named}; leave one of them out.")

    def ask(self) -> StepSize:
        """Return the best parameters."""
        if self.averaging:
            raise InputError(
                f"iterations is missing, and {METHODS.find(self.method).title or self.method} is tuned for a number of rounds; "
                "give --iterations, such as 10000."
            )
        self.check_given()
        if self.verify not in {None, OPTIMAL}:
            rational(self.verify, "--verify")
        method, setting = self.read()
        from efpep.questions.tune.answer import tune

        return tune(
            method,
            setting,
            self.metric,
            self.solver,
            parameters=self._tuned(method),
            tolerance=rational(self.tolerance, "--tolerance"),
            verify=self.verify,
            lyapunov=self.lyapunov,
            memory=self.past_states(),
            features=self.feature_names(),
            seconds=float(rational(self.seconds, "--seconds")),
        )

    def as_object(self, found: StepSize) -> dict[str, object]:
        """Return the best parameters as a JSON object."""
        from efpep.questions.tune.report import step_size_object

        return step_size_object(found)

    def as_text(self, found: StepSize) -> str:
        """Return the best parameters as text."""
        from efpep.questions.tune.report import step_size_text

        return step_size_text(found)

    def status(self, found: StepSize) -> ExitCode:
        """Return the exit status: undecided where the bracket is too wide, or the value of ``--verify`` is not decided."""
        if found.tested is not None and found.tested.asked:
            return ExitCode.UNDECIDED if found.tested.verdict.name == "UNDECIDED" else ExitCode.ANSWERED
        return ExitCode.ANSWERED if found.certified else ExitCode.UNDECIDED

    def keep(self, found: StepSize) -> None:
        """Write the certificate and the landscape where files are named."""
        super().keep(found)
        if self.landscape is not None:
            self._write_landscape(found, self.landscape)

    def _tuned(self, method: Method) -> list[str]:
        """Return the names of the parameters to tune."""
        if self.parameters is not None:
            names = [name.strip() for name in self.parameters.split(",")]
        else:
            given = [pair.partition("=")[0].strip() for pair in self.values or ()]
            given += [] if self.step_size is None else ["step_size"]
            names = [name for name in method.tunable if name not in given]
            if not names and self.verify is None:
                raise InputError("every parameter is given, so there is none to tune; name those to tune with --parameters.")
            names = names or ["step_size"]
        if self.verify is not None and "step_size" not in names:
            raise InputError(
                "--verify asks about the step size, which is not among the tuned parameters; add it to --parameters."
            )
        return names

    def _write_landscape(self, found: StepSize, path: Path) -> None:
        from efpep.questions.tune.landscape import landscape

        drawn = landscape(
            found.method,
            found.setting,
            found.metric,
            self.solver,
            lyapunov=self.lyapunov,
            memory=self.past_states(),
            features=self.feature_names(),
        )
        written = [drawn.to_csv(path)] if path.suffix == ".csv" else drawn.save(path, tuned=found)
        note(f"landscape written to {', '.join(map(str, written))}.")

    def _guaranteed(self, iterations: str) -> ExitCode:
        """Answer with the best guarantee for averages of subgradient steps."""
        method, setting = (replace(self, functions="bounded-subgradients") if self.plain else self).read()
        from efpep.questions.common.guarantee import guarantee

        if self.sigma is not None:
            setting = replace(setting, noise=GradientNoise(rational(self.sigma, "--sigma")))
        found = guarantee(method, setting, whole(iterations, "--iterations"), radius=self.radius or "1", failure=self.failure)
        from efpep.questions.averaging.guarantee_report import guarantee_object, guarantee_text

        show(self.as_json, lambda: guarantee_object(found), lambda: guarantee_text(found))
        return ExitCode.ANSWERED

    def _reached(self, target: str) -> ExitCode:
        """Answer with the step size of the fewest iterations to a target accuracy."""
        if self.sigma is None:
            raise InputError("--target needs the standard deviation of every agent's gradients; give --sigma, such as 1.")
        method, setting = self.read()
        from efpep.questions.tune.target import reach
        from efpep.questions.tune.target_report import target_object, target_text

        found = reach(
            method,
            replace(setting, noise=GradientNoise(rational(self.sigma, "--sigma"))),
            rational(target, "--target"),
            radius=rational(self.radius or "1", "--radius"),
            metric=self.metric,
            solver=self.solver,
            seconds=float(rational(self.seconds, "--seconds")),
        )
        keep_certificate(found.certificate, self.certificate)
        show(self.as_json, lambda: target_object(found), lambda: target_text(found))
        return ExitCode.ANSWERED

    def _stepped(self) -> ExitCode:
        """Answer with the step size at which the number of a question is least, or a decrease largest."""
        from efpep.questions.tune.answer import tune
        from efpep.questions.tune.step_report import step_object, step_text

        found = tune(self._question(), tolerance=rational(self.tolerance, "--tolerance"), solver=self.solver)
        keep_certificate(found.best.certificate, self.certificate)
        show(self.as_json, lambda: step_object(found), lambda: step_text(found))
        return ExitCode.ANSWERED if found.complete else ExitCode.UNDECIDED

    def _question(self) -> Question[Any, Any]:
        """Return the question whose number is to be best."""
        asked = self
        if self.criterion == "potential" and self.plain:
            asked = replace(self, functions=METHODS.find(self.method).potential.functions)
        method, setting = asked.read()
        if self.decreasing:
            from efpep.questions.nonconvex.question import NonconvexQuestion

            return NonconvexQuestion(method, setting, self.past_states())
        if self.criterion == "noise":
            from efpep.questions.noise.question import AVERAGE, NoiseQuestion

            noisy = replace(setting, noise=GradientNoise(rational(self.sigma or "1", "--sigma")))
            return NoiseQuestion(method, noisy, rational(self.rho or "1", "--rho"), self.bound or AVERAGE, self.metric)
        if self.criterion == "potential" and method.potential is not GROWING:
            from efpep.questions.averaging.question import AveragingQuestion

            return AveragingQuestion(method, setting)
        if self.iterations is None:
            raise InputError(f"--criterion {self.criterion} is about a number of steps; give --iterations, such as 5.")
        steps = whole(self.iterations, "--iterations")
        if self.criterion == "potential":
            from efpep.questions.potential.question import PotentialQuestion

            return PotentialQuestion(method, setting, steps)
        from efpep.questions.worst_case.question import WorstCaseQuestion

        return WorstCaseQuestion(method, setting, steps, self.metric, self.at, self.bounds())
