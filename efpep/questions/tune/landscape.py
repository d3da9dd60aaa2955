"""``efpep.landscape``: the proved rate against the step size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from efpep.conic.solver import DEFAULT
from efpep.errors import InputError
from efpep.methods.base import OPTIMAL, Method
from efpep.model.field import rational, rounded, shown
from efpep.questions.base import Verdict
from efpep.questions.common.required import require_method
from efpep.questions.rate.answer import Rate, rate
from efpep.questions.rate.lyapunov import Lyapunov
from efpep.questions.rate.lyapunov_class import LyapunovClass
from efpep.questions.rate.question import RateQuestion
from efpep.questions.tune.best import Posed, candidates
from efpep.questions.tune.question import STEP
from efpep.setting import Setting
from efpep.theory.closed_form import ClosedForm

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from efpep.questions.tune.result import StepSize

_SHARP = Fraction(1, 1000)
_DOUBLINGS = 40
_BEYOND = Fraction(11, 10)
_MOST = 10000

At = Callable[[Fraction], Rate]


@dataclass(frozen=True, slots=True)
class Limit:
    """Where contraction ends, as far as was looked.

    Attributes:
        stable: the largest step size tried at which a contraction is proved, or None.
        unstable: the smallest step size tried above it at which it is proved that there is none in the class, or None.
    """

    stable: Fraction | None
    unstable: Fraction | None


@dataclass(frozen=True, slots=True)
class Landscape:
    """Proved rates at many step sizes.

    Attributes:
        method: the method, with the step size that the search started from.
        setting: the setting.
        metric: the metric that the Lyapunov functions control.
        rates: the answers, by growing step size; each has its certificate.
        limit: two step sizes between which the contraction ends.
        literature: the literature's optimal step size, where there is one.
    """

    method: Method
    setting: Setting
    metric: str
    rates: tuple[Rate, ...]
    limit: Limit
    literature: ClosedForm | None

    def columns(self) -> dict[str, list[str]]:
        """Return the numbers by column: exact step sizes, ends rounded outward (empty where undecided), verdicts."""
        from efpep.questions.tune.landscape_report import columns

        return columns(self)

    def to_csv(self, path: str | Path) -> Path:
        """Write :meth:`columns` to a CSV file, and return its path.

        Raises:
            InputError: the file cannot be written.
        """
        from efpep.questions.tune.landscape_report import write_csv

        return write_csv(self, path)

    def plot(self, size: str = "neurips", *, dark: bool = False, tuned: StepSize | None = None) -> Figure:
        """Return a figure: both ends against the step size, with the stability limit and the literature's step size marked.

        Args:
            size: its width, a key of :data:`efpep.report.figure_style.SIZES`.
            dark: whether the ground is dark.
            tuned: the answer of :func:`efpep.tune`, whose proved bracket of the best step size is shown as a band.

        Raises:
            InputError: there is no such size.
        """
        from efpep.questions.tune.landscape_report import plot

        return plot(self, size, dark=dark, tuned=tuned)

    def save(self, path: str | Path, size: str = "neurips", *, dark: bool = False, tuned: StepSize | None = None) -> list[Path]:
        """Write the figure (:meth:`plot`) as PDF, PNG and SVG with the numbers as CSV beside them, and return the paths.

        Raises:
            InputError: the path has another suffix, or cannot be written.
        """
        from efpep.questions.tune.landscape_report import save

        return save(self, path, size, dark=dark, tuned=tuned)


def landscape(
    method: Method,
    setting: Setting,
    metric: str = "distance",
    solver: str = DEFAULT,
    *,
    steps: Sequence[object] | None = None,
    points: int = 40,
    lyapunov: str | Lyapunov | None = None,
    memory: int = 0,
    features: Sequence[str] | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Landscape:
    """Prove the rate (:func:`efpep.rate`) at many step sizes, and find out where the contraction ends.

    Args:
        method: the method; its step size is where the search for the end of contraction starts, all else is kept.
        setting: functions, compressor and agents.
        metric: what the Lyapunov functions control.
        solver: the solver that proposes.
        steps: the step sizes, or None for equally spaced ones up to a tenth beyond the end of contraction, the step size that the
            search started from, and the largest one that contracts.
        points: how many equally spaced ones there are then.
        lyapunov: a given Lyapunov function, as for :func:`efpep.rate`.
        memory: as for :func:`efpep.rate`.
        features: as for :func:`efpep.rate`.
        progress: called with how many rates are done, and how many there are.

    Raises:
        InputError: the question is not well posed, or there are no step sizes.
    """
    require_method(method, "one such as EF21()")
    if isinstance(points, bool) or not isinstance(points, int) or not 2 <= points <= _MOST:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError(f"points is {shown(points)}, the number of step sizes; give 2 to {_MOST}.", argument="points")
    method = replace(method.resolved(setting), step_size=method.step_size) if method.closed_forms else method
    given = None if steps is None else sorted({rational(step, "a step size") for step in steps})
    if given is not None and (not given or given[0] < 0):
        raise InputError("steps has no step sizes, or negative ones; give numbers that are not negative.", argument="steps")

    def at(step: Fraction) -> Rate:
        moved = replace(method, step_size=step)
        return rate(moved, setting, metric, solver, lyapunov=lyapunov, memory=memory, features=features)

    literature = _literature(method, setting)
    lyapunov_class = LyapunovClass(memory, None if features is None else tuple(features), method.positivity)
    start = _start(method, lambda moved: RateQuestion(moved, setting, metric, None, lyapunov_class), literature, at)
    limit = _limit(start, at)
    if given is None:
        end = (limit.unstable or limit.stable or start) * _BEYOND
        known = [step for step in (start, limit.stable) if step is not None]
        given = sorted({*(rounded(end * k / points, 6) for k in range(1, points + 1)), *known})
    rates: list[Rate] = []
    for k, step in enumerate(given):
        if progress is not None:
            progress(k, len(given))
        rates.append(at(step))
    if progress is not None:
        progress(len(given), len(given))
    return Landscape(replace(method, step_size=start), setting, metric, tuple(rates), limit, literature)


def _literature(method: Method, setting: Setting) -> ClosedForm | None:
    try:
        return method.literature.optimal_step_size(method, setting)
    except InputError:
        return None


def _start(method: Method, posed: Posed, literature: ClosedForm | None, at: At) -> Fraction:
    """Return a step size at which there is a contraction, if one is found."""
    if isinstance(method.step_size, Fraction) and method.step_size > 0 and at(method.step_size).verdict is Verdict.PROVED:
        return method.step_size
    if literature is not None and at(rounded(literature.value, 6)).verdict is Verdict.PROVED:
        return rounded(literature.value, 6)
    template = replace(method, step_size=Fraction(1)) if method.step_size == OPTIMAL else method
    return candidates(template, (STEP,), posed, [])[0].values[STEP]


def _limit(start: Fraction, at: At) -> Limit:
    """Return step sizes on either side of the end of contraction, by doubling and halving."""
    if at(start).verdict is not Verdict.PROVED:
        return Limit(None, None)
    stable, unstable = start, None
    for _ in range(_DOUBLINGS):
        verdict = at(2 * stable).verdict
        if verdict is Verdict.PROVED:
            stable *= 2
            continue
        unstable = 2 * stable if verdict is Verdict.REFUTED else None
        break
    while unstable is not None and unstable > stable * (1 + _SHARP):
        middle = rounded((stable + unstable) / 2, 6)
        verdict = at(middle).verdict
        if verdict is Verdict.UNDECIDED or not stable < middle < unstable:
            break
        stable, unstable = (middle, unstable) if verdict is Verdict.PROVED else (stable, middle)
    return Limit(stable, unstable)
