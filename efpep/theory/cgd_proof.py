"""The proof of the exact rate of CGD with one agent at every stable step size, ``V = f - f*``, as data.

Derived for efpep; at the optimal step size it is the theorem of 2506.05271. With ``s = sqrt(1 - delta)`` the rate is ``r^2``,
``r = max(1 - (1-s) mu eta, (1+s) L eta - 1)``. Other step sizes are optimal for a wider class of functions, as for EF
(:mod:`efpep.theory.error_feedback_proof`).
"""

from __future__ import annotations

from efpep.theory.cgd import CLAIM
from efpep.theory.statement import Case, Coordinate, Domination, Instance, Proof, RateProof, SquaredVector, SquareSums

LOW, HIGH = "(1-r)/((1-s)*eta)", "(1+r)/((1+s)*eta)"
"""The mu, and the L, whose branch is theta."""
WIDTH = "2*(r-s)/((1-s)*(1+s)*eta)"
"""``L - mu`` of the wider class."""
MULTIPLIERS = {"interpolation(0,1)": "r", "interpolation(*,0)": "r*(1-r)", "interpolation(*,1)": "1-r"}


def _case(*, long: bool, equal: bool, lossless: bool) -> Case:
    curvature, other = ("L", "mu") if long else ("mu", "L")
    found = HIGH if long else LOW
    ahead = f"({CLAIM.branches[long]}-({CLAIM.branches[not long]}))"
    over = f"{ahead}/(1{'-' if long else '+'}s)"
    stable = f"(1+s)*L*({CLAIM.limit}-eta)" if long else "(1-s)*mu*eta"
    coordinates = [Coordinate("eta", "eta")]
    region = {"eta": "eta"}
    if equal and not lossless:
        coordinates += [Coordinate("c", "s/(1-s)"), Coordinate("a", "(r-s)/(1-r)", positive=False)]
        region |= {"s": "c/(1+c)", "r": "(s+a)/(1+a)"}
    else:
        coordinates.append(Coordinate("b", "r/(1-r)", positive=not equal))
        region["r"] = "b/(1+b)"
        if not lossless:
            coordinates.append(Coordinate("a", "s/(r-s)"))
            region["s"] = "r*a/(1+a)"
    if not equal:
        coordinates.append(Coordinate("t", f"{over}/(eta*(L-mu))", positive=False))
        region[other] = f"{HIGH}-{WIDTH}/(1+t)" if long else f"{LOW}+{WIDTH}/(1+t)"
    solved = {"mu": found, "L": found} if equal else {curvature: found}
    steps = "eta >= eta* (long steps)" if long else "eta <= eta* (short steps)"
    return Case(
        f"{steps}, {'mu = L' if equal else 'mu < L'}, {'delta = 1' if lossless else 'delta < 1'}",
        int(long),
        equal,
        lossless,
        free=tuple(region),
        solved={"s": "0", **solved} if lossless else solved,
        facts=(("theta", f"{ahead}/2+eta*((L-mu)+s*(L+mu))/2"), ("1-theta", stable)),
        consequences=() if lossless else (("r-s", f"({over}+eta*(L-mu))*(1-s)*(1+s)/2"),),
        coordinates=tuple(coordinates),
        region=region,
        where={} if equal else {"t": f"{WIDTH}/(L-mu)-1"},
        proof=Proof(
            lyapunov={"mean": (SquaredVector("mu/2", {"x": "1"}),)} if equal else {},
            gaps={} if equal else {"f": "1"},
            multipliers={
                **({} if equal else MULTIPLIERS),
                **({} if lossless else {"compression(0)": "eta*r/(2*s)"}),
            },
            squares=_equal_squares(long=long, lossless=lossless) if equal else _squares(curvature, lossless=lossless),
            domination=Domination("mu/2"),
        ),
        instance=Instance(curvature, "1+s" if long else "1-s", "-r" if long else "r", {"x": "1"}),
    )


def _squares(curvature: str, *, lossless: bool) -> SquareSums:
    away = "(1+r)/((1+s)*eta)"
    found = [SquaredVector(f"1/(2*{WIDTH})", {"g+": "1", "g": "-r", "x": f"r*{away}", "x+": f"-{away}"})]
    if not lossless:
        vector = {"x": "1/eta+(1-r^2)*s/((r-s)*eta)", "x+": "-1/eta", "g": "-r*(1-s^2)/(r-s)"}
        found.append(SquaredVector("eta*(r-s)/(2*s*(1+s))", vector))
    widened = (
        ("r", {"g": "1", "g+": "-1", "x": f"-{curvature}", "x+": curvature}),
        ("r*(1-r)", {"g": "1", "x": f"-{curvature}"}),
        ("(1-r)", {"g+": "1", "x+": f"-{curvature}"}),
    )
    found += [SquaredVector(f"{multiplier}*t/(2*{WIDTH})", vector) for multiplier, vector in widened]
    return {"mean": tuple(found)}


def _equal_squares(*, long: bool, lossless: bool) -> SquareSums:
    if lossless:
        return {}
    return {
        "mean": (
            SquaredVector("(mu*eta-1)/(2*s*eta)", {"x+": "1", "x": "r"})
            if long
            else SquaredVector("(1-mu*eta)/(2*s*eta)", {"x+": "1", "x": "-r"}),
        )
    }


CGD = RateProof(
    CLAIM,
    tuple(
        _case(long=long, equal=equal, lossless=lossless)
        for equal in (False, True)
        for lossless in (False, True)
        for long in (False, True)
    ),
)
