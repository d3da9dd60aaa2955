"""The theorem about EF21 on smooth functions that need not be convex: up to which step size a potential has a = eta/2.

Derived for efpep; 2106.05203, Theorem 1, has step sizes up to ``(1 - s)/L``, ``s = sqrt(1 - delta)``. For
``eta <= sqrt(2) (1 - s)/(L sqrt(1 + s^2))``

    Phi = f - f* + (eta/4) ||grad f(x)||^2 + A mean_i ||g_i - d_i||^2,      Phi+ <= Phi - (eta/2) ||grad f(x)||^2,

and no larger step size has a potential ``f - f* + quadratic`` that decreases by as much. There is a state, of one agent or of
agents that are alike, whose step reflects the features, so that no quadratic changes, while f decreases by less: with vectors y
and z at right angles, ``|y| = 1``, the gradients are ``z - y/2`` and then ``z + y/2``, the errors ``s/(1-s) y`` and then
``-s/(1-s) y``, and f decreases by ``eta |z|^2``. Below ``(2/L) (1-s)/(1+s)`` there is a potential with some a > 0,

    Phi = f - f* + (1/(4 L)) ||grad f(x)||^2 + 3/(4 s L) mean_i ||g_i - d_i||^2;

from there on a parabola diverges, and no potential decreases.
"""

from __future__ import annotations

from efpep.theorems.decrease import DecreaseCase, DecreaseTheorem, Reflection
from efpep.theory import nonconvex
from efpep.theory.statement import Domination, Proof, SquaredVector, SquareSums

