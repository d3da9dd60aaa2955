"""A run in exact arithmetic on which averaged values are as large as they can be, for patterns without a violation.

With unit vectors ``h_t = a u_0 + b u_{t+1}``, ``a = 2k/(1+k^2)``, ``b = (1-k^2)/(1+k^2)``, in T+1 dimensions, all clients have

    f(x) = max(0, M max_t <h_t, x>),   g = 0,   x* = 0,   x^0 = scale sum_t h_t,

and a compressor that loses ``loss <v, h_t>`` along ``h_{t+1}`` in round t, which contracts where ``loss^2 <= 1 - delta``. The
server's messages are not compressed. The method's own ``step`` runs on it, in rationals. With ``scale = gamma M`` and
``scale^2 |sum_t h_t|^2 = R^2`` the virtual iterates are ``gamma M sum_{i>=t} h_i`` and the errors ``r_t M h_t``, so that h_t is
active in round t, and the values sum to the bound of the pathwise lemma (docs/safe_ef.md).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Any, cast

from efpep.compressors import Contractive
from efpep.errors import CertificateError
from efpep.functions import BoundedSubgradients

if TYPE_CHECKING:
    from efpep.methods.base import Method
    from efpep.setting import Setting


@dataclass(frozen=True, slots=True)
class PatternInstance:
    """The rationals that the instance is made of.

    Attributes:
        slope: k.
        scale: the starting point's multiple of the sum of all h_t.
        loss: the part of a message that is lost, at most ``sqrt(1 - delta)``.
    """

    slope: Fraction
    scale: Fraction
    loss: Fraction

    def value(self, method: Method, setting: Setting, iterations: int, metric: str, radius: Fraction) -> Fraction:
        """Return what the run attains, exactly.

        Raises:
            CertificateError: the instance is outside the setting, or its run leaves the pattern.
        """
        import numpy as np

        from efpep.simulate.run import NumericRun

        functions, compressor = setting.functions, setting.compressor
        if not isinstance(functions, BoundedSubgradients) or type(compressor) is not Contractive:
            raise CertificateError("the instance is of another class than the setting.")
        if self.loss < 0 or self.loss**2 > 1 - Fraction(compressor.delta):
            raise CertificateError("the compressor of the instance does not contract as the setting says.")
        problem = _Problem(self, iterations, Fraction(functions.M))
        start: Any = self.scale * problem.h.sum(axis=0)
        if start @ start > radius**2:
            raise CertificateError("the instance starts too far from its minimiser.")
        run = NumericRun(cast("Any", problem), cast("Any", problem.compress), cast("Any", lambda v: v))  # pyright: ignore[reportUnknownLambdaType, reportUnknownArgumentType]
        points: list[Any] = []
        state: Any = method.start(start, cast("Any", run))
        for t in range(iterations):
            problem.round = t
            points.append(state.x)
            state = method.step(state, cast("Any", run))
        if not all(run.decisions):
            raise CertificateError("the run leaves the pattern.")
        values = (
            [problem.f(x) for x in points] if metric == "average" else [problem.f(np.sum(points, axis=0) / Fraction(iterations))]
        )
        found = sum(values, Fraction(0)) / len(values)
        if metric not in {"average", "gap"} or not isinstance(found, Fraction):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise CertificateError("the run does not give the metric exactly.")
        return found

    def describe(self) -> dict[str, str]:
        """Return the rationals as text."""
        return {"slope": str(self.slope), "scale": str(self.scale), "loss": str(self.loss)}


class _Problem:
    """The clients' common function, on NumPy arrays of rationals."""

    def __init__(self, instance: PatternInstance, rounds: int, M: Fraction) -> None:
        import numpy as np

        k = instance.slope
        self.h: Any = np.full((rounds, rounds + 1), Fraction(0), dtype=object)
        for t in range(rounds):
            self.h[t, 0], self.h[t, t + 1] = 2 * k / (1 + k * k), (1 - k * k) / (1 + k * k)
        self.M, self.loss, self.round = M, instance.loss, 0

    def f(self, x: Any) -> Fraction:
        return max(Fraction(0), self.M * max(self.h @ x))

    def gradients(self, x: Any) -> Any:
        products: Sequence[Fraction] = list(self.h @ x)
        best = max(range(len(products)), key=products.__getitem__)
        return self.M * self.h[best : best + 1] if products[best] >= 0 else 0 * self.h[:1]

    def constraint_values(self, x: Any) -> Any:
        import numpy as np

        del x
        return np.zeros(1)

    def constraint_gradients(self, x: Any) -> Any:
        del x
        return 0 * self.h[:1]

    def compress(self, v: Any) -> Any:
        here, after = self.h[self.round], self.h[min(self.round + 1, len(self.h) - 1)]
        return v - (self.loss * (v[0] @ here)) * after
