"""The metrics that a Lyapunov function may be asked to control."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from efpep.errors import InputError
from efpep.model.field import shown

if TYPE_CHECKING:
    from efpep.model.form import Form
    from efpep.model.trace import Trace
    from efpep.model.vector import Vector


def _distance(trace: Trace, x: Vector) -> Form:
    """``||x - x*||^2``."""
    return trace.square(x)


def _gradient(trace: Trace, x: Vector) -> Form:
    """``||grad f(x)||^2``, f the average over the agents."""
    return trace.square(trace.mean(trace.exact_gradient(x)))


def _gap(trace: Trace, x: Vector) -> Form:
    """``f(x) - f(x*)``, f the average over the agents."""
    return trace.gap(x)


METRICS: dict[str, Callable[[Trace, Vector], Form]] = {"distance": _distance, "gradient": _gradient, "gap": _gap}


def metric_form(name: str, trace: Trace, x: Vector) -> Form:
    """Return the metric called ``name`` at the server point ``x``.

    Raises:
        InputError: there is no such metric.
    """
    if not isinstance(name, str) or name not in METRICS:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError(f"{shown(name)} is not a metric; choose one of {', '.join(METRICS)}.", argument="metric")
    return METRICS[name](trace, x)
