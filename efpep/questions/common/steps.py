"""A method's start and step as analyses take them: refused where what they record would not be about the method.

The states have to be what the method declares: its iterate a point, a memory at rest in ``x*`` a point, every other memory a
difference (:mod:`efpep.model.translation`). A step has to be one and the same map for ever: methods from outside efpep, and those
that meet such classes of functions or compressors, are recorded three times, once from a copy, and refused where the recordings
differ, as those of steps with a hidden state or with chance do.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from efpep.component import Component
from efpep.errors import InputError
from efpep.methods.called import called, no_state
from efpep.methods.memory import Equilibrium, Memory
from efpep.model.field import shown
from efpep.model.trace import Trace
from efpep.model.translation import require_difference, require_point
from efpep.model.vector import Vector

if TYPE_CHECKING:
    from collections.abc import Callable

    from efpep.methods.base import Method, Run
    from efpep.setting import Setting

_STEPS = 2
"""How many steps are recorded to see whether they are the same each time."""


def started(method: Method, x: Vector, run: Run) -> Any:
    """Return the state in which ``method`` starts at the point ``x``.

    Raises:
        InputError: ``start`` fails, or returns something else than a state.
    """
    found = _checked(method, "start", lambda: method.start(x, run))
    _require_said(method, run)
    return found


def stepped(method: Method, state: Any, run: Run) -> Any:
    """Return the state of ``method`` after one step from ``state``.

    Raises:
        InputError: ``step`` fails, or returns something else than a state.
    """
    found = _checked(method, "step", lambda: method.step(state, run))
    _require_said(method, run)
    return found


def _require_said(method: Method, run: Run) -> None:
    """Refuse a method that draws who takes part, or whose clients decide, and does not say so: sentences would not either.

    Raises:
        InputError: it is one.
    """
    if isinstance(run, Trace) and not method.draws and any(drawn.probability != 1 for drawn in run.selections):
        raise InputError(
            f"{_name(method)} draws who takes part, and its class does not say so, although what holds of it then holds in "
            "expectation; write draws = True in the class.",
            argument="method",
        )
    if isinstance(run, Trace) and not method.lazy and run.decisions:
        raise InputError(
            f"clients of {_name(method)} decide whether they send, and its class does not say so, although the recorded "
            "inequality is then more than what happens; write lazy = True in the class.",
            argument="method",
        )


def check_repeatable(method: Method, setting: Setting, make: Callable[[], Trace] | None = None) -> None:
    """Refuse a method, with a numeric step size, whose start and steps are not the same each time they are recorded.

    Args:
        method: the method.
        setting: the setting.
        make: makes an empty trace; without it one in which every comparison turns out true.

    Raises:
        InputError: two recordings differ, or a recording is refused.
    """
    if not any(part.foreign() for part in (method, *setting.components())):
        return
    copied = copy.deepcopy(method)
    first, again, other = (
        _recorded(each, _trace(method, setting) if make is None else make(), more)
        for each, more in ((method, 0), (method, 1), (copied, 0))
    )
    if first != again or first != other:
        raise InputError(
            f"{_name(method)} does not do the same each time its steps are recorded: it keeps something outside its state, or "
            "draws random numbers; keep everything in the state, and let randomness be that of a compressor class.",
            argument="method",
        )


def _trace(method: Method, setting: Setting) -> Trace:
    return Trace(
        setting.populations(),
        common_minimiser=method.common_minimiser,
        server_compressor=setting.server_compressor,
        constraint=setting.constraint,
        pattern=(True,) * 100,
        projects=method.projects,
        mean_functions=setting.mean,
    )


def _recorded(method: Method, trace: Trace, more: int) -> object:
    """Return everything that a start and two steps record, and take ``more`` steps, so that no period of calls goes unseen."""
    states = [started(method, trace.point("x"), trace)]
    for _ in range(_STEPS):
        states.append(stepped(method, states[-1], trace))
    held = [[value.parts if isinstance(value, Vector) else value for value in state] for state in states]
    points = [[method.query(state).parts, str(method.total(t))] for t, state in enumerate(states)]
    rows = [(row.name, row.equality, row.form.blocks, row.form.values) for row in trace.rows]
    columns = [list(block) for block in trace.blocks], list(trace.value_names)
    for _ in range(more):
        stepped(method, states[-1], trace)
    return held, points, rows, columns


def _checked(method: Method, what: str, call: Callable[[], Any]) -> Any:
    state = called(method, what, call)
    _check_field(method, what, state, "x", Memory.point("x"))
    for memory in method.memories:
        _check_field(method, what, state, memory.name, memory)
    return state


def _check_field(method: Method, what: str, state: object, name: str, memory: Memory) -> None:
    """Refuse a field of a state that is not the kind of vector that the method declares.

    Raises:
        InputError: it is not.
    """
    held = getattr(state, name, None)
    if not isinstance(held, Vector) or (memory.server and not held.server):
        given = "it is a client vector" if isinstance(held, Vector) else f"it is {shown(state if held is None else held)}"
        raise no_state(method, what, name, given, server=memory.server)
    said = f"what the {what} of {_name(method)} returns as {name}"
    if memory.equilibrium is Equilibrium.POINT:
        require_point(held, said)
    else:
        require_difference(held, said)


def _name(method: Component) -> str:
    return getattr(method, "title", "") or type(method).__name__
