"""The one-step potential of subgradient methods with a virtual iterate, in exact numbers.

Let ``xt`` be a server point that moves by exactly ``-gamma mean_i h_i``, h_i a subgradient at x of the function phi that the step
works on (f, or the constraint). With memories z (errors of compression), the potential ``V = ||xt - x*||^2 + gamma^2 P(z)`` obeys

    V+ <= V - 2 gamma (phi(x) - phi(x*)) + gamma^2 K mean_i ||h_i||^2

for all convex phi_i and compressors of the setting if the quadratic form

    K mean_i ||h_i||^2 - ||mean_i h_i||^2 - 2 <mean_i h_i, x - xt>/gamma + P(z) - P(z+)

is nonnegative under the compressors' inequalities. Neither x, x* nor the kind of the functions occurs in it. The question is the
least such K over positive semidefinite P; it does not depend on gamma. Summed over steps, a K bounds what averaging achieves
(:mod:`efpep.theory.safe_ef`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar

from efpep.compressors import Contractive
from efpep.errors import InputError
from efpep.methods.base import OPTIMAL, Method
from efpep.model.column import Unit
from efpep.model.field import RATIONALS, Field, Scalar
from efpep.model.form import Form
from efpep.model.function_class import FunctionClass
from efpep.model.linear import Linear
from efpep.model.row import Row
from efpep.model.sample import Sample
from efpep.model.system import Relation, System, Unknown
from efpep.model.trace import Trace
from efpep.questions.common.features import Feature, FeatureBlock
from efpep.questions.common.recording import Recording, refuse_heterogeneity
from efpep.questions.common.reduction import reduced_blocks
from efpep.questions.common.separation import places_of, separated
from efpep.questions.common.size import check_size
from efpep.questions.common.steps import check_repeatable

if TYPE_CHECKING:
    from efpep.model.population import Population
    from efpep.model.vector import Part, Vector
    from efpep.setting import Setting


@dataclass(frozen=True)
class AveragingInequalities:
    """The one-step question; see the module.

    Attributes:
        blocks: the mean block, then deviation blocks, with the memories as features.
        rows: the compressors' inequalities and equalities.
        energy: ``mean_i ||h_i||^2``.
        rest: what the form contains besides ``K energy`` and the potential.
        names: the names of the function-value columns.
        values: the function-value columns that occur; the classes of efpep's own have none.
        separated: as in :class:`~efpep.questions.rate.inequalities.StepInequalities`.
    """

    blocks: tuple[FeatureBlock, ...]
    rows: tuple[Row, ...]
    energy: Form
    rest: Form
    names: tuple[str, ...] = ()
    values: tuple[int, ...] = ()
    separated: bool = True

    def feature_names(self) -> dict[str, list[str]]:
        """Return the features' names by block."""
        return {block.name: [feature.name for feature in block.features] for block in self.blocks}

    @cached_property
    def system(self) -> System:
        """The question as a system: theta is K, the unknown is P."""
        weights = tuple(
            Unknown(
                f"the weights of the potential in the {block.name} block",
                tuple(feature.name for feature in block.features),
                f"a potential of the {block.name} block could decrease on the instance.",
            )
            for block in self.blocks
        )
        squares = tuple(square for k, block in enumerate(self.blocks) for square in (block.before(k, 1, 0), block.after(k)))
        step = Relation(self.blocks, self.values, self.names, self.rows, squares, constant=self.rest, slope=self.energy)
        return System(
            (step,),
            weights,
            (),
            self.separated,
            least=None,
            called="constant",
            vanishing="the subgradients vanish on the instance, so it excludes nothing.",
            allowed="the instance does not exclude constants as large as the lower one.",
        )


@dataclass(frozen=True)
class _AnySubgradients(FunctionClass):
    """Functions of which nothing is recorded: an evaluation is a free vector of every agent."""

    key: ClassVar[str] = "any-subgradients"
    arbitrary: ClassVar[bool] = True

    @property
    def curvature(self) -> Scalar:
        return Fraction(0)

    @property
    def smoothness(self) -> Scalar:
        return Fraction(0)

    def sample(self, trace: Trace, group: int, x: Part, gradient_at_minimiser: Part, label: str) -> Sample:
        del gradient_at_minimiser
        h = trace.client_part(group, f"h{label}", Unit.GRADIENT)
        return Sample(label, x, h, h, Form(), Form())

    def interpolation(self, trace: Trace, group: int, a: Sample, b: Sample) -> Form:
        del trace, group, a, b
        return Form()


class _ActiveTrace(Trace):
    """A Trace in which both branches of a comparison are one: ``gradient`` is the subgradient of whichever function is active."""

    outcome = True

    def constraint_value(self, x: Vector) -> Form:
        del x
        return Form()

    def constraint_gradient(self, x: Vector) -> Vector:
        return self.gradient(x)

    def at_most(self, value: Form, threshold: Scalar) -> bool:
        del value, threshold
        return self.outcome


def prepared(method: Method, setting: Setting) -> tuple[Method, Setting]:
    """Return the question as it is asked and stored: step size 1 where it is left open, and no compression where none is given.

    Raises:
        InputError: agents whose functions are of another kind than convex with subgradients.
    """
    _check_functions(setting)
    if method.step_size == OPTIMAL:
        method = replace(method, step_size=Fraction(1))
    whole = Contractive(Fraction(1))
    agents = setting.agents
    compressor = setting.compressor
    if compressor is None and (isinstance(agents, int) or any(group.compressor is None for group in agents)):
        compressor = whole
    return method, replace(setting, compressor=compressor, server_compressor=setting.server_compressor or whole)


