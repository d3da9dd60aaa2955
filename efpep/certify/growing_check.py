"""The conditions under which numbers prove an end of the constant K of growing potentials; see :mod:`efpep.question.growing`.

Upper end: potentials P_t >= 0 and nonnegative multipliers of the recorded inequalities ``row <= 0`` with

    K initial + P(before) - P(after) - growth + sum_c multiplier_c row_c >= 0

for every link of the chain, block by block and in every (nonnegative) function value.

Lower end: for every link Gram matrices and values that satisfy its rows, such that the features of each potential have at least
the Gram matrix after one link that they have before the next. Pairing them with the conditions above telescopes all potentials
away: ``K`` is at least the sum of all growths divided by ``initial``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from efpep.certify.definite import is_semidefinite
from efpep.certify.moments import Moments
from efpep.certify.witness import Matrix
from efpep.errors import CertificateError
from efpep.model.form import Form
from efpep.question.growing import Chain, Link
from efpep.question.separation import check_separated

Matrices = Mapping[str, Matrix]


@dataclass(frozen=True, slots=True)
class ChainUpper:
    """Potentials and multipliers that prove ``f(x_T) - f* <= K ||x_0 - x*||^2 / A_T``.

    Attributes:
        K: the constant.
        potentials: for each t below T, the matrix of P_t by block.
        multipliers: for each link, one multiplier for each of its rows.
    """

    K: Fraction
    potentials: tuple[Matrices, ...]
    multipliers: tuple[tuple[Fraction, ...], ...]


@dataclass(frozen=True, slots=True)
class ChainLower:
    """Moments of every link that exclude smaller constants.

    Attributes:
        K: every smaller constant is excluded.
        grams: for each link, the Gram matrices by block.
        values: for each link, the function values that occur.
    """

    K: Fraction
    grams: tuple[Matrices, ...]
    values: tuple[tuple[Fraction, ...], ...]


def check_chain_upper(question: Chain, witness: ChainUpper) -> None:
    """Check that ``witness`` proves its constant for ``question``.

    Raises:
        CertificateError: naming the first condition that fails.
    """
    _require_lengths("potentials", witness.potentials, len(question.features))
    _require_lengths("multipliers", witness.multipliers, len(question.links))
    for t, (matrices, features) in enumerate(zip(witness.potentials, question.features, strict=True)):
        for name, names in features.items():
            if len(matrices[name]) != len(names):
                raise CertificateError(f"the potential at {t} does not fit its {len(names)} features in the {name} block.")
            if not is_semidefinite(matrices[name]):
                raise CertificateError(f"the potential at {t} is not positive semidefinite in the {name} block.")
    for s, link in enumerate(question.links):
        _require_lengths(f"multipliers {where(s)}", witness.multipliers[s], len(link.rows))
        for row, multiplier in zip(link.rows, witness.multipliers[s], strict=True):
            if multiplier < 0 and not row.equality:
                raise CertificateError(f"the multiplier of the inequality {row.name} {where(s)} is negative.")
        _check_decrease(link, decrease(question, witness, s), where(s))


def decrease(question: Chain, witness: ChainUpper, s: int) -> Form:
    """Return ``K initial + P(before) - P(after) - growth + sum multiplier row`` of link s."""
    link = question.links[s]
    total = witness.K * link.initial - link.growth
    if s > 0:
        total = total + link.potential(witness.potentials[s - 1], after=False)
    if s < len(witness.potentials):
        total = total - link.potential(witness.potentials[s], after=True)
    for row, multiplier in zip(link.rows, witness.multipliers[s], strict=True):
        if multiplier != 0:
            total = total + multiplier * row.form
    return total


def _check_decrease(link: Link, total: Form, at: str) -> None:
    for k, coefficient in sorted(total.values.items()):
        if coefficient < 0:
            raise CertificateError(f"the decrease {at} is negative in the function value {link.names[k]}.")
    covered = {(place.index, j) for place in link.places for j in place.columns}
    if any((b, j) not in covered for b, entries in total.blocks.items() for key in entries for j in key):
        raise CertificateError(f"the decrease {at} has entries outside the question's blocks.")
    for place in link.places:
        if not is_semidefinite(total.matrix(place.index, place.columns)):
            raise CertificateError(f"the decrease {at} is not positive semidefinite in the {place.name} block.")


def check_chain_lower(question: Chain, witness: ChainLower) -> None:
    """Check that ``witness`` excludes every constant below its own for ``question``.

    Raises:
        CertificateError: naming the first condition that fails.
    """
    check_separated(separated=question.separated)
    _require_lengths("Gram matrices", witness.grams, len(question.links))
    _require_lengths("values", witness.values, len(question.links))
    found = [instance(question, witness, s) for s in range(len(question.links))]
    for s, (link, moments) in enumerate(zip(question.links, found, strict=True)):
        for k, value in moments.values.items():
            if value < 0:
                raise CertificateError(f"the function value {link.names[k]} {where(s)} is negative.")
        for place in link.places:
            if not is_semidefinite(witness.grams[s][place.name]):
                raise CertificateError(f"the Gram matrix of the {place.name} block {where(s)} is not positive semidefinite.")
        for row in link.rows:
            number = moments.value(row.form)
            if number > 0 or (row.equality and number != 0):
                raise CertificateError(f"the moments {where(s)} violate {row.name}.")
    initial = found[0].value(question.links[0].initial)
    if initial <= 0:
        raise CertificateError("the initial distance vanishes, so that nothing is excluded.")
    for t in range(len(question.features)):
        for old, new in zip(question.links[t].places, question.links[t + 1].places, strict=True):
            after = found[t].products(old.index, [direction.form for direction in old.after])
            before = found[t + 1].products(new.index, [direction.form for direction in new.before])
            rest = [[a - b for a, b in zip(left, right, strict=True)] for left, right in zip(after, before, strict=True)]
            if not is_semidefinite(rest):
                raise CertificateError(f"the potential at {t} does not drop out in the {old.name} block.")
    if growth(question, found) < witness.K * initial:
        raise CertificateError("the growth is too small to exclude every constant below the lower one.")


def growth(question: Chain, moments: Sequence[Moments]) -> Fraction:
    """Return the sum of all links' growths."""
    return sum((m.value(link.growth) for link, m in zip(question.links, moments, strict=True)), Fraction(0))


def instance(question: Chain, witness: ChainLower, s: int) -> Moments:
    """Return the moments of link s."""
    link = question.links[s]
    _require_lengths(f"values {where(s)}", witness.values[s], len(link.values))
    for place in link.places:
        _require_lengths(f"Gram matrix {where(s)}", witness.grams[s][place.name], len(place.columns))
    blocks = [(place.index, place.columns) for place in link.places]
    grams = [witness.grams[s][place.name] for place in link.places]
    return Moments.of(blocks, grams, dict(zip(link.values, witness.values[s], strict=True)))


def where(s: int) -> str:
    """Return how messages call link s."""
    return f"of step {s}" if s else "at the start"


def _require_lengths(what: str, given: Sequence[object], wanted: int) -> None:
    if len(given) != wanted:
        raise CertificateError(f"there are {len(given)} {what}, but the question needs {wanted}.")
