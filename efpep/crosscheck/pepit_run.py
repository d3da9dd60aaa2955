"""A method's run on PEPit's points, with every agent written out.

PEPit (Goujaud et al., https://github.com/PerformanceEstimation/PEPit) knows nothing of efpep's blocks, groups or reductions. Here
the methods' own ``step`` talks to it: gradients come from PEPit's function objects, one an agent, compressed messages are
free points under the compressor's inequality. PEPit is imported when a run is made and not before.
"""

from __future__ import annotations

import contextlib
import importlib
import io
import math
import warnings
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from efpep.compressors import Compressor
from efpep.errors import InputError, UnavailableError
from efpep.model.column import Unit
from efpep.model.compressor_class import Loss
from efpep.model.function_class import Convexity
from efpep.model.participation import Everybody
from efpep.model.translation import require_difference, require_point
from efpep.model.vector import UnknownTruth

if TYPE_CHECKING:
    from efpep.model.field import Scalar
    from efpep.model.population import Population

_TOLERANCES = {"tol_gap_abs": 1e-10, "tol_gap_rel": 1e-10, "tol_feas": 1e-10}
"""What Clarabel is asked for; its own default, 1e-8, leaves values thirty times less accurate."""

_NO_CONSTRAINT = "the method evaluates constraints, which have no counterpart in the PEPit model; cross-check another method."


class Points(UnknownTruth):
    """A server vector (one PEPit point) or a client vector (one point an agent), with ``+``, ``-`` and scalars.

    Sums of a server and a client vector broadcast the server vector to all agents. The model puts the minimiser at PEPit's
    origin, so that a vector carries how often it contains the minimiser (:mod:`efpep.model.translation`).
    """

    __slots__ = ("anchor", "points", "server")

    def __init__(self, points: Sequence[Any], *, server: bool, anchor: float = 0.0) -> None:
        """Take the points; a server vector has exactly one."""
        self.points = tuple(points)
        self.server = server
        self.anchor = anchor

    def __iter__(self) -> Iterator[Any]:
        """Iterate over the points."""
        return iter(self.points)

    def _paired(self, other: Points) -> Iterator[tuple[Any, Any]]:
        if self.server == other.server:
            return iter(list(zip(self.points, other.points, strict=True)))
        return iter([(self.points[0], b) for b in other] if self.server else [(a, other.points[0]) for a in self])

    def __add__(self, other: Points) -> Points:
        """Return the sum."""
        joined = [a + b for a, b in self._paired(other)]
        return Points(joined, server=self.server and other.server, anchor=self.anchor + other.anchor)

    def __sub__(self, other: Points) -> Points:
        """Return the difference."""
        return self + (-other)

    def __neg__(self) -> Points:
        """Return the negative."""
        return Points([-a for a in self], server=self.server, anchor=-self.anchor)

    def __mul__(self, factor: Scalar) -> Points:
        """Return the multiple by a scalar."""
        return Points([float(factor) * a for a in self], server=self.server, anchor=float(factor) * self.anchor)

    def __rmul__(self, factor: Scalar) -> Points:
        """Return the multiple by a scalar."""
        return self * factor

    def __truediv__(self, divisor: Scalar) -> Points:
        """Return the vector divided by a scalar."""
        return self * (1.0 / float(divisor))


