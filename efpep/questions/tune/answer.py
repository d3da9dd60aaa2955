"""``efpep.tune``: the best parameters of a method, with a proved bracket."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any, cast, overload

from efpep.conic.solver import DEFAULT, Solver, find_solver
from efpep.errors import InputError
from efpep.methods.base import OPTIMAL, WEIGHTS, Method
from efpep.model.box import Box, Side
from efpep.model.field import rational, rounded, shown
from efpep.model.text import exact
from efpep.proof.provenance import Provenance
from efpep.proof.witness import UpperWitness
from efpep.questions.answer import Interval, proved
from efpep.questions.base import Certificate, Question, Verdict
from efpep.questions.common.magnitude import within_doubles
from efpep.questions.common.required import require_setting
from efpep.questions.nonconvex.question import NonconvexQuestion
from efpep.questions.rate.answer import Rate
from efpep.questions.rate.answer import ask as ask_rate
from efpep.questions.rate.inequalities import check_curvature
from efpep.questions.rate.lyapunov import Lyapunov
from efpep.questions.rate.lyapunov_class import LyapunovClass
from efpep.questions.tune.bracket import bracketed, worse_within
from efpep.questions.tune.covering import overlap, within
from efpep.questions.tune.deadline import Deadline
from efpep.questions.tune.decrease import tune_decrease
from efpep.questions.tune.enclosed import enclosed
from efpep.questions.tune.question import STEP, BestParameters, Everywhere, StepSizeCertificate, StepSizeQuestion
from efpep.questions.tune.ranges import around, searched_ranges, template_of
from efpep.questions.tune.result import Bracket, ProvedInterval, StepSize, Tested
from efpep.questions.tune.search import Excluder
from efpep.questions.tune.step import TOLERANCE, TunedStep, best_step
from efpep.questions.tune.tuning import Tuning
from efpep.setting import Setting
from efpep.theory.closed_form import ClosedForm

SECONDS = 120.0
"""The time for an answer where nothing else is asked."""
_LEAST_TOLERANCE = Fraction(1, 10**6)
_PROPOSED = 0.92
"""The share of all of the time that is before the last check."""


@overload
def tune(
    method: Method | type[Method],
    setting: Setting,
    metric: str = "distance",
    solver: str = DEFAULT,
    *,
    parameters: Sequence[str] | None = None,
    tolerance: object = TOLERANCE,
    verify: object | Mapping[str, object] | None = None,
    lyapunov: str | Lyapunov | None = None,
    memory: int = 0,
    features: Sequence[str] | None = None,
    seconds: float = SECONDS,
) -> StepSize: ...
@overload
def tune(method: Question[Any, Any], *, solver: str = DEFAULT, tolerance: object = TOLERANCE) -> TunedStep: ...
@within_doubles
def tune(
    method: Method | type[Method] | Question[Any, Any],
    setting: Setting | None = None,
    metric: str = "distance",
    solver: str = DEFAULT,
    *,
    parameters: Sequence[str] | None = None,
    tolerance: object = TOLERANCE,
    verify: object | Mapping[str, object] | None = None,
    lyapunov: str | Lyapunov | None = None,
    memory: int = 0,
    features: Sequence[str] | None = None,
    seconds: float = SECONDS,
) -> StepSize | TunedStep:
    """Minimise the proved rate over parameters of a method, and prove a bracket outside which nothing is better.

    Step sizes that instances on a line (:mod:`efpep.questions.tune.lines`) prove the best ones on both sides are tried first, the
    literature's among them; then nothing is searched, and the bracket is much narrower than the tolerance. Elsewhere the best
    parameters are found numerically, and their rate is proved (:func:`efpep.rate`): it is the least that is proved of all that
    were tried, the literature's among them. Branch and bound excludes that rate on boxes of parameters that cover everything
    outside the bracket: on each box by one instance whose Gram matrices are polynomials in the parameters, checked in exact
    arithmetic (:mod:`efpep.questions.tune.box`). Nothing is assumed about the landscape.

    The same boxes answer whether given parameters (``verify``, or the literature's step size where it has one) are optimal to
    within the tolerance. Yes: every better choice is within it, as nothing outside it (of what is covered) has a smaller rate
    than one inside. No: there is a better choice outside it, and everything within it has a larger rate.

    A question in the place of method and setting says what else is to be best, as a function of the step size: a worst case, a
    growing potential, a constant of noise (:func:`efpep.questions.tune.step.best_step`), or the decrease of a nonconvex
    potential (:func:`efpep.questions.tune.decrease.tune_decrease`). With it go ``solver`` and ``tolerance`` alone.

    Args:
        method: the method's class, all of whose parameters are tuned, or a method, whose step size is tuned and whose other
            parameters are kept; or a question.
        setting: functions, compressor and agents.
        metric: what the Lyapunov function controls, as for :func:`efpep.rate`.
        solver: the solver that proposes; see :func:`efpep.rate`.
        parameters: the names of the parameters to tune, instead of those.
        tolerance: how wide a bracket may be, relative to the step size (to the range, of other parameters).
        verify: a step size, ``"optimal"`` for the literature's, or values by parameter: are they optimal to within the tolerance?
        lyapunov: a given Lyapunov function instead of the best one, as for :func:`efpep.rate`.
        memory: as for :func:`efpep.rate`.
        features: as for :func:`efpep.rate`.
        seconds: how long all of it may take, to about a tenth; the boxes left over then stay in the bracket.

    Raises:
        InputError: the question is not well posed, or a parameter has no known range.
    """
    begin = time.perf_counter()
    if isinstance(method, Question):
        if setting is not None:
            raise InputError("a question has its setting already; leave the setting out.", argument="setting")
        return _best_step(method, tolerance, solver)
    chosen = LyapunovClass(memory, None if features is None else tuple(features))
    task = _read(method, cast("Setting", setting), metric, solver, chosen, lyapunov, parameters, tolerance, verify, seconds)
    return replace(_answer(task), seconds=time.perf_counter() - begin)


def _best_step(question: Question[Any, Any], tolerance: object, solver: str) -> TunedStep:
    if isinstance(question, NonconvexQuestion):
        return tune_decrease(question.method, question.setting, tolerance, memory=question.memory, solver=solver)
    return best_step(question, tolerance, solver=solver)


def best_rate(
    method: Method,
    setting: Setting,
    metric: str = "distance",
    solver: str = DEFAULT,
    *,
    lyapunov: str | None = None,
    memory: int = 0,
    features: Sequence[str] | None = None,
    seconds: float = SECONDS,
) -> Rate:
    """Return the rate at the step size that :func:`tune` finds in the same time, without a bracket around it.

    Raises:
        InputError: the question is not well posed.
    """
    chosen = LyapunovClass(memory, None if features is None else tuple(features))
    return _read(method, setting, metric, solver, chosen, lyapunov, (STEP,), TOLERANCE, None, seconds).best()[0]


def _read(  # noqa: PLR0917 - the arguments of tune
    method: Method | type[Method],
    setting: Setting,
    metric: str,
    solver: str,
    chosen: LyapunovClass,
    lyapunov: str | Lyapunov | None,
    parameters: Sequence[str] | None,
    tolerance: object,
    verify: object,
    seconds: float,
) -> Tuning:
    """Read what :func:`tune` is called with; its time begins."""
    require_setting(setting)
    check_curvature(setting, metric)
    room = rational(tolerance, "tolerance")
    if not _LEAST_TOLERANCE <= room <= Fraction(1, 2):
        raise InputError(
            f"tolerance is {shown(tolerance)}, the relative width of the bracket; give a number from 1e-6 to 1/2.",
            argument="tolerance",
        )
    if not rational(seconds, "seconds") > 0:
        raise InputError(f"seconds is {shown(seconds)}, the time for the answer; give a positive number.", argument="seconds")
    template, names = template_of(method, parameters)
    if template.positivity != WEIGHTS:
        raise InputError(
            f"brackets are proved with semidefinite weights, and {template.called()} is analysed with weights of any sign; ask "
            "efpep.rate for its rate at given parameters, or 'efpep design' for better ones.",
            argument="method",
        )
    if STEP not in names:
        template = template.resolved(setting)
    source, tested = tested_parameters(template, names, setting, verify)
    asked = verify is not None
    deadline = Deadline.after(_PROPOSED * float(seconds))
    return Tuning(template, names, tested, source, asked, setting, metric, solver, room, lyapunov, chosen, deadline)


def tested_parameters(
    template: Method, names: tuple[str, ...], setting: Setting, verify: object
) -> tuple[ClosedForm | None, dict[str, Fraction] | None]:
    """Return the parameters that are compared with the best ones, and the closed form that they come from."""
    given = (
        dict(cast("Mapping[str, object]", verify)) if isinstance(verify, Mapping) else {} if verify is None else {STEP: verify}
    )
    unknown = [name for name in given if name not in names]
    if unknown:
        raise InputError(
            f"verify has {shown(unknown[0])}, which is not tuned; the tuned parameters are {', '.join(names)}.", argument="verify"
        )
    source = None
    if STEP in names and (verify is None or given.get(STEP, OPTIMAL) == OPTIMAL):
        try:
            source = template.literature.optimal_step_size(template, setting)
        except InputError:
            if verify is not None:
                raise
            return None, None
        given[STEP] = rounded(source.value, 17)
    if verify is None and source is None:
        return None, None
    values = {name: rational(given.get(name, getattr(template, name)), name) for name in names}
    if values.get(STEP, 1) <= 0:
        raise InputError(
            f"verify is {exact(values[STEP])}, and a step size that may be optimal is positive; give one.", argument="verify"
        )
    replace(template, **values)  # refuses what is out of range
    return source, values


@within_doubles
def ask(
    question: StepSizeQuestion, solver: Solver, *, tolerance: Fraction = TOLERANCE, seconds: float = SECONDS
) -> Interval[StepSizeQuestion, Everywhere, BestParameters]:
    """Return the answer to a question: the rate of its parameters, and outside which bracket around them nothing is better.

    Args:
        question: the parameters, and the ranges that are searched.
        solver: who proposes.
        tolerance: how wide the bracket may be, as for :func:`tune`.
        seconds: how long the branch and bound may take.

    Raises:
        InputError: the question is not well posed.
    """
    begin = time.perf_counter()
    found = ask_rate(question.rate, solver)
    certificate = None
    if found.certificate is not None and found.certificate.upper is not None:
        values: dict[str, Fraction] = {name: getattr(question.method, name) for name in question.names}
        aim = overlap(question.searched, around(question.method, values, tolerance))
        if aim is not None:
            deadline = Deadline.after(_PROPOSED * seconds)
            ends = bracketed(question, found.certificate.upper, aim, solver, deadline)
            certificate = proved(question, *ends, found.solver)
    return Interval(question, certificate, found.solver, time.perf_counter() - begin)


def _answer(task: Tuning) -> StepSize:
    """Return the answer, without its time."""
    found, at = task.best()
    best: dict[str, Fraction] = {name: getattr(found.method, name) for name in task.names}
    witness = None if found.certificate is None else found.certificate.upper
    if found.certificate is None or witness is None:
        return _result(task, best, found, at=at)
    aim, near = task.around(best), None if task.tested is None else task.around(task.tested)
    if near is not None and _contains(near if task.asked else _middle(near), best):
        aim = near
    solver = find_solver(task.solver)
    excluder = Excluder(found.question, task.names, solver)
    known, boxes = task.settled, task.deadline.part(1)
    if known is None:
        question, everywhere, proof, checked = _around(excluder, witness, found.method, aim, boxes)
    else:
        known = known if aim == task.around(best) else known.around(aim)
        question, everywhere, proof, checked = known.question, known.everywhere, known.best, known.checked
    verdict, worse = Verdict.UNDECIDED, None
    if near is not None and at is not None:
        optimal = within(proof.bracket, near)
        worse = None if optimal or _contains(near, best) else worse_within(excluder, near, witness.theta, at, boxes)
        proof = replace(proof, worse=worse)
        verdict = Verdict.PROVED if optimal else Verdict.UNDECIDED if worse is None else Verdict.REFUTED
    certificate = Certificate(question, everywhere, proof, Provenance(found.solver))
    if not checked or worse is not None:
        certificate.check()
    return _result(task, best, found, certificate, at=at, verdict=verdict)


def bracket_of(found: Rate, names: Sequence[str], solver: Solver, seconds: float) -> StepSizeCertificate | None:
    """Return the checked proof that no parameters outside a bracket around those of a rate have a smaller one.

    Its lower end, if there is one, says which rate none of the searched ranges has.

    Args:
        found: a rate that is proved by semidefinite weights.
        names: the parameters that vary.
        solver: who proposes.
        seconds: how long it may take, to about a tenth.

    Returns:
        The certificate, or None where the rate has no proof.
    """
    witness = None if found.certificate is None else found.certificate.upper
    if witness is None:
        return None
    values: dict[str, Fraction] = {name: getattr(found.method, name) for name in names}
    aim, deadline = around(found.method, values, TOLERANCE), Deadline.after(_PROPOSED * seconds)
    excluder = Excluder(found.question, tuple(names), solver)
    question, everywhere, proof, checked = _around(excluder, witness, found.method, aim, deadline)
    certificate = Certificate(question, everywhere, proof, Provenance(found.solver))
    if not checked:
        certificate.check()
    return certificate


def _around(
    excluder: Excluder, witness: UpperWitness, method: Method, aim: Box, deadline: Deadline
) -> tuple[StepSizeQuestion, Everywhere | None, BestParameters, bool]:
    """Return a bracket around the best parameters, by instances in a plane or on boxes, and whether all of it is checked."""
    names = excluder.names
    swept = enclosed(excluder, witness, [getattr(method, name) for name in names], aim, deadline)
    if swept is not None:
        return swept.question, swept.everywhere, swept.best, True
    question = StepSizeQuestion.of(excluder.rate, names, searched_ranges(excluder, method, names, aim, witness.theta))
    return question, *bracketed(question, witness, aim, excluder.solver, deadline), False


def _contains(box: Box, values: Mapping[str, Fraction]) -> bool:
    return all(
        side.lower <= value and (side.upper is None or value <= side.upper)
        for side, value in zip(box.sides, values.values(), strict=True)
    )


def _middle(box: Box) -> Box:
    """Return the middle of a finite box: half of each side."""
    parts = [(side.lower, side.lower if side.upper is None else side.upper) for side in box.sides]
    return Box(tuple(Side((3 * low + high) / 4, (low + 3 * high) / 4) for low, high in parts))


def _result(
    task: Tuning,
    best: Mapping[str, Fraction],
    found: Rate,
    certificate: StepSizeCertificate | None = None,
    *,
    at: Rate | None = None,
    verdict: Verdict = Verdict.UNDECIDED,
) -> StepSize:
    """Return the answer without its time; nothing is proved where there is no certificate."""
    everything = tuple(Side(Fraction(0), None) for _ in best)
    proof = None if certificate is None else certificate.upper
    lower = None if certificate is None or certificate.lower is None else certificate.lower.theta
    bracket = everything if proof is None or proof.bracket is None else proof.bracket.sides
    searched = () if certificate is None else certificate.question.searched.sides
    aims = [task.around(values) for values in (best, task.tested) if values is not None]
    tested = None
    if task.tested is not None:
        tested = Tested(
            parameters=dict(task.tested),
            within={name: (s.lower, s.upper) for name, s in zip(task.names, task.around(task.tested).sides, strict=True)},
            verdict=verdict,
            at=at,
            asked=task.asked,
            source=task.source,
        )
    return StepSize(
        method=found.method,
        setting=found.setting,
        metric=found.metric,
        parameters={name: Bracket(best[name], side.lower, side.upper) for name, side in zip(task.names, bracket, strict=True)},
        rate=None if proof is None else ProvedInterval(lower, proof.theta),
        at=found,
        covered={name: (side.lower, side.upper) for name, side in zip(task.names, searched, strict=False)},
        certificate=certificate,
        tolerance=task.tolerance,
        narrow=proof is not None and any(within(proof.bracket, aim) for aim in aims),
        tested=tested,
        seconds=0.0,
    )
