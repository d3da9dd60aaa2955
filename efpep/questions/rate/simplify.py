"""Simple Lyapunov functions: few terms with short coefficients, at nearly the same proved rate.

The search returns a Lyapunov function from the interior of all that contract, with every term present. Here terms are dropped
one by one, smallest first, as long as some function of the remaining terms still contracts at the allowed rate; then the
coefficients are rounded to as few digits as that rate allows. Every candidate is decided by an exact certificate.
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from efpep.conic.family import Family, GivenFamily, PatternFamily
from efpep.conic.rounding import Rounding
from efpep.conic.solver import DEFAULT, find_solver, propose
from efpep.conic.units import Measures
from efpep.errors import InputError
from efpep.model.argument import require_kind
from efpep.model.field import rational
from efpep.model.system import System
from efpep.proof.witness import UpperWitness
from efpep.questions.common.step_inequalities import StepInequalities, Weights
from efpep.questions.rate.answer import Rate
from efpep.questions.rate.enclosure import outward
from efpep.questions.rate.lmi import rate_lmi
from efpep.questions.rate.lyapunov import Lyapunov
from efpep.questions.rate.lyapunov_class import WEIGHTS
from efpep.questions.rate.units import scaling

_TOLERANCE = 1e-12
_DIGITS = (1, 2, 3, 4, 5, 6, 8)

Pattern = frozenset[tuple[int, int, int]]
"""The entries (block, i, j), i <= j, that weights may have."""


def simplify(rate: Rate, tolerance: object = "1e-6") -> Rate:
    """Return an answer with a simpler Lyapunov function whose proved rate is at most ``tolerance`` above that of ``rate``.

    The lower end stays: it is about all Lyapunov functions of the class.

    Args:
        rate: an answer with a Lyapunov function.
        tolerance: how much of ``1 - rho`` may be given away, relative to it.

    Raises:
        InputError: the answer has no Lyapunov function, or the tolerance is not in (0, 1).
    """
    require_kind(rate, Rate, "rate", "an answer of efpep.rate")
    slack = rational(tolerance, "tolerance")
    if not 0 < slack < 1:
        raise InputError(
            f"tolerance is {slack}, the part of 1 - rho that may be given away; give a number in (0, 1), such as 1e-6.",
            argument="tolerance",
        )
    if rate.upper is None or rate.certificate is None or rate.certificate.upper is None:
        raise InputError(
            "the answer has no Lyapunov function to simplify; choose a step size at which the method contracts.", argument="rate"
        )
    if rate.certificate.question.given is not None:
        raise InputError(
            "the answer is about a given Lyapunov function; ask for the best one first, and simplify that.", argument="rate"
        )
    if rate.certificate.question.lyapunov_class.positivity != WEIGHTS:
        raise InputError(
            "the Lyapunov function has weights of any sign, and only those with positive semidefinite weights are simplified; "
            "ask without positivity.",
            argument=("rate", "positivity"),
        )
    question = _plain(replace(rate.certificate.question.inequalities, given=None))
    allowed = 1 - rate.upper
    target = outward(1 - allowed * (1 - slack), allowed * slack, up=True)
    witness = _fewest_terms(question, target, rate.certificate.upper)
    witness = _shortest_coefficients(question, target, witness)
    certificate = replace(rate.certificate, upper=witness)
    certificate.check()
    return replace(rate, lyapunov=Lyapunov.of(question, witness), certificate=certificate)


def _plain(question: StepInequalities) -> StepInequalities:
    """Return the question with gradients taken as they are, so that its terms are those of the printed formula."""
    blocks = tuple(
        replace(block, features=tuple(replace(feature, curvature=0) for feature in block.features)) for block in question.blocks
    )
    return replace(question, blocks=blocks)


def _fewest_terms(question: StepInequalities, target: Fraction, witness: UpperWitness) -> UpperWitness:
    kept: Pattern = frozenset(
        (b, i, j)
        for b, block in enumerate(question.blocks)
        for j in range(len(block.features))
        for i in range(j + 1)
        if witness.weights[b][i][j] != 0
    )
    gaps = frozenset(k for k, coefficient in enumerate(witness.gaps) if coefficient != 0)
    dropped = True
    while dropped:
        dropped = False
        for candidate in _by_size(question, witness, kept, gaps):
            fewer: Pattern = frozenset(e for e in kept if not _goes_with(e, candidate))
            fewer_gaps = gaps - {candidate[1]} if candidate[0] < 0 else gaps
            found = _restricted(question, target, fewer, fewer_gaps)
            if found is not None:
                kept, gaps, witness, dropped = fewer, fewer_gaps, found, True
                break
    return witness


def _goes_with(entry: tuple[int, int, int], dropped: tuple[int, int, int]) -> bool:
    """Whether an entry has to go with a dropped one: itself, or an off-diagonal entry of a dropped diagonal one."""
    block, i, j = dropped
    return entry == dropped or (entry[0] == block and i == j and i in entry[1:])


def _by_size(
    question: StepInequalities, witness: UpperWitness, kept: Pattern, gaps: frozenset[int]
) -> list[tuple[int, int, int]]:
    """Return the terms, gaps as (-1, k, k), smallest first in the scaled units of the solver."""
    units = scaling(question)
    sizes = units.features
    scaled = {(b, i, j): abs(witness.weights[b][i][j]) * sizes[b][i] * sizes[b][j] for b, i, j in kept}
    scaled |= {(-1, k, k): witness.gaps[k] * units.value for k in gaps}
    return sorted(scaled, key=lambda entry: scaled[entry])


def _restricted(question: StepInequalities, target: Fraction, kept: Pattern, gaps: frozenset[int]) -> UpperWitness | None:
    """Return a witness at the target rate with only these terms, or None where none is found."""
    if not kept:
        return None
    solver = find_solver(DEFAULT)
    sdp = rate_lmi(question, lambda system, measures, first: PatternFamily(system, measures, first, kept, gaps))
    return Rounding(sdp, solver).upper(target, propose(solver, sdp.pencil.at(1 - target), _TOLERANCE))


def _shortest_coefficients(question: StepInequalities, target: Fraction, witness: UpperWitness) -> UpperWitness:
    solver = find_solver(DEFAULT)
    entries = [abs(a) for matrix in witness.weights for row in matrix for a in row] + list(witness.gaps)
    largest = max(entries)
    for digits in _DIGITS:
        weights = Weights(
            tuple(tuple(tuple(_short(a / largest, digits) for a in row) for row in matrix) for matrix in witness.weights),
            tuple(_short(a / largest, digits) for a in witness.gaps),
        )

        def family(system: System, measures: Measures, first: int, weights: Weights = weights) -> Family:
            return GivenFamily(system, measures, first, weights.blocks, weights.gaps)

        sdp = rate_lmi(question, family)
        found = Rounding(sdp, solver).upper(target, propose(solver, sdp.pencil.at(1 - target), _TOLERANCE))
        if found is not None:
            return found
    return witness


def _short(value: Fraction, digits: int) -> Fraction:
    """Round to the given count of significant digits."""
    if value == 0:
        return value
    return Fraction(f"{float(value):.{digits - 1}e}")
