"""``efpep crosscheck``."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

from efpep.cli import options
from efpep.cli.output import answer, answer_json, keep_certificate, note
from efpep.cli.question import Options, asks
from efpep.cli.rate import Function, compute
from efpep.cli.status import Status
from efpep.cli.worst_case import Heterogeneity, Initial, Place, bounds
from efpep.errors import InputError
from efpep.model.field import rational
from efpep.setting import Setting
from efpep.studies.engine.setting import whole

if TYPE_CHECKING:
    from pathlib import Path

    from efpep.methods.base import Method


@asks
def command(
    question: Options,
    *,
    metric: options.Metric = "distance",
    iterations: options.Iterations = None,
    heterogeneity: Heterogeneity = None,
    at: Place = "last",
    initial: Initial = None,
    lyapunov: options.GivenLyapunov = None,
    solver: options.SolverName = "clarabel",
    certificate: options.CertificateFile = None,
    as_json: options.AsJson = False,
) -> int:
    """Ask PEPit, with the agents written out one by one, for the worst case of the Lyapunov function that efpep found.

    With --iterations T, and then --initial, --at and --heterogeneity, for the worst case of the metric after T steps instead. The
    exit status is 1 where PEPit's floating-point number contradicts the proved interval.
    """
    if iterations is not None:
        if lyapunov is not None:
            raise InputError("--lyapunov is about one step and --iterations about many; give one of them.")
        chosen, setting = question.read()
        if heterogeneity is not None:
            setting = replace(setting, heterogeneity=rational(heterogeneity, "--heterogeneity"))
        horizon = Horizon(whole(iterations, "--iterations"), metric, at, bounds(initial))
        return _after_steps(chosen, setting, horizon, solver, certificate, as_json=as_json)
    if heterogeneity is not None or initial is not None or at != "last":
        raise InputError("--heterogeneity, --initial and --at belong to worst cases after several steps; give --iterations too.")
    rate = compute(question, metric, solver, Function(lyapunov), certificate)
    if Status.of(rate) is not Status.ANSWERED:
        note("there is no Lyapunov function to check, because no contraction is proved; 'efpep rate' says more.")
        return Status.of(rate)
    from efpep.crosscheck.crosscheck import crosscheck
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


class Horizon(NamedTuple):
    """What is measured after how many steps, and what is known at the start."""

    iterations: int
    metric: str
    at: str
    initial: dict[str, object]


def _after_steps(
    method: Method, setting: Setting, horizon: Horizon, solver: str, certificate: Path | None, *, as_json: bool
) -> int:
    """Compare the worst case after several steps."""
    from efpep.crosscheck.pepit_horizon import crosscheck_worst_case
    from efpep.questions.worst_case.answer import worst_case
    from efpep.report.answer import interval_object

    worst = worst_case(method, setting, horizon.iterations, horizon.metric, horizon.initial, at=horizon.at, solver=solver)
    keep_certificate(worst.certificate, certificate)
    if not worst.certified:
        note("there is no proved upper end to check; 'efpep worst-case' says more.")
        return Status.UNDECIDED
    found = crosscheck_worst_case(worst)
    ends = interval_object(found.lower, found.upper)
    if as_json:
        answer_json(
            {
                "method": type(method).identifier(),
                "metric": horizon.metric,
                "at": horizon.at,
                "iterations": horizon.iterations,
                "agents": found.agents,
                "value": found.value,
                "worst_case": ends,
                "agrees": found.agrees,
                "difference": found.value - float(found.upper),
            }
        )
    else:
        answer(f"PEPit {found.value:.12g}, proved [{ends['lower'] or 'undecided'}, {ends['upper']}]\n{found}")
    return Status.ANSWERED if found.agrees else Status.REJECTED
