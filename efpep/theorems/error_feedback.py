"""The theorems about EF and EF21: the exact rate at every stable step size, for every number of agents.

Derived for efpep; at ``eta*`` it is the theorem of 2506.05271 (one agent) and 2605.31594 (n agents of one kind). The proof is in
:mod:`efpep.theory.error_feedback_proof`.
"""

from __future__ import annotations

from efpep.theorems.rate_theorem import RateTheorem
from efpep.theory import error_feedback_proof

SOURCE = "derived for efpep; at the optimal step size 2506.05271 (one agent) and 2605.31594 (n agents)"
EF = RateTheorem(
    "ef",
    "EF at every stable step size",
    "every number of agents that share a minimiser",
    (1, 2),
    error_feedback_proof.EF.claim,
    error_feedback_proof.EF.cases,
    SOURCE,
)
EF21 = RateTheorem(
    "ef21",
    "EF21 at every stable step size",
    "every number of agents, whose minimisers may differ",
    (1, 2),
    error_feedback_proof.EF21.claim,
    error_feedback_proof.EF21.cases,
    SOURCE,
)
