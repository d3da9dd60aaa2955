"""``efpep worst-case``."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated

import typer

from efpep.cli import options
from efpep.cli.output import answer, answer_json, keep_certificate
from efpep.cli.question import Options, asks
from efpep.cli.status import Status
from efpep.errors import InputError
from efpep.model.field import rational
from efpep.studies.engine.setting import whole

Iterations = Annotated[str, typer.Option("--iterations", metavar="NUMBER", help="How many steps the method takes.")]
Metric = Annotated[str, typer.Option("--metric", metavar="NAME", help="What is measured: distance, gradient or gap.")]
Place = Annotated[
    str, typer.Option("--at", metavar="PLACE", help="Where: last, best or average iterate, or mean of the values at all of them.")
]
Initial = Annotated[
    list[str] | None,
    typer.Option(
        "--initial",
        metavar="NAME[=BOUND]",
        help="What is bounded at the start (by 1 without a bound): distance, gap, gradient, the error of a memory of the method, "
        "such as g-d=0.5, or the squared diameter of the set that the method projects onto. Repeat it for each; distance without "
        "it.",
    ),
]
Heterogeneity = Annotated[
    str | None,
    typer.Option("--heterogeneity", metavar="NUMBER", help="zeta of mean ||grad f_i(x*)||^2 <= zeta^2, for several agents."),
]
Pairs = Annotated[
    str, typer.Option("--pairs", metavar="WHICH", help="Inequalities between iterates: auto, all, or how far apart at most.")
]


@asks
def command(
    question: Options,
    iterations: Iterations,
    *,
    heterogeneity: Heterogeneity = None,
    metric: Metric = "distance",
    at: Place = "last",
    initial: Initial = None,
    pairs: Pairs = "auto",
    solver: options.SolverName = "clarabel",
    certificate: options.CertificateFile = None,
    as_json: options.AsJson = False,
) -> int:
    """Compute and prove the worst case after a number of steps.

    Numbers are integers, decimals or fractions ("1/10"), and are read exactly.
    """
    chosen, setting = question.read()
    if heterogeneity is not None:
        setting = replace(setting, heterogeneity=rational(heterogeneity, "--heterogeneity"))
    from efpep.questions.worst_case.answer import worst_case
    from efpep.questions.worst_case.report import worst_case_object, worst_case_text

    found = worst_case(
        chosen,
        setting,
        whole(iterations, "--iterations"),
        metric,
        bounds(initial),
        at=at,
        pairs=_pairs(pairs),
        solver=solver,
    )
    keep_certificate(found.certificate, certificate)
    if as_json:
        answer_json(worst_case_object(found))
    else:
        answer(worst_case_text(found))
    return Status.ANSWERED if found.certified else Status.UNDECIDED


def _pairs(text: str) -> str | int:
    if text in {"auto", "all"}:
        return text
    try:
        return whole(text, "--pairs")
    except InputError as error:
        raise InputError(
            f"--pairs is {text!r}, which says no inequalities; give auto, all, or how far apart iterates may be, such as 2."
        ) from error


def bounds(texts: list[str] | None) -> dict[str, object]:
    """Return initial conditions written as ``NAME`` or ``NAME=BOUND``.

    Raises:
        InputError: a name is given twice.
    """
    found: dict[str, object] = {}
    for text in texts or ["distance"]:
        name, sign, bound = (piece.strip() for piece in text.partition("="))
        if name in found:
            raise InputError(f"--initial gives {name} twice; give it once.")
        found[name] = bound if sign else 1
    return found
