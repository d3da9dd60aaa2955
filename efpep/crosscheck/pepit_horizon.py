"""The same finite-horizon question, asked of PEPit with explicit agents.

efpep and PEPit share the methods' ``start`` and ``step`` and nothing else: no blocks, no basis of states, no choice of
inequalities, no exact algebra. PEPit's number is floating point and proves nothing; it can only contradict.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from efpep.crosscheck.pepit_run import PepitRun, Points, key_of
from efpep.errors import InputError
from efpep.model.argument import require_kind
from efpep.model.field import FLOATS
from efpep.model.function_class import Convexity
from efpep.questions.worst_case.conditions import DECREASE, terms
from efpep.questions.worst_case.metric import APART
from efpep.questions.worst_case.trace import DIAMETER

if TYPE_CHECKING:
    from efpep.model.field import Scalar
    from efpep.model.population import Population
    from efpep.questions.worst_case.answer import WorstCase
    from efpep.questions.worst_case.question import WorstCaseQuestion

TOLERANCE = 1e-6
"""How far outside ``[lower, upper]`` PEPit's value may lie, relative to it."""

LARGEST = 3
"""The most exchangeable agents that are written out."""


@dataclass(frozen=True, slots=True)
class HorizonCheck:
    """The answer of :func:`crosscheck_worst_case`.

    Attributes:
        agents: how many agents were written out.
        value: PEPit's worst case.
        lower: efpep's lower end, or None.
        upper: efpep's upper end.
        agrees: whether the value lies in the interval, up to 1e-6 of it.
    """

    agents: int
    value: float
    lower: Fraction | None
    upper: Fraction
    agrees: bool

    def __str__(self) -> str:
        """Say how the numbers compare."""
        said = "agrees" if self.agrees else "does not agree"
        agents = "1 explicit agent" if self.agents == 1 else f"{self.agents} explicit agents"
        return f"PEPit with {agents} {said}: {self.value:.9f}, against at most {float(self.upper):.9f}."


def crosscheck_worst_case(found: WorstCase, agents: int | None = None) -> HorizonCheck:
    """Ask PEPit the question of a worst case, and compare.

    Args:
        found: the worst case, with a metric by name.
        agents: how many exchangeable agents to write out (1 to 3); the setting's number, or two where it is larger.

    Raises:
        InputError: nothing is proved, the metric is a function, agents in groups, or a class without a counterpart in PEPit.
        UnavailableError: PEPit's solver failed.
    """
    from efpep.questions.worst_case.answer import WorstCase

    require_kind(found, WorstCase, "found", "an answer of efpep.worst_case")
    asked = found.question
    if found.upper is None:
        raise InputError("the worst case has no proved upper end to check; give one that has.", argument="worst")
    if not isinstance(asked.metric, str) or not isinstance(asked.setting.agents, int):
        raise InputError(
            "cross-checks of worst cases take a metric by its name and agents as a number; give these.",
            argument=("metric", "agents"),
        )
    count = agents if agents is not None else asked.setting.agents if asked.setting.agents <= LARGEST else 2
    if not 1 <= count <= LARGEST or (count == 1) != (asked.setting.agents == 1):
        raise InputError(
            f"agents is {count}, and a worst case of several agents is checked with 2 or 3, of one with 1; give that.",
            argument="agents",
        )
    value = pepit_value(asked, count)
    least = value if found.lower is None else float(found.lower)
    room = TOLERANCE * abs(value)
    return HorizonCheck(count, value, found.lower, found.upper, least - room <= value <= float(found.upper) + room)


def pepit_value(asked: WorstCaseQuestion, count: int) -> float:
    """Return PEPit's worst case with so many explicit agents.

    Raises:
        InputError: a class without a counterpart in PEPit.
        UnavailableError: PEPit's solver failed.
    """
    setting, method = asked.setting, asked.method.over(FLOATS)
    zeta = setting.apart
    shared = method.common_minimiser if zeta is None else zeta == 0
    initial = dict(asked.initial)
    square, apart = initial.pop(DIAMETER, None), initial.pop(APART, None)
    run = _HorizonRun(
        setting.populations(),
        [count],
        common_minimiser=shared,
        server_compressor=setting.server_compressor,
        dissimilarity=setting.dissimilarity,
        diameter=None if not method.projects else math.inf if square is None else math.sqrt(square),
    )
    conditions: list[Any] = []
    falling: list[tuple[int, int, float]] = []
    courses: list[list[Any]] = []
    for number in range(asked.runs):
        x = run.point()
        if square is not None:
            run.include(x)
        state = method.start(x, run)
        memories = {memory.feature: memory for memory in method.memories}
        for condition, bound in initial.items():
            amounts: list[Any] = []
            for name, coefficient in terms(condition).items():
                if name in memories:
                    memory = memories[name]
                    error = run.server() if memory.server else run.client(memory.unit)
                    error = 0.0 * error if bound == 0 else error
                    state = state._replace(**{memory.name: memory.at_rest(x, run.gradient(x), error)})
                    amounts.append(float(coefficient) * _mean([point**2 for point in error]))
                else:
                    amounts.append(float(coefficient) * run.metric("gap" if name == DECREASE else name, x))
                if name == DECREASE:
                    falling.append((number, len(conditions), float(coefficient) / float(bound)))
            if bound:
                conditions.append((len(amounts) / float(bound)) * _mean(amounts))
        courses.append([state])
    if apart is not None:
        conditions.append((1 / float(apart)) * run.metric("distance", courses[0][0].x - courses[1][0].x))
    if zeta and any(rest.decomposition_dict for rest in run.gradient_at_minimiser) and not run.weak:
        conditions.append((1 / float(zeta) ** 2) * _mean([point**2 for point in run.gradient_at_minimiser]))
    for _ in range(asked.iterations):
        for states in courses:
            states.append(method.step(states[-1], run))
    for number, place, coefficient in falling:
        conditions[place] = conditions[place] - coefficient * run.metric("gap", courses[number][-1].x)
    name, points = str(asked.metric), [state.x for state in courses[0]]
    if name == APART:
        name, points = "distance", [x - other.x for x, other in zip(points, courses[1], strict=True)]
    objectives = run.objectives(name, asked.at, points)
    for condition in conditions[1:]:
        run.pep.set_initial_condition(condition <= 1.0)
    for objective in objectives[1:]:
        run.pep.set_performance_metric(objective)
    return run.solve(conditions[0], objectives[0])


