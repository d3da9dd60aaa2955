"""The question's setting: what the agents' functions and compressors may be, and how many agents there are."""

from __future__ import annotations

import numbers
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import cast

from efpep.component import Component
from efpep.compressors import COMPRESSORS, Compressor
from efpep.errors import InputError
from efpep.functions import FUNCTIONS, FunctionClass
from efpep.model.claim_sentences import who
from efpep.model.close import meant
from efpep.model.field import Scalar, argument_of, is_symbolic, rational, shown
from efpep.model.gradient_noise import NOISES, GradientNoise
from efpep.model.population import Population
from efpep.model.text import exact

_ONE = Fraction(1)


@dataclass(frozen=True, slots=True)
class Group:
    """A class of agents with constants of their own.

    Attributes:
        functions: their function class; the setting's where it is None.
        compressor: their compressor class; the setting's where it is None.
        count: how many agents (an integer), or None where ``share`` is given.
        share: their share of an arbitrarily large population, or None where ``count`` is given.

    Raises:
        InputError: not exactly one of ``count`` and ``share``, one that is not positive, or something of a wrong kind.
    """

    functions: FunctionClass | None = None
    compressor: Compressor | None = None
    count: int | None = None
    share: Scalar | None = None

    def __post_init__(self) -> None:
        """Check the kinds and the size."""
        _check_kind(self.functions, FunctionClass, "a group's functions", "SmoothStronglyConvex(mu='1/10', L=1)")
        _check_kind(self.compressor, Compressor, "a group's compressor", "Contractive(delta='1/2')")
        if (self.count is None) == (self.share is None):
            raise InputError(
                "a group needs either a count of agents or a share of the population; give exactly one of them.",
                argument=("count", "share"),
            )
        if self.count is not None:
            object.__setattr__(self, "count", _count(self.count, "a group's count"))
        elif not is_symbolic(self.share):
            share = rational(self.share, "a group's share")
            if not 0 < share <= 1:
                raise InputError(
                    f"a group's share is {shown(share)}, outside (0, 1]; give its part of the population, such as 7/10.",
                    argument="share",
                )
            object.__setattr__(self, "share", share)


