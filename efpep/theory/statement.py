"""Theorems about rates as data: what they claim, for which parameters, and everything that their proofs consist of.

All formulas are text (:mod:`efpep.theory.formula`). ``s`` stands for ``sqrt(1 - delta)``. A theorem is proved case by case;
in each case some of ``s, mu, L, eta`` and the root that the claim is about are free, and the others are rational functions
of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from efpep.theory.rate_claim import RateClaim


@dataclass(frozen=True)
class SquaredVector:
    """A multiple of the squared norm of a combination of vectors.

    Attributes:
        coefficient: the multiple.
        vector: the coefficients by vector: features before the step by their names (``x``, ``g``, ``g-d``), those after it with
            a ``+``.
    """

    coefficient: str
    vector: Mapping[str, str]


SquareSums = Mapping[str, tuple[SquaredVector, ...]]
"""Squares by block: ``"mean"``, and ``"deviation"`` where there are several agents."""


@dataclass(frozen=True)
class Instance:
    """Agents with ``f_i = curvature x^2/2`` on a line and ``C(v) = factor v``, in a state that a step multiplies by a number.

    Attributes:
        curvature: ``mu`` or ``L``.
        factor: 1 + s or 1 - s.
        multiple: what the step multiplies the state by.
        state: the iterate and the memories.
    """

    curvature: str
    factor: str
    multiple: str
    state: Mapping[str, str]


@dataclass(frozen=True)
class Domination:
    """Why V controls the metric: ``V - constant metric + sum of multipliers times rows = squares``."""

    constant: str
    multipliers: Mapping[str, str] = field(default_factory=dict[str, str])
    squares: SquareSums = field(default_factory=dict[str, tuple[SquaredVector, ...]])


@dataclass(frozen=True)
class Proof:
    """A Lyapunov function, and why it decreases: ``rate V - V+ + sum of multipliers times rows = squares``.

    Attributes:
        lyapunov: V as squares.
        multipliers: the multipliers by row.
        squares: what is left.
        domination: why V controls the metric.
        gaps: the coefficients in V of function gaps.
    """

    lyapunov: SquareSums
    multipliers: Mapping[str, str]
    squares: SquareSums
    domination: Domination
    gaps: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True)
class Coordinate:
    """A coordinate of the orthant that a case's region is the image of.

    Attributes:
        name: its name.
        inverse: it as a function of the free quantities.
        positive: whether it is positive; else nonnegative.
    """

    name: str
    inverse: str
    positive: bool = True


@dataclass(frozen=True)
class Case:
    """One case of a theorem with its proof.

    Attributes:
        name: what it is about, in words.
        branch: which of the claim's branches is the larger one.
        equal: whether ``mu = L`` (and ``mu < L`` in the other cases).
        lossless: whether ``delta = 1`` (and ``delta < 1`` in the other cases).
        free: the free quantities.
        solved: the other quantities by the free ones.
        facts: formulas whose sign the equal formula beside them shows, from the hypotheses and the facts before.
        consequences: further ones, which also use that the root is the largest one, and below 1 where the equation is positive.
        coordinates: the orthant of which the region is the image.
        region: the free quantities as functions of the coordinates.
        where: abbreviations, each of what stands before.
        proof: the Lyapunov function, and why it decreases.
        instance: the worst case.
    """

    name: str
    branch: int
    equal: bool
    lossless: bool
    free: tuple[str, ...]
    solved: Mapping[str, str]
    facts: tuple[tuple[str, str], ...]
    consequences: tuple[tuple[str, str], ...]
    coordinates: tuple[Coordinate, ...]
    region: Mapping[str, str]
    where: Mapping[str, str]
    proof: Proof
    instance: Instance


@dataclass(frozen=True)
class RateProof:
    """A claim about rates and its proof.

    Attributes:
        claim: what is claimed.
        cases: the cases, which together are all.
    """

    claim: RateClaim
    cases: tuple[Case, ...]


@dataclass(frozen=True)
class GroupClaim:
    """What is claimed of groups with shares w and constants mu <= L: V decreases by the largest root of the proof's cubic.

    ``V = |mean of server|^2 + sum of w weight mean |errors|^2`` over the groups, at the step size ``step``.

    Attributes:
        step: the step size, in s and ``Sbar``, the mean of S.
        constants: the constants of a group, in mu, L, Sbar, and the ones before.
        average: the weights of the mean E of which ``K1 = E k^2`` and ``K2 = (E k)^2`` are.
        server: the vector whose average over all agents V has, its coefficients by feature.
        weight: the weight of errors.
        errors: the vector of each agent whose square V has.
        loss: delta as a function of s.
    """

    server: Mapping[str, str]
    errors: Mapping[str, str]
    weight: str = "1/(s*sigma)"
    step: str = "2/Sbar*(1-s)/(1+s)"
    constants: Mapping[str, str] = field(default_factory=lambda: {"S": "L+mu", "sigma": "S/Sbar", "k": "(L-mu)/S"})
    average: str = "w*sigma"
    loss: str = "1-s^2"


@dataclass(frozen=True)
class GroupProof:
    """An identity for any number of groups; see :mod:`efpep.theorems.groups` for what its names stand for.

    Attributes:
        cubic: the coefficients of the cubic in rho, the highest power first, in s, ``K1 = E k^2`` and ``K2 = (E k)^2``.
        abbreviations: what formulas abbreviate.
        before: V before the step: what is the server's, and what is averaged over the groups.
        after: V after the step.
        rows: the inequalities of each group, ``<= 0``, each after its multiplier.
        squares: the vectors of each group whose squares are left, each after its coefficient.
        last: the server's vector whose square is left, after its coefficient.
        averages: the multiples of ``e - Ee``, ``y - Ey``, ``k - kbar`` and ``k^2 - K1`` (``k2``), whose averages vanish, that the
            identity of one group has besides.
        state: a group's vectors, and their averages, in the state in which everything is an equality.
    """

    cubic: tuple[str, ...]
    abbreviations: Mapping[str, str]
    before: tuple[str, str]
    after: tuple[str, str]
    rows: tuple[tuple[str, str], ...]
    squares: tuple[tuple[str, str], ...]
    last: tuple[str, str]
    averages: Mapping[str, str]
    state: Mapping[str, str]


@dataclass(frozen=True)
class GroupDomination:
    """Why V controls the metric, for any number of groups: V, less a multiple of the metric, plus rows is a sum of squares.

    Formulas have the names of :class:`GroupProof`; y is eta times the gradient, and d the iterate, from the minimiser.

    Attributes:
        server: what stands for G: itself, or Ey, eta times the average gradient.
        errors: whether the errors' part of V is used; without it V is larger.
        scale: by what V is multiplied.
        constant: the multiple of ``|d|^2``.
        rows: as in a proof.
        squares: as in a proof.
        last: as in a proof.
        averages: as in a proof.
    """

    server: str
    errors: bool
    scale: str
    constant: str
    rows: tuple[tuple[str, str], ...]
    squares: tuple[tuple[str, str], ...]
    last: tuple[str, str]
    averages: Mapping[str, str]