class _HorizonRun(PepitRun):
    """A run with more function classes; weakly convex ones have an infimum of the average, and no minimiser."""

    def __init__(
        self, populations: Sequence[Population], counts: Sequence[int], *, dissimilarity: Scalar | None = None, **others: Any
    ) -> None:
        self.dissimilarity = dissimilarity
        self.weak = any(group.functions.convexity is Convexity.WEAK for group in populations)
        self._bounded: set[frozenset[Any]] = set()
        super().__init__(populations, counts, **others)
        if not self.weak:
            self._alike(list(self.gradient_at_minimiser))

    def metric(self, name: str, x: Points) -> Any:
        """Return a metric of efpep at ``x``."""
        if name == "distance":
            return x.points[0] ** 2
        if name == "gradient":
            return self.mean(self.gradient(x)).points[0] ** 2
        return _mean([value for value, _ in self._values(x)] if self.weak or self._feasible is not None else self.gaps(x))

    def objectives(self, name: str, at: str, points: list[Points]) -> list[Any]:
        """Return what is maximised: the least of these."""
        if at == "last":
            return [self.metric(name, points[-1])]
        if at == "average":
            total = points[0]
            for x in points[1:]:
                total = total + x
            return [self.metric(name, (1.0 / len(points)) * total)]
        found = [self.metric(name, x) for x in points]
        return [_mean(found)] if at == "mean" else found

    def _values(self, x: Points) -> list[tuple[Any, Any]]:
        return [(value, gradient) for gradient, value in self._oracle(x)]

    def _function(self, group: Population) -> Any:
        functions = group.functions
        if functions.convexity is Convexity.PLAIN:
            return self.pep.declare_function(self._classes.SmoothConvexFunction, L=float(functions.smoothness))
        if functions.subgradient_bound is not None:
            return self.pep.declare_function(self._classes.ConvexLipschitzFunction, M=float(functions.subgradient_bound))
        if functions.convexity is Convexity.WEAK:
            kind = self._classes.SmoothStronglyConvexFunction
            return self.pep.declare_function(kind, mu=float(functions.curvature), L=float(functions.smoothness))
        return super()._function(group)

    def _add(self, agent: int, point: Any, answer: tuple[Any, Any]) -> None:
        if not self.weak or point.decomposition_dict:
            super()._add(agent, point, answer)

    def _oracle(self, x: Points) -> list[tuple[Any, Any]]:
        """Return the gradients and values; at a common point gradients are alike, and the average value above the infimum."""
        answers = super()._oracle(x)
        keys = {key_of(point) for point in x}
        if len(keys) == 1 and not keys <= self._bounded:
            self._bounded |= keys
            self._alike([gradient for gradient, _ in answers])
            if self.weak:
                average = self.mean(Points([gradient for gradient, _ in answers], server=False)).points[0]
                smoothness = float(self._agents[0].functions.smoothness)
                self.pep.add_constraint((1 / (2 * smoothness)) * average**2 <= _mean([value for _, value in answers]))
        return answers

    def _alike(self, gradients: Sequence[Any]) -> None:
        """Bound the mean square by which gradients at one point differ from their mean, where the agents are alike."""
        if self.dissimilarity is not None:
            average = _mean(gradients)
            apart = _mean([(gradient - average) ** 2 for gradient in gradients])
            self.pep.add_constraint(apart <= float(self.dissimilarity) ** 2)


def _mean(expressions: Sequence[Any]) -> Any:
    total = expressions[0]
    for expression in expressions[1:]:
        total = total + expression
    return (1.0 / len(expressions)) * total
