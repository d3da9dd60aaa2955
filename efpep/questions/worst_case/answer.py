"""``efpep.worst_case``: the worst case of a method after T steps, enclosed by exact witnesses."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from efpep.conic.solver import DEFAULT, Solver, find_solver
from efpep.errors import CertificateError, InputError
from efpep.methods.base import Method
from efpep.model.field import shown
from efpep.proof.witness import Attained
from efpep.questions.answer import Interval, proved
from efpep.questions.common.magnitude import within_doubles
from efpep.questions.worst_case.check import AttainedRun, Bound, check_upper
from efpep.questions.worst_case.inequalities import WorstCaseInequalities
from efpep.questions.worst_case.question import WorstCaseQuestion
from efpep.questions.worst_case.recession_directions import bounded
from efpep.questions.worst_case.rounding import rounded_lower, rounded_upper
from efpep.questions.worst_case.search import ALL, Proposal, Search
from efpep.questions.worst_case.smaller_classes import at_rest, held, less_bounded, nearer, padded, unbounded_gradient
from efpep.setting import Setting

if TYPE_CHECKING:
    from efpep.questions.worst_case.metric import Metric

GENERATED = 40
"""Up to so many steps the pairs that matter are searched for; beyond, neighbours are taken."""
ATTAINED = 20
"""Up to so many steps a run that attains the worst case is searched for unless the caller says otherwise."""

_UNPROVED = "the solver found no multipliers that prove a bound; the worst case may be unbounded."
_NO_HETEROGENEITY = (
    "the solver found no multipliers that prove a bound; the worst case may be unbounded, because nothing bounds the gradient at "
    "x*: give a heterogeneity zeta, with ||grad f(x*)||^2 <= zeta^2."
)
_NOT_ASKED = "the lower end was not searched for; attained=True asks for it beyond 20 steps."
_SHIFT = 1e-11
_TOLERANCE = 1e-10
_Run = tuple[Fraction, AttainedRun]
_DEPTHS = (1e-3, 1e-5, 1e-7)
_ROUNDS = 6
_CLOSE = Fraction(1, 10**6)
"""How far apart the ends may be, relatively, before fewer or smaller initial conditions are tried."""
_TOGETHER = 2000
"""Up to so many pairs all are taken where a solution violates many: this costs less than to solve again for a few more."""
_SHARE = 0.1
"""The share of the pairs in use that is many."""


@dataclass(frozen=True, slots=True)
class Multiplier:
    """An inequality's weight in the proof of the upper end.

    Attributes:
        name: the inequality, such as ``interpolation(0,1)``: between the functions' samples 0 and 1 (``*`` is the minimiser).
        kind: what kind of inequality: interpolation, compression, initial, heterogeneity, ...
        points: the samples, message or name in brackets.
        group: the number of the group of agents, from 1.
        lag: how far apart the samples are, or None where a point is ``*`` or there are no two.
        value: the multiplier.
    """

    name: str
    kind: str
    points: tuple[str, ...]
    group: int
    lag: int | None
    value: Fraction


@dataclass(frozen=True, slots=True, repr=False)
class WorstCase(Interval[WorstCaseQuestion, Attained[AttainedRun], Bound]):
    """The answer of :func:`worst_case`.

    A run attains at least ``lower``, which is None where it was not searched for or not found; no run exceeds ``upper``, which
    is None where undecided.

    Attributes:
        multipliers: the inequalities of the upper end's proof with their weights, largest first.
        pairs: how many inequalities between samples were used, of how many.
        note: one sentence on an end that is missing, or empty.
    """

    multipliers: tuple[Multiplier, ...] = ()
    pairs: tuple[int, int] = (0, 0)
    note: str = ""

    @property
    def inequalities(self) -> WorstCaseInequalities:
        """The inequalities, in the basis of the method's states."""
        return self.question.inequalities

    @property
    def instance(self) -> AttainedRun | None:
        """The run of the lower end as Gram matrices and function values, or None."""
        return None if self.certificate is None or self.certificate.lower is None else self.certificate.lower.instance

    @property
    def certified(self) -> bool:
        """Whether the upper end is proved."""
        return self.upper is not None


