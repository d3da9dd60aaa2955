"""The metrics that a Lyapunov function may be asked to control."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from efpep.errors import InputError
from efpep.model.field import shown

if TYPE_CHECKING:
    from efpep.model.form import Form
    from efpep.model.trace import Trace
    from efpep.model.vector import Vector

V = TypeVar("V")
N_co = TypeVar("N_co", covariant=True)


class MetricAlgebra(Protocol[V, N_co]):
    """What metrics are made of: vectors and forms of a :class:`~efpep.model.trace.Trace`, or arrays and numbers of a run."""

    def square(self, u: V) -> N_co:
        """Return ``||u||^2``, or its average over the agents."""
        ...

    def mean(self, v: V) -> V:
        """Average a client vector."""
        ...

    def exact_gradient(self, x: V) -> V:
        """Return every agent's gradient, without noise."""
        ...

    def gap(self, x: V) -> N_co:
        """Return ``f(x) - f(x*)`` of the average f."""
        ...


def _distance(trace: MetricAlgebra[V, N_co], x: V) -> N_co:
    """``||x - x*||^2``."""
    return trace.square(x)


def _gradient(trace: MetricAlgebra[V, N_co], x: V) -> N_co:
    """``||grad f(x)||^2``, f the average over the agents."""
    return trace.square(trace.mean(trace.exact_gradient(x)))


def _gap(trace: MetricAlgebra[V, N_co], x: V) -> N_co:
    """``f(x) - f(x*)``, f the average over the agents."""
    return trace.gap(x)


METRICS: dict[str, Callable[[MetricAlgebra[Any, Any], Any], Any]] = {"distance": _distance, "gradient": _gradient, "gap": _gap}
_TEXTS = {"distance": "|{x} - x*|^2", "gradient": "|grad f({x})|^2", "gap": "(f({x}) - f*)"}


def metric_text(name: str, x: str = "x") -> str:
    """Return a metric as a formula, with this text for the point."""
    return _TEXTS[name].format(x=x)


def metric_form(name: str, trace: Trace, x: Vector) -> Form:
    """Return the metric called ``name`` at the server point ``x``.

    Raises:
        InputError: there is no such metric.
    """
    if not isinstance(name, str) or name not in METRICS:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError(f"{shown(name)} is not a metric; choose one of {', '.join(METRICS)}.", argument="metric")
    return METRICS[name](trace, x)
