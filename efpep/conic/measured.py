"""Units that are measured: columns, values and features by their sizes on an optimal instance, found in a few rounds."""

from __future__ import annotations

from fractions import Fraction

from efpep.conic.lmi import Lmi
from efpep.conic.solver import Solver, propose
from efpep.conic.units import Measures, Units, dyadic, root
from efpep.model.system import System
from efpep.proof.moments import Moments
from efpep.proof.witness import LowerWitness

_ROUGH = 1e-8
_ROUNDS = 3


def measured(system: System, solver: Solver, start: Measures) -> Measures:
    """Return units for a system in which theta occurs in E alone, beginning with those of ``start``."""
    measures = start
    for _ in range(_ROUNDS):
        lmi = Lmi(system, measures)
        solution = propose(solver, lmi.program(Fraction(0), Fraction(0)), _ROUGH)
        if not solution.usable:
            break
        measures = _by_instance(system, measures, lmi.moments(solution.rationals()[1], Fraction(0)))
    return measures


def _by_instance(system: System, before: Measures, witness: LowerWitness) -> Measures:
    """Measure by the sizes on an instance, however rough, scaled so that E grows by 1 with theta."""
    triples = zip(system.relations, witness.grams, witness.values, strict=True)
    instances = [Moments.of_relation(relation, grams, values) for relation, grams, values in triples]
    pairs = list(zip(system.relations, instances, strict=True))
    growth = sum((moments.value(relation.slope) for relation, moments in pairs), Fraction(0))
    unit = growth if growth > 0 else Fraction(1)
    relations: list[Units] = []
    for relation, units, grams, values in zip(system.relations, before.relations, witness.grams, witness.values, strict=True):
        columns = [list(sizes) for sizes in units.columns]
        for block, gram in zip(relation.blocks, grams, strict=True):
            for j, line in enumerate(gram):
                columns[block.index][block.columns[j]] = _root(line[j] / unit)
        special = {k: _root(a / unit) ** 2 for k, a in zip(relation.values, values, strict=True)}
        value = max(special.values(), default=Fraction(1))
        relations.append(Units(tuple(tuple(sizes) for sizes in columns), (), value, special))
    features = [(Fraction(1),) * len(unknown.features) for unknown in system.matrices]
    for square in system.relations[0].squares:
        if square.constant > 0:  # the features before the step
            energies = instances[0].products(square.block, square.forms)
            features[square.unknown] = tuple(_root(energies[i][i] / unit) for i in range(len(energies)))
    constant = -sum((moments.value(relation.constant) for relation, moments in pairs), Fraction(0)) / unit
    return Measures(tuple(relations), tuple(features), dyadic(max(constant, Fraction(1, 2**40))))


def _root(square: Fraction) -> Fraction:
    """Return a power of two near the square root of a number, small where that is tiny or negative."""
    return root(square * 2**20) / 2**10
