"""``efpep rate``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from efpep.cli import options
from efpep.cli.output import answer, answer_json, note
from efpep.cli.question import Options
from efpep.cli.status import Status
from efpep.errors import InputError

if TYPE_CHECKING:
    from efpep.analysis.rate import Rate


def command(
    method: options.MethodName,
    *,
    mu: options.Mu = None,
    smoothness: options.Smoothness = None,
    delta: options.Delta = None,
    delta_server: options.DeltaServer = None,
    agents: options.Agents = None,
    group: options.Groups = None,
    step_size: options.StepSize = None,
    parameters: options.Parameters = None,
    metric: options.Metric = "distance",
    lyapunov: options.GivenLyapunov = None,
    solver: options.SolverName = "clarabel",
    certificate: options.CertificateFile = None,
    as_json: options.AsJson = False,
) -> int:
    """Compute and prove the best worst-case contraction factor of a method.

    Numbers are integers, decimals or fractions ("1/10"), and are read exactly.
    """
    question = Options(method, mu, smoothness, delta, delta_server, agents, group, step_size, parameters)
    found = compute(question, metric, solver, lyapunov, certificate)
    if as_json:
        from efpep.report.answer import rate_object

        answer_json(rate_object(found))
    else:
        from efpep.report.as_text import as_text

        answer(as_text(found))
    return Status.of(found)


def compute(question: Options, metric: str, solver: str, lyapunov: str | None, certificate: Path | None) -> Rate:
    """Answer a question, and write the certificate where a file is named.

    Raises:
        InputError: the question is not well posed, or the file cannot be written.
        UnavailableError: a method or solver is not available here.
    """
    if lyapunov is not None and not lyapunov.strip():
        raise InputError("--lyapunov is empty; give 'literature', a formula such as '|x-x*|^2', or leave it out for the best.")
    method, setting = question.read()
    from efpep.analysis.rate import rate

    found = rate(method, setting, metric, solver, lyapunov=lyapunov)
    if certificate is not None:
        if found.certificate is None:
            note(f"nothing is proved, so {certificate} is not written.")
        else:
            found.certificate.save(certificate)
            note(f"certificate written to {certificate}.")
    return found
