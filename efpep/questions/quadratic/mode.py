"""Explicit instances that a method multiplies by a number in every step.

Every agent's function is a parabola ``f_i(x) = a_i x^2 / 2`` on a line with ``mu_i <= a_i <= L_i``, and its compressor
multiplies by a factor, ``C(v) = c_i v`` with ``(1 - c_i)^2 <= 1 - delta_i``; the agents of one group are alike. Where the method
maps a state with ``x != 0`` to ``growth`` times that state, it does so for ever. Then no function that is quadratic in the state
(function gaps included), dominates the metric and contracts can contract by less than ``growth^2`` a step: this is a lower bound
on the method itself, whatever the class of Lyapunov functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from efpep.errors import CertificateError
from efpep.methods.base import Method
from efpep.model.linear import ZERO, Linear
from efpep.model.population import Population
from efpep.model.vector import Part, Vector
from efpep.questions.common.steps import check_repeatable
from efpep.setting import Setting


@dataclass(frozen=True, slots=True)
class ModeWitness:
    """An instance and a state of it that the method multiplies.

    Attributes:
        growth: by what it multiplies the state.
        curvatures: ``a_i`` by group.
        factors: ``c_i`` by group.
        point: the iterate.
        memories: for each memory of the method, what each group's agents hold (one number for a memory of the server).
    """

    growth: Fraction
    curvatures: tuple[Fraction, ...]
    factors: tuple[Fraction, ...]
    point: Fraction
    memories: tuple[tuple[Fraction, ...], ...]


class LinearRun:
    """What stands behind a method's step on such an instance: vectors are linear forms in any columns."""

    def __init__(self, shares: Sequence[Fraction], curvatures: Sequence[Fraction], factors: Sequence[Fraction]) -> None:
        """Take the groups' shares and the instance."""
        self.shares = shares
        self.curvatures = curvatures
        self.factors = factors

    def gradient(self, x: Vector) -> Vector:
        """Return ``a_i x``."""
        return Vector(tuple(Part(a * x.mean) for a in self.curvatures), server=False)

    def compress(self, v: Vector) -> Vector:
        """Return ``c_i v_i``."""
        return Vector(tuple(c * v.part(i) for i, c in enumerate(self.factors)), server=False)

    def mean(self, v: Vector) -> Vector:
        """Return the average over the agents."""
        total = ZERO
        for i, share in enumerate(self.shares):
            total = total + share * v.part(i).mean
        return Vector((Part(total),), server=True)

    def compress_at_server(self, v: Vector) -> Vector:
        """Refuse: there is no compressor at the server."""
        return _refused(v)

    def constraint_value(self, x: Vector) -> Any:
        """Refuse: there is no constraint."""
        return _refused(x)

    def constraint_gradient(self, x: Vector) -> Vector:
        """Refuse: there is no constraint."""
        return _refused(x)

    def at_most(self, value: Any, threshold: Any) -> bool:
        """Refuse: a step with comparisons is not linear."""
        return _refused(value, threshold)

    def positive_part(self, value: Any) -> Any:
        """Refuse: a step with comparisons is not linear."""
        return _refused(value)

    def project(self, x: Vector) -> Vector:
        """Refuse: there is no feasible set."""
        return _refused(x)


def state_of(method: Method, point: Linear, memories: Sequence[Sequence[Linear]]) -> Any:
    """Return the method's state with this iterate and these memories."""
    held = {
        memory.name: Vector(tuple(Part(a) for a in values), server=memory.server)
        for memory, values in zip(method.memories, memories, strict=True)
    }
    return method.State(x=Vector((Part(point),), server=True), **held)


def entries(method: Method, state: Any, groups: int) -> list[Linear]:
    """Return a state's numbers in order: the iterate, then each memory by group."""
    found = [state.x.mean]
    for memory in method.memories:
        vector: Vector = getattr(state, memory.name)
        found += [vector.part(a).mean for a in range(1 if memory.server else groups)]
    return found


def check_mode(method: Method, setting: Setting, rate: Fraction, witness: ModeWitness) -> None:
    """Check that ``witness`` excludes every rate below ``rate``.

    Raises:
        CertificateError: naming the first condition that fails.
    """
    check_repeatable(method, setting)
    groups = setting.populations()
    if not len(groups) == len(witness.curvatures) == len(witness.factors):
        raise CertificateError("the instance does not have one curvature and one factor for each group.")
    sizes = [1 if memory.server else len(groups) for memory in method.memories]
    if [len(values) for values in witness.memories] != sizes:
        raise CertificateError("the instance's state does not fit the method's memories.")
    if setting.server_compressor is not None or setting.constraint is not None:
        raise CertificateError("an instance on a line has neither a compressor at the server nor a constraint.")
    for group, curvature, factor in zip(groups, witness.curvatures, witness.factors, strict=True):
        _check_member(group, curvature, factor)
    if witness.growth**2 < rate:
        raise CertificateError("the instance contracts faster than the rate that it should exclude.")
    if witness.point == 0:
        raise CertificateError("the instance's iterate is zero, so it excludes nothing.")
    state = state_of(method, _number(witness.point), [[_number(a) for a in values] for values in witness.memories])
    run = LinearRun([group.share for group in groups], witness.curvatures, witness.factors)
    before, after = (entries(method, s, len(groups)) for s in (state, method.step(state, run)))
    if any(new != witness.growth * old for old, new in zip(before, after, strict=True)):
        raise CertificateError("the method does not multiply the instance's state by its growth.")


def _check_member(group: Population, curvature: Fraction, factor: Fraction) -> None:
    curvatures, loss = group.functions.free_curvatures, None if group.compressor is None else group.compressor.free_losses
    if curvatures is None or not curvatures[0] <= curvature <= curvatures[1]:
        raise CertificateError("a parabola of the instance is not in its group's function class.")
    if loss is None or (1 - factor) ** 2 > loss:
        raise CertificateError("a factor of the instance is not in its group's compressor class.")


def _refused(*arguments: object) -> Any:
    del arguments
    raise CertificateError("on an instance on a line a method may evaluate gradients, compress client vectors and average.")


def _number(value: Fraction) -> Linear:
    return Linear({0: value})
