"""The proof of the exact rate of EF and EF21 at every stable step size, case by case, as data.

Derived for efpep; at ``eta*`` it is the theorem of 2506.05271 (one agent) and 2605.31594 (n agents of one kind). With
``s = sqrt(1 - delta)``, ``theta = max(1 - s - (1+s) mu eta, (1+s) L eta - (1-s))`` and beta the positive root of
``beta^2 - theta beta - s = 0``, the rate is ``beta^2``. Idea of the proof: a step size is optimal for some wider class of
functions, with a larger L (short steps) or a smaller mu (long steps) and the width ``(1 + t) (L - mu)``, t >= 0. The proof for
that class has one square, and what the wider class gives away is another one. The equation of beta is linear in the curvature, so
that beta is free and everything is rational.
"""

from __future__ import annotations

from dataclasses import dataclass

from efpep.theory.error_feedback import CLAIM
from efpep.theory.statement import Case, Coordinate, Domination, Instance, Proof, RateProof, SquaredVector, SquareSums

INTERPOLATION: tuple[str, ...] = ("interpolation(*,0)", "interpolation(0,*)")
NEIGHBOURS: tuple[str, ...] = ("interpolation(0,1)", "interpolation(1,0)")


LOW = "(1-s-(beta^2-s)/beta)/((1+s)*eta)"
"""The mu whose branch is theta."""
HIGH = "(1-s+(beta^2-s)/beta)/((1+s)*eta)"
"""The L whose branch is theta."""
WIDTH = "2*(beta^2-s)/beta/((1+s)*eta)"
"""``L - mu`` of the wider class."""


@dataclass(frozen=True)
class CaseKind:
    """Which case it is: short or long steps, ``mu = L`` or not, ``delta = 1`` or not."""

    long: bool
    equal: bool
    lossless: bool

    @property
    def name(self) -> str:
        """What the case is about."""
        steps = "eta >= eta* (long steps)" if self.long else "eta <= eta* (short steps)"
        return f"{steps}, {'mu = L' if self.equal else 'mu < L'}, {'delta = 1' if self.lossless else 'delta < 1'}"

    @property
    def curvature(self) -> str:
        """The curvature of the worst case."""
        return "L" if self.long else "mu"

    @property
    def multiple(self) -> str:
        """What a step multiplies the worst case by."""
        return "-beta" if self.long else "beta"

    @property
    def ahead(self) -> str:
        """By how much the case's branch is larger than the other one."""
        return f"({CLAIM.branches[self.long]}-({CLAIM.branches[not self.long]}))"


KINDS = tuple(CaseKind(long, equal, lossless) for equal in (False, True) for lossless in (False, True) for long in (False, True))


def solved(kind: CaseKind) -> dict[str, str]:
    """Return the quantities that are solved for."""
    found = HIGH if kind.long else LOW
    curvatures = {"mu": found, "L": found} if kind.equal else {kind.curvature: found}
    return {"s": "0", **curvatures} if kind.lossless else curvatures


def facts(kind: CaseKind) -> tuple[tuple[str, str], ...]:
    """Return why theta is not negative, and the root below 1."""
    stable = f"(1+s)*L*({CLAIM.limit}-eta)" if kind.long else "(1+s)*mu*eta"
    return ("theta", f"{kind.ahead}/2+(1+s)*eta*(L-mu)/2"), ("1-theta-s", stable)


def coordinates(kind: CaseKind) -> tuple[Coordinate, ...]:
    """Return the coordinates of the orthant."""
    found = [Coordinate("b", "beta/(1-beta)", positive=not (kind.equal and kind.lossless)), Coordinate("eta", "eta")]
    if not kind.lossless:
        found.append(Coordinate("a", "(beta^2-s)/s", positive=not kind.equal))
    if not kind.equal:
        found.append(Coordinate("t", f"{kind.ahead}/((1+s)*eta*(L-mu))", positive=False))
    return tuple(found)


def region(kind: CaseKind) -> dict[str, str]:
    """Return the free quantities by the coordinates."""
    found = {"beta": "b/(1+b)", "eta": "eta"}
    if not kind.lossless:
        found["s"] = "beta^2/(1+a)"
    if not kind.equal:
        found["mu" if kind.long else "L"] = f"{HIGH}-{WIDTH}/(1+t)" if kind.long else f"{LOW}+{WIDTH}/(1+t)"
    return found


def case(kind: CaseKind, proof: Proof, state: dict[str, str]) -> Case:
    """Return a case with its proof."""
    where = region(kind)
    return Case(
        kind.name,
        int(kind.long),
        kind.equal,
        kind.lossless,
        free=tuple(where),
        solved=solved(kind),
        facts=facts(kind),
        consequences=() if kind.lossless else (("beta^2-s", "theta*beta"),),
        coordinates=coordinates(kind),
        region=where,
        where={"rho": "beta^2"} if kind.equal else {"rho": "beta^2", "t": f"{WIDTH}/(L-mu)-1"},
        proof=proof,
        instance=Instance(kind.curvature, "1+s", kind.multiple, state),
    )