@dataclass(frozen=True, slots=True)
class Setting:
    """Agents, their functions and their compressors.

    Attributes:
        functions: function class of every agent that its group does not give another.
        compressor: compressor class of every agent that its group does not give another; None for none.
        agents: the number of exchangeable agents (any number costs the same), or a sequence of :class:`Group`.
        server_compressor: compressor class of the server, for methods that compress what they broadcast; None for none.
        constraint: function class of every agent's ``g_i``, for methods that keep ``mean_i g_i(x) <= 0``; None for none.
        heterogeneity: the bound ``zeta`` of ``mean_i ||grad f_i(x*)||^2 <= zeta^2``, for worst cases over finite horizons; 0 for
            agents that share one minimiser, None for no bound.
        noise: the noise of stochastic gradients, with its standard deviation; None where gradients are exact.
        dissimilarity: the bound ``zeta`` of ``mean_i ||grad f_i(x) - grad f(x)||^2 <= zeta^2`` everywhere, for worst cases over
            finite horizons; None for no bound.
        mean: function class of the agents' average f, where it has one of its own: strongly convex or gradient-dominated, while
            each ``f_i`` is only smooth, convex or not. None where all that is known of f is known of every ``f_i``.

    Raises:
        InputError: a number of agents below 1, groups whose shares do not add up to 1, a group without functions, a ``mean`` that
            has no minimiser or agents' functions that it is not analysed with, or something of a wrong kind.
    """

    functions: FunctionClass | None = None
    compressor: Compressor | None = None
    agents: int | Sequence[Group] = 1
    server_compressor: Compressor | None = None
    constraint: FunctionClass | None = None
    heterogeneity: Scalar | None = None
    noise: GradientNoise | None = None
    mean: FunctionClass | None = None
    dissimilarity: Scalar | None = None

    def __post_init__(self) -> None:
        """Check the question and freeze the groups."""
        _check_kind(self.functions, FunctionClass, "functions", "SmoothStronglyConvex(mu='1/10', L=1)")
        _check_kind(self.compressor, Compressor, "compressor", "Contractive(delta='1/2')")
        _check_kind(self.server_compressor, Compressor, "server_compressor", "Contractive(delta='1/2')")
        _check_kind(self.constraint, FunctionClass, "constraint", "SmoothConvex(L=1)")
        _check_kind(self.noise, GradientNoise, "noise", "GradientNoise(sigma=1)")
        _check_kind(self.mean, FunctionClass, "mean", "SmoothStronglyConvex(mu='1/10', L=1)")
        object.__setattr__(self, "noise", None if self.noise is None else self.noise.of_proofs())
        object.__setattr__(self, "agents", _agents(self.agents))
        for name in ("heterogeneity", "dissimilarity"):
            given = getattr(self, name)
            if given is None:
                continue
            bound = rational(given, name)
            if bound < 0:
                raise InputError(
                    f"{name} is {shown(bound)}, but a bound of norms is not negative; give a number >= 0.", argument=name
                )
            object.__setattr__(self, name, bound)
        populations = self.populations()
        if self.mean is not None:
            _check_mean(self.mean, populations)

    def populations(self) -> tuple[Population, ...]:
        """Return the groups with their constants and shares resolved.

        Raises:
            InputError: as the class says.
        """
        if isinstance(self.agents, int):
            return (Population(self._functions(None), self.compressor, _ONE, self.agents),)
        groups = self.agents
        if not groups:
            raise InputError("agents is an empty sequence of groups; give at least one group.", argument="agents")
        counted = [group.count for group in groups if group.count is not None]
        if counted and len(counted) != len(groups):
            raise InputError(
                "some groups have a count and others a share; give all of them counts or all of them shares.",
                argument=("count", "share"),
            )
        shares = [Fraction(k, sum(counted)) for k in counted] or [cast("Fraction", group.share) for group in groups]
        if sum(shares) != 1:
            raise InputError(
                f"the groups' shares add up to {shown(sum(shares, Fraction(0)))}; change them so that they add up to 1.",
                argument="share",
            )
        return tuple(
            Population(self._functions(group), group.compressor or self.compressor, share, group.count)
            for group, share in zip(groups, shares, strict=True)
        )

    @property
    def sufficient(self) -> bool:
        """Whether the inequalities of all classes are not only necessary, so that what they leave open does happen."""
        exact = all(group.functions.exact for group in self.populations()) and all(c.exact for c in self.compressors())
        return exact and self.noise is None and self.mean is None and self.dissimilarity is None

    @property
    def random(self) -> bool:
        """Whether gradients or a compressor are random, so that claims are about expectations."""
        return self.noise is not None or any(c.random for c in self.compressors())

    @property
    def apart(self) -> Scalar | None:
        """The bound ``zeta`` of ``mean_i ||grad f_i(x*)||^2 <= zeta^2`` that is known, or None."""
        return min((bound for bound in (self.heterogeneity, self.dissimilarity) if bound is not None), default=None)

    def components(self) -> list[Component]:
        """Return the classes of functions and compressors, the constraint's among them."""
        groups = [group.functions for group in self.populations()]
        return [*groups, *self.compressors(), *(c for c in (self.constraint, self.mean) if c is not None)]

    def curved(self) -> list[FunctionClass]:
        """Return the classes on whose lower curvature linear rates rest: that of the average f, else those of the agents."""
        return [group.functions for group in self.populations()] if self.mean is None else [self.mean]

    def compressors(self) -> list[Compressor]:
        """Return the classes of compressors, the server's among them."""
        found = [self.server_compressor, *(group.compressor for group in self.populations())]
        return [c for c in found if c is not None]

    def _functions(self, group: Group | None) -> FunctionClass:
        found = (group.functions if group is not None else None) or self.functions
        if found is None:
            raise InputError(
                "the setting has no function class; give one such as SmoothStronglyConvex(mu='1/10', L=1).", argument="functions"
            )
        return found

    def table(self) -> dict[str, object]:
        """Return the agents with the classes and constants of what they have, for :mod:`efpep.model.claim_sentences`."""
        groups = self.populations()
        return {
            "groups": [
                {
                    "count": None if group.count is None else Fraction(group.count),
                    "share": group.share if group.count is None else None,
                    "functions": group.functions.table(),
                    "compressor": None if group.compressor is None else group.compressor.table(),
                }
                for group in groups
            ],
            "server compressor": None if self.server_compressor is None else self.server_compressor.table(),
            "constraint": None if self.constraint is None else self.constraint.table(),
            **({} if self.mean is None else {"mean": self.mean.table()}),
            "limit": any(g.count is None and g.compressor is not None and g.compressor.averages for g in groups),
        }

    def statement(self) -> str:
        """Return who takes part, for sentences."""
        return who(self.table())

    def describe(self) -> dict[str, object]:
        """Return the setting with exact numbers as text, for claims and files."""
        described: dict[str, object] = {}
        if self.functions is not None:
            described["functions"] = self.functions.describe()
        if self.compressor is not None:
            described["compressor"] = self.compressor.describe()
        if self.server_compressor is not None:
            described["server_compressor"] = self.server_compressor.describe()
        if self.constraint is not None:
            described["constraint"] = self.constraint.describe()
        if self.heterogeneity is not None:
            described["heterogeneity"] = exact(self.heterogeneity)
        if self.noise is not None:
            described["noise"] = self.noise.describe()
        if self.mean is not None:
            described["mean"] = self.mean.describe()
        if self.dissimilarity is not None:
            described["dissimilarity"] = exact(self.dissimilarity)
        if isinstance(self.agents, int):
            described["agents"] = self.agents
        else:
            described["agents"] = [_describe_group(group) for group in self.agents]
        return described

    @classmethod
    def restore(cls, described: Mapping[str, object]) -> Setting:
        """Return the setting that :meth:`describe` described.

        Raises:
            InputError: the description is malformed or its numbers are impossible.
            UnavailableError: a class of the user's cannot be imported here.
        """
        keys = {"functions", "compressor", "agents", "server_compressor", "constraint", "heterogeneity", "noise"}
        keys |= {"mean", "dissimilarity"}
        _check_keys(described, keys, "the setting")
        agents = described.get("agents")
        if isinstance(agents, list):
            population: int | list[Group] = [_restore_group(group) for group in cast("list[object]", agents)]
        elif isinstance(agents, int) and not isinstance(agents, bool):
            population = agents
        else:
            raise InputError("the setting's agents are neither a whole number nor a list of groups; give one of these.")
        functions, compressor, server, constraint, mean = _restore_classes(described)
        noise = described.get("noise")
        if noise is not None and not isinstance(noise, Mapping):
            raise InputError("noise is not a table with a class and its parameters; write it so.")
        drawn = None if noise is None else NOISES.restore(cast("Mapping[str, object]", noise))
        bounds = described.get("heterogeneity"), described.get("dissimilarity")
        return cls(functions, compressor, population, server, constraint, bounds[0], drawn, mean, bounds[1])


