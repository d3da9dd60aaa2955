"""``efpep.discover``: closed forms of rates, found from proved numbers."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from efpep.compressors import Contractive
from efpep.errors import InputError, UndecidedError
from efpep.functions import SmoothStronglyConvex
from efpep.methods.base import OPTIMAL, Method
from efpep.model.argument import require_kind
from efpep.model.field import positive, shown
from efpep.questions.common.required import refuse_beside
from efpep.questions.common.step_inequalities import Weights
from efpep.questions.rate.answer import Rate, rate
from efpep.questions.rate.digits import root
from efpep.setting import Setting
from efpep.theorems.discovery import AlgebraicRate, Discovery, Equation
from efpep.theorems.found import FoundTheorem, quantities
from efpep.theorems.functions import Function, FunctionField
from efpep.theorems.interpolation import SPARE, coefficients_of, interpolated
from efpep.theorems.minimal_polynomial import MinimalPolynomial, minimal_polynomial
from efpep.theorems.prove import asked_method
from efpep.theorems.steps import BalancedStep, balanced
from efpep.theorems.witness import balanced_step
from efpep.theory import formula

_PROVED = (24, 32)
"""How many digits of the rates are proved where they are interpolated: more only where a few show no polynomial."""
_START = 20
"""How many are proved where Newton's method finds more."""
_FEW = 4
"""The largest degree that is looked for in the proved digits alone."""
_NEWTON = (1200, 3000)
"""The digits that are found by Newton's method where more are needed."""
_PARAMETERS = ("s", "k")
_NUMBERS = tuple(Fraction(a, b) for a, b in ((1, 2), (1, 3), (2, 3), (1, 4), (3, 4), (2, 5), (3, 5)))
_MOST = 40
_NEAR = Fraction(1, 1000)

Told = Callable[[str], None]


def discover(
    method: type[Method] | Method | str,
    setting: Setting | Sequence[Setting] | None = None,
    *,
    agents: int = 1,
    features: list[str] | None = None,
    digits: int = _NEWTON[-1],
    tell: Told | None = None,
    jobs: int | None = None,
) -> Discovery:
    """Find the equation of a method's rate over the parameters, or its minimal polynomial in one setting.

    Without a setting, rates are proved to 24 or 32 digits at rational ``s = sqrt(1 - delta)`` and ``k = (L - mu)/(L + mu)``, at
    the method's step size (in units ``2/(L + mu)``) or, where it is ``"optimal"``, at the rational one at which the worst linear
    instances balance; the minimal polynomials of these rates are found by lattice reduction, and their coefficients are
    interpolated as rational functions of s and k, with settings to spare. The equation is a conjecture, unless the search for
    proofs (:func:`efpep.prove`) finds a theorem whose rate satisfies it identically.

    With a setting, the rate's minimal polynomial over the rationals is looked for, up to degree 24, in digits that Newton's
    method on the optimality conditions finds where those that are proved do not suffice; it has to change its sign between the
    proved ends. For agents of one kind the step size at which the worst linear instances balance, and their rate there, are
    found as roots of polynomials by elimination (:mod:`efpep.theorems.steps`).

    Args:
        method: the method, its class, or its key.
        setting: rational inputs, or several of them, or None for all parameters of agents of one kind.
        agents: the number of agents, where no setting is given.
        features: what V may be made of, where a setting is given, as for :func:`efpep.rate`.
        digits: how many digits Newton's method may find.
        tell: what takes remarks about the progress.
        jobs: how many settings are looked at at once, in processes of their own; as many as there are cores unless told.

    Raises:
        InputError: the method is unknown, or the question is not well posed.
        UndecidedError: no rate is proved, or the step size that balances linear instances is not rational.
    """
    begin = time.perf_counter()
    asked = asked_method(method)
    if setting is not None:
        settings = [setting] if isinstance(setting, Setting) else list(setting)
        findings: list[AlgebraicRate] = []
        for own in settings:
            require_kind(own, Setting, "setting", "efpep.Setting(...)")
            refuse_beside(own, "mean", "a search for formulas")
        for found in _together(at_setting, [(asked, own, features, digits) for own in settings], jobs):
            findings.append(found)
            _tell(findings, tell)
        who = ", ".join(dict.fromkeys(map(_agents, settings)))
        return Discovery(asked.called(), who, tuple(findings), None, None, time.perf_counter() - begin)
    if isinstance(agents, bool) or not isinstance(agents, int) or agents < 1:  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError(f"agents is {shown(agents)}, which is no number of agents; give a whole number >= 1.", argument="agents")
    seen, equation = _over_parameters(asked, agents, tell, jobs)
    remark = None if equation is not None else f"no equation over the parameters fits {len(seen)} settings."
    if equation is not None:
        equation, remark = _proved(asked, agents, equation)
    who = "1 agent" if agents == 1 else f"{agents} agents of one kind"
    return Discovery(asked.called(), who, tuple(seen), equation, remark, time.perf_counter() - begin)