def _ef(kind: CaseKind) -> Case:
    """Return a case of EF: ``V = |x - mean e|^2 + |mean e|^2/s + dev(e, e)``."""
    c, away = kind.curvature, "-(1+beta)" if kind.long else "1-beta"
    state = {"x": "1+s", "e": f"1-({kind.multiple})-(1+s)*{c}*eta"}
    multipliers = {} if kind.equal else dict.fromkeys(INTERPOLATION, "2*beta*eta")
    if kind.lossless:
        wider = SquaredVector("t", {"g": "eta", "x": f"-{c}*eta"})
        squares: SquareSums = {} if kind.equal else {"mean": (wider,), "deviation": (SquaredVector("1+t", {"g": "eta"}),)}
        return case(kind, Proof({"mean": (SquaredVector("1", {"x": "1"}),)}, multipliers, squares, Domination("1")), state)
    kept = SquaredVector("1/s-1", {"e+": "1"})
    if kind.equal:
        squares = {
            "mean": (SquaredVector("(rho-s)*(1+s)/s", {"e": "1", "x": f"s*({away})/(beta*(1+s))"}),),
            "deviation": (kept, SquaredVector("rho-s", {"e": "1"})),
        }
    else:
        best = SquaredVector("s*(1+s)/(rho-s)", {"g": "eta", "e": "-(rho-s)/s", "x": "-(1-rho)/(1+s)"})
        wider = SquaredVector("rho*(1+s)/(rho-s)*t", {"g": "eta", "x": f"-{c}*eta"})
        squares = {
            "mean": (best, wider),
            "deviation": (
                kept,
                SquaredVector("rho-s", {"e": "1", "g": "-s*eta/(rho-s)"}),
                SquaredVector("rho/(rho-s)+rho*(1+s)/(rho-s)*t", {"g": "eta"}),
            ),
        }
    lyapunov = {
        "mean": (SquaredVector("1", {"x": "1", "e": "-1"}), SquaredVector("1/s", {"e": "1"})),
        "deviation": (SquaredVector("1", {"e": "1"}),),
    }
    metric = Domination(
        "1/(1+s)",
        squares={
            "mean": (SquaredVector("(1+s)/s", {"e": "1", "x": "-s/(1+s)"}),),
            "deviation": (SquaredVector("1", {"e": "1"}),),
        },
    )
    return case(kind, Proof(lyapunov, {**multipliers, "compression(0)": "1/s"}, squares, metric), state)


def _ef21(kind: CaseKind) -> Case:
    """Return a case of EF21: ``V = |mean g - mean d|^2 + s |mean g|^2 + dev(g - d, g - d)``.

    Where ``mu = L``, g is ``mu x``; where ``delta = 1``, ``V = |mean g|^2``.
    """
    c = kind.curvature
    state = {"x": "1", "d": f"(1-({kind.multiple}))/eta"}
    multipliers = {} if kind.equal else dict.fromkeys(NEIGHBOURS, "2*beta*s/eta" if not kind.lossless else "2*beta/eta")
    size, times = ("1", "") if kind.lossless else ("s", "s*")
    if kind.equal:
        gradient, metric = SquaredVector(f"{times}mu^2", {"x": "1"}), Domination(f"{times}mu^2")
    else:
        gradient = SquaredVector(size, {"g": "1"})
        metric = Domination(
            f"{times}mu^2",
            dict.fromkeys(INTERPOLATION, f"2*{times}mu"),
            {
                "mean": (SquaredVector(f"{times}(L+mu)/(L-mu)", {"g": "1", "x": "-mu"}),),
                "deviation": (SquaredVector(f"2*{times}mu/(L-mu)", {"g": "1"}),),
            },
        )
    if kind.lossless:
        wider = SquaredVector("t", {"g": f"1-{c}*eta", "g+": "-1"})
        squares: SquareSums = (
            {} if kind.equal else {"mean": (wider,), "deviation": (SquaredVector("1+t", {"g": "1", "g+": "-1"}),)}
        )
        return case(kind, Proof({"mean": (gradient,)}, multipliers, squares, metric), state)
    error = SquaredVector("1", {"g-d": "1"})
    if kind.equal:
        k = f"((beta{'-' if kind.long else '+'}s)/(beta*(1+s)))"
        squares = {
            "mean": (SquaredVector("(1+s)*(rho-s)", {"x": f"mu*(1-{k})", "g-d": k}),),
            "deviation": (SquaredVector("rho-s^2", {"g-d": "1"}),),
        }
    else:
        k = "((rho-s^2)/(s*(1+s)))"
        best = SquaredVector("s^2*(1+s)/(rho-s)", {"g+": "1", "g": f"{k}-rho/s", "g-d": f"-{k}"})
        wider = SquaredVector("rho*s*(1+s)/(rho-s)*t", {"g": f"1-{c}*eta", "g+": "-1", "g-d": f"{c}*eta"})
        squares = {
            "mean": (best, wider),
            "deviation": (
                SquaredVector("rho-s^2", {"g-d": "1", "g": "s^2/(rho-s^2)", "g+": "-s^2/(rho-s^2)"}),
                SquaredVector("rho*s*(rho-s^3)/((rho-s)*(rho-s^2))+rho*s*(1+s)/(rho-s)*t", {"g": "1", "g+": "-1"}),
            ),
        }
    metric = Domination(
        metric.constant,
        metric.multipliers,
        {"mean": (error, *metric.squares.get("mean", ())), "deviation": (error, *metric.squares.get("deviation", ()))},
    )
    lyapunov = {"mean": (error, gradient), "deviation": (error,)}
    return case(kind, Proof(lyapunov, {**multipliers, "compression(0)": "1"}, squares, metric), state)


EF = RateProof(CLAIM, tuple(map(_ef, KINDS)))
EF21 = RateProof(CLAIM, tuple(map(_ef21, KINDS)))
