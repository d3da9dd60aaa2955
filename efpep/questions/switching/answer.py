"""``efpep.switching_worst_case``: how bad a switching method can be after T rounds, over all switching patterns."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.compressors import Contractive
from efpep.conic.solver import DEFAULT, Solver, find_solver
from efpep.errors import InputError
from efpep.methods.base import OPTIMAL
from efpep.methods.switching import UNCONSTRAINED
from efpep.model.field import positive, shown
from efpep.proof.witness import Attained
from efpep.questions.answer import Interval, proved
from efpep.questions.common.guarantee import guarantee
from efpep.questions.common.magnitude import within_doubles
from efpep.questions.common.required import require
from efpep.questions.switching.attained import attained
from efpep.questions.switching.inequalities import check_question
from efpep.questions.switching.instance import PatternInstance
from efpep.questions.switching.question import Covering, SwitchingQuestion
from efpep.questions.switching.search import Patterns, PatternSearch

if TYPE_CHECKING:
    from collections.abc import Mapping

    from efpep.methods.base import Method
    from efpep.setting import Setting

LONGEST = 12
"""The most rounds: there are 2^T patterns."""


@dataclass(frozen=True, slots=True, repr=False)
class SwitchingWorstCase(Interval[SwitchingQuestion, Attained[PatternInstance], Covering]):
    """The answer of :func:`switching_worst_case`.

    ``upper`` is the proved bound over all patterns, None where some pattern is undecided. ``lower`` is a value that a run in the
    pattern of f alone attains (:mod:`efpep.questions.switching.instance`), proved; None where no such run is known: for
    ``"constraint"``, and for other compressors than ``Contractive``. It leaves messages of the server alone, so with compression
    there it is no tight bound.

    Attributes:
        bounds: the proved bound of each pattern (a word of f and g) that is not dominated, in the order of decreasing bounds.
        dominated: the patterns proved to be no worse than another one, to 1e-6 of its bound, with what their proof bounds.
        excluded: the beginnings of patterns that no run has, proved.
        undecided: the patterns about which nothing was proved.
        worst: the pattern with the largest bound of its own.
        empty: False where it is proved that some iterate is below the threshold, else True.
    """

    bounds: Mapping[str, Fraction]
    dominated: Mapping[str, Fraction]
    excluded: tuple[str, ...]
    undecided: tuple[str, ...]
    worst: str | None
    empty: bool


def switching_worst_case(
    method: Method,
    setting: Setting,
    iterations: int,
    metric: str = "average",
    *,
    radius: object = 1,
    solver: str = DEFAULT,
    jobs: int = 1,
    every: bool = False,
) -> SwitchingWorstCase:
    """Bound a metric of a switching method after T rounds, over all switching patterns, by one exact proof for each.

    Patterns are words of f (the constraint value is at most the threshold) and g. Patterns that are proved to be no worse than
    another one are not looked at any further, and a beginning that no run has is proved infeasible, and none of its
    continuations is looked at (:mod:`efpep.questions.switching.search`). Without a threshold there is one pattern.

    Args:
        method: such as ``SafeEF(step_size, threshold)``.
        setting: ``BoundedSubgradients`` as functions and constraint, and the compressors; a missing one is no compression.
        iterations: the number T of rounds, up to 12; the output is the average over B of the iterates ``x^0, ..., x^{T-1}``.
        metric: ``"average"`` (the mean of ``f(x^t) - f*`` over B), ``"gap"`` (``f(xbar) - f*``), ``"constraint"`` (``g(xbar)``).
        radius: a bound of ``||x^0 - x*||``.
        solver: the solver that proposes.
        jobs: how many processes work at the patterns, -1 for one on each core.
        every: whether every pattern's own bound is sought, also that of dominated ones.

    Raises:
        InputError: the question is not well posed.
    """
    begin = time.perf_counter()
    require(method, setting, "SafeEF(step_size='1/10', threshold='1/10')")
    backend = find_solver(solver)
    if isinstance(jobs, bool) or not isinstance(jobs, int) or (jobs != -1 and jobs < 1):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError(
            f"jobs is {shown(jobs)}, the number of processes; give 1 or more, or -1 for one on each core.", argument="jobs"
        )
    found = ask(posed(method, setting, iterations, metric, radius), backend, jobs=jobs, every=every)
    return replace(found, seconds=time.perf_counter() - begin)


def posed(method: Method, setting: Setting, iterations: int, metric: str, radius: object) -> SwitchingQuestion:
    """Return the question; a compressor that is missing is no compression.

    Raises:
        InputError: the question is not well posed.
    """
    check_question(method, setting, metric)
    if isinstance(iterations, bool) or not isinstance(iterations, int) or not 1 <= iterations <= LONGEST:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError(
            f"iterations is {shown(iterations)}, and there are 2^T patterns; give 1 to {LONGEST}.", argument="iterations"
        )
    distance = positive(radius, "radius")
    whole = Contractive(Fraction(1))
    setting = replace(setting, compressor=setting.compressor or whole, server_compressor=setting.server_compressor or whole)
    return SwitchingQuestion(method, setting, iterations, metric, distance)


def completed(method: Method, setting: Setting, iterations: int, radius: object) -> tuple[Method, Setting]:
    """Return a method with the step size of the best guarantee where none is given, and the functions as the constraint's too.

    Then the threshold is that of the guarantee too, unless it is given.

    Raises:
        InputError: there is no such guarantee.
    """
    setting = replace(setting, constraint=setting.functions)
    if method.step_size != OPTIMAL:
        return method, setting
    if setting.random:
        raise InputError(
            "random compressors have no pattern's worst case; use a class such as contractive.", argument="compressor"
        )
    best = guarantee(method, setting, iterations, radius=radius).method
    free = method.parameters().get("threshold", UNCONSTRAINED) == UNCONSTRAINED
    return best if free else replace(method, step_size=best.step_size), setting


@within_doubles
def ask(question: SwitchingQuestion, solver: Solver, *, jobs: int = 1, every: bool = False) -> SwitchingWorstCase:
    """Return the answer to a question; see :func:`switching_worst_case`.

    Raises:
        InputError: the question is not well posed.
    """
    begin = time.perf_counter()
    patterns = Patterns(question.method, question.setting, question.metric, question.radius, solver.name)
    search = PatternSearch(patterns, question.iterations, jobs)
    search.run(every=every)
    bounds = dict(sorted(((word, proof[0]) for word, proof in search.proofs.items()), key=lambda pair: -pair[1]))
    dominated = {word: proof[0] for word, proof in search.dominated.items()}
    certificate = None
    if bounds and not search.undecided:
        upper = max([*bounds.values(), *dominated.values()])
        multipliers = {word: proof[1] for word, proof in {**search.proofs, **search.dominated}.items()}
        certificate = proved(question, attained(question), Covering(upper, multipliers, search.excluded), solver.name)
    return SwitchingWorstCase(
        question,
        certificate,
        solver.name,
        time.perf_counter() - begin,
        bounds,
        dominated,
        tuple(search.excluded),
        tuple(search.undecided),
        next(iter(bounds), None),
        search.empty and search.patterns.switches(question.iterations),
    )
