"""Explicit instances that a method multiplies by a number in every step.

Every agent's function is a parabola ``f_i(x) = a_i x^2 / 2`` on a line with ``mu_i <= a_i <= L_i``, and its compressor
multiplies by a factor, ``C(v) = c_i v`` with ``(1 - c_i)^2 <= 1 - delta_i``; the agents of one group are alike. Where the method
maps a state with ``x != 0`` to ``growth`` times that state, it does so for ever. Then no function that is quadratic in the state
(function gaps included), dominates the metric and contracts can contract by less than ``growth^2`` a step: this is a lower bound
on the method itself, whatever the class of Lyapunov functions.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from efpep.errors import CertificateError
from efpep.methods.base import Method
from efpep.model.population import Population
from efpep.questions.common.steps import check_repeatable
from efpep.questions.quadratic.line import LinearRun, numbers_of, sizes, state_of
from efpep.setting import Setting


@dataclass(frozen=True, slots=True)
class EigenInstance:
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


def check_eigen_instance(method: Method, setting: Setting, rate: Fraction, witness: EigenInstance) -> None:
    """Check that ``witness`` excludes every rate below ``rate``.

    Raises:
        CertificateError: naming the first condition that fails.
    """
    check_repeatable(method, setting)
    groups = setting.populations()
    if not len(groups) == len(witness.curvatures) == len(witness.factors):
        raise CertificateError("the instance does not have one curvature and one factor for each group.")
    if [1, *(len(values) for values in witness.memories)] != sizes(method, len(groups)):
        raise CertificateError("the instance's state does not fit the method's memories.")
    if setting.server_compressor is not None or setting.constraint is not None:
        raise CertificateError("an instance on a line has neither a compressor at the server nor a constraint.")
    for group, curvature, factor in zip(groups, witness.curvatures, witness.factors, strict=True):
        _check_member(group, curvature, factor)
    if witness.growth**2 < rate:
        raise CertificateError("the instance contracts faster than the rate that it should exclude.")
    if witness.point == 0:
        raise CertificateError("the instance's iterate is zero, so it excludes nothing.")
    before = [witness.point, *(a for values in witness.memories for a in values)]
    run: Any = LinearRun([group.share for group in groups], witness.curvatures, witness.factors)
    after = numbers_of(method, method.step(state_of(method, before, len(groups)), run), len(groups))
    if any(new != witness.growth * old for old, new in zip(before, after, strict=True)):
        raise CertificateError("the method does not multiply the instance's state by its growth.")


def _check_member(group: Population, curvature: Fraction, factor: Fraction) -> None:
    curvatures, loss = group.functions.free_curvatures, None if group.compressor is None else group.compressor.free_losses
    if curvatures is None or not curvatures[0] <= curvature <= curvatures[1]:
        raise CertificateError("a parabola of the instance is not in its group's function class.")
    if loss is None or (1 - factor) ** 2 > loss:
        raise CertificateError("a factor of the instance is not in its group's compressor class.")
