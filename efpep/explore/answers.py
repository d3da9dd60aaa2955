"""What the page shows of a point, as JSON objects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from fractions import Fraction
from functools import lru_cache
from math import ceil, isfinite, log
from typing import TYPE_CHECKING

from efpep._version import __version__
from efpep.errors import InputError
from efpep.explore.point import PROOFS, RANGES, PagePoint, alone
from efpep.methods import METHODS
from efpep.model.text import exact
from efpep.proof.files import text_of
from efpep.questions.rate.answer import Rate, rate
from efpep.questions.rate.report import answer_object

if TYPE_CHECKING:
    from efpep.simulate.follow import Comparison

DIMENSION = 20
"""Of the problems that runs are made on."""
MOST_AGENTS = 20
"""Runs are made with at most so many agents."""
MOST_ITERATIONS = 200
SMALL = 1e-4
"""Runs go on until the proved bound is this part of its first value."""
PART = Fraction(1, 8)
"""Landscapes have proved rates at the multiples of this part of the optimal step size."""


@lru_cache(maxsize=512)
def proved(point: PagePoint) -> Rate:
    """Return the certified rate.

    Raises:
        InputError: no closed form of the optimal step size is known for so many agents.
    """
    return rate(point.method(), point.setting)


def page_object(*, live: bool) -> dict[str, object]:
    """Return what the page has to know before anything is chosen: the methods with their closed forms, and the ranges.

    Args:
        live: whether a server answers.
    """
    return {
        "version": __version__,
        "live": live,
        "methods": {key: _method_object(key) for key in PROOFS},
        "ranges": {name: [float(least), float(most)] for name, (least, most) in RANGES.items()},
    }


def _method_object(key: str) -> dict[str, object]:
    start = PagePoint(key, Fraction(10), Fraction(1, 2), 1, Fraction(1))
    known = METHODS.find(key).literature.known_rate(start.method(), start.setting)
    return {
        "title": METHODS.find(key).title,
        "alone": alone(key),
        "claim": asdict(PROOFS[key].claim),
        "formula": "" if known is None else known.formula,
    }


def rate_object(point: PagePoint) -> dict[str, object]:
    """Return the certified rate with the command that asks for it; raises as :func:`proved`."""
    found = proved(point)
    return {
        **answer_object(found),
        "finding": found.finding,
        "command": point.command(),
        "optimal_step_size": exact(point.best_step_size()),
        "factor": exact(point.factor),
    }


def landscape_object(point: PagePoint) -> dict[str, object]:
    """Return certified rates against the step size, up to the first one that is not proved; raises as :func:`proved`."""
    return {"points": [point_object(other) for other in _along(point)]}


def _along(point: PagePoint) -> Iterator[PagePoint]:
    """Yield the point with other step sizes, shortest first."""
    most = RANGES["factor"][1]
    for k in range(1, int(most / PART) + 1):
        other = replace(point, factor=k * PART)
        yield other
        if proved(other).upper is None:
            return


def point_object(point: PagePoint) -> dict[str, object]:
    """Return a point of the landscape."""
    found = proved(point)
    ends = {name: None if end is None else float(end) for name, end in (("lower", found.lower), ("upper", found.upper))}
    return {"factor": float(point.factor), "verdict": found.verdict.name.lower(), **ends}


def run_object(point: PagePoint) -> dict[str, object]:
    """Return a simulated run beside the proved bound, or ``{"why"}`` where there is none; raises as :func:`proved`.

    The run is checked against the bound in every step.
    """
    found = proved(point)
    if found.upper is None or found.upper >= 1:
        return {"why": f"There is no run beside a bound, because at this step size {found.finding}."}
    if point.agents > MOST_AGENTS:
        return {"why": f"Runs are made with at most {MOST_AGENTS} agents here; 'efpep compare' makes larger ones."}
    compared = _compared(point, found)
    first = float(compared.energies[compared.first]) or 1.0
    return {
        "problem": compared.problem,
        "compressor": compared.compressor,
        "energies": [float(f"{value / first:.6g}") for value in compared.energies],
        "bound": [float(f"{value / first:.6g}") for value in compared.bound],
        "observed": float(f"{compared.observed:.9g}") if isfinite(compared.observed) else None,
        "proved": compared.proved,
    }


def _compared(point: PagePoint, found: Rate) -> Comparison:
    from efpep.compressors.top_k import TopK
    from efpep.simulate.follow import follow
    from efpep.simulate.problems import RandomQuadratics

    apart = 0 if METHODS.find(point.key).common_minimiser or point.agents == 1 else 1
    problem = RandomQuadratics(point.agents, DIMENSION, point.kappa, heterogeneity=apart, spectrum="logarithmic", seed=1)
    wanted = log(SMALL) / log(max(float(found.upper or 1), 1e-3))
    return follow(found, problem, min(MOST_ITERATIONS, max(20, ceil(wanted))), TopK(ceil(point.delta * DIMENSION)))


def certificate_text(point: PagePoint) -> str:
    """Return the certificate as the text of its file; raises as :func:`proved`.

    Raises:
        InputError: nothing is proved.
    """
    found = proved(point)
    if found.certificate is None:
        raise InputError("nothing is proved here, so there is no certificate; choose another step size.")
    return text_of(found.certificate.contents())