def at_setting(method: Method, setting: Setting, features: list[str] | None = None, digits: int = _NEWTON[-1]) -> AlgebraicRate:
    """Return the rate of a method at rational inputs with its minimal polynomial.

    An optimal step size has to be rational there.

    Raises:
        InputError: the question is not well posed.
        UndecidedError: no rate is proved.
    """
    exact = replace(method, step_size=_rational_step(method, setting))
    answer = rate(exact, setting, features=features, digits=_START)
    lower, upper = _ends(answer)
    polynomial = _certified(lower, upper)
    weights: dict[str, MinimalPolynomial | None] = {}
    for count in [count for count in _NEWTON if count <= digits] if polynomial is None or features is not None else ():
        try:
            found = root(answer.question.inequalities, lower, upper, count)
        except UndecidedError:
            break
        if polynomial is None:
            own = minimal_polynomial(found.rate, count - 10)
            polynomial = own if own is not None and own.separates(lower, upper) else None
        if polynomial is not None:
            weights = _weights(answer, found.weights, count - 10) if found.weights is not None else {}
            break
    populations = setting.populations()
    at: dict[str, Fraction] = {}
    for a, group in enumerate(populations, start=1):
        place = "" if len(populations) == 1 else f"[{a}]"
        at |= {f"mu{place}": Fraction(group.functions.curvature), f"L{place}": Fraction(group.functions.smoothness)}
        at |= {} if not isinstance(group.compressor, Contractive) else {f"delta{place}": Fraction(group.compressor.delta)}
    return AlgebraicRate(at, Fraction(exact.step_size), lower, upper, polynomial, weights, _balanced(exact, setting))


def _balanced(method: Method, setting: Setting) -> BalancedStep | None:
    try:
        return balanced(method, setting)
    except UndecidedError:
        return None


def _weights(answer: Rate, weights: Weights, digits: int) -> dict[str, MinimalPolynomial | None]:
    named: dict[str, Fraction] = {}
    for block, matrix in zip(answer.question.inequalities.blocks, weights.blocks, strict=True):
        names = [feature.name for feature in block.features]
        named |= {f"{block.name} {names[i]}, {names[j]}": matrix[i][j] for j in range(len(names)) for i in range(j + 1)}
    named |= {gap.name: number for gap, number in zip(answer.question.inequalities.gaps, weights.gaps, strict=True)}
    largest = max(named.values(), key=abs)
    if largest == 0:
        return {}
    return {name: minimal_polynomial(value / largest, digits, 2 * _FEW) for name, value in named.items()}


def _rational_step(method: Method, setting: Setting) -> Fraction:
    if method.step_size != OPTIMAL:
        return positive(method.step_size, "step_size")
    value = method.literature.optimal_step_size(method, setting).value
    simple = value.limit_denominator(10**8)
    if abs(simple - value) > Fraction(1, 10**30) * value:
        raise InputError(
            "the literature's optimal step size is not rational in this setting, so that the rate at it is not that of rational "
            "inputs; choose delta = 1 - s^2 with a rational s, or give a step size.",
            argument="step_size",
        )
    return simple


def _ends(answer: Rate) -> tuple[Fraction, Fraction]:
    if answer.lower is None or answer.upper is None:
        raise UndecidedError(f"{answer.finding}, so there is no rate to find a closed form of.")
    return answer.lower, answer.upper


def _certified(lower: Fraction, upper: Fraction) -> MinimalPolynomial | None:
    """Return the minimal polynomial that the proved digits show."""
    width = upper - lower
    digits = next(k for k in range(10**4) if width * 10**k >= 1) - 1 if width else _PROVED[-1]
    found = minimal_polynomial((lower + upper) / 2, digits, _FEW)
    return found if found is not None and found.separates(lower, upper) else None


def _agents(setting: Setting) -> str:
    groups = setting.populations()
    return "agents of one kind" if len(groups) == 1 else f"{len(groups)} groups of agents"


# --- over the parameters ----------------------------------------------------------------------------------------------


def _over_parameters(
    method: Method, agents: int, tell: Told | None, jobs: int | None
) -> tuple[list[AlgebraicRate], Equation | None]:
    field = FunctionField(*_PARAMETERS)
    findings: list[AlgebraicRate] = []
    for found in _together(_at_parameters, [(method, agents, at) for at in _settings()], jobs):
        findings.append(found)
        _tell(findings, tell)
        equation = _interpolated(findings, field) if len(findings) > SPARE else None
        if equation is not None:
            return findings, equation
    return findings, None


def _at_parameters(method: Method, agents: int, at: Mapping[str, Fraction]) -> AlgebraicRate:
    """Return the rate at rational s and k, its polynomial read off digits all of which are proved."""
    step = balanced_step(method, _constants(at)) if method.step_size == OPTIMAL else positive(method.step_size, "step_size")
    lower, upper, polynomial = Fraction(0), Fraction(1), None
    for digits in _PROVED:
        lower, upper = _ends(rate(replace(method, step_size=step), _setting(at, agents), digits=digits))
        polynomial = _certified(lower, upper)
        if polynomial is not None:
            break
    return AlgebraicRate(at, step, lower, upper, polynomial, {})


