"""``design``: the best member of a family of methods that a search finds, and what is proved of it.

Linear instances (:mod:`efpep.questions.rate.linear_screen`) show most members to be slow at once: differential evolution, then
the simplex of Nelder and Mead, make the least rate that they leave possible as small as they can. Such members need not be fast;
from those among all that were looked at whose rate a solver estimates to be least, the simplex goes on with estimated rates. The
best ones are proved, and so are the members from which the search began.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

from efpep.conic.solver import DEFAULT, find_solver
from efpep.errors import InputError
from efpep.methods.base import INTERPOLATION, WEIGHTS, Method
from efpep.model.box import Side
from efpep.model.field import rational, rounded, shown, whole
from efpep.model.text import down, exact
from efpep.questions.common.magnitude import within_doubles
from efpep.questions.common.required import require_method, require_setting
from efpep.questions.rate.answer import Rate, estimated, rate
from efpep.questions.rate.enclosure import WIDTH
from efpep.questions.rate.inequalities import check_curvature
from efpep.questions.rate.linear_screen import slowness
from efpep.questions.rate.lyapunov_class import LyapunovClass
from efpep.questions.rate.question import RateCertificate, RateQuestion
from efpep.questions.tune.answer import bracket_of
from efpep.questions.tune.deadline import Deadline, TimeIsOver
from efpep.questions.tune.question import STEP, StepSizeCertificate
from efpep.report.display import Display, Displayed

if TYPE_CHECKING:
    from efpep.setting import Setting

Point = tuple[float, ...]
Progress = Callable[[str, int, float], None]
SECONDS = 1200.0
_BOUNDED = 2
"""Of how many parameters a family has at most for a bound on all of its rates to be tried."""
_DIGITS = 9
_NOTHING = 50.0
"""The objective, ``-log(1 - rho)``, where there is no contraction."""
_POPULATION, _GENERATIONS, _SIMPLEX = 6, 20, 75
_SAMPLED, _REFINED, _PROOFS = 30, 2, 3
_NEAR = math.log(4)
"""Members are sampled whose ``1 - rho`` on linear instances is at least a quarter of the best."""


@dataclass(frozen=True, slots=True, repr=False)
class Design(Displayed):
    """The answer of :func:`design`. What is proved is the rate at the best parameters, not that no member has a smaller one.

    Attributes:
        best: the rate at the best parameters that were found.
        starts: the rates of the members from which the search began; ``best`` is never larger than theirs.
        parameters: the names of the parameters that were searched.
        screened: how many members were looked at on linear instances.
        estimated: of how many members a solver estimated the rate.
        complete: whether the search came to its end in time.
        seconds: how long the answer took.
        family: what is proved of the other members by semidefinite weights, in the ranges that it names; None where that was not
            asked, or the best member has no such rate.
    """

    best: Rate
    starts: tuple[Rate, ...]
    parameters: tuple[str, ...]
    screened: int
    estimated: int
    complete: bool
    seconds: float
    family: StepSizeCertificate | None = None

    @property
    def method(self) -> Method:
        """The method at the best parameters that were found."""
        return self.best.method

    @property
    def certificate(self) -> RateCertificate | None:
        """The proof of its rate."""
        return self.best.certificate

    def display(self) -> Display:
        """Return what notebooks and prompts show."""
        shown = self.best.display()
        return replace(shown, rows=[*shown.rows[:-1], *self.rows(), *shown.rows[-1:]])

    def rows(self) -> list[tuple[str, str]]:
        """Return what was searched, with its name."""
        first = self.starts[0]
        rows = [
            (
                "search",
                f"over {', '.join(self.parameters)}: {self.screened} members on linear instances, {self.estimated} estimated",
            ),
            ("", f"{self._of_others()}{'' if self.complete else '; the time was over'}"),
        ]
        if first.upper is not None and self.best.upper is not None and first.upper < 1:
            rows.append(("start", f"1 - rho is {float((1 - self.best.upper) / (1 - first.upper)):.4g} times that at the start"))
        return rows

    def _of_others(self) -> str:
        """Return what is proved of the other members."""
        found = None if self.family is None else self.family.lower
        if self.family is None or found is None:
            return "not proved: that no other member is better"
        sides = zip(self.family.question.names, self.family.question.searched.sides, strict=True)
        ranges = ", ".join(f"{name} {_range(side)}" for name, side in sides)
        return f"proved by semidefinite weights: no member has a rate below {down(found.theta, 12)}, where {ranges}"


@within_doubles
def design(
    method: Method,
    setting: Setting,
    metric: str = "distance",
    solver: str = DEFAULT,
    *,
    parameters: Sequence[str] | None = None,
    starts: Sequence[Method] = (),
    positivity: str = INTERPOLATION,
    seconds: object = SECONDS,
    seed: object = 0,
    width: object = WIDTH,
    family: object = 0,
    progress: Progress | None = None,
) -> Design:
    """Search a family of methods for the member with the least proved rate.

    The answer is never worse than the members from which the search begins. The same seed gives the same answer unless the time
    is over first; an answer's method as one of the starts continues a search.

    Args:
        method: a member of the family, where the search begins; parameters that are not searched stay as they are.
        setting: functions, compressor and agents.
        metric: what the Lyapunov function controls, as for :func:`efpep.rate`.
        solver: the solver that estimates, and proposes proofs.
        parameters: the names of the parameters to search; all with a known range, and the step size, unless told.
        starts: other members to begin from, such as the answer of an earlier search.
        positivity: what makes Lyapunov functions nonnegative, as for :func:`efpep.rate`.
        seconds: how long the search may take; proofs come after it.
        seed: of the random members with which it begins.
        width: how wide the interval of the proved rates may be, as for :func:`efpep.rate`.
        family: how many seconds are spent, after the proofs, on a lower bound on the rates of all members in ranges around the
            best, by branch and bound with instances; for one or two parameters.
        progress: called with what is being done, how many members were looked at, and the least rate estimated so far.

    Raises:
        InputError: the question is not well posed, or a parameter has no known range.
    """
    begin = time.perf_counter()
    require_method(method, "one such as EF21Nesterov('1/5', beta='1/10')")
    require_setting(setting)
    check_curvature(setting, metric)
    limit, number = rational(seconds, "seconds"), whole(seed, "seed")
    if not limit > 0 or number < 0:
        raise InputError(f"seconds is {shown(limit)} and seed {number}; give a positive number and one from 0 on.")
    bound = rational(family, "family")
    members = [member.resolved(setting) for member in (method, *starts)]
    if any(type(member) is not type(method) for member in members):
        raise InputError("starts has a method of another class; give members of the family.", argument="starts")
    names = _names(members[0], parameters)
    if bound < 0 or (bound and len(names) > _BOUNDED):
        raise InputError(
            f"family is {shown(bound)} seconds for a bound over {', '.join(names)}, which is known for one or two parameters; "
            "name these as parameters, or leave it out, and nothing is proved of the other members.",
            argument="family",
        )

    def proved(member: Method) -> Rate:
        return rate(member, setting, metric, solver, positivity=positivity, width=width)

    first = [proved(member) for member in members]
    posed = RateQuestion(members[0], setting, metric, None, LyapunovClass(positivity=positivity))
    search = _FamilySearch(posed, names, solver, Deadline.after(float(limit)), progress)
    complete = search.run(members, number)
    best = min(first, key=_upper)
    for values in search.ranked()[:_PROOFS]:
        if search.rates[values] >= _upper(best):
            break
        best = min(best, proved(search.member(values)), key=_upper)
    others = None
    if bound:
        weighted = best if positivity == WEIGHTS else rate(best.method, setting, metric, solver, positivity=WEIGHTS, width=width)
        others = bracket_of(weighted, names, find_solver(solver), float(bound))
    looked = (len(search.screened), len(search.rates))
    return Design(best, tuple(first), names, *looked, complete, seconds=time.perf_counter() - begin, family=others)


def _range(side: Side) -> str:
    low = exact(side.lower)
    return f"is at least {low}" if side.upper is None else f"is from {low} to {exact(side.upper)}"


def _upper(found: Rate) -> float:
    return math.inf if found.upper is None else float(found.upper)


def _names(method: Method, parameters: Sequence[str] | None) -> tuple[str, ...]:
    """Return the names of the parameters to search.

    Raises:
        InputError: one is no parameter with a known range.
    """
    known = method.tunable
    names = known if parameters is None else tuple(parameters)
    for name in names:
        if name not in known or (name != STEP and method.ranges[name].lower is None):
            raise InputError(
                f"{shown(name)} is not a parameter of {method.title} with a known range, so it cannot be searched; choose among "
                f"{', '.join(known)}.",
                argument="parameters",
            )
    return names


@dataclass
class _FamilySearch:
    """One search: what is known of the members that were looked at.

    Attributes:
        posed: the question about a member.
        names: the parameters.
        solver: who estimates rates.
        deadline: when the search ends.
        progress: whom to tell.
        screened: the least rates that linear instances leave possible, by values.
        rates: the rates that were estimated.
    """

    posed: RateQuestion
    names: tuple[str, ...]
    solver: str
    deadline: Deadline
    progress: Progress | None
    screened: dict[tuple[Fraction, ...], float] = field(default_factory=dict[tuple[Fraction, ...], float])
    rates: dict[tuple[Fraction, ...], float] = field(default_factory=dict[tuple[Fraction, ...], float])

    def run(self, members: Sequence[Method], seed: int) -> bool:
        """Search, and return whether the end came before the deadline's."""
        begins = [tuple(self._coordinate(name, getattr(member, name)) for name in self.names) for member in members]
        try:
            self._evolve(begins, seed)
            for point in self._sample(begins):
                self.estimate(point)
            for values in self.ranked()[:_REFINED]:
                self._descend(self.estimate, self._point(values), 0.2)
            self._descend(self.estimate, self._point(self.ranked()[0]), 0.05)
        except TimeIsOver:
            return False
        return True

    def ranked(self) -> list[tuple[Fraction, ...]]:
        """Return the values of the members whose rates were estimated, the best ones first."""
        return sorted(self.rates, key=self.rates.__getitem__)

    def member(self, values: Sequence[Fraction]) -> Method:
        """Return the member with these values."""
        return replace(self.posed.method, **dict(zip(self.names, values, strict=True)))

    def screen(self, point: Sequence[float]) -> float:
        """Return ``-log(1 - rho)`` at least, by linear instances."""
        values = self._values(point)
        if values not in self.screened:
            self._tell("screening")
            self.screened[values] = slowness(replace(self.posed, method=self.member(values)))
        return _objective(self.screened[values])

    def estimate(self, point: Sequence[float]) -> float:
        """Return ``-log(1 - rho)``: estimated, or what linear instances say where that is no better than the best so far."""
        least, values = self.screen(point), self._values(point)
        best = min(self.rates.values(), default=1.0)
        if values not in self.rates:
            if least >= _objective(best):
                return least
            self._tell("estimating")
            self.rates[values] = estimated(replace(self.posed, method=self.member(values)), find_solver(self.solver)).rate
        return _objective(self.rates[values])

    def _tell(self, what: str) -> None:
        if self.deadline.over:
            raise TimeIsOver
        if self.progress is not None:
            self.progress(what, len(self.screened), min(self.rates.values(), default=1.0))

    def _evolve(self, begins: Sequence[Point], seed: int) -> None:
        from scipy import optimize

        backend: Any = optimize
        ends = [(-12.0, 1.0) if name == STEP else (-8.0, 9.0) if self._bounded(name) else (-3.0, 6.0) for name in self.names]
        for begin in begins:
            self.screen(begin)
        backend.differential_evolution(
            self.screen, ends, popsize=_POPULATION, maxiter=_GENERATIONS, tol=0, rng=seed, polish=False, init="sobol"
        )
        for size in (1.0, 0.3):
            self._descend(self.screen, self._point(min(self.screened, key=self.screened.__getitem__)), size)

    def _descend(self, objective: Callable[[Sequence[float]], float], start: Point, size: float) -> None:
        from scipy import optimize

        backend: Any = optimize
        simplex = [start, *([u + size * (i == k) for i, u in enumerate(start)] for k in range(len(start)))]
        options = {"maxfev": _SIMPLEX, "initial_simplex": simplex, "xatol": 1e-4, "fatol": 1e-4}
        backend.minimize(objective, start, method="Nelder-Mead", options=options)

    def _sample(self, begins: Sequence[Point]) -> list[Point]:
        """Return where the search began, and evenly by their rank members that are among the best ones on linear instances."""
        ranked = sorted(self.screened, key=self.screened.__getitem__)
        least = _objective(self.screened[ranked[0]])
        good = [values for values in ranked if _objective(self.screened[values]) <= least + _NEAR]
        return [*begins, *(self._point(values) for values in good[:: max(1, len(good) // _SAMPLED)])]

    # --- coordinates ----------------------------------------------------------------------------------------------------------

    def _bounded(self, name: str) -> bool:
        return self.posed.method.ranges[name].upper is not None

    def _values(self, point: Sequence[float]) -> tuple[Fraction, ...]:
        return tuple(self._value(name, float(u)) for name, u in zip(self.names, point, strict=True))

    def _point(self, values: Sequence[Fraction]) -> Point:
        return tuple(self._coordinate(name, value) for name, value in zip(self.names, values, strict=True))

    def _value(self, name: str, u: float) -> Fraction:
        """Return a value: ``exp(u)/L`` for a step size, ``exp`` beyond an end, and the logistic function between two ends."""
        if name == STEP:
            return rounded(Fraction(math.exp(min(u, 50.0)) / self._largest()), _DIGITS)
        lower, upper = self._ends(name)
        if upper is None:
            return lower + rounded(Fraction(math.exp(min(u, 50.0))), _DIGITS)
        part = Fraction(1 / (1 + math.exp(-max(-25.0, min(u, 25.0)))))
        near = min(part, 1 - part)
        short = rounded(near, _DIGITS)
        return lower + (upper - lower) * (short if near == part else 1 - short)

    def _coordinate(self, name: str, value: Fraction) -> float:
        if name == STEP:
            return math.log(max(float(value) * self._largest(), 1e-12))
        lower, upper = self._ends(name)
        if upper is None:
            return math.log(max(float(value - lower), 1e-3))
        part = float((value - lower) / (upper - lower))
        return math.log(max(part, 1e-5)) - math.log(max(float((upper - value) / (upper - lower)), 1e-5))

    def _ends(self, name: str) -> tuple[Fraction, Fraction | None]:
        interval = self.posed.method.ranges[name]
        return Fraction(cast("Any", interval.lower)), None if interval.upper is None else Fraction(interval.upper)

    def _largest(self) -> float:
        return max(float(group.functions.smoothness) for group in self.posed.setting.populations())


def _objective(rho: float) -> float:
    return _NOTHING + min(rho, _NOTHING) if rho >= 1 else -math.log(1 - rho)