class PepitRun:
    """The :class:`~efpep.methods.base.Run` protocol on a PEPit model with explicit agents.

    The minimiser is placed at the origin and every ``f_i`` shifted by a constant so that ``f_i(x*) = 0``; neither is a
    restriction.

    An interior-point solver needs a Gram matrix whose entries have comparable size, so gradients and values are ``unit`` times
    PEPit's basis, and a compressed message is its input's size times PEPit's basis.

    Attributes:
        pep: the PEPit model.
        unit: the size of gradients and values against points: the agents' average L, to a power of two.
        counts: how many agents each group has, in the agents' order.
        gradient_at_minimiser: ``grad f_i(x*)``: all zero with a common minimiser, else free with mean zero.
    """

    def __init__(
        self,
        populations: Sequence[Population],
        counts: Sequence[int],
        *,
        common_minimiser: bool,
        server_compressor: Compressor | None = None,
        diameter: float | None = None,
    ) -> None:
        """Declare the agents' functions, and the closed convex set of at most this diameter where there is one.

        Raises:
            InputError: a class of functions or compressors that PEPit is not asked about here, or ``mu = L``.
        """
        self._pepit: Any = importlib.import_module("PEPit")
        self._classes: Any = importlib.import_module("PEPit.functions")
        self.pep: Any = self._pepit.PEP()
        self.counts = tuple(counts)
        self._server_compressor = server_compressor
        self._agents = [group for group, count in zip(populations, counts, strict=True) for _ in range(count)]
        self._functions = [self._function(group) for group in self._agents]
        smoothness = sum(group.functions.gradient_size(1.0) for group in self._agents) / len(self._agents)
        self.unit = 2.0 ** round(math.log2(smoothness))
        origin = self._pepit.Point(is_leaf=False, decomposition_dict={})
        zero = self._pepit.Expression(is_leaf=False, decomposition_dict={})
        self._feasible: Any = None
        self._inside: set[frozenset[Any]] = set()
        if diameter is None:
            free = 0 if common_minimiser else len(self._agents) - 1
            rest = [self.unit * self._pepit.Point() for _ in range(free)]
            last = origin
            for point in rest:
                last = last - point
            rest += [last] if rest else [origin] * len(self._agents)
        else:
            rest = [self.unit * self._pepit.Point() for _ in self._agents]
            self._feasible = self.pep.declare_function(self._classes.ConvexIndicatorFunction, D=diameter)
            self._include(origin, -self.mean(Points(rest, server=False)).points[0])
        self.gradient_at_minimiser = Points(rest, server=False)
        self._answers: list[dict[frozenset[Any], tuple[Any, Any]]] = [{} for _ in self._agents]
        for i, gradient in enumerate(rest):
            self._add(i, origin, (gradient, zero))

    # --- vectors -----------------------------------------------------------------------------------------------------

    def server(self, size: float = 1.0) -> Points:
        """Return a free server vector of about the given size."""
        return Points([size * self._pepit.Point()], server=True)

    def point(self, size: float = 1.0) -> Points:
        """Return a free server point at about the given distance from the minimiser."""
        return Points([size * self._pepit.Point()], server=True, anchor=1.0)

    def client(self, unit: Unit) -> Points:
        """Return a free client vector."""
        size = 1.0 if unit is Unit.POINT else self.unit
        return Points([size * self._pepit.Point() for _ in self._agents], server=False)

    # --- what a method may do ----------------------------------------------------------------------------------------

    def local(self, x: Points) -> Points:
        """Give every agent its own copy of the server point ``x``."""
        require_point(x, "what clients have copies of")
        return Points(x.points * len(self._agents), server=False, anchor=x.anchor)

    def gradient(self, x: Points) -> Points:
        """Evaluate every agent's gradient at the server point ``x``, or at its own; the same point gives the same gradient."""
        require_point(x, "where gradients are evaluated")
        return Points([gradient for gradient, _ in self._oracle(x)], server=False)

    def compress(self, v: Points) -> Points:
        """Return new points ``c_i`` under ``||c_i - v_i||^2 <= (1 - delta) ||v_i||^2``."""
        require_difference(v, "what clients compress")
        pairs = zip(self._agents, v, strict=True)
        return Points([self._compressed(group.compressor, message) for group, message in pairs], server=False)

    def participate(self, p: Scalar | None = None, *, count: int | None = None, together: bool = False) -> Everybody:
        """Return all agents.

        Raises:
            InputError: these are drawn.
        """
        del together
        if count == len(self._agents) or (count is None and p == 1):
            return Everybody(self)
        raise InputError(
            "the method draws who takes part, which has no counterpart in the PEPit model; cross-check it with p = 1.",
            argument="method",
        )

    def exceeding(self, v: Points, u: Points, factor: Scalar) -> Everybody:
        """Refuse: decisions have no counterpart here."""
        del v, u, factor
        raise InputError(
            "clients decide whether they send, which has no counterpart in the PEPit model; cross-check another method.",
            argument="method",
        )

    def compress_at_server(self, v: Points) -> Points:
        """Return a new server point ``c`` under ``||c - v||^2 <= (1 - delta) ||v||^2``."""
        require_difference(v, "what the server compresses")
        return Points([self._compressed(self._server_compressor, v.points[0])], server=True)

    def constraint_value(self, x: Points) -> Any:
        """Refuse: constraints have no counterpart here."""
        del x
        raise InputError(_NO_CONSTRAINT, argument="method")

    def constraint_gradient(self, x: Points) -> Points:
        """Refuse: constraints have no counterpart here."""
        del x
        raise InputError(_NO_CONSTRAINT, argument="method")

    def at_most(self, value: Any, threshold: Scalar) -> bool:
        """Refuse: comparisons have no counterpart here."""
        del value, threshold
        raise InputError(
            "the method compares scalars, which has no counterpart in the PEPit model; cross-check another method.",
            argument="method",
        )

    def positive_part(self, value: Any) -> Any:
        """Refuse: scalars that are known only when a method runs have no counterpart here."""
        del value
        raise InputError(
            "the method takes max(0, .) of a scalar, which has no counterpart in PEPit; run it numerically.", argument="method"
        )

    def project(self, x: Points) -> Points:
        """Return a new feasible point ``y`` whose normal cone contains ``x - y``; ``x`` itself where it is known to be feasible.

        Raises:
            InputError: the model has no set.
        """
        if self._feasible is None:
            raise InputError(
                "the method projects, which has no counterpart in this PEPit model; cross-check another method.",
                argument="method",
            )
        require_point(x, "what is projected")
        if key_of(x.points[0]) in self._inside:
            return x
        point = self._pepit.Point()
        self._include(point, x.points[0] - point)
        return Points([point], server=True, anchor=1.0)

    def include(self, x: Points) -> None:
        """Let a server point be feasible."""
        self._include(x.points[0], 0.0 * x.points[0])

    def _include(self, point: Any, normal: Any) -> None:
        self._inside.add(key_of(point))
        self._feasible.add_point((point, normal, self._pepit.Expression()))

    def mean(self, v: Points) -> Points:
        """Average a client vector over all agents."""
        total = v.points[0]
        for point in v.points[1:]:
            total = total + point
        return Points([(1.0 / len(v.points)) * total], server=True, anchor=v.anchor)

    # --- what a cross-check asks besides -----------------------------------------------------------------------------

    def gaps(self, x: Points) -> list[Any]:
        """Return every agent's ``f_i(x) - f_i(x*) - <grad f_i(x*), x - x*>``."""
        pairs = zip(self._oracle(x), self.gradient_at_minimiser, strict=True)
        return [value - rest * x.points[0] for (_, value), rest in pairs]

    def solve(self, initial: Any, objective: Any) -> float:
        """Return PEPit's worst case of ``objective`` under ``initial <= 1``; infinity where it is unbounded.

        Raises:
            UnavailableError: PEPit's solver found no value.
        """
        self.pep.set_initial_condition(initial <= 1.0)
        self.pep.set_performance_metric(objective)
        cvxpy: Any = importlib.import_module("cvxpy")
        with warnings.catch_warnings(), contextlib.redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            try:
                value = self.pep.solve(wrapper="cvxpy", verbose=0, solver="CLARABEL", **_TOLERANCES)
            except cvxpy.SolverError:
                value = None
        if value is None:
            if "unbounded" in str(self.pep.wrapper.prob.status):
                return math.inf
            raise UnavailableError("PEPit's solver found no value for this question; cross-check a setting with a smaller L/mu.")
        return float(value)

    # --- internals ---------------------------------------------------------------------------------------------------

    def _function(self, group: Population) -> Any:
        functions = group.functions
        if functions.convexity is not Convexity.STRONG:
            raise InputError(
                f"the function class {functions.identifier()} has no counterpart in the PEPit model; "
                "cross-check with SmoothStronglyConvex(mu, L).",
                argument="functions",
            )
        mu, smoothness = functions.curvature, functions.smoothness
        if mu == smoothness:
            raise InputError("mu equals L, and PEPit's class divides by 1 - mu/L; cross-check with mu < L.", argument="mu")
        return self.pep.declare_function(self._classes.SmoothStronglyConvexFunction, mu=float(mu), L=float(smoothness))

    def _oracle(self, x: Points) -> list[tuple[Any, Any]]:
        points = x.points * len(self._agents) if x.server else x.points
        for i, point in enumerate(points):
            if key_of(point) not in self._answers[i]:
                self._add(i, point, (self.unit * self._pepit.Point(), self.unit * self._pepit.Expression()))
        return [known[key_of(point)] for known, point in zip(self._answers, points, strict=True)]

    def _add(self, agent: int, point: Any, answer: tuple[Any, Any]) -> None:
        self._answers[agent][key_of(point)] = answer
        self._functions[agent].add_point((point, *answer))

    def _compressed(self, compressor: Compressor | None, message: Any) -> Any:
        if compressor is None:
            raise InputError(
                "the method compresses, but the setting has no compressor; give one such as Contractive(delta='1/2').",
                argument="compressor",
            )
        if compressor.loss is not Loss.ANY:
            raise InputError(
                f"the compressor class {compressor.identifier()} has no counterpart in the PEPit model; "
                "cross-check with Contractive(delta).",
                argument="compressor",
            )
        if compressor.lossless:
            return message
        delta: Any = compressor.contraction
        size = max((abs(a) for _, a in key_of(message)), default=0.0)
        if size == 0:
            return message
        unit = 2.0 ** round(math.log2(size))
        compressed = unit * self._pepit.Point()
        loss, whole = ((1 / unit) * (compressed - message)) ** 2, ((1 / unit) * message) ** 2
        self.pep.add_constraint(loss <= float(1 - delta) * whole)
        return compressed


def key_of(point: Any) -> frozenset[Any]:
    """Return a PEPit point's nonzero coefficients, by which it is recognised."""
    return frozenset((leaf, a) for leaf, a in point.decomposition_dict.items() if a != 0)
