"""Systems: the one shape of what efpep proves about worst cases.

A system is a list of *relations* that share unknowns. For a number theta, unknowns and multipliers ``lambda_c`` (nonnegative for
inequalities ``row_c <= 0``) prove every relation i, block by block and in every nonnegative value:

    sum_j <W_j, F_ij(theta)> + sum_k w_k f_ik(theta) + sum_c lambda_c row_c + E_i(theta) - t M_i >= 0,   t > 0.

``F_ij(theta)`` are Gram matrices of linear forms with coefficients affine in theta, W_j the shared symmetric matrices, w_k the
shared numbers, and ``E_i(theta) = E_i0 + theta E_i1``. :mod:`efpep.proof.conditions` checks this end and its opposite,
:mod:`efpep.conic.lmi` makes a semidefinite program of it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from efpep.model.field import Scalar
from efpep.model.form import Entries, Form, product
from efpep.model.integers import IntegerForm, common_denominator, integer_rows, numerator_over
from efpep.model.linear import Linear
from efpep.model.row import Row

Matrix = tuple[tuple[Fraction, ...], ...]

BEST = "best"
"""The name of the value that is at most a metric at every iterate."""


@dataclass(frozen=True, slots=True)
class Block:
    """One diagonal block of a relation: the Gram matrix of the columns that occur.

    Attributes:
        index: 0 for the mean block, ``a + 1`` for the deviations of group ``a``.
        name: ``"mean"`` or ``"deviation"`` (``"deviation[a]"`` with several groups).
        columns: the numbers of the columns that occur.
    """

    index: int
    name: str
    columns: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Unknown:
    """A symmetric matrix that all relations share, over the products of features.

    Attributes:
        named: what it is, in sentences.
        features: the names of the features.
        excluded: what is wrong with moments on which it could still help, in a sentence.
        nonnegative: whether it is positive semidefinite; else it is free.
        given: the matrix, where the question gives it.
    """

    named: str
    features: tuple[str, ...]
    excluded: str
    nonnegative: bool = True
    given: Matrix | None = None


@dataclass(frozen=True, slots=True)
class Multiple:
    """A number that all relations share, by which a form is multiplied.

    Attributes:
        name: its name.
        named: what it multiplies, in sentences.
        excluded: what is wrong with moments on which it could still help, in a sentence.
        nonnegative: whether it is nonnegative; else it is free.
        given: the number, where the question gives it.
    """

    name: str
    named: str
    excluded: str
    nonnegative: bool = True
    given: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Square:
    """What a shared matrix W contributes to a relation: ``(constant + theta slope) <W, (forms)(forms)'>`` in a block.

    Attributes:
        unknown: the number of the matrix.
        block: the index of the block.
        forms: one linear form a feature.
        constant: the coefficient at theta = 0.
        slope: how it grows with theta.
    """

    unknown: int
    block: int
    forms: tuple[Linear, ...]
    constant: Scalar
    slope: Scalar

    def weighted(self, weights: Matrix) -> Form:
        """Return ``<W, (forms)(forms)'>`` for a symmetric matrix."""
        entries: Entries = {}
        for j, v in enumerate(self.forms):
            for i, u in enumerate(self.forms[: j + 1]):
                weight = weights[i][j]
                if weight != 0:
                    product((weight if i == j else 2 * weight) * u, v, entries)
        return Form({self.block: {key: a for key, a in entries.items() if a != 0}})

    def integers(self, weights: Matrix) -> IntegerForm:
        """Return :meth:`weighted` of a symmetric rational matrix, in integers over one denominator.

        Raises:
            CertificateError: a number is not rational.
        """
        shared = common_denominator(a for form in self.forms for a in form.terms.values())
        terms = [[(j, numerator_over(a, shared)) for j, a in form.terms.items()] for form in self.forms]
        scale = common_denominator(a for row in weights for a in row)
        total: dict[tuple[int, int], int] = {}
        for form, row in zip(terms, integer_rows(weights, scale), strict=True):
            image: dict[int, int] = {}
            for weight, other in zip(row, terms, strict=True):
                if weight:
                    for v, a in other:
                        image[v] = image.get(v, 0) + weight * a
            for u, a in form:
                for v, b in image.items():
                    if u <= v:
                        total[u, v] = total.get((u, v), 0) + a * b
        entries = tuple((key, a) for key, a in total.items() if a)
        return IntegerForm(scale * shared * shared, ((self.block, entries),), ())