def worst_case(
    method: Method,
    setting: Setting,
    iterations: int,
    metric: Metric = "distance",
    initial: str | Mapping[str, Any] = "distance",
    *,
    at: str = "last",
    pairs: str | int = "auto",
    attained: bool | None = None,
    solver: str = DEFAULT,
) -> WorstCase:
    """Compute and prove the worst case of a metric after T steps of a method, over all functions and compressors of the setting.

    ``upper`` is proved by exact multipliers. ``lower`` is attained by a run, given as exact Gram matrices and function values; it
    exists where the classes' inequalities are necessary and sufficient.

    Args:
        method: the method with its parameters; ``step_size="optimal"`` takes the literature's closed form, rounded to 17 digits.
        setting: functions, compressor, agents; several agents whose minimisers differ need a ``heterogeneity``.
        iterations: the number T of steps.
        metric: ``"distance"`` (``||x - x*||^2``), ``"gradient"`` (``||grad f(x)||^2``), ``"gap"`` (``f(x) - f*``), ``"apart"``
            (``||x - x'||^2``, x' of a second run on the same functions and compressors, with messages and draws of its own), or a
            function of a :class:`~efpep.questions.worst_case.metric.Course` that returns a form.
        initial: the bounded quantity (``"distance"``: at most 1), or bounds by name: of ``distance``, ``gap``, ``gradient``,
            ``decrease`` (``f(x_0) - f(x_T)``), ``apart`` (``||x_0 - x'_0||^2``), and of the mean squared errors of the method's
            memories (such as ``"g-d"``), which then start free within the bound.
        at: where it is measured: ``"last"``, ``"best"`` or ``"average"`` iterate, or ``"mean"`` of the values at all iterates.
        pairs: which inequalities between samples are used: ``"all"``, a number p for samples at most p apart (a valid upper end
            at a cost about linear in T), or ``"auto"``: those that matter up to 40 steps, neighbours beyond. The search ends when
            more of them no longer change the bound much, so the upper end is valid, but need not be the least possible.
        attained: whether a run for the lower end is searched for; up to 20 steps where it is None.
        solver: ``"clarabel"`` (with an own method where many inequalities are used), ``"scs"`` or ``"cvxpy:NAME"``.

    Raises:
        InputError: the question is not well posed.
    """
    if not isinstance(method, Method) or not isinstance(setting, Setting):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError(
            "a worst case needs a method and a setting; give some such as EF21() and Setting(functions, compressor).",
            argument=("method", "setting"),
        )
    backend = find_solver(solver)
    begin = time.perf_counter()
    bounds: Mapping[str, Any] = {initial: 1} if isinstance(initial, str) else initial
    question = WorstCaseQuestion(method.resolved(setting), setting, iterations, metric, at, bounds)
    found = ask(question, backend, pairs=pairs, attained=attained)
    return replace(found, seconds=time.perf_counter() - begin)


@within_doubles
def ask(question: WorstCaseQuestion, solver: Solver, *, pairs: str | int = "auto", attained: bool | None = None) -> WorstCase:
    """Return the answer to a question; see :func:`worst_case`.

    Raises:
        InputError: the question is not well posed.
    """
    begin = time.perf_counter()
    built, iterations = question.inequalities, question.iterations
    search = _searched(bounded(built), solver, pairs, iterations)
    upper = _proved(built, search)
    wanted = attained if attained is not None else iterations <= ATTAINED
    lower, note = _attained(built, search, solver, upper) if wanted else (None, _NOT_ASKED)
    if not _close(lower, upper):
        for fewer in less_bounded(built):
            other = _proved(built, _searched(bounded(fewer), solver, pairs, iterations))
            upper = min((bound for bound in (upper, other) if bound is not None), key=lambda bound: bound.theta, default=None)
    for near in nearer(built) if wanted and built.exact else ():
        if _close(lower, upper):
            break
        lower = _larger(lower, _lower(Search(near, solver, None))[0])
    if upper is None:
        note = _UNPROVED if question.setting.heterogeneity is not None or not unbounded_gradient(built) else _NO_HETEROGENEITY
    ends = None if lower is None else Attained(*lower), upper
    return WorstCase(
        question,
        proved(question, *ends, search.solver.name),
        search.solver.name,
        time.perf_counter() - begin,
        () if upper is None else _records(built, upper.multipliers),
        (len(search.pairs), built.pair_count),
        note if lower is None or upper is None else "",
    )


def _searched(question: WorstCaseInequalities, solver: Solver, pairs: str | int, iterations: int) -> Search:
    """Choose the pairs of a question that are used."""
    search = Search(question, solver, _lag(question, pairs, iterations))
    chosen = pairs == "auto" and search.banded and iterations <= GENERATED
    if chosen and not search.grow(_SHIFT, _TOLERANCE):
        search.generate(_SHIFT)
    return search


def _proved(whole: WorstCaseInequalities, search: Search) -> Bound | None:
    """Return the upper end that a search about the whole question or a part of its rows proves, checked on the whole."""
    found = _upper(search)
    if found is not None and search.question is not whole:
        try:
            check_upper(whole, found.multipliers, found.theta)
        except CertificateError:
            return None
    return found


