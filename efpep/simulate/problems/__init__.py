"""Problems for numeric runs, with their constants and minimisers; :data:`PROBLEMS` is the catalogue by key."""

from __future__ import annotations

from efpep.component import Catalogue
from efpep.compressors.operators import described
from efpep.simulate.problems.absolute import LeastAbsoluteDeviations
from efpep.simulate.problems.clientwise import Clientwise
from efpep.simulate.problems.diagonal import DiagonalQuadratics
from efpep.simulate.problems.fleet import Fleet
from efpep.simulate.problems.hinge import SupportVectorMachine
from efpep.simulate.problems.logistic import LogisticRegression
from efpep.simulate.problems.neyman_pearson import NeymanPearson, NeymanPearsonNetwork
from efpep.simulate.problems.random_quadratics import RandomQuadratics
from efpep.simulate.problems.recorded import SavedAdversary
from efpep.simulate.problems.ridge import RidgeRegression
from efpep.simulate.problems.worst_cases import Counterexample, LowerBoundFunction

PROBLEMS: Catalogue[Clientwise] = Catalogue(
    "problem",
    Clientwise,
    [
        RandomQuadratics,
        DiagonalQuadratics,
        RidgeRegression,
        LogisticRegression,
        SupportVectorMachine,
        LeastAbsoluteDeviations,
        NeymanPearson,
        NeymanPearsonNetwork,
        LowerBoundFunction,
        Counterexample,
        Fleet,
        SavedAdversary,
    ],
)


def read_problem(text: str) -> Clientwise:
    """Return the problem that a line such as ``quadratics:n=10,d=20,kappa=100,seed=1`` names: a key, and parameters.

    Raises:
        InputError: the line is malformed, or the problem is unknown or has other parameters.
    """
    return PROBLEMS.build(described(text, "the problem"))


__all__ = [
    "PROBLEMS",
    "Clientwise",
    "Counterexample",
    "DiagonalQuadratics",
    "Fleet",
    "LeastAbsoluteDeviations",
    "LogisticRegression",
    "LowerBoundFunction",
    "NeymanPearson",
    "NeymanPearsonNetwork",
    "RandomQuadratics",
    "RidgeRegression",
    "SavedAdversary",
    "SupportVectorMachine",
    "read_problem",
]