G, E, Y = {"g": "1"}, {"g-d": "1"}, {"y": "1"}
ROWS = {"interpolation(0,1)": "(2+L*eta)/(2*L*eta)", "interpolation(1,0)": "(2-L*eta)/(2*L*eta)"}
SMALL: SquareSums = {
    "mean": (SquaredVector("eta/4", G), SquaredVector("eta*(1+s)/(4*s*(1-s))", E)),
    "deviation": (SquaredVector("eta*(1+s)/(4*s*(1-s))", E),),
}
"""The quadratic where ``delta < 1``."""
BOTH = (
    SquaredVector("eta*(1+s^2)/(4*s)", {"g-d": "1", "y": "-s/(1-s)"}),
    SquaredVector("(m-eta^2)*(1+s^2)/(4*eta*(1-s)^2)", Y),
)
COMPRESSED = DecreaseCase(
    "delta < 1",
    lossless=False,
    proof=Proof(
        SMALL,
        {**ROWS, "compression(0)": "eta*(1+s)/(4*s*(1-s))"},
        {"mean": BOTH, "deviation": (*BOTH, SquaredVector("eta/4", {"g-d": "1", "y": "1"}), SquaredVector("eta/4", E))},
        Domination("1/(2*L)", {"infimum(0)": "1"}, SMALL),
        {"f": "1"},
    ),
)
WHOLE: SquareSums = {"mean": (SquaredVector("eta/4", G),)}
"""The quadratic where ``delta = 1``, where there are no errors."""
UNCOMPRESSED = DecreaseCase(
    "delta = 1",
    lossless=True,
    proof=Proof(
        WHOLE,
        ROWS,
        {"mean": (SquaredVector("(m-eta^2)/(4*eta)", Y),), "deviation": (SquaredVector("m/(4*eta)", Y),)},
        Domination("1/(2*L)", {"infimum(0)": "1"}, WHOLE),
        {"f": "1"},
    ),
)
EPSILON = "(2*(1-s)-(1+s)*L*eta)/(2*(1-s)*L*eta)"
REST: SquareSums = {
    "mean": (SquaredVector("1/(4*L)", G), SquaredVector("3/(4*s*L)", E)),
    "deviation": (SquaredVector("3/(4*s*L)", E),),
}
"""The quadratic of all step sizes below the limit, where ``delta < 1``; ``L eta (g - (g-d))`` is ``L (x - x+)``."""
ANY_COMPRESSED = DecreaseCase(
    "delta < 1, all step sizes below the limit",
    lossless=False,
    proof=Proof(
        REST,
        {
            "interpolation(0,1)": "1+1/(2*L*eta)+s/(1-s)",
            "interpolation(1,0)": "1/(2*L*eta)+s/(1-s)",
            "compression(0)": "3/(4*s*L)",
        },
        {
            "mean": (
                SquaredVector(f"{EPSILON}/(2*L)", {"g": "L*eta", "g-d": "-L*eta"}),
                SquaredVector(f"{EPSILON}/(4*L)", {"y": "1", "g": "-L*eta", "g-d": "L*eta"}),
                SquaredVector("(3*(1-s)^2+4*s)/(24*(1-s^2)*L)", {"y": "1", "g": "L*eta", "g-d": "-L*eta"}),
                SquaredVector(
                    "3*(1-s^2)/(4*s*L)",
                    {
                        "g-d": "1-2*L*eta*s/(3*(1-s^2))",
                        "g": "2*L*eta*s/(3*(1-s^2))",
                        "y": "-s*(1+3*s)/(3*(1-s^2))",
                    },
                ),
            ),
            "deviation": (
                SquaredVector("3*(1-s^2)/(4*s*L)", {"g-d": "1", "y": "-s^2/(1-s^2)"}),
                SquaredVector(f"{EPSILON}/(4*L)+3*(1+s^2)/(8*(1-s^2)*L)", Y),
            ),
        },
        Domination("1/(2*L)", {"infimum(0)": "1"}, REST),
        {"f": "1"},
    ),
    parts=("1/(L*eta)-s*(1-3*s)/(3*(1-s^2))", "s*(1+3*s)/(3*(1-s^2))", "0", "1"),
)
PLAIN: SquareSums = {"mean": (SquaredVector("1/(4*L)", G),)}
ANY_UNCOMPRESSED = DecreaseCase(
    "delta = 1, all step sizes below the limit",
    lossless=True,
    proof=Proof(
        PLAIN,
        {"interpolation(0,1)": "1+1/(2*L*eta)", "interpolation(1,0)": "1/(2*L*eta)"},
        {
            "mean": (
                SquaredVector("(2-L*eta)/(2*L*eta)/(2*L)", {"g": "L*eta"}),
                SquaredVector("(2-L*eta)/(2*L*eta)/(4*L)", {"y": "1", "g": "-L*eta"}),
                SquaredVector("1/(8*L)", {"y": "1", "g": "L*eta"}),
            ),
            "deviation": (SquaredVector("(1+L*eta)/(4*L*eta)/L", Y),),
        },
        Domination("1/(2*L)", {"infimum(0)": "1"}, PLAIN),
        {"f": "1"},
    ),
    parts=("1/(L*eta)", "0", "0"),
)
EF21_DECREASE = DecreaseTheorem(
    "ef21",
    "EF21 on functions that need not be convex: the largest step size with half of it as the decrease",
    nonconvex.DECREASE,
    nonconvex.HALF_SQUARED,
    nonconvex.NONE_FROM,
    (COMPRESSED, UNCOMPRESSED, ANY_COMPRESSED, ANY_UNCOMPRESSED),
    Reflection(
        {"y": "1", "z": "1/(L*eta)^2-(1+s)^2/(2-2*s)^2"},
        {
            "g": {"y": "-1/2", "z": "1"},
            "g+": {"y": "1/2", "z": "1"},
            "g-d": {"y": "s/(1-s)"},
            "g-d+": {"y": "-s/(1-s)"},
        },
        "(1/4+1/(L*eta)^2-(1+s)^2/(2-2*s)^2)/(2*L)+eta*(1/(L*eta)^2-(1+s)^2/(2-2*s)^2)",
        "(1/4+1/(L*eta)^2-(1+s)^2/(2-2*s)^2)/(2*L)",
        {"infimum(0)": "eta*(1/(L*eta)^2-(1+s)^2/(2-2*s)^2)"},
        "(eta^2-m)*(1+s^2)/(4*eta*(1-s)^2)",
    ),
    "derived for efpep; 2106.05203, Theorem 1, up to eta = (1 - s)/L",
)
