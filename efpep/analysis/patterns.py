"""``efpep.switching_worst_case``: how bad a switching method can be after T rounds, over all switching patterns."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

from efpep.analysis.patterns_sdp import proved_bound
from efpep.certify.patterns import PatternCertificate, read
from efpep.compressors import Contractive
from efpep.conic.solver import DEFAULT, find_solver
from efpep.errors import InputError
from efpep.methods.switching import UNCONSTRAINED
from efpep.model.field import rational, shown
from efpep.question.patterns import check_question, pattern_question

if TYPE_CHECKING:
    from collections.abc import Mapping

    from efpep.certify.patterns import Multipliers
    from efpep.methods.base import Method
    from efpep.setting import Setting

LONGEST = 12
"""The most rounds: there are 2^T patterns."""


@dataclass(frozen=True, slots=True)
class SwitchingWorstCase:
    """The answer of :func:`switching_worst_case`.

    Attributes:
        method: the method.
        setting: the setting, with a compressor in both directions.
        iterations: the number T of rounds.
        metric: what is bounded.
        bounds: the proved bound of each pattern (a word of f and g), in the order of decreasing bounds.
        excluded: the beginnings of patterns that no run has, proved.
        undecided: the patterns about which nothing was proved.
        upper: the proved bound over all patterns; None where some pattern is undecided.
        worst: the pattern with the largest bound.
        empty: False where it is proved that some iterate is below the threshold, else True.
        certificate: the claim with its proofs, or None.
        seconds: how long the answer took.
    """

    method: Method
    setting: Setting
    iterations: int
    metric: str
    bounds: Mapping[str, Fraction]
    excluded: tuple[str, ...]
    undecided: tuple[str, ...]
    upper: Fraction | None
    worst: str | None
    empty: bool
    certificate: PatternCertificate | None
    seconds: float


@dataclass(frozen=True, slots=True)
class _Task:
    method: Method
    setting: Setting
    metric: str
    radius: Fraction
    solver: str

    def bound(self, word: str) -> tuple[str, tuple[Fraction, Multipliers] | None]:
        """Return a word with its proved bound."""
        question = pattern_question(self.method, self.setting, read(word), self.metric, self.radius)
        found = proved_bound(question, find_solver(self.solver))
        simple = self.by_convexity(word) if self.metric == "constraint" else None
        known = [proof for proof in (found, simple) if proof is not None]
        return word, min(known, key=lambda proof: proof[0]) if known else None

    def by_convexity(self, word: str) -> tuple[Fraction, Multipliers] | None:
        """Return the proof of ``g(xbar) <= threshold`` by convexity, which an interior point method cannot reach."""
        inside = [t for t, letter in enumerate(word) if letter == "f"]
        threshold = cast("Any", self.method).threshold
        if len(inside) == 1 or threshold == UNCONSTRAINED:
            share = {f"comparison({inside[0] + 1})": Fraction(1)} if inside and threshold != UNCONSTRAINED else None
            return None if share is None else (rational(threshold, "threshold"), share)
        share = Fraction(1, len(inside))
        comparisons = {f"comparison({t + 1})": share for t in inside}
        cuts = {f"constraint({t},{len(word)})": share for t in inside}
        return rational(threshold, "threshold"), {**comparisons, **cuts}

    def excluded(self, word: str) -> tuple[str, Multipliers | None]:
        """Return a word with a proof that no run begins with it, if there is one."""
        question = pattern_question(self.method, self.setting, read(word), self.metric, self.radius, feasibility=True)
        found = proved_bound(question, find_solver(self.solver), capped=True)
        return word, found[1] if found is not None and found[0] < 0 else None


def switching_worst_case(
    method: Method,
    setting: Setting,
    iterations: int,
    metric: str = "average",
    *,
    radius: object = 1,
    solver: str = DEFAULT,
    jobs: int = 1,
) -> SwitchingWorstCase:
    """Bound a metric of a switching method after T rounds, over all switching patterns, by one exact proof for each.

    Patterns are enumerated as words of f (the constraint value is at most the threshold) and g. A beginning that no run has is
    proved infeasible, and none of its continuations is looked at. Without a threshold there is one pattern.

    Args:
        method: such as ``SafeEF(step_size, threshold)``.
        setting: ``BoundedSubgradients`` as functions and constraint, and the compressors; a missing one is no compression.
        iterations: the number T of rounds, up to 12; the output is the average over B of the iterates ``x^0, ..., x^{T-1}``.
        metric: ``"average"`` (the mean of ``f(x^t) - f*`` over B), ``"gap"`` (``f(xbar) - f*``), ``"constraint"`` (``g(xbar)``).
        radius: a bound of ``||x^0 - x*||``.
        solver: the solver that proposes.
        jobs: how many processes work at the patterns.

    Raises:
        InputError: the question is not well posed.
    """
    begin = time.perf_counter()
    check_question(method, setting, metric)
    if isinstance(iterations, bool) or not isinstance(iterations, int) or not 1 <= iterations <= LONGEST:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError(f"iterations is {shown(iterations)}, and there are 2^T patterns; give 1 to {LONGEST}.")
    distance = rational(radius, "radius")
    if distance <= 0:
        raise InputError(f"radius is {shown(distance)}, but it is positive; give a number > 0.")
    find_solver(solver)
    whole = Contractive(Fraction(1))
    setting = replace(setting, compressor=setting.compressor or whole, server_compressor=setting.server_compressor or whole)
    task = _Task(method, setting, metric, distance, solver)
    free = getattr(method, "threshold", UNCONSTRAINED) == UNCONSTRAINED
    words, excluded = (["f" * iterations], {}) if free else _words(task, iterations, jobs)
    measured = [word for word in words if "f" in word]
    answers: list[Any] = _parallel(task.bound, measured, jobs)
    proofs = {word: found for word, found in answers if found is not None}
    bounds = dict(sorted(((word, found[0]) for word, found in proofs.items()), key=lambda pair: -pair[1]))
    undecided = tuple(word for word in measured if word not in proofs)
    upper = max(bounds.values()) if bounds and not undecided else None
    certificate = None
    if upper is not None and not free:
        multipliers = {word: found[1] for word, found in proofs.items()}
        certificate = PatternCertificate(method, setting, iterations, metric, distance, upper, multipliers, excluded)
    return SwitchingWorstCase(
        method,
        setting,
        iterations,
        metric,
        bounds,
        tuple(excluded),
        undecided,
        upper,
        next(iter(bounds), None),
        "g" * iterations in words,
        certificate,
        time.perf_counter() - begin,
    )


def _words(task: _Task, iterations: int, jobs: int) -> tuple[list[str], dict[str, Multipliers]]:
    """Grow patterns letter by letter, and drop the beginnings that no run has."""
    words = [""]
    excluded: dict[str, Multipliers] = {}
    for length in range(1, iterations + 1):
        words = [word + letter for word in words for letter in "fg"]
        tested = words if length < iterations else [word for word in words if "f" not in word]
        answers: list[Any] = _parallel(task.excluded, [word for word in tested if "g" in word], jobs)
        excluded |= {word: multipliers for word, multipliers in answers if multipliers is not None}
        words = [word for word in words if word not in excluded]
    return words, excluded


def _parallel(work: Any, words: list[str], jobs: int) -> list[Any]:
    if jobs == 1 or len(words) < 2:
        return [work(word) for word in words]
    import joblib

    parallel: Any = joblib.Parallel(n_jobs=jobs)
    return list(parallel(joblib.delayed(work)(word) for word in words))
