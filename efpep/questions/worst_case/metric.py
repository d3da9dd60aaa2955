"""What is measured after a run of many steps, and where."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from types import FunctionType
from typing import TYPE_CHECKING, Any

from efpep.errors import EfpepError, InputError, reason
from efpep.model.field import shown
from efpep.model.form import Form
from efpep.model.metric import METRICS, metric_form
from efpep.model.row import Origin
from efpep.model.system import BEST
from efpep.model.vector import NOTHING, Vector
from efpep.trust import imported, require_allowed

if TYPE_CHECKING:
    from efpep.questions.worst_case.trace import HorizonTrace

APART = "apart"
"""The name of ``||x_t - x'_t||^2``, how far two runs of the method on the same functions are from each other."""

NAMES = (*METRICS, APART)
"""The names of metrics."""

PLACES = ("last", "best", "average", "mean")
"""At the last iterate, at the best of all iterates, at the average of all iterates, or the mean of the values at all of them."""


@dataclass(frozen=True, slots=True)
class Course:
    """What a user's metric sees of a run.

    Attributes:
        trace: the recording: ``trace.gradient(x)``, ``trace.values(x)``, ``trace.inner``, ``trace.square``, ``trace.mean``, ...
            Points are relative to ``x*``.
        states: the method's states, first to last.
        others: those of the second run, where there is one.
    """

    trace: HorizonTrace
    states: Sequence[Any]
    others: Sequence[Any] = ()


Metric = str | Callable[[Course], Form]


def check_metric(metric: Metric, at: str) -> None:
    """Refuse what is no metric or no place.

    Raises:
        InputError: it is neither a name of a metric nor callable, or ``at`` is no place.
    """
    if not callable(metric) and (not isinstance(metric, str) or metric not in NAMES):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError(f"{shown(metric)} is not a metric; choose one of {', '.join(NAMES)}.", argument="metric")
    if at not in PLACES:
        raise InputError(f"at is {shown(at)}, which is no place of a run; choose one of {', '.join(PLACES)}.", argument="at")


def metric_name(metric: Metric) -> str:
    """Return a metric's name, ``module:function`` for a function.

    Raises:
        InputError: the function cannot be imported by its name.
    """
    if isinstance(metric, str):
        return metric
    module, name = getattr(metric, "__module__", None), getattr(metric, "__qualname__", None)
    if not module or not name or "<" in name or module == "__main__":
        raise InputError(
            "the metric is a function without a name that can be imported; define it in a module of your own.", argument="metric"
        )
    return f"{module}:{name}"


def metric_named(name: str) -> Metric:
    """Return the metric of this name; a function is imported where its module is allowed, and has to be that module's own.

    Raises:
        InputError: there is no such function.
        UnavailableError: the module is not allowed, or cannot be imported here.
    """
    if ":" not in name:
        return name
    require_allowed(name, "metric")
    found = imported(name, "metric")
    if not isinstance(found, FunctionType) or metric_name(found) != name:
        raise InputError(f"the metric {shown(name)} is no function of that module; name one.", argument="metric")
    return found


def _measured(metric: Callable[[Course], Form], course: Course) -> Form:
    """Return what a user's metric is on a run.

    Raises:
        InputError: it fails, or returns something else than a form.
    """
    try:
        found = metric(course)
    except EfpepError:
        raise
    except (Exception, SystemExit) as error:  # a user's function may raise anything
        raise InputError(f"the metric fails ({reason(error)}); correct it.", argument="metric") from error
    if not isinstance(found, Form):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError(
            f"the metric returns {shown(found)}, which is no form; return one such as run.trace.square(x).", argument="metric"
        )
    return found


def objective(metric: Metric, at: str, course: Course) -> Form:
    """Return the form to maximise; for the best iterate a new value column that is at most the metric at each of them.

    Raises:
        InputError: a user's metric returns something else than a form.
    """
    trace, points = course.trace, [state.x for state in course.states]
    if metric == APART:
        metric, points = "distance", [x - other.x for x, other in zip(points, course.others, strict=True)]
    if not isinstance(metric, str):
        found, again = _measured(metric, course), _measured(metric, course)
        if (found.blocks, found.values) != (again.blocks, again.values):
            raise InputError(
                "the metric is not the same each time it is asked for; let it depend on the run alone.", argument="metric"
            )
        return found
    if at == "last":
        return metric_form(metric, trace, points[-1])
    share = Fraction(1, len(points))
    if at == "average":
        total = Vector((NOTHING,), server=True)
        for x in points:
            total = total + share * x
        return metric_form(metric, trace, total)
    forms = [metric_form(metric, trace, x) for x in points]
    if at == "mean":
        mean = Form()
        for form in forms:
            mean = mean + share * form
        return mean
    trace.value_names.append(BEST)
    best = Form({}, {len(trace.value_names) - 1: trace.one})
    for t, form in enumerate(forms):
        trace.add(Origin("metric", (str(t),)), best - form)
    return best