def _attained(built: WorstCaseInequalities, search: Search, solver: Solver, upper: Bound | None) -> tuple[_Run | None, str]:
    """Return the lower end, of a run of a smaller class where that is as good; ``search`` is about the upper end."""
    smaller = held(built)
    found, note = _lower(search if search.question is smaller else Search(smaller, solver, None))
    if smaller is not built and built.asked.setting.heterogeneity is not None and not _close(found, upper):
        other, note = _lower(search if search.question is built else Search(built, solver, None))
        found = _larger(found, other)
    rest = at_rest(built) if found is None and built.exact else None
    if rest is not None:
        other, _ = _lower(Search(rest, solver, None))
        found = None if other is None else (other[0], padded(built, other[1], rest))
    return found, "" if found is not None else note


def _larger(one: _Run | None, other: _Run | None) -> _Run | None:
    """Return the run that attains more, of those that there are."""
    return max((run for run in (one, other) if run is not None), key=lambda run: run[0], default=None)


def _close(lower: _Run | None, upper: Bound | None) -> bool:
    """Whether there are both ends, and they are close."""
    return lower is not None and upper is not None and upper.theta - lower[0] <= _CLOSE * upper.theta


def _lag(question: WorstCaseInequalities, pairs: object, iterations: int) -> int | None:
    if pairs == "all":
        return None
    if pairs == "auto":
        return None if question.pair_count <= ALL and iterations <= GENERATED else 1
    if isinstance(pairs, bool) or not isinstance(pairs, int) or pairs < 1:
        raise InputError(
            f"pairs is {shown(pairs)}; give 'auto', 'all', or how far apart samples may be, at least 1.", argument="pairs"
        )
    return pairs


def _upper(search: Search) -> Bound | None:
    """Mix solutions with an interior one, as little as makes their rounding feasible, and take the best."""
    proposals = search.proposals(_SHIFT, _TOLERANCE)
    for deep in _DEPTHS:
        inside = search.interior(deep) if proposals else None
        if inside is None:
            continue
        found: list[Bound] = []
        for best in proposals:
            part = 2 * max(-search.least(best), 1e-13) / deep
            rounded = None
            while part < 1 and rounded is None:
                rounded = rounded_upper(search, best.towards(inside, part))
                part *= 16
            if rounded is not None:
                found.append(rounded)
        if found:
            return min(found, key=lambda bound: bound.theta)
    return None


def _lower(search: Search) -> tuple[_Run | None, str]:
    """Mend the primal solution; where that is no run, mix it with an interior one, as little as makes its rounding a run."""
    if not search.question.exact:
        return None, "these classes' inequalities are necessary, not sufficient, so there is no lower end."
    best = _satisfied(search, 1e-9)
    if best is not None and (found := rounded_lower(search, search.mended(best))) is not None:
        return found, ""
    for deep in _DEPTHS:
        inside = None if best is None else _satisfied(search, deep)
        if best is None or inside is None or search.worst(inside) > -deep / 2:
            continue
        part = 2 * max(search.worst(best), 1e-12) / deep
        while part < 1:
            found = rounded_lower(search, best.towards(inside, part))
            if found is not None:
                return found, ""
            part *= 16
    return None, "no run was found that attains the upper end."


def _satisfied(search: Search, margin: float) -> Proposal | None:
    """Solve with a margin, and with more pairs until all of them hold."""
    for _ in range(_ROUNDS):
        proposal = search.solve(0.0, min(margin / 100, 1e-6) if margin > 1e-6 else _TOLERANCE, margin)
        missing = [] if proposal is None else search.violated(proposal, margin / 4)
        if not missing:
            return proposal
        many = len(missing) > _SHARE * len(search.pairs) and search.question.pair_count <= _TOGETHER
        search.add(list(search.question.pairs()) if many else missing)
    search.add(list(search.question.pairs()))
    return search.solve(0.0, min(margin / 100, 1e-6) if margin > 1e-6 else _TOLERANCE, margin)


def _records(question: WorstCaseInequalities, multipliers: Mapping[str, Fraction]) -> tuple[Multiplier, ...]:
    fixed, pairs = {row.name: row for row in question.fixed}, question.named_pairs()
    found: list[Multiplier] = []
    for name, value in multipliers.items():
        origin = (fixed[name] if name in fixed else question.pair(pairs[name])).origin
        found.append(Multiplier(name, origin.inequality, origin.about, (origin.group or 0) + 1, origin.lag, value))
    return tuple(sorted(found, key=lambda item: -abs(item.value)))
