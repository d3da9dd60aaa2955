"""The recording Trace: what a distributed method may do, written down as inequalities.

A :class:`Trace` stands behind a method's ``step`` in every analysis. Vectors are linear forms over columns that it creates;
``gradient`` and ``compress`` add columns and record the interpolation and compression inequalities of the agents' classes.
Positions are measured from the minimiser ``x*``, gradients from the agents' own ``grad f_i(x*)``.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from efpep.errors import InputError
from efpep.model.column import Column, Unit
from efpep.model.constraint import Constraints, Feasible
from efpep.model.decisions import Senders
from efpep.model.draws import Draws
from efpep.model.field import RATIONALS, Field, Scalar
from efpep.model.form import Form, inner, square
from efpep.model.linear import ZERO, Linear, column
from efpep.model.messages import Messages
from efpep.model.participation import Participants, Selection
from efpep.model.row import MINIMISER, Origin, Row
from efpep.model.sample import Message, Sample
from efpep.model.translation import require_point
from efpep.model.vector import NOTHING, Part, Vector

if TYPE_CHECKING:
    from efpep.model.compressor_class import Compressor
    from efpep.model.function_class import FunctionClass
    from efpep.model.gradient_noise import GradientNoise
    from efpep.model.population import Population


class Trace:
    """Records one or more iterations of a method for groups of exchangeable agents, over a number field.

    Attributes:
        blocks: the columns of each block; block 0 is the mean block, block ``a + 1`` the deviations of group ``a``.
        value_names: the names of the function-value columns; all of these values are nonnegative.
        rows: the recorded inequalities and equalities, in order.
        projects: whether the minimiser is that over a set which the method projects onto.
        constraint: the class of the agents' constraint functions, or None.
        selections: the draws of those who take part.
        decisions: how often clients decided by their own vectors whether they send.
        unity: the number of the value column that stands for the constant 1, or None where no row has a constant.
        draws: what agents draw where gradients are noisy, or None where they are exact.
    """

    def __init__(
        self,
        groups: Sequence[Population],
        *,
        field: Field = RATIONALS,
        common_minimiser: bool = False,
        server_compressor: Compressor | None = None,
        constraint: FunctionClass | None = None,
        pattern: Sequence[bool] = (),
        projects: bool = False,
        noise: GradientNoise | None = None,
        mean_functions: FunctionClass | None = None,
    ) -> None:
        """Start an empty recording for ``groups``.

        With ``common_minimiser`` all ``grad f_i(x*)`` vanish. ``constraint`` is the class of the agents' constraint functions,
        ``pattern`` says how the method's comparisons of scalars turn out. With ``projects`` the minimiser is that over a closed
        convex set, so that ``-mean_i grad f_i(x*)`` lies in the normal cone there; with a ``constraint`` it is that over the
        points with ``mean_i g_i <= 0``, and nothing is recorded about ``mean_i grad f_i(x*)``. With ``noise`` the method's
        gradients are stochastic (:mod:`efpep.model.draws`), and all that is recorded holds in expectation. ``mean_functions`` is
        the class of the agents' average f, where it has one of its own; where such functions may have several minimisers, nothing
        is recorded about the agents' gradients at ``x*``, and gradients are measured from zero.
        """
        self.groups = tuple(groups)
        self.server_compressor = server_compressor
        self.constraint = constraint
        self.mean_functions = mean_functions
        self.unity: int | None = None
        self.field = field
        self.one = field(1)
        self.shares = tuple(field(group.share) for group in self.groups)
        self.blocks: list[list[Column]] = [[] for _ in range(len(self.groups) + 1)]
        self.value_names: list[str] = []
        self.rows: list[Row] = []
        self._samples: dict[tuple[int, Part], Sample] = {}
        self._messages = Messages(self)
        self.selections: list[Selection] = []
        self.decisions = 0
        self.draws = None if noise is None else Draws(self, noise)
        self.independent: dict[str, list[tuple[int, Part]]] = {}
        minimiser = Sample(MINIMISER, NOTHING, NOTHING, NOTHING, Form(), Form())
        self._history: list[list[Sample]] = [[minimiser] for _ in self.groups]
        self._mean_history: list[Sample] = [minimiser]
        self._common_points: set[Linear] = set()
        self.projects = projects
        self._constraints = Constraints(self, tuple(pattern))
        self._restricted = projects or constraint is not None
        if self._restricted:
            self.gradient_at_minimiser = self.client("g*", Unit.GRADIENT)
        else:
            self.gradient_at_minimiser = self._heterogeneity(common_minimiser)
        if projects:
            self._constraints.include(Vector((NOTHING,), server=True, anchor=1), -self.mean(self.gradient_at_minimiser))

    @property
    def alone(self) -> bool:
        """Whether there is one agent."""
        return len(self.groups) == 1 and self.groups[0].single

    @property
    def messages(self) -> list[Message]:
        """The uses of compressors, in order; what is compressed is not identically zero."""
        return self._messages.made

    # --- vectors -----------------------------------------------------------------------------------------------------

    def server(self, name: str, unit: Unit) -> Vector:
        """Add a free server vector: a gradient, or a difference of points."""
        return Vector((self.server_part(name, unit),), server=True)

    def point(self, name: str) -> Vector:
        """Add a free server point."""
        return Vector((self.server_part(name, Unit.POINT),), server=True, anchor=1)

    def server_part(self, name: str, unit: Unit | None, like: Part = NOTHING) -> Part:
        """Add a free vector at the server; ``like`` names a vector of the same size where there is no unit."""
        return Part(self._column(0, Column(name, unit, like.mean)))

    def client_part(self, group: int, name: str, unit: Unit | None, like: Part = NOTHING) -> Part:
        """Add free vectors of the agents of one group; ``like`` names vectors of the same size where there is no unit."""
        label = name if len(self.groups) == 1 else f"{name}[{group + 1}]"
        mean = self._column(0, Column(label, unit, like.mean))
        if self.groups[group].single:
            return Part(mean)
        return Part(mean, self._column(group + 1, Column(label, unit, like.deviation)))

    def deviation_part(self, group: int, name: str, like: Part) -> Part:
        """Add free vectors of the agents of one group whose average is zero."""
        label = name if len(self.groups) == 1 else f"{name}[{group + 1}]"
        return Part(ZERO, self._column(group + 1, Column(label, None, like.deviation)))

    def client(self, name: str, unit: Unit) -> Vector:
        """Add a free client vector."""
        return Vector(tuple(self.client_part(a, name, unit) for a in range(len(self.groups))), server=False)

    def value_column(self, group: int, name: str) -> Form:
        """Add the column of a nonnegative function value of one group."""
        self.value_names.append(name if len(self.groups) == 1 else f"{name}[{group + 1}]")
        return Form({}, {len(self.value_names) - 1: self.one})

    def constant(self, value: Scalar) -> Form:
        """Return a constant: a multiple of the value column ``"1"``."""
        if self.unity is None:
            self.value_names.append("1")
            self.unity = len(self.value_names) - 1
        number = self.field(value)
        return Form({}, {self.unity: number} if number != 0 else {})

    def include(self, point: Vector) -> None:
        """Record that a server point lies in the set that the method projects onto."""
        self._constraints.include(point, Vector((NOTHING,), server=True))

    @property
    def feasible_points(self) -> tuple[Vector, ...]:
        """The points so far that lie in the set which the method projects onto; their convex hull may be the set."""
        return self._constraints.feasible_points

    @property
    def feasible(self) -> tuple[Feasible, ...]:
        """The points so far that lie in that set, the minimiser first, with what is known of the normal cones there."""
        return self._constraints.feasible

    def bound_diameter(self, square: Scalar) -> None:
        """Record that the set that the method projects onto has at most this squared diameter, at the points so far."""
        self._constraints.bound_diameter(square)

    def add(self, origin: Origin, form: Form, *, equality: bool = False) -> None:
        """Record the inequality ``form <= 0`` (or ``== 0``) that ``origin`` names, unless it is void."""
        if form.nonzero:
            self.rows.append(Row(origin.name(several=len(self.groups) > 1), form, equality, origin))

    # --- what a method may do ----------------------------------------------------------------------------------------

    def local(self, x: Vector) -> Vector:
        """Give every agent its own copy of the server point ``x``: a client vector of points."""
        if not x.server:
            raise InputError("clients have copies of server points, and this is a client vector; use it as it is.")
        require_point(x, "what clients have copies of")
        return Vector(tuple(x.part(a) for a in range(len(self.groups))), server=False, anchor=x.anchor)

    def gradient(self, x: Vector) -> Vector:
        """Evaluate every agent's gradient at the server point, or at its own point, ``x``; but for noise, a point has one."""
        exact = self.exact_gradient(x)
        return exact if self.draws is None else self.draws.noisy(x, exact)

    def compress(self, v: Vector) -> Vector:
        """Compress a client vector with each group's compressor; a deterministic one sends equal vectors to equal vectors."""
        return self._messages.compress(v)

    def compress_at_server(self, v: Vector) -> Vector:
        """Compress a server vector with the server's compressor; a deterministic one sends equal vectors to equal vectors."""
        return self._messages.compress_at_server(v)

    def constraint_value(self, x: Vector) -> Form:
        """Evaluate ``mean_i g_i(x)`` at the server point ``x``."""
        return self.average([level.value for level in self._constraints.levels(x)])

    def constraint_gradient(self, x: Vector) -> Vector:
        """Evaluate a subgradient of every agent's ``g_i`` at the server point ``x``."""
        return Vector(tuple(level.gradient for level in self._constraints.levels(x)), server=False)

    def at_most(self, value: Form, threshold: Scalar) -> bool:
        """Decide ``value <= threshold`` by the pattern, and record the inequality that holds then."""
        return self._constraints.at_most(value, threshold)

    @property
    def comparisons(self) -> int:
        """How many scalars have been compared."""
        return self._constraints.made

    def positive_part(self, value: Form) -> Form:
        """Refuse: the method would multiply vectors by a scalar that is known only when it runs.

        Raises:
            InputError: always.
        """
        del value
        raise InputError(
            "the method multiplies vectors by max(0, .) of a scalar that only a run knows, so its worst case is no semidefinite "
            "program; run it numerically."
        )

    def project(self, x: Vector) -> Vector:
        """Project a server point onto the feasible set."""
        return self._constraints.project(x)

    def participate(self, p: Scalar | None = None, *, count: int | None = None, together: bool = False) -> Participants:
        """Draw who takes part; see :class:`~efpep.model.participation.Selection`."""
        self.selections.append(Selection(self, p, count, together=together))
        return self.selections[-1]

    def exceeding(self, v: Vector, u: Vector, factor: Scalar) -> Participants:
        """Let clients decide by their own vectors; see :class:`~efpep.model.decisions.Senders`."""
        self.decisions += 1
        return Senders(self, v, u, factor)

    def mean(self, v: Vector) -> Vector:
        """Average a client vector over all agents.

        Raises:
            InputError: ``v`` is a server vector.
        """
        if v.server:
            raise InputError("the average is over clients, and this is a server vector; use it as it is.")
        total = ZERO
        for share, a in zip(self.shares, range(len(self.groups)), strict=True):
            total = total + share * v.part(a).mean
        return Vector((Part(total),), server=True, anchor=v.anchor)

    # --- what an analysis asks besides -------------------------------------------------------------------------------

    def exact_gradient(self, x: Vector) -> Vector:
        """Return every agent's gradient at the server point, or at its own point, ``x``, without noise."""
        return Vector(tuple(sample.gradient for sample in self.samples(x)), server=False)

    def samples(self, x: Vector) -> tuple[Sample, ...]:
        """Return each group's sample at the server point ``x``, or at the agents' own points.

        Raises:
            InputError: ``x`` is no point, or a class does not say of each agent's function what its inequalities need.
        """
        require_point(x, "where gradients are evaluated" + ("" if x.server else ", a server point or the clients' own points,"))
        if not self._common(x) and self._only_average:
            raise InputError(
                "the method evaluates gradients at the agents' own points, where nothing bounds the values of functions of which "
                "only the average is bounded below; ask about one agent, or take a class such as SmoothConvex(L).",
                argument="functions",
            )
        before, known = [len(block) for block in self.blocks], len(self._samples)
        found = tuple(self._sampled(a, x.part(a)) for a in range(len(self.groups)))
        if self.mean_functions is not None and self._common(x) and x.part(0).mean not in self._common_points:
            self._common_points.add(x.part(0).mean)
            self._sample_mean(self.mean_functions, x.part(0), found)
        if self.draws is not None and len(self._samples) > known:
            self.draws.evaluated(x, before)
        return found

    def values(self, x: Vector) -> tuple[Form, ...]:
        """Return each group's mean function value above its minimum (see :class:`Sample`) at the server point ``x``.

        Raises:
            InputError: ``x`` is a client vector.
        """
        if not x.server:
            raise InputError(
                "the value of f is asked for at the agents' own points, where theirs do not bound it; average the points first "
                "with run.mean."
            )
        return tuple(sample.value for sample in self.samples(x))

    def block_name(self, index: int) -> str:
        """Return how a block is called: ``"mean"``, or ``"deviation"`` with its group's number where there are several."""
        if index == 0:
            return "mean"
        return "deviation" if len(self.groups) == 1 else f"deviation[{index}]"

    def history(self, group: int) -> tuple[Sample, ...]:
        """Return the samples of one group's functions, the minimiser first, in the order of their evaluation."""
        return tuple(self._history[group])

    def gap(self, x: Vector) -> Form:
        """Return ``f(x) - f(x*)``, f the average over the agents; with ``<grad f(x*), x - x*>`` where that may not vanish."""
        above = self.average(self.values(x))
        return above + self.inner(self.mean(self.gradient_at_minimiser), x) if self._restricted else above

    def gaps(self, x: Vector) -> tuple[Form, ...]:
        """Return nonnegative function gaps at ``x``: one a group, only their average on a set or where it has a class."""
        if self.constraint is not None:
            return ()
        return (self.gap(x),) if self.projects or self.mean_functions is not None else self.values(x)

    def average(self, forms: Sequence[Form]) -> Form:
        """Return the average over all agents of one form a group."""
        total = Form()
        for share, form in zip(self.shares, forms, strict=True):
            total = total + share * form
        return total

    def inner(self, u: Vector, v: Vector) -> Form:
        """Return ``<u, v>`` of server vectors, or its average over all agents."""
        if u.server and v.server:
            return inner(u.part(0), v.part(0), 0)
        return self.average([inner(u.part(a), v.part(a), a) for a in range(len(self.groups))])

    def square(self, u: Vector) -> Form:
        """Return ``||u||^2`` of a server vector, or its average over all agents."""
        return square(u.part(0), 0) if u.server else self.inner(u, u)

    # --- internals ---------------------------------------------------------------------------------------------------

    def _column(self, block: int, new: Column) -> Linear:
        self.blocks[block].append(new)
        return column(len(self.blocks[block]) - 1, self.one)

    def _common(self, x: Vector) -> bool:
        """Return whether all agents have the same vector."""
        return all(part == x.parts[0] and not part.deviation.nonzero for part in x.parts)

    def _sampled(self, group: int, x: Part) -> Sample:
        if (group, x) not in self._samples:
            self._samples[group, x] = self._sample(group, x)
        return self._samples[group, x]

    def _sample(self, group: int, x: Part) -> Sample:
        functions = self.groups[group].functions
        history = self._history[group]
        label = str(len(history) - 1)
        new = functions.sample(self, group, x, self.gradient_at_minimiser.part(group), label)
        for old in history:
            for a, b in ((old, new), (new, old)):
                origin = Origin("interpolation", (a.label, b.label), group)
                self.add(origin, functions.interpolation(self, group, a, b))
        history.append(new)
        return new

    @property
    def _only_average(self) -> bool:
        """Whether only the average of several agents' functions is known to be bounded below."""
        mean = self.mean_functions
        unbounded = any(group.functions.on_average for group in self.groups) if mean is None else mean.several_minimisers
        return unbounded and not self.alone

    def _sample_mean(self, functions: FunctionClass, x: Part, samples: tuple[Sample, ...]) -> None:
        """Record the inequalities of the class of the average f at one more common point."""
        gradient = Part(self.mean(Vector(tuple(sample.gradient for sample in samples), server=False)).mean)
        value, tilt = self.average([sample.value for sample in samples]), self.field(functions.tilt)
        new = Sample(samples[0].label, x, gradient, gradient - tilt * x, value, value - (tilt / 2) * square(x, 0))
        for old in self._mean_history:
            for a, b in ((old, new), (new, old)):
                self.add(Origin("interpolation", (a.label, b.label), part="mean"), functions.interpolation(self, 0, a, b))
        self._mean_history.append(new)

    def _heterogeneity(self, common_minimiser: bool) -> Vector:
        """Return ``grad f_i(x*)``, client vectors whose average over all agents is zero."""
        unknown = self.mean_functions is not None and self.mean_functions.several_minimisers
        if common_minimiser or self.alone or unknown:
            return Vector((NOTHING,) * len(self.groups), server=False)
        if len(self.groups) == 1:
            return Vector((Part(ZERO, self._column(1, Column("g*", Unit.GRADIENT))),), server=False)
        parts = [self.client_part(a, "g*", Unit.GRADIENT) for a in range(len(self.groups) - 1)]
        last = len(self.groups) - 1
        rest = ZERO
        for share, part in zip(self.shares, parts, strict=False):
            rest = rest - share * part.mean
        mean = (self.one / self.shares[last]) * rest
        single = self.groups[last].single
        deviation = ZERO if single else self._column(last + 1, Column(f"g*[{last + 1}]", Unit.GRADIENT))
        return Vector((*parts, Part(mean, deviation)), server=False)
