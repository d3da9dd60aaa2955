"""Bounds of the literature after T steps, for comparison with computed worst cases."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import TYPE_CHECKING, Protocol

from efpep.model.compressor_class import Loss
from efpep.model.field import Scalar
from efpep.model.function_class import Convexity
from efpep.theory.closed_form import ClosedForm, Standing, square_root

if TYPE_CHECKING:
    from efpep.model.population import Population
    from efpep.setting import Setting


class Stepped(Protocol):
    """A method with its step size."""

    @property
    def step_size(self) -> Scalar:
        """The step size, a number."""
        ...


class HorizonQuestion(Protocol):
    """How large a metric can be after some steps of a method, as far as these bounds ask."""

    @property
    def method(self) -> Stepped:
        """The method."""
        ...

    @property
    def setting(self) -> Setting:
        """The setting."""
        ...

    @property
    def iterations(self) -> int:
        """The number T of steps."""
        ...

    @property
    def metric(self) -> object:
        """The name of the metric; bounds are known of named ones only."""
        ...

    @property
    def at(self) -> str:
        """Where it is taken: ``"last"``, ``"best"``, ``"average"`` or ``"mean"``."""
        ...

    @property
    def initial(self) -> Mapping[str, Scalar]:
        """What is bounded at the start, by name."""
        ...


def gradient_descent(asked: HorizonQuestion) -> ClosedForm | None:
    """Return the bound of gradient descent (smooth convex, last gap) or of the subgradient method (best gap), if either applies.

    ``L R^2/(4 T L eta + 2)`` for ``eta <= 1/L``: Drori, Teboulle, Math. Program. 145, 2014 (1206.3209), Theorem 3.1, tight.
    ``(R^2/(eta (T+1)) + eta M^2)/2``, which is ``R M/sqrt(T+1)`` at ``eta = R/(M sqrt(T+1))``: Nesterov, Introductory Lectures on
    Convex Optimization, 2004, Section 3.2.3.
    """
    groups = asked.setting.populations()
    functions, step, steps = groups[0].functions, asked.method.step_size, asked.iterations
    distance = asked.initial.get("distance")
    if len(groups) > 1 or asked.metric != "gap" or distance is None or set(asked.initial) != {"distance"} or step == 0:
        return None
    if functions.convexity is Convexity.PLAIN and asked.at == "last" and step * functions.smoothness <= 1:
        value = functions.smoothness * distance / (4 * steps * functions.smoothness * step + 2)
        return ClosedForm(value, "L R^2/(4 T L eta + 2)", "1206.3209, Theorem 3.1")
    bound = functions.subgradient_bound
    if bound is not None and asked.at == "best":
        value = (distance / (step * (steps + 1)) + step * bound**2) / 2
        return ClosedForm(value, "(R^2/(eta (T + 1)) + eta M^2)/2", "Nesterov 2004, Section 3.2.3")
    return None


def ef21(asked: HorizonQuestion) -> ClosedForm | None:
    """Return the bound of EF21 on smooth nonconvex functions for the mean squared gradient over x_0, ..., x_T, if it applies.

    With ``theta = 1 - s``, ``beta = epsilon/(1 - s)``, ``s = sqrt(epsilon)`` and ``eta <= 1/(L + L sqrt(beta/theta))``,

        mean_t ||grad f(x_t)||^2 <= 2 (f(x_0) - f*)/(eta (T+1)) + G_0/(theta (T+1)),   G_0 = mean_i ||d_i^0 - grad f_i(x_0)||^2

    (2106.05203, Theorem 1). The gap and ``G_0`` (feature ``g-d``) have to be bounded initially.
    """
    groups = asked.setting.populations()
    group, step, count = groups[0], asked.method.step_size, asked.iterations + 1
    delta = _contraction(group)
    if len(groups) > 1 or group.functions.convexity is not Convexity.WEAK or delta is None:
        return None
    if (asked.metric, asked.at) != ("gradient", "mean") or set(asked.initial) != {"gap", "g-d"} or step == 0:
        return None
    s = square_root(1 - delta)
    theta = 1 - s
    if step * group.functions.smoothness * (1 + s / theta) > 1:
        return None
    value = 2 * asked.initial["gap"] / (step * count) + asked.initial["g-d"] / (theta * count)
    formula = "2 gap/(eta (T + 1)) + G_0/((1 - s) (T + 1)), s = sqrt(1 - delta)"
    return ClosedForm(Fraction(value), formula, "2106.05203, Theorem 1")


def projected_ef21(asked: HorizonQuestion) -> ClosedForm | None:
    """Return the bound of Projected EF21 on smooth convex functions over a set of diameter D for the last gap, if it applies.

    With ``theta = 1 - s``, ``beta = epsilon/(1 - s)``, ``s = sqrt(epsilon)`` and ``eta <= 1/(L (1 + sqrt(2 beta/theta)))``,

        f(x_T) - f* <= max{4 Lam_0/theta, 2 D^2/eta}/(T + 4/theta),
        Lam_0 = f(x_0) - f* + (eta/theta) mean_i ||d_i^0 - grad f_i(x_0)||^2

    (docs/safe_ef.md, section 10, which removes the logarithm of 2505.06053). The squared diameter, the gap and the error of the
    memory (feature ``g-d``) have to be bounded.
    """
    groups = asked.setting.populations()
    group, step = groups[0], asked.method.step_size
    delta = _contraction(group)
    if len(groups) > 1 or group.functions.convexity is not Convexity.PLAIN or delta is None:
        return None
    if (asked.metric, asked.at) != ("gap", "last") or set(asked.initial) != {"diameter", "gap", "g-d"} or step == 0:
        return None
    s = square_root(1 - delta)
    theta = 1 - s
    if step * group.functions.smoothness * (1 + square_root(2) * s / theta) > 1:
        return None
    first = asked.initial["gap"] + step / theta * asked.initial["g-d"]
    value = max(4 * first / theta, 2 * asked.initial["diameter"] / step) / (asked.iterations + 4 / theta)
    formula = "max(4 Lam_0/(1 - s), 2 D^2/eta)/(T + 4/(1 - s)), Lam_0 = gap + eta/(1 - s) G_0, s = sqrt(1 - delta)"
    return ClosedForm(Fraction(value), formula, "2505.06053, without its logarithm", Standing.DERIVED)


def _contraction(group: Population) -> Fraction | None:
    """Return the ``delta`` of contractive compressors, else None."""
    compressor = group.compressor
    return None if compressor is None or compressor.loss is not Loss.ANY else compressor.contraction
