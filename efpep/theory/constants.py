"""The constants of a setting that closed forms are written in."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, cast

from efpep.errors import InputError
from efpep.model.compressor_class import Loss
from efpep.model.function_class import Convexity
from efpep.theory.closed_form import square_root

if TYPE_CHECKING:
    from efpep.model.field import Scalar
    from efpep.setting import Setting


@dataclass(frozen=True, slots=True)
class Constants:
    """Averages over the agents.

    Attributes:
        mu: average lower curvature.
        L: average upper curvature.
        uniform: whether all agents have the same constants.
        alone: whether there is just one agent.
    """

    mu: Fraction
    L: Fraction
    uniform: bool
    alone: bool


def averages(setting: Setting) -> Constants:
    """Return the averaged curvatures of the agents.

    Raises:
        InputError: the agents' functions are not smooth and strongly convex.
    """
    groups = setting.populations()
    if setting.mean is not None:
        raise InputError(
            "closed forms are known where every agent's functions are strongly convex, and not for a class of their average; "
            "give step_size as a number.",
            argument="step_size",
        )
    if not all(group.functions.convexity is Convexity.STRONG for group in groups):
        raise InputError(
            "closed forms are known for SmoothStronglyConvex functions only; give step_size as a number.", argument="step_size"
        )
    if len(groups) == 1:
        functions = groups[0].functions
        return Constants(functions.curvature, functions.smoothness, uniform=True, alone=groups[0].single)
    mu = sum((group.share * group.functions.curvature for group in groups), Fraction(0))
    smoothness = sum((group.share * group.functions.smoothness for group in groups), Fraction(0))
    curvatures = {(group.functions.curvature, group.functions.smoothness) for group in groups}
    return Constants(mu, smoothness, uniform=len(curvatures) == 1, alone=False)


def smoothness_in_square_mean(setting: Setting) -> Fraction:
    """Return ``Lt``, the root of the agents' average ``L_i^2``."""
    groups = setting.populations()
    return square_root(sum((group.share * group.functions.smoothness**2 for group in groups), Fraction(0)))


def contraction(setting: Setting) -> Fraction:
    """Return the ``delta`` that all agents' contractive compressors share; projections (Top-K) are among these.

    Raises:
        InputError: an agent has no contractive compressor, or the agents' ``delta`` differ.
    """
    deltas: set[Fraction] = set()
    for group in setting.populations():
        if group.compressor is None or group.compressor.loss not in {Loss.ANY, Loss.ORTHOGONAL}:
            raise InputError(
                "the closed form needs a contractive compressor for every agent; give one such as Contractive(delta='1/2'), "
                "or give step_size as a number.",
                argument="step_size",
            )
        deltas.add(cast("Fraction", group.compressor.contraction))
    if len(deltas) != 1:
        raise InputError(
            "the closed form needs the same delta for all agents, and theirs differ; give step_size as a number.",
            argument="step_size",
        )
    return deltas.pop()


def quantities(setting: Setting) -> dict[str, Scalar]:
    """Return ``mu``, ``L`` and ``s = sqrt(1 - delta)`` by name: averages over the agents.

    Raises:
        InputError: the agents' functions are not smooth and strongly convex, or their compressors do not share a ``delta``.
    """
    c = averages(setting)
    return {"mu": c.mu, "L": c.L, "s": square_root(1 - contraction(setting))}


def free(setting: Setting) -> bool:
    """Return whether compressors may lose whatever is short enough, so that what limits all of them is attained by some."""
    return all(group.compressor is not None and group.compressor.loss is Loss.ANY for group in setting.populations())


def moments(setting: Setting) -> tuple[Fraction, Fraction, Fraction]:
    """Return ``(eta^2, omega, omega_av)`` of the agents' compressors, which all agents share.

    ``||E C(v) - v|| <= eta ||v||``, ``E ||C(v) - E C(v)||^2 <= omega ||v||^2``, and the average of the agents' fluctuations has
    at most ``omega_av`` of their average energy: ``omega/n`` where n agents draw independently, ``omega`` where they do not.

    Raises:
        InputError: an agent has no compressor, or one without a known bias and variance, or the agents' differ.
    """
    groups = setting.populations()
    known = {None if group.compressor is None else group.compressor.bias_and_variance for group in groups}
    if None in known or len(known) != 1:
        raise InputError(
            "the closed form needs the same bounds of the bias and the variance of all agents' compressors; give one such as "
            "Unbiased(omega=1) or Contractive(delta='1/2'), or give step_size as a number.",
            argument="step_size",
        )
    eta_square, omega = cast("tuple[Fraction, Fraction]", known.pop())
    if not all(group.compressor is not None and group.compressor.averages for group in groups):
        return eta_square, omega, omega
    if any(group.count is None for group in groups):
        return eta_square, omega, Fraction(0)
    return eta_square, omega, omega / sum(group.count or 0 for group in groups)
