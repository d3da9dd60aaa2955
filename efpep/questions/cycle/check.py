"""The conditions under which numbers prove that a method has a closed trajectory, or has none.

A trajectory is proved by Gram matrices (positive semidefinite) and function values of one period that satisfy every recorded
inequality, of classes whose inequalities are necessary and sufficient, with ``sum_k ||x_k - x*||^2 > 0``; where minimisers need
not be unique, with ``sum_k f(x_k) - f(x*) > 0``, so that the iterates are not all minimisers. Compressors are maps:
two messages that coincide have to be compressed to the same vector. Everything may be scaled, a constant in the inequalities
(the value ``"1"``) included, which therefore only has to be positive.

Where ``state_K = factor state_0`` with ``|factor| < 1``, later periods are the first one scaled. The inequality between a sample
scaled by ``s = factor^j`` and another one is a quadratic in s, which is evaluated for j = 1, 2, ... until it is nonpositive on
the whole interval that holds all that follow. A factor above one is the same read backwards.

That there is none is proved by nonnegative multipliers with ``sum_c multiplier_c row_c - sum_k ||x_k - x*||^2 >= 0`` in every
block and in every (nonnegative) function value: on a closed trajectory the rows are ``<= 0``, so its iterates rest at ``x*``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from efpep.errors import CertificateError
from efpep.model.linear import Linear
from efpep.model.sample import Sample
from efpep.model.system import Matrix
from efpep.proof.conditions import check_lower, check_upper
from efpep.proof.moments import Moments
from efpep.proof.witness import LowerWitness, UpperWitness
from efpep.questions.cycle.inequalities import CycleInequalities

_SHIFTS = 500
"""How many periods are looked at one by one before giving up."""


@dataclass(frozen=True, slots=True)
class ClosedTrajectory:
    """One period of a closed trajectory.

    Attributes:
        grams: for each block, the Gram matrix over its columns.
        values: the function values that occur.
    """

    grams: tuple[Matrix, ...]
    values: tuple[Fraction, ...]


@dataclass(frozen=True, slots=True)
class Exclusion:
    """The multipliers of the rows that exclude closed trajectories."""

    multipliers: tuple[Fraction, ...]


def numbers_of(orbit: CycleInequalities, witness: ClosedTrajectory) -> Moments:
    """Return the numbers of a trajectory; columns and values that occur in no row are zero."""
    return Moments.of_relation(orbit.system.relations[0], witness.grams, witness.values)


def check_trajectory(orbit: CycleInequalities, witness: ClosedTrajectory) -> None:
    """Check that ``witness`` is one period of a closed trajectory that leaves the minimiser.

    Raises:
        CertificateError: naming the first condition that fails.
    """
    _check_classes(orbit)
    check_lower(orbit.system, LowerWitness(Fraction(0), (witness.grams,), (witness.values,)))
    numbers = numbers_of(orbit, witness)
    for k, name in enumerate(orbit.trace.value_names):
        reduced = orbit.substitution.values.reduced(Linear({k: Fraction(1)}))
        if sum((a * numbers.function_value(j) for j, a in reduced.terms.items()), Fraction(0)) < 0:
            raise CertificateError(f"the function value {name} is negative.")
    if orbit.trace.unity in orbit.values and numbers.values[orbit.trace.unity] == 0:
        raise CertificateError("the constant 1 is zero, so the trajectory cannot be scaled to one of the class.")
    if all(group.functions.curvature <= 0 for group in orbit.trace.groups) and numbers.value(orbit.gaps()) <= 0:
        raise CertificateError("the trajectory may rest at another minimiser, so it proves nothing.")
    for name, _ in violated_shifts(orbit, numbers):
        raise CertificateError(f"the trajectory violates {name}.")
    check_messages(orbit, numbers)


def check_exclusion(orbit: CycleInequalities, witness: Exclusion) -> None:
    """Check that ``witness`` proves that every closed trajectory rests at the minimiser.

    Raises:
        CertificateError: naming the first condition that fails.
    """
    check_upper(orbit.system, UpperWitness(Fraction(0), (), (), (witness.multipliers,), Fraction(1)))


@dataclass(frozen=True, slots=True)
class Shift:
    """A sample of a later period against one of the first: what :meth:`CycleInequalities.shifted_row` takes."""

    group: int
    a: Sample
    b: Sample
    shift: int
    first: bool


def violated_shifts(orbit: CycleInequalities, numbers: Moments) -> Iterator[tuple[str, Shift]]:
    """Yield the inequalities between samples of different periods that are violated, the earliest shift of each pair.

    Raises:
        CertificateError: later periods are not covered, or the function class does not scale.
    """
    if orbit.factor == 1:
        return
    for group, a, b in orbit.pairs():
        for first in (True, False):
            at = [numbers.value(orbit.shifted(group, a, b, Fraction(s), first=first)) for s in (0, 1, -1, 2)]
            constant, linear, square = at[0], (at[1] - at[2]) / 2, (at[1] + at[2]) / 2 - at[0]
            if at[3] != constant + 2 * linear + 4 * square:
                raise CertificateError("the inequalities of the function class do not scale, so no trajectory continues.")
            for shift in range(1, _SHIFTS + 1):
                by = orbit.contraction**shift
                if abs(by) < 1 and never_positive(
                    (constant, linear, square), -abs(by) if orbit.factor < 0 else Fraction(0), abs(by)
                ):
                    break
                if constant + linear * by + square * by * by > 0:
                    later = Shift(group, a, b, shift, first)
                    yield f"the inequality of {a.label} and {b.label} {shift} periods apart", later
                    break
                if abs(by) == 1:
                    break
            else:
                raise CertificateError("the inequalities between periods far apart are not covered.")


def never_positive(quadratic: tuple[Fraction, Fraction, Fraction], low: Fraction, high: Fraction) -> bool:
    """Whether ``A + B s + C s^2 <= 0`` for all s in an interval."""
    a, b, c = quadratic
    if any(a + b * s + c * s * s > 0 for s in (low, high)):
        return False
    return c >= 0 or not low < -b / (2 * c) < high or 4 * a * c >= b * b


def check_messages(orbit: CycleInequalities, numbers: Moments) -> None:
    """Check that messages which coincide are compressed to the same vector, in all periods."""
    for p, q in orbit.message_pairs():
        own, other = (numbers.value(orbit.square(message.sent, p.group)) for message in (p, q))
        between = numbers.value(orbit.inner(p.sent, q.sent, p.group))
        if own == 0 or other == 0:
            continue  # zero is compressed to zero by the recorded inequality
        for shift in range(1 if orbit.factor != 1 and p is q else 0, _SHIFTS + 1):
            by = orbit.contraction**shift
            if other - 2 * by * between + by * by * own == 0:
                if numbers.value(orbit.square(by * p.received - q.received, p.group)) != 0:
                    raise CertificateError(f"the messages {p.label} and {q.label} coincide, but their compressed forms do not.")
                break  # no other multiple of one is the other
            if between * between < own * other or orbit.factor == 1 or (abs(by) == 1 and shift > 0) or by * by * own < other:
                break
        else:
            raise CertificateError("the messages of periods far apart are not covered.")


def _check_classes(orbit: CycleInequalities) -> None:
    compressors = {group.compressor for group in orbit.trace.groups} | {orbit.trace.server_compressor}
    if not all(group.functions.exact for group in orbit.trace.groups):
        raise CertificateError("the inequalities of a function class are not sufficient, so they prove no trajectory.")
    if not all(compressor is None or compressor.exact for compressor in compressors):
        raise CertificateError("the inequalities of a compressor class are not sufficient, so they prove no trajectory.")
