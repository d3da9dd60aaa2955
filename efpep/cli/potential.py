"""``efpep potential``."""

from __future__ import annotations

from efpep.cli import options
from efpep.cli.output import answer, answer_json, note
from efpep.cli.question import Options
from efpep.cli.status import Status
from efpep.methods import METHODS
from efpep.study.setting import whole


def command(
    method: options.MethodName,
    *,
    mu: options.Mu = None,
    smoothness: options.Smoothness = None,
    delta: options.Delta = None,
    compressor: options.CompressorClass = None,
    compressor_set: options.CompressorParameters = None,
    functions: options.FunctionsClass = None,
    functions_set: options.FunctionsParameters = None,
    delta_server: options.DeltaServer = None,
    agents: options.Agents = None,
    group: options.Groups = None,
    step_size: options.StepSize = None,
    parameters: options.Parameters = None,
    iterations: options.Iterations = None,
    solver: options.SolverName = "clarabel",
    certificate: options.CertificateFile = None,
    as_json: options.AsJson = False,
) -> int:
    """Compute and prove the least constant K of a potential function of a method.

    The usual kind of potential grows with the number T of steps (--iterations): it proves f(x_T) - f* <= K ||x_0 - x*||^2 / A_T,
    A_T the sum of the method's weights. Without --mu and --functions the agents' functions are smooth and convex.
    """
    if functions is None and mu is None:
        functions = METHODS.find(method).potential.functions
    question = Options(
        method,
        mu,
        smoothness,
        delta,
        delta_server,
        agents,
        group,
        step_size,
        parameters,
        functions,
        functions_set,
        compressor,
        compressor_set,
    )
    asked, setting = question.read()
    from efpep.analysis.potential import potential
    from efpep.report.potential import potential_object, potential_text

    steps = None if iterations is None else whole(iterations, "--iterations")
    found = potential(asked, setting, steps, solver=solver)
    if certificate is not None:
        if found.certificate is None:
            note(f"nothing is proved, so {certificate} is not written.")
        else:
            found.certificate.save(certificate)
            note(f"certificate written to {certificate}.")
    if as_json:
        answer_json(potential_object(found))
    else:
        answer(potential_text(found))
    return Status.UNDECIDED if found.upper is None else Status.ANSWERED
