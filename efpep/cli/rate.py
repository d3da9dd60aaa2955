"""``efpep rate``."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from efpep.cli import options
from efpep.cli.output import answer, answer_json, keep_certificate, note
from efpep.cli.question import Options, asks
from efpep.cli.status import Status
from efpep.errors import InputError
from efpep.methods import METHODS
from efpep.methods.base import ONE_STEP
from efpep.studies.engine.setting import whole

if TYPE_CHECKING:
    from efpep.questions.rate.answer import Rate


@asks
def command(
    question: Options,
    *,
    metric: options.Metric = "distance",
    lyapunov: options.GivenLyapunov = None,
    memory: options.MemoryLength = None,
    features: options.Features = None,
    positivity: options.Positivity = "weights",
    simple: options.Simple = None,
    latex: options.Latex = False,
    width: options.Width = None,
    solver: options.SolverName = "clarabel",
    certificate: options.CertificateFile = None,
    as_json: options.AsJson = False,
) -> int:
    """Compute and prove the best worst-case contraction factor of a method.

    Numbers are integers, decimals or fractions ("1/10"), and are read exactly.
    """
    found = compute(question, metric, solver, Function(lyapunov, memory, features, simple, width, positivity), certificate)
    if as_json:
        from efpep.report.answer import rate_object

        answer_json({**rate_object(found), "simplified": simple})
    else:
        from efpep.questions.rate.report import as_text

        answer(as_text(found, simple=simple is not None, latex=latex))
    return Status.of(found)


@dataclass(frozen=True, slots=True)
class Function:
    """The options about the Lyapunov function and the width of the interval, as text."""

    given: str | None = None
    memory: str | None = None
    features: str | None = None
    simple: str | None = None
    width: str | None = None
    positivity: str = "weights"

    def names(self) -> list[str] | None:
        """Return the features.

        Raises:
            InputError: a name is empty.
        """
        if self.features is None:
            return None
        names = [name.strip().removesuffix("-x*") for name in self.features.split(",")]  # answers print x-x*, features are x
        if not all(names):
            raise InputError(f"--features is {self.features!r}, where a name is empty; write it like --features x,g,f.")
        return names


def compute(
    question: Options,
    metric: str,
    solver: str,
    function: Function,
    certificate: Path | None,
) -> Rate:
    """Answer a question, and write the certificate where a file is named.

    Raises:
        InputError: the question is not well posed, or the file cannot be written.
        UnavailableError: a method or solver is not available here.
    """
    if function.given is not None and not function.given.strip():
        raise InputError("--lyapunov is empty; give 'literature', a formula such as '|x-x*|^2', or leave it out for the best.")
    if function.given is not None and function.simple is not None:
        raise InputError("--simple and --lyapunov are both given, and a given function is not changed; give one of them.")
    if question.mu is None and question.functions is None and not question.groups:
        cls = METHODS.find(question.method)
        if cls.potential is ONE_STEP:
            raise InputError(
                f"mu is missing, and {cls.title or cls.__name__} contracts nothing without it; give --mu, or ask "
                f"'efpep potential {question.method}' about functions with bounded subgradients."
            )
    method, setting = question.read()
    from efpep.questions.rate.answer import rate
    from efpep.questions.rate.enclosure import WIDTH

    memory = 0 if function.memory is None else whole(function.memory, "--memory")
    found = rate(
        method,
        setting,
        metric,
        solver,
        lyapunov=function.given,
        memory=memory,
        features=function.names(),
        positivity=function.positivity,
        width=WIDTH if function.width is None else function.width,
    )
    if function.simple is not None:
        found = _simplified(found, function.simple)
    keep_certificate(found.certificate, certificate)
    return found


def _simplified(found: Rate, tolerance: str) -> Rate:
    from efpep.questions.rate.simplify import simplify

    if Status.of(found) is not Status.ANSWERED:
        note("no contraction is proved, so there is no Lyapunov function to simplify.")
        return found
    return simplify(found, tolerance)
