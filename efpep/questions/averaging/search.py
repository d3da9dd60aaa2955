"""The least constant of a one-step potential, proved from both sides."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from efpep.conic.bound_enclosure import better_lower, better_upper, first_ends
from efpep.conic.lmi import Lmi
from efpep.conic.solver import Solver, find_solver, propose
from efpep.conic.units import Measures, Units, dyadic, root
from efpep.proof.moments import Moments
from efpep.proof.witness import LowerWitness, UpperWitness
from efpep.questions.averaging.inequalities import AveragingInequalities

_MARGINS = (1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6)
_TOLERANCES = (1e-12, 1e-10)
_ROUGH = 1e-8
_ROUNDS = 3


@dataclass(frozen=True, slots=True)
class LeastConstant:
    """What was proved, and whose proposals it rests on."""

    lower: LowerWitness | None
    upper: UpperWitness | None
    solver: str

    @property
    def sharp(self) -> bool:
        """Whether both ends are there and relatively within 1e-7."""
        if self.lower is None or self.upper is None:
            return False
        return self.upper.theta - self.lower.theta <= self.upper.theta / 10**7


def least_constant(question: AveragingInequalities, solver: Solver) -> LeastConstant:
    """Enclose the least constant of a one-step question."""
    lmi = Lmi(question.system, _measures(question, solver))
    ends = LeastConstant(*first_ends(lmi, solver, _MARGINS, _TOLERANCES), solver.name)
    if ends.sharp or solver.name == "extended":
        return ends
    extended = find_solver("extended")
    lower, upper = first_ends(lmi, extended, _MARGINS, _TOLERANCES)
    return LeastConstant(better_lower(ends.lower, lower), better_upper(ends.upper, upper), f"{solver.name}+{extended.name}")


def _measures(question: AveragingInequalities, solver: Solver) -> Measures:
    """Measure columns and features by their sizes on an optimal instance of unit energy, found in a few rounds."""
    measures = Measures.plain(question.system)
    for _ in range(_ROUNDS):
        lmi = Lmi(question.system, measures)
        solution = propose(solver, lmi.program(Fraction(0), Fraction(0)), _ROUGH)
        if not solution.usable:
            break
        measures = _measured(question, lmi.moments(solution.rationals()[1], Fraction(0)))
    return measures


def _measured(question: AveragingInequalities, witness: LowerWitness) -> Measures:
    """Measure by the sizes on an instance, however rough."""
    relation = question.system.relations[0]
    moments = Moments.of_relation(relation, witness.grams[0], witness.values[0])
    energy = moments.value(question.energy)
    unit = energy if energy > 0 else Fraction(1)
    columns = [list(sizes) for sizes in Measures.plain(question.system).relations[0].columns]
    features: list[tuple[Fraction, ...]] = []
    for block, gram in zip(question.blocks, witness.grams[0], strict=True):
        for j, line in enumerate(gram):
            columns[block.index][block.columns[j]] = root(line[j] / unit)
        energies = moments.products(block.index, [feature.before for feature in block.features])
        features.append(tuple(root(energies[i][i] / unit) for i in range(len(energies))))
    units = Units(tuple(tuple(sizes) for sizes in columns), tuple(features), Fraction(1))
    constant = -moments.value(question.rest) / unit
    return Measures((units,), units.features, dyadic(max(constant, Fraction(1))))
