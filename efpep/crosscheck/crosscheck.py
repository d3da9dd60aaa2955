"""``efpep.crosscheck``: the same one-step question, asked of PEPit with explicit agents.

efpep and PEPit share the methods' ``step`` and nothing else: no blocks for means and deviations, no shifted gradients, no
facial reduction, no exact algebra. PEPit maximises ``V(next state)`` over all functions, compressors and states with
``V(state) <= 1`` for the Lyapunov function V that efpep found. The worst case over one step is tight on both sides, so the value
must lie in efpep's interval: at most ``upper`` because V contracts by it, at least ``lower`` because no V of the class
contracts by less. PEPit's number is floating point and proves nothing; it can only contradict.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from efpep.crosscheck.pepit_run import PepitRun, Points
from efpep.errors import InputError
from efpep.methods.base import Method
from efpep.model.argument import require_kind
from efpep.model.column import Unit
from efpep.model.field import FLOATS
from efpep.questions.common.magnitude import within_doubles
from efpep.questions.common.recording import queried_gradient
from efpep.questions.common.required import refuse_beside, require
from efpep.questions.rate.answer import Rate
from efpep.questions.rate.answer import rate as compute_rate
from efpep.questions.rate.lyapunov import Lyapunov
from efpep.questions.rate.lyapunov_value import by_group, feature_vectors, lyapunov_value, mean
from efpep.setting import Setting

TOLERANCE = 1e-6
"""How far outside ``[lower, upper]`` PEPit's value may lie: what its solver leaves of double precision."""

LARGEST = 3
"""The most exchangeable agents that are written out; the model grows with their number, the answer does not."""


@dataclass(frozen=True, slots=True)
class CrossCheck:
    """The answer of :func:`crosscheck`.

    Attributes:
        agents: how many agents were written out.
        value: PEPit's worst case of V after one step from ``V <= 1``.
        lower: efpep's lower end, or None where it is undecided.
        upper: efpep's upper end, proved for V.
        agrees: whether ``lower - TOLERANCE <= value <= upper + TOLERANCE``.
        difference: ``value - upper``.
    """

    agents: int
    value: float
    lower: Fraction | None
    upper: Fraction | None
    agrees: bool
    difference: float

    def __str__(self) -> str:
        """Say how the numbers compare."""
        said = "agrees" if self.agrees else "does not agree"
        agents = "1 explicit agent" if self.agents == 1 else f"{self.agents} explicit agents"
        return f"PEPit with {agents} {said}: {self.value:.9f}, which is {self.difference:+.1e} from the upper end."


@within_doubles
def crosscheck(
    method: Method, setting: Setting, metric: str = "distance", agents: int | None = None, rate: Rate | None = None
) -> CrossCheck:
    """Rebuild the one-step question in PEPit with explicit agents, and compare its worst case with efpep's interval.

    Exchangeable agents are written out one by one; n does not occur in the question for n >= 2 (see
    :mod:`efpep.model.vector`), so a setting of more than three is checked with two. Groups are written out by their counts.
    For a method that needs a common minimiser every ``grad f_i`` vanishes at ``x*``, otherwise only their mean does.

    Args:
        method: the method.
        setting: the setting.
        metric: the metric that V controls.
        agents: how many exchangeable agents to write out (1 to 3), in place of the setting's number.
        rate: the answer to check; computed here where it is None.

    Raises:
        InputError: no V to check (no contraction was proved), groups given by shares, numbers of agents that do not fit, an
            answer to another question, or a class that has no counterpart in the PEPit model.
        UnavailableError: PEPit's solver failed.
    """
    require(method, setting)
    if rate is not None:
        require_kind(rate, Rate, "rate", "an answer of efpep.rate")
    refuse_beside(setting, "mean", "the model in PEPit")
    counts, setting = _explicit(setting, agents)
    answer = compute_rate(method, setting, metric, "clarabel") if rate is None else rate  # PEPit is less exact on faces
    resolved = method.resolved(setting)
    if answer.method != resolved or answer.metric != metric or not _same_question(answer.setting, setting):
        raise InputError(
            "the rate is the answer to another question; give the one of this method, setting and metric.", argument="rate"
        )
    if answer.upper is None or answer.lyapunov is None:
        raise InputError(
            f"the rate's answer is {answer.finding!r}, so there is no Lyapunov function to check; "
            "choose a step size at which the method contracts.",
            argument="rate",
        )
    value = _worst_case(resolved, setting, counts, answer.lyapunov)
    least = value if answer.lower is None else float(answer.lower)
    return CrossCheck(
        agents=sum(counts),
        value=value,
        lower=answer.lower,
        upper=answer.upper,
        agrees=least - TOLERANCE <= value <= float(answer.upper) + TOLERANCE,
        difference=value - float(answer.upper),
    )


