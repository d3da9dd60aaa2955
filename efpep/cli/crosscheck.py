"""``efpep crosscheck``."""

from __future__ import annotations

from efpep.cli import options
from efpep.cli.output import answer, answer_json, note
from efpep.cli.question import Options
from efpep.cli.rate import Function, compute
from efpep.cli.status import Status


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
    metric: options.Metric = "distance",
    lyapunov: options.GivenLyapunov = None,
    solver: options.SolverName = "clarabel",
    certificate: options.CertificateFile = None,
    as_json: options.AsJson = False,
) -> int:
    """Ask PEPit, with the agents written out one by one, for the worst case of the Lyapunov function that efpep found.

    The exit status is 1 where PEPit's floating-point number contradicts the proved interval.
    """
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
    rate = compute(question, metric, solver, Function(lyapunov), certificate)
    if Status.of(rate) is not Status.ANSWERED:
        note("there is no Lyapunov function to check, because no contraction is proved; 'efpep rate' says more.")
        return Status.of(rate)
    from efpep.analysis.crosscheck import crosscheck
    from efpep.report.answer import interval_object

    found = crosscheck(rate.method, rate.setting, metric=metric, rate=rate)
    ends = interval_object(found.lower, found.upper)
    if as_json:
        answer_json(
            {
                "method": type(rate.method).identifier(),
                "metric": metric,
                "agents": found.agents,
                "value": found.value,
                "rate": ends,
                "agrees": found.agrees,
                "difference": found.difference,
            }
        )
    else:
        answer(f"PEPit {found.value:.12g}, proved [{ends['lower'] or 'undecided'}, {ends['upper'] or 'undecided'}]\n{found}")
    return Status.ANSWERED if found.agrees else Status.REJECTED