def _describe_group(group: Group) -> dict[str, object]:
    described: dict[str, object] = {"count": group.count} if group.count is not None else {"share": str(group.share)}
    if group.functions is not None:
        described["functions"] = group.functions.describe()
    if group.compressor is not None:
        described["compressor"] = group.compressor.describe()
    return described


def _restore_group(described: object) -> Group:
    if not isinstance(described, Mapping):
        raise InputError("a group is not a table of keys; give its count or share.")
    table = cast("Mapping[str, object]", described)
    _check_keys(table, {"count", "share", "functions", "compressor"}, "a group")
    functions, compressor, *_ = _restore_classes(table)
    return Group(functions, compressor, cast("int | None", table.get("count")), table.get("share"))


def _restore_classes(
    described: Mapping[str, object],
) -> tuple[FunctionClass | None, Compressor | None, Compressor | None, FunctionClass | None, FunctionClass | None]:
    tables: dict[str, Mapping[str, object] | None] = {}
    for name in ("functions", "compressor", "server_compressor", "constraint", "mean"):
        table = described.get(name)
        if table is not None and not isinstance(table, Mapping):
            raise InputError(f"{name} is not a table with a class and its parameters; write it so.")
        tables[name] = cast("Mapping[str, object] | None", table)
    functions, compressor, server, constraint, mean = tables.values()
    return (
        None if functions is None else FUNCTIONS.restore(functions),
        None if compressor is None else COMPRESSORS.restore(compressor),
        None if server is None else COMPRESSORS.restore(server),
        None if constraint is None else FUNCTIONS.restore(constraint),
        None if mean is None else FUNCTIONS.restore(mean),
    )


