"""``efpep.tune``: the best parameters of a method, with a proved bracket."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from efpep.analysis.cover import Cover, Excluder, cover
from efpep.analysis.lyapunov import newton, search
from efpep.analysis.lyapunov_function import Lyapunov
from efpep.analysis.optimum import Axis, minimum
from efpep.analysis.rate import Rate, rate
from efpep.analysis.rate_sdp import rate_sdp
from efpep.analysis.step_size import STEP, Bracket, Ends, StepSize
from efpep.certify.covering import hull, minus
from efpep.certify.step_size import StepSizeCertificate
from efpep.conic.solver import DEFAULT, find_solver
from efpep.errors import InputError
from efpep.methods.base import OPTIMAL, Method, Range, rounded
from efpep.model.box import Box, Side
from efpep.model.field import rational, shown
from efpep.question.contraction import contraction
from efpep.question.shape import Shape
from efpep.setting import Setting
from efpep.theory.closed_form import ClosedForm

_DIGITS = 12
_INSIDE = (Fraction(1, 10**6), Fraction(1, 10**5), Fraction(1, 10**4), Fraction(1, 10**3), Fraction(1, 10**2))
_SLOW = Fraction(1, 10**6)
"""Where a rate seems to be this close to 1, that is good enough for the search."""
_EDGE = 64
"""How many times smaller or larger than the best value the searched range goes where it cannot go to its end."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a question is about besides the method."""

    setting: Setting
    metric: str
    shape: Shape


def tune(
    method: Method | type[Method],
    setting: Setting,
    metric: str = "distance",
    solver: str = DEFAULT,
    *,
    parameters: Sequence[str] | None = None,
    tolerance: object = Fraction(1, 1000),
    lyapunov: str | Lyapunov | None = None,
    memory: int = 0,
    features: Sequence[str] | None = None,
    seconds: float = 60.0,
) -> StepSize:
    """Minimise the proved rate over parameters of a method, and prove a bracket outside which nothing is better.

    The best parameters are found numerically, their rate is proved (:func:`efpep.rate`), and branch and bound excludes that rate
    on boxes of parameters that cover everything outside the bracket: on each box by one instance whose Gram matrices are
    polynomials in the parameters, checked in exact arithmetic (:mod:`efpep.certify.box`). Nothing is assumed about the landscape.

    Args:
        method: the method's class, all of whose parameters are tuned, or a method, whose step size is tuned and whose other
            parameters are kept.
        setting: functions, compressor and agents.
        metric: what the Lyapunov function controls, as for :func:`efpep.rate`.
        solver: the solver that proposes; see :func:`efpep.rate`.
        parameters: the names of the parameters to tune, instead of those.
        tolerance: how wide a bracket may be, relative to the step size (to the range, of other parameters).
        lyapunov: a given Lyapunov function instead of the best one, as for :func:`efpep.rate`.
        memory: as for :func:`efpep.rate`.
        features: as for :func:`efpep.rate`.
        seconds: how long the branch and bound may take.

    Raises:
        InputError: the question is not well posed, or a parameter has no known range.
    """
    begin = time.perf_counter()
    room = rational(tolerance, "tolerance")
    if not Fraction(1, 10**6) <= room <= Fraction(1, 2):
        raise InputError(f"tolerance is {shown(tolerance)}, the relative width of the bracket; give a number from 1e-6 to 1/2.")
    template, names = _template(method, parameters)
    theory = _literature(template, setting) if names == (STEP,) else None
    shape = Shape(memory, None if features is None else tuple(features))
    values = _search(template, names, _Asked(setting, metric, shape), theory)
    best = replace(template, **values)
    found = rate(best, setting, metric, solver, lyapunov=lyapunov, memory=memory, features=features)
    if found.certificate is None or found.upper is None:
        return replace(_answer(found, names, room, theory, None), seconds=time.perf_counter() - begin)
    excluder = Excluder(replace(found.certificate, lower=None), names, find_solver(solver))
    core = _core(best, names, room)
    searched = _searched(excluder, best, names, core, found.upper)
    smallest = [_width(side) / 8 for side in core.sides]
    outside = cover(excluder, minus(searched, core), found.upper, smallest, seconds=seconds)
    bracket = hull([core, *outside.rest])
    lower, inside = _inside(excluder, bracket, found.upper, seconds)
    certificate = StepSizeCertificate(excluder.rate, names, searched, bracket, outside.witnesses, lower, inside.witnesses)
    certificate.check()
    return replace(_answer(found, names, room, theory, certificate), seconds=time.perf_counter() - begin)


