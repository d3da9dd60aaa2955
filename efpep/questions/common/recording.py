"""Steps of a method from a free state, recorded in a Trace."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import TYPE_CHECKING, Any

from efpep.errors import InputError
from efpep.methods.base import Memory, Method
from efpep.model.field import Scalar, shown
from efpep.model.linear import ZERO, Linear
from efpep.model.trace import Trace
from efpep.model.vector import Part, Vector
from efpep.questions.common import reduction
from efpep.questions.common.steps import stepped

if TYPE_CHECKING:
    from efpep.setting import Setting


class Recording:
    """One or more steps of a method from a free state, with memories that are bound to other features replaced.

    Attributes:
        trace: the trace.
        method: the method.
        states: the states, first to last.
        errors: for each state, the features: the distances to equilibrium by name.
        points: where gradients are evaluated in each state, by what is added to the names of gradients and values there: the
            iterate's, that of the point which the method names as queried, such as ``"(y)"``, and with ``virtual`` the virtual
            iterate's, ``"(xt)"``.
        state_row_count: how many of the trace's rows were recorded before the last step: they hold for the states up to then.
    """

    def __init__(
        self,
        trace: Trace,
        method: Method,
        bound: Mapping[tuple[str, int], Mapping[str, Scalar]],
        steps: int,
        *,
        virtual: bool = False,
    ) -> None:
        """Record ``steps`` steps."""
        self.trace = trace
        self.method = method
        self.bound = bound
        x = trace.point("x")
        if method.projects:
            trace.include(x)
        gradient = trace.exact_gradient(x)
        errors: dict[str, Vector] = {"x": x, "g": gradient - trace.gradient_at_minimiser}
        memories: dict[str, Vector] = {}
        for memory in method.memories:
            parts = tuple(free_error(trace, memory, a, bound, errors) for a in range(1 if memory.server else len(trace.groups)))
            error = Vector(parts, server=memory.server)
            errors[memory.feature] = error
            memories[memory.name] = memory.at_rest(x, gradient, error)
        self.states: list[Any] = [method.State(x=x, **memories)]
        self.errors: list[dict[str, Vector]] = [errors | _queried(trace, method, self.states[0])]
        self._virtual = virtual
        self.points: dict[str, list[Vector]] = {}
        self._evaluate(self.states[-1])
        self.state_row_count = 0
        for _ in range(steps):
            self.state_row_count = len(trace.rows)
            self.states.append(stepped(method, self.states[-1], trace))
            if method.projects:
                self._check_feasible()
            self.errors.append(errors_of(trace, method, self.states[-1]))
            self._evaluate(self.states[-1])

    def _evaluate(self, state: Any) -> None:
        """Evaluate gradients where a state asks for them."""
        for place, point in evaluated(self.trace, self.method, state, virtual=self._virtual).items():
            self.points.setdefault(place, []).append(point)
            self.trace.exact_gradient(point)

    def _check_feasible(self) -> None:
        """Refuse a method whose iterate is not known to lie in the set: every step is recorded from a point of it.

        Raises:
            InputError: the last iterate is no result of a projection.
        """
        if self.states[-1].x.mean not in {point.mean for point in self.trace.feasible_points}:
            raise InputError(
                f"{self.method.title or type(self.method).__name__} projects, but its iterate x after a step is not what was "
                "projected, so that it may leave the set; make x the result of run.project, and keep other points in memories.",
                argument="method",
            )

    def relation(self) -> tuple[str, int, dict[str, Scalar]] | None:
        """Find a memory that after every step is a combination of other features: ``(feature, group, combination)``.

        From the second step on it then equals that combination before the step too, so the free memory is replaced by it
        (the tracking error of a method whose compressor is the identity vanishes, for instance).
        """
        after = self.errors[1]
        memories = {memory.feature: memory.server for memory in self.method.memories}
        given = [name for name in after if name not in memories and name != queried_gradient(self.method)]
        for group in range(len(self.trace.groups)):
            free = [name for name, server in memories.items() if (name, 0 if server else group) not in self.bound]
            order = given + free
            parts = [after[name].part(group) for name in order]
            width = len(self.trace.blocks[0])
            own = len(self.trace.blocks[group + 1])
            rows = [part.mean.row(range(width)) + part.deviation.row(range(own)) for part in parts]
            for candidate in reduction.relations(rows):
                last = max(i for i, c in enumerate(candidate) if c != 0)
                used = [name for name, c in zip(order, candidate, strict=True) if c != 0]
                server = memories.get(order[last], False)
                if order[last] in free and all(after[name].server for name in used if server):
                    head = candidate[last]
                    combination = {order[i]: -c / head for i, c in enumerate(candidate[:last]) if c != 0}
                    return order[last], 0 if server else group, combination
        return None


def errors_of(trace: Trace, method: Method, state: Any) -> dict[str, Vector]:
    """Return the features of a state: its distances to equilibrium by name."""
    gradient = trace.exact_gradient(state.x)
    errors: dict[str, Vector] = {"x": state.x, "g": gradient - trace.gradient_at_minimiser}
    for memory in method.memories:
        errors[memory.feature] = memory.error_of(getattr(state, memory.name), state.x, gradient)
    return errors | _queried(trace, method, state)


def evaluated(trace: Trace, method: Method, state: Any, *, virtual: bool = False) -> dict[str, Vector]:
    """Return the points of a state at which gradients and values are known; see :attr:`Recording.points`."""
    queried = {f"({method.queried})": method.query(state)} if method.queried else {}
    return {"": state.x, **queried, **({"(xt)": method.virtual(state, trace)} if virtual else {})}


def queried_gradient(method: Method) -> str:
    """Return the name of the feature that is the gradient where a method queries besides its iterate, or nothing."""
    return f"g({method.queried})" if method.queried else ""


def _queried(trace: Trace, method: Method, state: Any) -> dict[str, Vector]:
    """Return that feature of a state, relative to the gradient at the minimiser."""
    name = queried_gradient(method)
    return {name: trace.exact_gradient(method.query(state)) - trace.gradient_at_minimiser} if name else {}


def resting(trace: Trace, used: Mapping[int, Collection[int]]) -> bool:
    """Return whether the agents' ``grad f_i(x*)`` are among the columns used, given by block."""
    rest = trace.gradient_at_minimiser
    parts = [(block, form) for a in range(len(trace.groups)) for block, form in _by_block(rest.part(a), a)]
    return any(j in used.get(block, ()) for block, form in parts for j in form.terms)