def _explicit(setting: Setting, agents: int | None) -> tuple[tuple[int, ...], Setting]:
    """Return how many agents of each group to write out, and the setting with that many."""
    if isinstance(setting.agents, int):
        if agents is None:
            agents = setting.agents if setting.agents <= LARGEST else 2
        if isinstance(agents, bool) or not isinstance(agents, int) or not 1 <= agents <= LARGEST:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InputError(
                f"agents is {agents}, and each is written out in PEPit; give 1 to {LARGEST} (for n >= 2 the answer is the same).",
                argument="agents",
            )
        return (agents,), replace(setting, agents=agents)
    if agents is not None:
        raise InputError("the setting has groups, which say how many agents there are; leave agents out.", argument="agents")
    counts = [group.count for group in setting.agents if group.count is not None]
    if len(counts) != len(setting.agents):
        raise InputError(
            "the groups are given by shares of an arbitrarily large population, and PEPit needs every agent; give small counts.",
            argument="setting",
        )
    return tuple(counts), setting


def _same_question(answered: Setting, asked: Setting) -> bool:
    """Whether both settings pose the same question: they are equal, or differ in numbers of agents of at least 2."""
    if isinstance(answered.agents, int) and isinstance(asked.agents, int) and (answered.agents == 1) == (asked.agents == 1):
        return replace(answered, agents=asked.agents) == asked
    return answered == asked


def _worst_case(method: Method, setting: Setting, counts: Sequence[int], lyapunov: Lyapunov) -> float:
    """Return PEPit's largest V after one step from a state with V at most 1."""
    populations = setting.populations()
    method = method.over(FLOATS)
    run = PepitRun(populations, counts, common_minimiser=method.common_minimiser, server_compressor=setting.server_compressor)
    size = _size_of_points(method, setting)
    state = _free_state(method, run, size)
    if not _all_memories_occur(method, lyapunov, counts):
        # A memory that V lacks is tied to other features after any step, so the question begins after one.
        state = method.step(state, run)
    scale = _scale(lyapunov, method, Fraction(run.unit), Fraction(size))
    before = _value(lyapunov, method, state, run, scale)
    after = _value(lyapunov, method, method.step(state, run), run, scale)
    return run.solve(before, after)


def _free_state(method: Method, run: PepitRun, size: float) -> Any:
    """Return a state of free vectors, the iterate being of about the given size."""
    x = run.point(size)
    gradient = run.gradient(x)
    memories: dict[str, Points] = {}
    for memory in method.memories:
        free = run.server(size) if memory.server else run.client(memory.unit)
        memories[memory.name] = memory.at_rest(x, gradient, free)
    return method.State(x=x, **memories)


def _all_memories_occur(method: Method, lyapunov: Lyapunov, counts: Sequence[int]) -> bool:
    agents = [None] * sum(counts)
    wanted = {
        name
        for memory in method.memories
        for name in ([memory.feature] if memory.server else by_group(memory.feature, agents, counts))
    }
    return wanted <= set(lyapunov.features["mean"])


def _value(lyapunov: Lyapunov, method: Method, state: Any, run: PepitRun, scale: Fraction) -> Any:
    vectors = feature_vectors(
        method,
        state,
        run.counts,
        x=state.x.points[0],
        gradient=run.gradient(state.x),
        gradient_at_minimiser=run.gradient_at_minimiser,
        queried=lambda: run.gradient(method.query(state)),
    )
    points = {"f": state.x, **({f"f({method.queried})": method.query(state)} if method.queried else {})}
    values = [by_group(name, run.gaps(x), run.counts) for name, x in points.items()]
    gaps = {name: mean(agents) for found in values for name, agents in found.items()}
    return lyapunov_value(lyapunov, vectors, gaps, lambda u, v: u * v, scale)


def _size_of_points(method: Method, setting: Setting) -> float:
    """Return how far from the minimiser V at most 1 lets the iterate be, when gradients are of size L.

    That is about ``L/mu``, unless a memory of the method is compared with points and so bounds them too.
    """
    if any(memory.unit is Unit.POINT for memory in method.memories):
        return 1.0
    populations = setting.populations()
    smoothness = sum(float(group.share * group.functions.smoothness) for group in populations)
    curvature = sum(float(group.share * group.functions.curvature) for group in populations)
    return 2.0 ** round(math.log2(smoothness / curvature))


def _scale(lyapunov: Lyapunov, method: Method, gradient: Fraction, point: Fraction) -> Fraction:
    """Return the largest coefficient of V when x, gradients and values are measured in their sizes."""
    sizes = {"x": point, "g": gradient, queried_gradient(method): gradient}
    sizes |= {memory.feature: Fraction(1) if memory.unit is Unit.POINT else gradient for memory in method.memories}
    found: list[Fraction] = []
    for term in lyapunov.terms():
        size = gradient
        if term.right is not None:
            size = sizes[term.left.partition("[")[0]] * sizes[term.right.partition("[")[0]]
        found.append(abs(term.coefficient) * size)
    return max(found)
