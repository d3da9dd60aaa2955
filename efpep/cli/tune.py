"""``efpep tune``."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from efpep.cli import options
from efpep.cli.output import answer, answer_json, keep_certificate, note
from efpep.cli.question import Options, asks
from efpep.cli.rate import Function
from efpep.cli.status import Status
from efpep.errors import InputError
from efpep.methods import METHODS
from efpep.methods.base import ONE_STEP
from efpep.studies.engine.setting import whole

if TYPE_CHECKING:
    from efpep.questions.tune.result import StepSize


@asks
def command(
    question: Options,
    *,
    tuned: Annotated[
        str | None,
        typer.Option(
            "--parameters",
            metavar="NAMES",
            help="The parameters to tune, such as 'step_size,theta'; all with a known range that --step-size and --set do not "
            "give, unless told.",
        ),
    ] = None,
    tolerance: Annotated[
        str, typer.Option("--tolerance", metavar="NUMBER", help="How wide the bracket may be, relative to the step size.")
    ] = "1e-3",
    verify: Annotated[
        str | None,
        typer.Option(
            "--verify",
            metavar="VALUE",
            help="Is this step size ('optimal' for the literature's) optimal to within the tolerance? Other parameters that are "
            "tuned are asked about at the values that --set gives.",
        ),
    ] = None,
    metric: options.Metric = "distance",
    lyapunov: options.GivenLyapunov = None,
    memory: options.MemoryLength = None,
    features: options.Features = None,
    solver: options.SolverName = "clarabel",
    seconds: Annotated[
        str, typer.Option("--seconds", metavar="NUMBER", help="How long each branch and bound may take at most.")
    ] = "60",
    iterations: Annotated[
        str | None,
        typer.Option("--iterations", metavar="NUMBER", help="The number of rounds, for subgradient methods such as safe-ef."),
    ] = None,
    radius: Annotated[
        str, typer.Option("--radius", metavar="NUMBER", help="The distance of x^0 from x*, with --iterations.")
    ] = "1",
    failure: Annotated[
        str | None,
        typer.Option(
            "--failure",
            metavar="NUMBER",
            help="How likely the guarantee may fail, with --iterations and compressors that contract in expectation only.",
        ),
    ] = None,
    certificate: options.CertificateFile = None,
    landscape: Annotated[
        Path | None,
        typer.Option(
            "--landscape",
            metavar="FILE",
            help="Write the rate against the step size: FILE.csv for the numbers alone, FILE.pdf or FILE.png for the figure in "
            "both formats with the numbers beside it.",
        ),
    ] = None,
    as_json: options.AsJson = False,
) -> int:
    """Find the best step size (and other parameters), and prove a bracket outside which nothing is better.

    With --iterations: the step size and threshold with the best guarantee for averages of subgradient steps (safe-ef). Its
    functions have bounded subgradients, by --functions-set M=NUMBER.

    Numbers are integers, decimals or fractions ("1/10"), and are read exactly. The exit status is 4 where the bracket is wider
    than asked, or where it stays undecided whether the value of --verify is optimal.
    """
    if landscape is not None and landscape.suffix not in {".csv", ".pdf", ".png"}:
        raise InputError(f"--landscape is {str(landscape)!r}; name a file that ends in .csv, .pdf or .png.")
    if iterations is not None and question.functions is None and question.mu is None:
        question = replace(question, functions="bounded-subgradients")
    plain = question.mu is None and question.functions is None and not question.groups
    if iterations is None and plain and METHODS.find(question.method).potential is ONE_STEP:
        raise InputError(
            f"iterations is missing, and {METHODS.find(question.method).title or question.method} is tuned for a number of "
            "rounds; give --iterations, such as 10000."
        )
    if iterations is not None:
        return _guaranteed(question, iterations, radius, failure, as_json=as_json)
    found = _tune(question, metric, solver, Function(lyapunov, memory, features), (tuned, tolerance, verify, seconds))
    keep_certificate(found.certificate, certificate)
    if landscape is not None:
        _write_landscape(found, landscape, solver, Function(lyapunov, memory, features))
    if as_json:
        from efpep.questions.tune.report import step_size_object

        answer_json(step_size_object(found))
    else:
        from efpep.questions.tune.report import step_size_text

        answer(step_size_text(found))
    if found.tested is not None and found.tested.asked:
        return Status.UNDECIDED if found.tested.verdict.name == "UNDECIDED" else Status.ANSWERED
    return Status.ANSWERED if found.certified else Status.UNDECIDED


def _write_landscape(found: StepSize, path: Path, solver: str, function: Function) -> None:
    from efpep.questions.tune.landscape import landscape

    memory = 0 if function.memory is None else whole(function.memory, "--memory")
    names = function.names()
    drawn = landscape(found.method, found.setting, found.metric, solver, lyapunov=function.given, memory=memory, features=names)
    written = [drawn.to_csv(path)] if path.suffix == ".csv" else drawn.save(path)
    note(f"landscape written to {', '.join(map(str, written))}.")


def _guaranteed(question: Options, iterations: str, radius: str, failure: str | None, *, as_json: bool) -> Status:
    """Answer with the best guarantee for averages of subgradient steps."""
    method, setting = question.read()
    from efpep.questions.averaging.guarantee import guarantee
    from efpep.questions.averaging.guarantee_report import promise_object, promise_text

    found = guarantee(method, setting, whole(iterations, "--iterations"), radius=radius, failure=failure)
    if as_json:
        answer_json(promise_object(found))
    else:
        answer(promise_text(found))
    return Status.ANSWERED


def _tune(
    question: Options, metric: str, solver: str, function: Function, words: tuple[str | None, str, str | None, str]
) -> StepSize:
    tuned, tolerance, verify, seconds = words
    if function.given is not None and not function.given.strip():
        raise InputError("--lyapunov is empty; give 'literature', a formula such as '|x-x*|^2', or leave it out for the best.")
    method, setting = question.read()
    names = None if tuned is None else [name.strip() for name in tuned.split(",")]
    if names is None:
        given = [pair.partition("=")[0].strip() for pair in question.parameters or ()]
        given += [] if question.step_size is None else ["step_size"]
        names = [name for name in ("step_size", *method.ranges) if name not in given]
        if not names and verify is None:
            raise InputError("every parameter is given, so there is none to tune; name those to tune with --parameters.")
        names = names or ["step_size"]
    if verify is not None and "step_size" not in names:
        raise InputError("--verify asks about the step size, which is not among the tuned parameters; add it to --parameters.")
    from efpep.model.field import rational
    from efpep.questions.tune.answer import tune

    return tune(
        method,
        setting,
        metric,
        solver,
        parameters=names,
        tolerance=rational(tolerance, "--tolerance"),
        verify=verify,
        lyapunov=function.given,
        memory=0 if function.memory is None else whole(function.memory, "--memory"),
        features=function.names(),
        seconds=float(rational(seconds, "--seconds")),
    )