def _check_functions(setting: Setting) -> None:
    if any(group.functions.subgradient_bound is None for group in setting.populations()):
        raise InputError(
            "the one-step potential is about convex functions with bounded subgradients; give functions=BoundedSubgradients(M).",
            argument="functions",
        )


def averaging_inequalities(method: Method, setting: Setting, field: Field = RATIONALS) -> AveragingInequalities:
    """Build the one-step question of ``method``, with a positive step size, in ``setting`` over ``field``.

    Raises:
        InputError: the agents' functions are of another kind than convex with subgradients, the method has no virtual iterate,
            or one that does not move by minus the step size times the mean subgradient, its step size is not positive, or it
            does something else where a constraint is violated than take the constraint's subgradient.
    """
    _check_functions(setting)
    refuse_heterogeneity(setting, "one-step potentials")
    if method.step_size == 0:
        raise InputError("the step size is 0, so nothing moves; give a positive one, or leave it out.", argument="step_size")
    check_size(method, setting, 2)
    functions = _AnySubgradients()
    populations = tuple(replace(group, functions=functions) for group in setting.populations())
    if field is RATIONALS:
        check_repeatable(method, setting, lambda: _active(setting, populations))
    method = method.over(field)
    bound: dict[tuple[str, int], Mapping[str, Scalar]] = {}
    while True:
        recording = _recorded(method, setting, populations, bound, field)
        found = recording.relation()
        if found is None:
            break
        feature, group, combination = found
        bound[feature, group] = combination
    other = _recorded(method, setting, populations, bound, field, outcome=False)
    if not _same(recording, other):
        raise InputError(
            f"{method.title or type(method).__name__} does something else where the constraint is violated than take the "
            "constraint's subgradient, and the one-step potential is about steps that are alike; correct its step(state, run).",
            argument="method",
        )
    found = _assemble(recording)
    if field is not RATIONALS:
        return found
    known = separated(recording.trace, lambda instance, places: Recording(instance, method, places_of(bound, places), 1))
    return replace(found, separated=known)


def _active(setting: Setting, populations: tuple[Population, ...], field: Field = RATIONALS) -> _ActiveTrace:
    return _ActiveTrace(populations, field=field, common_minimiser=True, server_compressor=setting.server_compressor)


def _recorded(
    method: Method,
    setting: Setting,
    populations: tuple[Population, ...],
    bound: Mapping[tuple[str, int], Mapping[str, Scalar]],
    field: Field,
    *,
    outcome: bool = True,
) -> Recording:
    trace = _active(setting, populations, field)
    trace.outcome = outcome
    return Recording(trace, method, bound, 1)


def _same(left: Recording, right: Recording) -> bool:
    """Whether two recordings of one step, column by column alike, end in the same state."""
    states = (left.states[-1], right.states[-1])
    names = ["x", *(memory.name for memory in left.method.memories)]
    return all(getattr(states[0], name).parts == getattr(states[1], name).parts for name in names)


def _assemble(recording: Recording) -> AveragingInequalities:
    trace, method = recording.trace, recording.method
    old, new = recording.states
    h = trace.gradient(old.x)
    moved = method.virtual(new, trace) - method.virtual(old, trace)
    if (moved + method.step_size * trace.mean(h)).part(0).nonzero:
        raise InputError(
            f"the virtual iterate of {method.title or type(method).__name__} does not move by minus the step size times the mean "
            "subgradient, on which the one-step potential rests; correct its virtual(state, run).",
            argument="method",
        )
    gamma = method.step_size
    behind = (old.x - method.virtual(old, trace)) / gamma
    rest = Fraction(-1) * trace.square(trace.mean(h)) - Fraction(2) * trace.inner(trace.mean(h), behind)
    energy = trace.square(h)
    features = _features(recording)
    forms = [energy, rest, *(row.form for row in trace.rows)]
    values = tuple(sorted({k for form in forms for k in form.values}))
    return AveragingInequalities(
        reduced_blocks(trace, features, forms), tuple(trace.rows), energy, rest, tuple(trace.value_names), values
    )


def _features(recording: Recording) -> list[list[Feature]]:
    """Return the memories before and after the step, by block, points in units of the step size."""
    trace, gamma = recording.trace, recording.method.step_size
    before, after = recording.errors
    features: list[list[Feature]] = [[] for _ in trace.blocks]
    for memory in recording.method.memories:
        scale = 1 / gamma if memory.unit is Unit.POINT else Fraction(1)
        old, new = before[memory.feature], after[memory.feature]
        if memory.server:
            features[0].append(_scaled(memory.feature, memory.unit, scale, old.mean, new.mean, server=True))
            continue
        for a, group in enumerate(trace.groups):
            label = memory.feature + ("" if len(trace.groups) == 1 else f"[{a + 1}]")
            u, v = old.part(a), new.part(a)
            features[0].append(_scaled(label, memory.unit, scale, u.mean, v.mean))
            if not group.single:
                features[a + 1].append(_scaled(label, memory.unit, scale, u.deviation, v.deviation))
    return features


def _scaled(name: str, unit: Unit, scale: Scalar, before: Linear, after: Linear, *, server: bool = False) -> Feature:
    return Feature(name, unit, scale * before, scale * after, server=server)
