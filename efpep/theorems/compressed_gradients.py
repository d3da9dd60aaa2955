"""The theorem about CGD with one agent: the exact rate at every stable step size.

Derived for efpep; at the optimal step size it is the theorem of 2506.05271. The proof is in :mod:`efpep.theory.cgd_proof`.
"""

from __future__ import annotations

from efpep.theorems.rate_theorem import RateTheorem
from efpep.theory import cgd_proof

SOURCE = "derived for efpep; at the optimal step size 2506.05271 (one agent)"
CGD = RateTheorem(
    "cgd",
    "CGD with one agent at every stable step size",
    "one agent",
    (1,),
    cgd_proof.CGD.claim,
    cgd_proof.CGD.cases,
    SOURCE,
)
