"""Constraints in a Trace: values and subgradients of the ``g_i``, comparisons by a pattern, and projections.

With ``x*`` feasible, ``mean_i g_i(x*) <= 0`` and convexity give ``mean_i g_i(x) <= mean_i <g_i'(x), x - x*>``. So the value of a
group at ``x`` is written as ``mean_i <g_i'(x), x - x*> - slack`` with a nonnegative column ``slack``, which loses nothing for
one group; several groups have in addition their values at ``x*``, whose average is at most zero. The inequalities between
evaluated points are those of convex functions, ``g_i(b) + <g_i'(b), a - b> <= g_i(a)``, averaged over the agents of a group.

Projections ``y = P(x)`` onto an unknown closed convex set are described by ``<x - y, z - y> <= 0`` for every other feasible point
``z``. For finitely many points these are necessary, and sufficient: the convex hull of the feasible points is such a set.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from efpep.errors import InputError
from efpep.model.form import Form, inner
from efpep.model.linear import Linear
from efpep.model.row import MINIMISER, Origin
from efpep.model.translation import require_point
from efpep.model.vector import Part, Vector

if TYPE_CHECKING:
    from efpep.model.field import Scalar
    from efpep.model.trace import Trace


@dataclass(frozen=True, slots=True)
class Level:
    """What one group's constraint functions return at one point: the point, subgradients, and the mean of the values."""

    label: str
    x: Part
    gradient: Part
    value: Form


@dataclass(frozen=True, slots=True)
class Feasible:
    """A feasible point and a vector of the normal cone there (zero where none is known)."""

    label: str
    point: Vector
    normal: Vector


class Constraints:
    """The constraints of one Trace.

    Attributes:
        pattern: the outcomes of the comparisons that the method will make.
        made: how many comparisons have been made.
    """

    def __init__(self, trace: Trace, pattern: tuple[bool, ...]) -> None:
        """Start without any evaluated point."""
        self._trace = trace
        self.pattern = pattern
        self.made = 0
        self._levels: dict[Linear, tuple[Level, ...]] = {}
        self._history: list[list[Level]] = [[] for _ in trace.groups]
        self._feasible: list[Feasible] = []
        self._at_minimiser: list[Form] = []

    def levels(self, x: Vector) -> tuple[Level, ...]:
        """Return each group's constraint functions at the server point ``x``; the same point gives the same columns.

        Raises:
            InputError: ``x`` is a client vector, or the setting has no constraint.
        """
        if not x.server:
            raise InputError("constraints are evaluated at a server point; average the client vector first with run.mean.")
        require_point(x, "where constraints are evaluated")
        if x.mean not in self._levels:
            self._levels[x.mean] = tuple(self._level(a, x.part(0)) for a in range(len(self._trace.groups)))
        return self._levels[x.mean]

    def _level(self, group: int, x: Part) -> Level:
        trace, history = self._trace, self._history[group]
        if trace.constraint is None:
            raise InputError(
                "the method evaluates constraints, but the setting has no constraint; "
                "give one such as constraint=BoundedSubgradients(M=1), or ask about all switching patterns (efpep patterns, "
                "switching_worst_case).",
                argument="constraint",
            )
        label = str(len(history))
        gradient = trace.constraint.constraint_subgradient(trace, group, label)
        above = inner(gradient, x, group) - trace.value_column(group, f"slack{label}")
        new = Level(label, x, gradient, self._optimal()[group] + above)
        for old in history:
            for a, b in ((old, new), (new, old)):
                cut = b.value - a.value + inner(b.gradient, a.x - b.x, group)
                trace.add(Origin("constraint", (a.label, b.label), group), cut)
        history.append(new)
        return new

    def _optimal(self) -> list[Form]:
        """Return each group's ``mean_i g_i(x*)``: nothing for one group, whose slack contains it."""
        trace = self._trace
        if not self._at_minimiser:
            self._at_minimiser = [Form() for _ in trace.groups]
            if len(trace.groups) > 1:
                groups = range(len(trace.groups))
                self._at_minimiser = [trace.value_column(a, "g*+") - trace.value_column(a, "g*-") for a in groups]
                trace.add(Origin("constraint", (MINIMISER,)), trace.average(self._at_minimiser))
        return self._at_minimiser

    def at_most(self, value: Form, threshold: Scalar) -> bool:
        """Decide a comparison by the pattern and record it: ``value <= threshold``, or ``threshold <= value`` where it fails.

        Raises:
            InputError: the pattern has no outcome left.
        """
        if self.made == len(self.pattern):
            raise InputError(
                f"the method compares a scalar for the {self.made + 1}th time, but the pattern has {len(self.pattern)} outcomes; "
                "give one outcome (True or False) for each comparison.",
                argument="pattern",
            )
        outcome = self.pattern[self.made]
        self.made += 1
        excess = value - self._trace.constant(threshold)
        self._trace.add(Origin("comparison", (str(self.made),)), excess if outcome else -1 * excess)
        return outcome

    def project(self, x: Vector) -> Vector:
        """Return a new feasible point ``y`` whose normal cone contains ``x - y``.

        Raises:
            InputError: ``x`` is a client vector.
        """
        if not x.server:
            raise InputError("a server point is projected; average the client vector first with run.mean.")
        require_point(x, "what is projected")
        point = self._trace.point(f"y{len(self._feasible)}")
        self.include(point, x - point)
        return point

    def include(self, point: Vector, normal: Vector) -> None:
        """Record that ``point`` is feasible and ``normal`` in the normal cone there, against all feasible points so far."""
        new = Feasible(str(len(self._feasible)), point, normal)
        for old in self._feasible:
            for a, b in ((old, new), (new, old)):
                cone = self._trace.inner(b.normal, a.point - b.point)
                self._trace.add(Origin("normal", (a.label, b.label)), cone)
        self._feasible.append(new)

    @property
    def feasible(self) -> tuple[Feasible, ...]:
        """The feasible points so far with their normal vectors, the minimiser first."""
        return tuple(self._feasible)

    @property
    def feasible_points(self) -> tuple[Vector, ...]:
        """The feasible points so far, the minimiser among them; their convex hull may be the set."""
        return tuple(feasible.point for feasible in self._feasible)

    def bound_diameter(self, square: Scalar) -> None:
        """Record that any two of the feasible points so far are at most so far apart, in squares."""
        for b, new in enumerate(self._feasible):
            for old in self._feasible[:b]:
                apart = self._trace.square(new.point - old.point) - self._trace.constant(square)
                self._trace.add(Origin("diameter", (old.label, new.label)), apart)