def _together(
    work: Callable[..., AlgebraicRate], arguments: Sequence[tuple[Any, ...]], jobs: int | None
) -> Iterator[AlgebraicRate]:
    """Yield results in order, as many at a time as there are jobs; those that nobody waits for are not begun."""
    import joblib

    library: Any = joblib
    count = library.cpu_count() if jobs is None else jobs
    if count == 1 or len(arguments) == 1:
        yield from (work(*each) for each in arguments)
        return
    with library.parallel_config("loky", n_jobs=count, inner_max_num_threads=1), library.Parallel() as parallel:
        for first in range(0, len(arguments), count):
            yield from parallel(library.delayed(work)(*each) for each in arguments[first : first + count])


def _tell(findings: list[AlgebraicRate], tell: Told | None) -> None:
    if tell is not None:
        found = findings[-1].polynomial
        said = "no polynomial" if found is None else f"{found.written('rho')} = 0"
        tell(f"setting {len(findings)}: {said[:160]}")


def _settings() -> Iterator[dict[str, Fraction]]:
    """Yield rational s and k, no two neighbours with the same."""
    count = len(_NUMBERS)
    for n in range(min(_MOST, count * count)):
        i, shift = n % count, n // count
        yield {"s": _NUMBERS[i], "k": _NUMBERS[(3 * i + shift) % count]}


def _constants(at: Mapping[str, Fraction]) -> dict[str, Fraction]:
    return {"mu": 1 - at["k"], "L": 1 + at["k"], "s": at["s"]}


def _setting(at: Mapping[str, Fraction], agents: int) -> Setting:
    constants = _constants(at)
    return Setting(SmoothStronglyConvex(constants["mu"], constants["L"]), Contractive(1 - at["s"] ** 2), agents)


def _interpolated(findings: list[AlgebraicRate], field: FunctionField) -> Equation | None:
    """Return the equation through settings in which the rate has the largest degree; in special ones it has a smaller."""
    polynomials = [finding.polynomial for finding in findings]
    if any(found is None for found in polynomials):
        return None
    known = [(finding, found) for finding, found in zip(findings, polynomials, strict=True) if found is not None]
    degree = max(found.degree for _, found in known)
    generic = [(finding, found) for finding, found in known if found.degree == degree]
    points = [finding.at for finding, _ in generic]
    coefficients: list[Function] = []
    for k in range(degree):
        own = interpolated(points, [Fraction(found.coefficients[k], found.coefficients[-1]) for _, found in generic], field)
        if own is None:
            return None
        coefficients.append(own)
    step = interpolated([finding.at for finding in findings], [finding.step_size for finding in findings], field)
    if step is None:
        return None
    coefficients.append(field(1))
    for finding in findings:  # also where the degree is smaller
        values = [a(**finding.at) for a in coefficients]
        signs = [sum((a * end**k for k, a in enumerate(values)), Fraction(0)) for end in (finding.lower, finding.upper)]
        if signs[0] * signs[1] > 0:
            return None
    spare = len(generic) - max(map(coefficients_of, coefficients))
    return Equation(tuple(coefficients), step, min(found.digits for _, found in known), len(findings), spare, None)


def _proved(method: Method, agents: int, equation: Equation) -> tuple[Equation, str | None]:
    """Return the equation with its proof, where the search for proofs finds a theorem that implies it."""
    from efpep.theorems.search import search

    if method.step_size != OPTIMAL:
        return equation, None
    try:
        theorem = search(method)
    except (UndecidedError, InputError) as error:
        return equation, f"no proof is found: {error}"
    if (2 if agents > 1 else 1) not in theorem.counts or not implied(theorem, equation):
        return equation, "the theorem that the search for proofs finds does not imply the equation."
    report = theorem.check()
    if not report.proved:
        return equation, "the theorem that the search for proofs finds does not hold."
    if not isinstance(theorem.region, str):
        return equation, "the search for proofs proves it about some constants, not for all parameters."
    held = f"{len(report.steps)} steps hold"
    return replace(
        equation, proof=f"for all parameters with {theorem.where}, by the theorem that efpep prove finds ({held})"
    ), None


def implied(theorem: FoundTheorem, equation: Equation) -> bool:
    """Whether the rate and step size of a theorem satisfy an equation identically, for all parameters of the theorem."""
    names = quantities(theorem.region, theorem.curvatures).names
    mu, smoothness = names["L"] * 0 + names["mu"], names["L"]
    at = {"s": names["s"], "k": (smoothness - mu) / (smoothness + mu)}
    field = mu.field

    def value(function: Function) -> Function:
        return formula.evaluated(formula.tree(str(function)), at, field)

    total = field(0)
    for k, a in enumerate(equation.coefficients):
        total = total + value(a) * names["rate"] ** k
    return total == 0 and names["eta"] * (smoothness + mu) == 2 * value(equation.step_size)