def _answer(
    at: Rate, names: Sequence[str], tolerance: Fraction, theory: ClosedForm | None, certificate: StepSizeCertificate | None
) -> StepSize:
    """Return the answer without its time; nothing is proved where there is no certificate."""
    values: list[Fraction] = [getattr(at.method, name) for name in names]
    everything = tuple(Side(Fraction(0), None) for _ in names)
    bracket = everything if certificate is None or certificate.bracket is None else certificate.bracket.sides
    searched = () if certificate is None else certificate.searched.sides
    aimed = _core(at.method, names, tolerance)
    return StepSize(
        method=at.method,
        setting=at.setting,
        metric=at.metric,
        parameters={
            name: Bracket(value, side.lower, side.upper) for name, value, side in zip(names, values, bracket, strict=True)
        },
        rate=None if certificate is None else Ends(certificate.lower, certificate.upper),
        at=at,
        covered={name: (side.lower, side.upper) for name, side in zip(names, searched, strict=False)},
        certificate=certificate,
        tolerance=tolerance,
        narrow=certificate is not None and certificate.bracket == aimed,
        theory=theory,
        seconds=0.0,
    )


def _template(method: Method | type[Method], parameters: Sequence[str] | None) -> tuple[Method, tuple[str, ...]]:
    """Return a method with a numeric step size, and the names of the parameters to tune."""
    if isinstance(method, type) and issubclass(method, Method):  # pyright: ignore[reportUnnecessaryIsInstance]
        made, names = method(), (STEP, *method.ranges)
    elif isinstance(method, Method):  # pyright: ignore[reportUnnecessaryIsInstance]
        made, names = method, (STEP,)
    else:
        raise InputError(f"method is {shown(method)}, which is not a method; give one such as efpep.EF21.")
    names = names if parameters is None else tuple(parameters)
    if not names or len(set(names)) != len(names):
        raise InputError(f"the parameters to tune are {', '.join(names) or 'none'}; name each once, such as step_size.")
    known = [STEP, *made.ranges]
    for name in names:
        if name not in known:
            raise InputError(
                f"{shown(name)} is not a parameter of {made.title} with a known range, so it cannot be tuned; "
                f"choose among {', '.join(known)}, or declare its range in the class's ranges."
            )
    if made.step_size == OPTIMAL and STEP in names:
        made = replace(made, step_size=Fraction(1))
    return made, names


def _literature(method: Method, setting: Setting) -> ClosedForm | None:
    try:
        return method.optimal_step_size(setting)
    except InputError:
        return None


def _search(template: Method, names: tuple[str, ...], asked: _Asked, theory: ClosedForm | None) -> dict[str, Fraction]:
    """Return the numerically best parameters, rounded."""
    if STEP not in names:
        template = template.resolved(asked.setting)
    solver = find_solver(DEFAULT)

    def objective(values: tuple[float, ...]) -> float:
        at = replace(template, **_rounded(names, values))
        question = contraction(at, asked.setting, asked.metric, shape=asked.shape)
        estimate = newton(rate_sdp(question), solver, Fraction(0))
        if estimate.confident or estimate.q < _SLOW or len(names) > 1:
            return 1 - float(estimate.q) if estimate.contracts else 1.0
        for extended in (False, True):
            upper = search(question, solver, extended=extended, width=Fraction(1, 10**6)).upper
            if upper is not None:
                return float(upper.rate)
        return 1.0

    smoothness = max(float(group.functions.smoothness) for group in asked.setting.populations())
    axes = [_axis(template.ranges.get(name), 8 / smoothness) for name in names]
    starts = [] if theory is None else [(float(theory.value),)]
    return _rounded(names, minimum(objective, axes, starts))


