"""The search over switching patterns: which are dominated by the worst one, which no run has, and the bounds of the rest.

Branch and bound. The pattern without a violation is bounded first. From its proof every other pattern has an estimate
(:mod:`efpep.questions.switching.transfer`), which only counts once its multipliers have been checked. A pattern whose estimate is
at most the largest bound so far is *dominated*: it is proved, and its own worst case is not sought. The other patterns are grown
letter by letter; beginnings that no run has are dropped; what is left is bounded in the order of decreasing estimates.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING, Any, cast

from efpep.conic.solver import find_solver
from efpep.errors import CertificateError
from efpep.methods.switching import UNCONSTRAINED
from efpep.model.field import rational
from efpep.questions.switching.inequalities import PatternInequalities, pattern_inequalities, switches
from efpep.questions.switching.lmi import proved_bound, proved_empty
from efpep.questions.switching.pattern_check import check_bound
from efpep.questions.switching.question import Multipliers, read
from efpep.questions.switching.transfer import Proof, carried, estimate, star_rows

if TYPE_CHECKING:
    from efpep.methods.base import Method
    from efpep.setting import Setting

SLACK = Fraction(1, 10**6)
"""The part of the largest bound by which a dominated pattern's proof may exceed it; a solver's proofs are not sharper."""
_NO_RUN = Fraction(-1, 10**30)


@dataclass(frozen=True, slots=True)
class Patterns:
    """The questions about patterns of a method, and the solver that proposes."""

    method: Method
    setting: Setting
    metric: str
    radius: Fraction
    solver: str

    @property
    def threshold(self) -> Fraction | None:
        """The level up to which a constraint value counts as satisfied; None without one."""
        level = getattr(self.method, "threshold", UNCONSTRAINED)
        return None if level == UNCONSTRAINED else rational(level, "threshold")

    def switches(self, rounds: int) -> bool:
        """Return whether the method may switch in so many rounds."""
        return switches(self.method, self.setting, rounds, self.metric, self.radius)

    def question(self, word: str, *, feasibility: bool = False) -> PatternInequalities:
        """Return the question of a word."""
        return pattern_inequalities(self.method, self.setting, read(word), self.metric, self.radius, feasibility=feasibility)

    def bound(self, word: str) -> tuple[str, Proof | None]:
        """Return a word with its proved bound."""
        found = proved_bound(self.question(word), find_solver(self.solver))
        simple = self.by_convexity(word) if self.metric == "constraint" else None
        known = [proof for proof in (found, simple) if proof is not None]
        return word, min(known, key=lambda proof: proof[0]) if known else None

    def by_convexity(self, word: str) -> Proof | None:
        """Return the proof of ``g(xbar) <= threshold`` by convexity, which an interior point method cannot reach."""
        inside, level = [t for t, letter in enumerate(word) if letter == "f"], self.threshold
        if level is None or not inside:
            return None
        share = Fraction(1, len(inside))
        comparisons = {f"comparison({t + 1})": share for t in inside}
        cuts = {f"constraint({t},{len(word)})": share for t in inside} if len(inside) > 1 else {}
        return level, {**comparisons, **cuts}

    def excluded(self, word: str) -> tuple[str, Multipliers | None]:
        """Return a word with a proof that no run begins with it, if there is one."""
        return word, proved_empty(self.question(word, feasibility=True), find_solver(self.solver))

    def average(self, rounds: int) -> Proof | None:
        """Return a proof for the average over all rounds, by rows that all patterns share."""
        asked = Patterns(self.method, self.setting, "average", self.radius, self.solver).question("f" * rounds)
        return proved_bound(star_rows(asked), find_solver(self.solver))

    def from_average(self, word: str, proof: Proof) -> tuple[str, Proof | None]:
        """Return a word with the bound that a proof for the average over all rounds implies, checked; or with None.

        Of the word of g alone the bound is negative where it is proved that no run has it.
        """
        if self.metric == "constraint" and "f" in word:
            simple = self.by_convexity(word)
            return word, None if simple is None else self._checked(word, simple)
        level = self.threshold
        if level is None:
            return word, None
        feasibility = "f" not in word
        source = Patterns(self.method, self.setting, "average", self.radius, self.solver).question("f" * len(word))
        asked = self.question(word, feasibility=feasibility)
        multipliers = carried(asked, word, source, proof, output=self.metric == "gap")
        found = estimate(word, proof[0], level)
        return word, None if multipliers is None else self._checked(word, (found, multipliers))

    def estimated(self, word: str, proof: Proof | None) -> Fraction | None:
        """Return the bound that :meth:`from_average` will have, unchecked."""
        level = self.threshold
        if level is None or (proof is None and self.metric != "constraint"):
            return None
        return level if proof is None or self.metric == "constraint" else estimate(word, proof[0], level)

    def _checked(self, word: str, proof: Proof) -> Proof | None:
        bound, multipliers = proof
        feasibility = "f" not in word
        if feasibility and bound > _NO_RUN:
            return None
        try:
            check_bound(self.question(word, feasibility=feasibility), multipliers, bound)
        except CertificateError:
            return None
        return proof


@dataclass(slots=True)
class PatternSearch:
    """What is known about the patterns.

    Attributes:
        patterns: what is asked.
        rounds: how long patterns are.
        jobs: how many processes work at them.
        proofs: the patterns whose own bound was sought, with its proof.
        dominated: the patterns that are no worse than another one, with a proof of that.
        excluded: beginnings that no run has, with the proof.
        undecided: the patterns about which nothing was proved.
    """

    patterns: Patterns
    rounds: int
    jobs: int
    proofs: dict[str, Proof] = field(default_factory=dict[str, Proof])
    dominated: dict[str, Proof] = field(default_factory=dict[str, Proof])
    excluded: dict[str, Multipliers] = field(default_factory=dict[str, "Multipliers"])
    undecided: list[str] = field(default_factory=list[str])

    @property
    def empty(self) -> bool:
        """Whether the word of g alone is not excluded."""
        return not self.is_excluded("g" * self.rounds)

    def is_excluded(self, word: str) -> bool:
        """Whether no run begins with a beginning of the word."""
        return any(word[:k] in self.excluded for k in range(1, len(word) + 1))

    def run(self, *, every: bool) -> None:
        """Search; ``every`` asks for every pattern's own bound."""
        words = ["".join(letters) for letters in product("fg", repeat=self.rounds)]
        if not self.patterns.switches(self.rounds):
            self._bound(words[:1])
            return
        proof = None if every else self.patterns.average(self.rounds)
        estimates = {word: None if every else self.patterns.estimated(word, proof) for word in words[:-1]}
        if not every:
            self._bound(words[:1])
            if proof is not None:
                self._never_empty(words[-1], proof)
        left = [word for word in words[:-1] if word not in self.proofs]
        left = self._dominate(left, estimates, proof)
        self._exclude(left if self.is_excluded(words[-1]) else [*left, words[-1]])
        left = [word for word in left if not self.is_excluded(word)]
        left.sort(key=lambda word: (estimates[word] is not None, -(estimates[word] or 0)))
        size = len(left) if every else max(8, 4 * abs(self.jobs))
        while left:
            self._bound(left[:size])
            left = self._dominate(left[size:], estimates, proof)

    def _never_empty(self, word: str, proof: Proof) -> None:
        _, found = self.patterns.from_average(word, proof)
        if found is not None:
            self.excluded[word] = found[1]

    def _bound(self, words: list[str]) -> None:
        answers = parallel(self.patterns.bound, [(word,) for word in words], self.jobs)
        self.proofs |= {word: found for word, found in answers if found is not None}
        self.undecided += [word for word, found in answers if found is None]

    def _dominate(self, words: list[str], estimates: dict[str, Fraction | None], proof: Proof | None) -> list[str]:
        """Prove the words that are no worse than another one, and return the others in the same order."""
        if not self.proofs or (proof is None and self.patterns.metric != "constraint"):
            return words
        best = max(bound for bound, _ in self.proofs.values())
        level = best + SLACK * abs(best)
        chosen = [word for word in words if (known := estimates[word]) is not None and known <= level]
        answers = parallel(self.patterns.from_average, [(word, cast("Proof", proof)) for word in chosen], self.jobs)
        self.dominated |= {word: found for word, found in answers if found is not None}
        return [word for word in words if word not in self.dominated]

    def _exclude(self, left: list[str]) -> None:
        """Grow the words that are left letter by letter, and prove which beginnings no run has."""
        for length in range(1, self.rounds + 1):
            beginnings = sorted({word[:length] for word in left if not self.is_excluded(word)})
            tested = beginnings if length < self.rounds else [word for word in beginnings if "f" not in word]
            answers = parallel(self.patterns.excluded, [(word,) for word in tested if "g" in word], self.jobs)
            self.excluded |= {word: multipliers for word, multipliers in answers if multipliers is not None}


def parallel(work: Any, arguments: list[tuple[Any, ...]], jobs: int) -> list[Any]:
    """Return ``[work(*each) for each in arguments]``, by several processes with one thread of linear algebra each."""
    if jobs == 1 or len(arguments) < 2:
        return [work(*each) for each in arguments]
    import joblib

    with joblib.parallel_config("loky", n_jobs=jobs, inner_max_num_threads=1):
        return list(cast("Any", joblib.Parallel())(joblib.delayed(work)(*each) for each in arguments))