def check_heterogeneity(trace: Trace, setting: Setting, used: Mapping[int, Collection[int]], *, shared: bool) -> None:
    """Refuse a bound of the agents' ``grad f_i(x*)`` that the question would ignore or contradict.

    Raises:
        InputError: the setting has a heterogeneity, and the columns used, given by block, contain ``grad f_i(x*)``; or it is
            positive for several agents although the question is about agents that share one minimiser.
    """
    if setting.heterogeneity is None:
        return
    if resting(trace, used):
        raise InputError(
            "heterogeneity bounds the agents' gradients at x*, which take part in this method's steps, and only worst cases over "
            "finite horizons know the bound; leave it out here.",
            argument="heterogeneity",
        )
    if shared and setting.heterogeneity > 0 and not trace.alone:
        raise InputError(
            f"heterogeneity is {shown(setting.heterogeneity)}, but this question is about agents that share one minimiser, "
            "without which the method need not converge; give 0 or leave it out, or ask for a worst case over a finite horizon.",
            argument="heterogeneity",
        )


def refuse_heterogeneity(setting: Setting, what: str) -> None:
    """Refuse a bound of the agents' ``grad f_i(x*)`` for questions that do not know it.

    Raises:
        InputError: the setting has a heterogeneity; ``what``, in the plural, says which questions these are.
    """
    if setting.heterogeneity is not None:
        raise InputError(
            f"heterogeneity bounds the agents' gradients at x*, which {what} do not know; leave it out here.",
            argument="heterogeneity",
        )


def free_error(
    trace: Trace,
    memory: Memory,
    group: int,
    bound: Mapping[tuple[str, int], Mapping[str, Scalar]],
    errors: Mapping[str, Vector],
) -> Part:
    """Return the error of a memory of one group: free columns, or the combination of other features that it is bound to."""
    combination = bound.get((memory.feature, group))
    if combination is None and memory.server:
        return trace.server_part(memory.feature, memory.unit)
    if combination is None:
        return trace.client_part(group, memory.feature, memory.unit)
    total = Part(ZERO)
    for name, factor in combination.items():
        total = total + factor * errors[name].part(group)
    return total


def _by_block(part: Part, group: int) -> tuple[tuple[int, Linear], ...]:
    return ((0, part.mean), (group + 1, part.deviation))