def _axis(interval: Range | None, longest: float) -> Axis:
    if interval is None:
        return Axis(0.0, longest, logarithmic=True)
    lower, upper = interval.lower, interval.upper
    if lower is None or upper is None:
        raise InputError(f"a parameter's range is {interval}, which is infinite, so it cannot be searched; give it both ends.")
    margin = (upper - lower) / 1000
    ends = tuple(float(end) for end in (interval.least, interval.most) if end is not None)
    low = float(lower) if interval.least is not None else lower + margin
    high = float(upper) if interval.most is not None else upper - margin
    return Axis(low, high, logarithmic=False, ends=ends)


def _rounded(names: Sequence[str], values: Sequence[float]) -> dict[str, Fraction]:
    return {name: rounded(Fraction(value), _DIGITS) for name, value in zip(names, values, strict=True)}


def _core(best: Method, names: Sequence[str], tolerance: Fraction) -> Box:
    """Return the bracket that is aimed at."""
    sides: list[Side] = []
    for name in names:
        value: Fraction = getattr(best, name)
        interval = best.ranges.get(name)
        if interval is None or interval.lower is None or interval.upper is None:
            sides.append(Side(value * (1 - tolerance / 2), value * (1 + tolerance / 2)))
            continue
        half = tolerance / 2 * (interval.upper - interval.lower)
        sides.append(Side(max(value - half, Fraction(interval.lower)), min(value + half, Fraction(interval.upper))))
    return Box(tuple(sides))


def _width(side: Side) -> Fraction:
    return Fraction(0) if side.upper is None else side.upper - side.lower


def _searched(excluder: Excluder, best: Method, names: Sequence[str], core: Box, excluded: Fraction) -> Box:
    """Return the ranges that the claim is about: to their ends, or to a multiple of the value where those cannot be excluded."""
    whole: list[Side] = []
    for name, side in zip(names, core.sides, strict=True):
        interval = best.ranges.get(name)
        if interval is None or interval.lower is None or interval.upper is None:
            whole.append(Side(Fraction(0), None))
            continue
        edge = Fraction(interval.upper - interval.lower, _EDGE)
        low = Fraction(interval.lower) if interval.least is not None else min(interval.lower + edge, side.lower)
        high = Fraction(interval.upper) if interval.most is not None else interval.upper - edge
        whole.append(Side(low, high if side.upper is None else max(high, side.upper)))
    for axis, name in enumerate(names):
        if whole[axis].upper is not None:
            continue
        value: Fraction = getattr(best, name)
        finite = [
            Side(side.lower, 2 * getattr(best, n) if side.upper is None else side.upper)
            for n, side in zip(names, whole, strict=True)
        ]
        small, large = list(finite), list(finite)
        small[axis], large[axis] = Side(Fraction(0), value / 2**20), Side(value * 2**20, None)
        low, high = (
            excluder.still(excluder.question(box), box, excluded) is not None for box in (Box(tuple(small)), Box(tuple(large)))
        )
        whole[axis] = Side(Fraction(0) if low else value / _EDGE, None if high else value * _EDGE)
    return Box(tuple(whole))


def _inside(excluder: Excluder, bracket: Box, upper: Fraction, seconds: float) -> tuple[Fraction | None, Cover]:
    """Exclude, in the bracket too, all rates that are better by more than a little."""
    nothing = Cover((), (), complete=True)
    if any(side.upper is None for side in bracket.sides):
        return None, nothing
    smallest = [_width(side) / 64 for side in bracket.sides]
    for part in _INSIDE:
        lower = upper - part * (1 - upper)
        found = cover(excluder, [bracket], lower, smallest, boxes=64, seconds=seconds / len(_INSIDE))
        if not found.rest:
            return lower, found
    return None, nothing