@dataclass(frozen=True, slots=True)
class Share:
    """What a shared number w contributes to a relation: ``w (constant + theta slope)``."""

    unknown: int
    constant: Form
    slope: Form


@dataclass(frozen=True)
class Relation:
    """One relation of a system.

    Attributes:
        blocks: the blocks.
        values: the numbers of the function values that occur; all of them are nonnegative.
        value_names: the names of all function values, by number.
        rows: the inequalities and equalities that hold.
        squares: the contributions of shared matrices.
        shares: the contributions of shared numbers.
        constant: E at theta = 0.
        slope: how E grows with theta.
        margin: M, of which a positive multiple has to be left over; void where nothing has.
        place: which of the relations its rows, values and Gram matrices are of, in sentences: ``" of step 3"``, or nothing.
        claimed: what is nonnegative by this relation, in sentences.
        instance: what the moments of this relation are called, in sentences.
        sparse: whether the blocks are large and banded, so that an approximate factor with an exact remainder decides.
        differences: whether function values occur by their differences alone in everything, so that all of their coefficients,
            whose sum is zero, vanish where none is negative; the constant ``"1"`` and a value ``"best"``, that of a metric at
            the best iterate, are no function values.
    """

    blocks: tuple[Block, ...]
    values: tuple[int, ...]
    value_names: tuple[str, ...]
    rows: tuple[Row, ...]
    squares: tuple[Square, ...] = ()
    shares: tuple[Share, ...] = ()
    constant: Form = field(default_factory=Form)
    slope: Form = field(default_factory=Form)
    margin: Form = field(default_factory=Form)
    place: str = ""
    claimed: str = "the decrease"
    instance: str = "the instance"
    sparse: bool = False
    differences: bool = False

    def differing(self, values: Sequence[int]) -> list[int]:
        """Return those of some values whose coefficients vanish; see ``differences``."""
        return [k for k in values if self.differences and self.value_names[k] not in {"1", BEST}]


@dataclass(frozen=True)
class System:
    """A list of relations that share unknowns; see the module.

    Attributes:
        relations: the relations.
        matrices: the shared matrices.
        multiples: the shared numbers.
        separated: whether messages that differ as linear forms differ as vectors, at least in the limit, so that what the
            inequalities leave open does happen (:mod:`efpep.questions.common.separation`).
        least: the least theta that means anything, or None.
        called: what theta is called, in sentences.
        vanishing: what is wrong with moments that exclude nothing, in a sentence.
        allowed: what is wrong with moments that do not exclude theta, in a sentence.
    """

    relations: tuple[Relation, ...]
    matrices: tuple[Unknown, ...]
    multiples: tuple[Multiple, ...]
    separated: bool
    least: Fraction | None
    called: str
    vanishing: str
    allowed: str

    @property
    def free(self) -> bool:
        """Whether some unknown may have any sign."""
        return any(not unknown.nonnegative for unknown in (*self.matrices, *self.multiples))

    @property
    def given(self) -> bool:
        """Whether the question gives its unknowns."""
        return any(unknown.given is not None for unknown in (*self.matrices, *self.multiples))

    @property
    def margined(self) -> bool:
        """Whether something has to be left over."""
        return any(relation.margin.nonzero for relation in self.relations)


def affine(constant: Scalar, slope: Scalar, theta: Fraction) -> Scalar:
    """Return ``constant + theta slope``."""
    return constant + theta * slope if slope else constant