def _check_keys(table: Mapping[str, object], known: set[str], what: str) -> None:
    unknown = sorted(set(table) - known)
    if unknown:
        keys = ", ".join(sorted(known))
        raise InputError(f"{what} has the unknown key {shown(unknown[0])}{meant(unknown[0], known)}; its keys are {keys}.")


def _agents(agents: object) -> int | tuple[Group, ...]:
    if isinstance(agents, numbers.Number | str | bytes | Mapping) or not isinstance(agents, Iterable):
        return _count(cast("object", agents), "agents", " or a sequence of groups")
    groups = tuple(cast("Iterable[object]", agents))
    for group in groups:
        if not isinstance(group, Group):
            raise InputError(
                f"agents contains {shown(group)}, which is not a group; give groups such as Group(count=3).", argument="agents"
            )
    return cast("tuple[Group, ...]", groups)


def _check_mean(mean: FunctionClass, populations: Sequence[Population]) -> None:
    """Refuse classes of an average f, and of agents beside it, whose inequalities are not those of an average.

    Raises:
        InputError: there is one.
    """
    if not mean.has_minimiser or (mean.convexity is None and not mean.several_minimisers):
        raise InputError(
            f"mean is {mean.identifier()}, and the average f is analysed where it is convex or gradient-dominated; "
            "give one such as SmoothStronglyConvex(mu='1/10', L=1) or GradientDominated(mu='1/10', L=1).",
            argument="mean",
        )
    for functions in (group.functions for group in populations):
        if functions.convexity is None or (mean.several_minimisers and functions.has_minimiser):
            raise InputError(
                f"the agents' functions are {functions.identifier()} beside a {mean.identifier()} mean, and each f_i is then to "
                "be smooth and no more; give functions such as SmoothWeaklyConvex(mu=-1, L=1), all 1-smooth ones.",
                argument="functions",
            )
    symbolic = any(is_symbolic(a) for a in (mean.curvature, *(group.functions.smoothness for group in populations)))
    if not symbolic and mean.curvature > (smoothness := sum(group.share * group.functions.smoothness for group in populations)):
        raise InputError(
            f"mean has mu = {shown(mean.curvature)}, more than the agents' average L = {shown(smoothness)}, so that no functions "
            "are such; give the agents a larger L, or the mean a smaller mu.",
            argument="mean",
        )


def _count(count: object, what: str, alternative: str = "") -> int:
    if isinstance(count, bool) or not isinstance(count, numbers.Integral):
        raise InputError(
            f"{what} is {shown(count)}, which is not a whole number; give an integer of at least 1{alternative}.",
            argument=argument_of(what),
        )
    number = rational(count, what).numerator
    if number < 1:
        raise InputError(
            f"{what} is {shown(number)}, but there is at least one; give an integer of at least 1.", argument=argument_of(what)
        )
    return number


def _check_kind(component: object, kind: type[Component], name: str, example: str) -> None:
    if component is not None and not isinstance(component, kind):
        if kind is Compressor and callable(component) and not isinstance(component, type):
            declared = hasattr(component, "belongs_to")
            raise InputError(
                f"{name} is {shown(component)}, an operator of runs and no Compressor, the class that an analysis is about; "
                f"give the one it belongs to, {'its belongs_to(d) in dimension d' if declared else f'such as {example}'}.",
                argument=argument_of(name),
            )
        raise InputError(
            f"{name} is {shown(component)}, which is not a {kind.__name__}; give one such as {example}.",
            argument=argument_of(name),
        )
