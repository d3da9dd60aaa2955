"""The search for a proof from a method's definition alone.

The worst linear instances at their best step size say what the rate is and when it is attained (:mod:`efpep.theorems.witness`).
The residual of a proof vanishes on them: linear equations for V and the multipliers over the rational functions of s, beta and
eta. As many unknowns as possible are deleted (:mod:`efpep.theorems.support`); where one solution is left, elimination makes it
squares, and coefficients on a region decide the signs. Where no proof holds on all of a region, one is searched on a box of s and
beta about single constants. What is found is checked like every theorem.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction

from efpep.compressors import Contractive
from efpep.errors import CertificateError, UndecidedError
from efpep.functions import SmoothStronglyConvex
from efpep.methods.base import OPTIMAL, Method
from efpep.questions.common.reduction import relations
from efpep.questions.rate.answer import rate
from efpep.setting import Setting
from efpep.theorems.equations import Equations
from efpep.theorems.found import FREE, REGIONS, FoundTheorem, quantities
from efpep.theorems.functions import Function, FunctionField
from efpep.theorems.identity import recorded
from efpep.theorems.signs import Box
from efpep.theorems.squares import form_squares, squared
from efpep.theorems.support import SamplePoint, support
from efpep.theorems.witness import SAMPLE, Balance, balance, symbolic
from efpep.theory.statement import Domination, Instance, Proof, SquaredVector, SquareSums

OTHERS = (
    {"mu": Fraction(1, 5), "L": Fraction(1), "s": Fraction(1, 3)},
    {"mu": Fraction(1, 20), "L": Fraction(1), "s": Fraction(7, 10)},
)
"""Where the unknowns are tried, besides at the sample."""
LOCAL = tuple({"mu": mu, "L": Fraction(1), "s": Fraction(1, 2)} for mu in (Fraction(1, 10), Fraction(1, 30), Fraction(1, 100)))
"""Constants about which boxes are tried."""
_ATTAINED = 1e-4


def search(method: Method) -> FoundTheorem:
    """Search for the exact rate of a method at its balanced step size, on smooth strongly convex functions.

    The proof is on one of :data:`efpep.theorems.found.REGIONS`, else on a box of s and beta, which the theorem names.

    Raises:
        UndecidedError: no proof is found; it says which step of the search failed.
        InputError: the method cannot be analysed so.
    """
    alike = not (method.compresses_at_server or method.projects or method.counted)
    if not (method.compresses and alike):
        raise UndecidedError(
            "the search is about methods whose clients compress, that neither project nor compress at the server, and whose "
            "steps are all alike."
        )
    method = replace(method, step_size=OPTIMAL)
    try:
        found = balance(method)
    except CertificateError as error:  # the step asks for more than gradients, messages and averages
        raise UndecidedError(f"there is no linear instance to begin with: {error}") from error
    several = _gap(method, found, 2) is None
    gap = None if several else _gap(method, found, 1)
    if gap is not None:
        raise UndecidedError(gap)
    counts: list[tuple[int, ...]] = [(1, 2), (1,)] if several else [(1,)]
    try:
        return _everywhere(method, found, counts)
    except UndecidedError as error:
        theorem = next((theorem for at in LOCAL if (theorem := _nearby(method, at, counts)) is not None), None)
        if theorem is None:
            raise error from None
        return theorem


def _equations(method: Method, found: Balance) -> Equations:
    field = FunctionField(*FREE)
    return Equations(method, field, tuple(symbolic(method, witness, field) for witness in found.witnesses))


def _everywhere(method: Method, found: Balance, counts: Sequence[tuple[int, ...]]) -> FoundTheorem:
    """Search for a proof on a whole region.

    Raises:
        UndecidedError: there is none, and why.
    """
    equations = _equations(method, found)
    radii = [(SAMPLE["s"], found.radius), *((other["s"], balance(method, other).radius) for other in OTHERS)]
    points = [{"s": s, "beta": Fraction(round(radius * 1000), 1000), "eta": Fraction(1)} for s, radius in radii]
    solution = solved(equations, points)
    theorem = _proved(equations, solution, [(agents, region) for agents in counts for region in REGIONS])
    if theorem is None:
        raise UndecidedError(
            "the equations have one solution, but a sign stays open, or the function found does not dominate the metric."
        )
    return theorem


def _nearby(method: Method, at: Mapping[str, Fraction], counts: Sequence[tuple[int, ...]]) -> FoundTheorem | None:
    """Search for a proof on a box of s and beta about some constants, the larger ones first."""
    try:
        found = balance(method, at)
        equations = _equations(method, found)
        middle = {"s": at["s"], "beta": Fraction(round(found.radius * 1000), 1000)}
        width = {"s": at["s"] / 10, "beta": (1 - middle["beta"]) / 4}
        moves = (Fraction(0), Fraction(-4, 5))
        points = [{name: value + k * width[name] for name, value in middle.items()} | {"eta": Fraction(1)} for k in moves]
        solution = solved(equations, points)
    except UndecidedError:
        return None
    boxes: list[Box] = [
        {name: (value - width[name] / k, value + width[name] / k) for name, value in middle.items()} for k in (1, 4, 16)
    ]
    return _proved(equations, solution, [(agents, box) for box in boxes for agents in counts])


def _proved(
    equations: Equations, solution: Mapping[str, Function], choices: Sequence[tuple[tuple[int, ...], str | Box]]
) -> FoundTheorem | None:
    """Return the theorem that a solution is for the first numbers of agents and region for which its check succeeds."""
    for agents, region in choices:
        theorem = _theorem(equations, solution, region, agents)
        if theorem is not None and theorem.check().proved:
            return theorem
    return None


def _gap(method: Method, found: Balance, agents: int) -> str | None:
    """Return None where linear instances attain the certified rate at the sample, else a sentence."""
    functions = SmoothStronglyConvex(SAMPLE["mu"], SAMPLE["L"])
    setting = Setting(functions, Contractive(1 - SAMPLE["s"] ** 2), agents)
    answer = rate(replace(method, step_size=found.step_size), setting)
    linear = found.radius**2
    if answer.upper is not None and float(answer.upper) < linear + _ATTAINED:
        return None
    known = "none is proved" if answer.upper is None else f"the proved rate is {float(answer.upper):.6f}"
    return (
        f"no linear instance attains the rate: at mu = 0.1, L = 1, delta = 0.75 and the step size {float(found.step_size):.6f}, "
        f"where linear instances are best, their rate is {linear:.6f}, and {known}."
    )


def solved(equations: Equations, points: Sequence[Mapping[str, Fraction]]) -> dict[str, Function]:
    """Return the weights of V and the multipliers that are not zero, by name; unknowns are deleted while points allow it.

    Raises:
        UndecidedError: no proof vanishes on the witnesses, or no unique one.
    """
    unknowns, rows = equations.unknowns, equations.rows
    features = len(equations.question.blocks[0].features)
    try:
        samples = [SamplePoint(unknowns, rows, equations.vectors, features, at) for at in points]
    except ZeroDivisionError:
        raise UndecidedError("the equations have a pole at a sample point.") from None
    kept = support(unknowns, samples)
    if not kept:
        raise UndecidedError("no proof vanishes on the two worst linear instances, so their balance is not that of the rate.")
    solutions = relations([[row[i] for row in rows] for i in kept])
    if len(solutions) != 1:
        raise UndecidedError(f"the equations of the {len(kept)} unknowns that are left have {len(solutions)} solutions, not one.")
    values = {unknowns[i]: equations.field(value) for i, value in zip(kept, solutions[0], strict=True) if value != 0}
    sized = [value for unknown, value in values.items() if unknown.size]
    if not sized:
        raise UndecidedError("the only solution has no Lyapunov function.")
    return {unknown.name: value / sized[-1] for unknown, value in values.items()}


def _theorem(
    equations: Equations, solution: Mapping[str, Function], region: str | Box, agents: tuple[int, ...]
) -> FoundTheorem | None:
    """Return the theorem that the solution makes on a region, for checking; None where it is no sum of squares."""
    field, worst, method = equations.field, equations.worst, equations.method
    curvatures = {"mu": str(worst[0].value), "L": str(worst[1].value)}
    record = recorded(method, quantities(region, curvatures), agents[-1], "distance")
    blocks = record.blocks
    names = [feature.name for feature in blocks[0].features]
    size = range(len(names))
    weights = [[solution.get(f"{min(i, j)},{max(i, j)}", field(0)) for j in size] for i in size]
    mean = squared(weights, names, last="x")
    if mean is None:
        return None
    multipliers = {row.name: str(solution[row.name]) for row in record.known if row.name in solution}
    gaps = {gap.name: str(solution[gap.name]) for gap in record.gaps if gap.name in solution}
    lyapunov: dict[str, tuple[SquaredVector, ...]] = {"mean": mean}
    tracked = [f.name for block in blocks[1:] for f in block.features if f.name in {memory.feature for memory in method.memories}]
    if tracked and "compression(0)" in multipliers:  # then what is lost drops out of the deviations
        lyapunov["deviation"] = (SquaredVector(multipliers["compression(0)"], {tracked[-1]: "1"}),)
    before, after = record.lyapunov(lyapunov, gaps)
    left = equations.rate * before - after + record.rows(multipliers)
    squares: dict[str, tuple[SquaredVector, ...]] = {}
    for block in blocks:
        found = form_squares(left, block, field)
        if found is None:
            return None
        squares[block.name] = found
    domination = _domination(lyapunov, gaps)
    if domination is None:
        return None
    instances = tuple(
        Instance(w.witness.curvature, w.witness.factor, str(w.multiple), {name: str(value) for name, value in w.state.items()})
        for w in worst
    )
    proof = Proof(lyapunov, multipliers, squares, domination, gaps)
    return FoundTheorem(method, region, curvatures, proof, instances, agents)


def _domination(lyapunov: SquareSums, gaps: Mapping[str, str]) -> Domination | None:
    """Return why V dominates the distance: by its weight of x, by that of the gradient, or by a function gap."""
    mean, deviations = lyapunov["mean"], lyapunov.get("deviation", ())
    for name in ("x", "g"):
        alone = [square for square in mean if set(square.vector) == {name}]
        if not alone:
            continue
        weight = f"({alone[0].coefficient})"
        rest = tuple(square for square in mean if square is not alone[0])
        if name == "x":
            return Domination(weight, squares={"mean": rest, "deviation": deviations})
        gradient = SquaredVector(f"{weight}*(L+mu)/(L-mu)", {"g": "1", "x": "-mu"})
        spread = SquaredVector(f"2*{weight}*mu/(L-mu)", {"g": "1"})
        rows: tuple[str, ...] = ("interpolation(*,0)", "interpolation(0,*)")
        squares = {"mean": (*rest, gradient), "deviation": (*deviations, spread)}
        return Domination(f"{weight}*mu^2", dict.fromkeys(rows, f"2*{weight}*mu"), squares)
    weights = list(gaps.values())
    return Domination(f"({weights[0]})*mu/2", squares={"mean": mean, "deviation": deviations}) if weights else None
