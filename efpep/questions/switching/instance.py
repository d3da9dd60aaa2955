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

from efpep.errors import CertificateError
from efpep.model.linear import ZERO, Linear
from efpep.model.participation import Everybody
from efpep.model.vector import Part, Vector

if TYPE_CHECKING:
    from efpep.methods.base import Method
    from efpep.model.field import Scalar
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
        groups = setting.populations()
        bound, compressor = groups[0].functions.free_subgradients, groups[0].compressor
        free = None if compressor is None else compressor.free_losses
        if len(groups) != 1 or bound is None or free is None:
            raise CertificateError("the instance is of another class than the setting.")
        if self.loss < 0 or self.loss**2 > Fraction(free):
            raise CertificateError("the compressor of the instance does not contract as the setting says.")
        if metric not in {"average", "gap"}:
            raise CertificateError("the run does not give the metric.")
        run = _ExactRun(self, iterations, Fraction(bound))
        start = self.scale * sum(run.directions, ZERO)
        if _inner(start, start) > radius**2:
            raise CertificateError("the instance starts too far from its minimiser.")
        points: list[Linear] = []
        state: Any = method.start(cast("Any", Vector((Part(start),), server=True, anchor=1)), cast("Any", run))
        for t in range(iterations):
            run.round = t
            points.append(state.x.mean)
            state = method.step(state, cast("Any", run))
        if not all(run.decisions):
            raise CertificateError("the run leaves the pattern.")
        if metric == "average":
            return sum((run.value(x) for x in points), Fraction(0)) / iterations
        return run.value(Fraction(1, iterations) * sum(points, ZERO))

    def describe(self) -> dict[str, str]:
        """Return the rationals as text."""
        return {"slope": str(self.slope), "scale": str(self.scale), "loss": str(self.loss)}


class _ExactRun:
    """What stands behind a method's step on the instance: vectors are rational, and all clients hold the same.

    Attributes:
        directions: the h_t.
        round: the number t of the round.
        decisions: how the method's comparisons turned out.
    """

    def __init__(self, instance: PatternInstance, rounds: int, M: Fraction) -> None:
        k = instance.slope
        a, b = 2 * k / (1 + k * k), (1 - k * k) / (1 + k * k)
        self.directions = [Linear({j: x for j, x in ((0, a), (t + 1, b)) if x}) for t in range(rounds)]
        self.round = 0
        self.decisions: list[bool] = []
        self._M, self._loss = M, instance.loss
        self._received: dict[Linear, Linear] = {}

    def value(self, x: Linear) -> Fraction:
        """Return ``f(x)``."""
        return max(Fraction(0), self._M * max(_inner(h, x) for h in self.directions))

    def local(self, x: Vector) -> Vector:
        """Return what every client holds."""
        return Vector(x.parts, server=False, anchor=x.anchor)

    def participate(self, p: Scalar | None = None, *, count: int | None = None, together: bool = False) -> Everybody:
        """Return all clients."""
        del together
        if count is not None or p != 1:
            raise CertificateError("the method draws who takes part, and the instance draws nothing.")
        return Everybody(cast("Any", self))

    def gradient(self, x: Vector) -> Vector:
        """Return the subgradient along the first active direction, nothing where f vanishes."""
        products = [_inner(h, x.mean) for h in self.directions]
        best = max(range(len(products)), key=products.__getitem__)
        return _everywhere(self._M * self.directions[best] if products[best] >= 0 else ZERO)

    def compress(self, v: Vector) -> Vector:
        """Return the message less what is lost of it, along the direction that is active next."""
        here, after = self.directions[self.round], self.directions[min(self.round + 1, len(self.directions) - 1)]
        sent = v.part(0).mean
        received = sent - (self._loss * _inner(sent, here)) * after
        if self._received.setdefault(sent, received) != received:
            raise CertificateError("the run sends one message twice, and its compressor would answer differently.")
        return _everywhere(received)

    def compress_at_server(self, v: Vector) -> Vector:
        """Return the vector: the server's messages are not compressed."""
        return v

    def mean(self, v: Vector) -> Vector:
        """Return what every client holds."""
        return Vector((Part(v.part(0).mean),), server=True, anchor=v.anchor)

    def constraint_value(self, x: Vector) -> Fraction:
        """Return 0."""
        del x
        return Fraction(0)

    def constraint_gradient(self, x: Vector) -> Vector:
        """Return nothing."""
        del x
        return _everywhere(ZERO)

    def at_most(self, value: Fraction, threshold: Fraction) -> bool:
        """Compare, and remember how it turned out."""
        self.decisions.append(value <= threshold)
        return self.decisions[-1]

    def positive_part(self, value: Fraction) -> Fraction:
        """Return ``max(0, value)``."""
        return max(Fraction(0), value)

    def project(self, x: Vector) -> Vector:
        """Return the point: the instance has no set."""
        return x


def _everywhere(form: Linear) -> Vector:
    return Vector((Part(form),), server=False)


def _inner(u: Linear, v: Linear) -> Fraction:
    terms: Sequence[Fraction] = [a * v.terms[j] for j, a in u.terms.items() if j in v.terms]
    return sum(terms, Fraction(0))
