"""The answer to which parameters are best, as a JSON object and as lines for a reader.

Brackets are rounded outward, and so are the ends of rates; the ranges that are covered are exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from efpep.model.text import down, exact, up
from efpep.questions.rate.report import class_text, shape_object, theory_rows, unbroken
from efpep.questions.tune.question import STEP
from efpep.report.answer import (
    cited,
    closed_form_object,
    defaults_text,
    digits_for,
    ends_object,
    in_expectation,
    interval_object,
    method_object,
    said_rows,
    setting_object,
    setting_text,
    shares_minimiser,
)
from efpep.report.display import wrapped_lines

if TYPE_CHECKING:
    from efpep.model.box import Side
    from efpep.questions.answer import Interval
    from efpep.questions.tune.question import BestParameters, Everywhere, StepSizeCertificate, StepSizeQuestion
    from efpep.questions.tune.result import Bracket, StepSize, Tested

ANSWERS = {"PROVED": "yes", "REFUTED": "no", "UNDECIDED": "undecided"}
_DIGITS = 12
Range = tuple[Fraction, Fraction | None]


def step_size_object(found: StepSize) -> dict[str, object]:
    """Return the answer of :func:`efpep.tune`.

    ``"step_size"`` and every entry of ``"tuned"`` are ``{"value", "lower", "upper"}``: outside the bracket nothing is better
    within ``"covered"``; an end that is null is infinite, or not proved. ``"rate"`` encloses the best rate over ``"covered"``.
    ``"assumed"`` lists what was assumed without proof: nothing. ``"tested"`` says whether the parameters that were asked about,
    or else the literature's, are optimal to within the tolerance: yes, no or undecided.
    """
    tuned = {name: _bracket(bracket) for name, bracket in found.parameters.items()}
    fixed = exact(found.method.step_size)
    ends = found.rate
    return {
        **method_object(found.method),
        "step_size": tuned.get(STEP, {"value": fixed, "lower": fixed, "upper": fixed}),
        "rate": interval_object(None, None) if ends is None else interval_object(ends.lower, ends.upper),
        "certified": found.certified,
        "tuned": tuned,
        "covered": {name: _range(ends) for name, ends in found.covered.items()},
        "assumed": [],
        "tolerance": exact(found.tolerance),
        "narrow": found.narrow,
        "boxes": None if found.certificate is None else _boxes(found.certificate),
        "metric": found.metric,
        **setting_object(found.setting),
        "common_minimiser": shares_minimiser(found.at),
        "in_expectation": in_expectation(found.at),
        **shape_object(found.at),
        "tested": None if found.tested is None else _tested(found, found.tested),
        "theorem": closed_form_object("rate", found.at.theorem),
        "stability_limit": closed_form_object("step_size", found.at.stability_limit),
        "lyapunov": None if found.at.lyapunov is None else str(found.at.lyapunov),
        "solver": found.at.solver,
        "seconds": round(found.seconds, 6),
    }


def claim_object(certificate: StepSizeCertificate) -> dict[str, object]:
    """Return what a step-size certificate claims."""
    lower, best = certificate.lower, certificate.upper
    bracket, worse = (None, None) if best is None else (best.bracket, best.worse)
    claim: dict[str, object] = {
        **method_object(certificate.method),
        **setting_object(certificate.setting),
        "metric": certificate.question.metric,
        "rate": ends_object(lower, best),
        "covered": _ranges(certificate, certificate.question.searched.sides),
        "bracket": None if bracket is None else _ranges(certificate, bracket.sides),
    }
    if worse is not None:
        region = _ranges(certificate, worse.region.sides)
        claim["worse"] = {"region": region, "rate": down(worse.rate, digits_for(worse.rate, None))}
    return claim


_NONE = ", and for these none exists, proved"
"""What is added where the answer at the parameters found is refuted."""


def answer_object(found: Interval[StepSizeQuestion, Everywhere, BestParameters]) -> dict[str, object]:
    """Return the answer to a question about given parameters: what is claimed, and who proposed it."""
    question, certificate = found.question, found.certificate
    asked = {**method_object(found.method), **setting_object(found.setting), "metric": question.metric}
    return {
        **(asked if certificate is None else claim_object(certificate)),
        "certified": found.certified,
        "solver": found.solver,
        "seconds": round(found.seconds, 6),
    }


def answer_text(found: Interval[StepSizeQuestion, Everywhere, BestParameters]) -> str:
    """Return the answer to a question about given parameters as text."""
    return f"{found}{defaults_text(found.method)}"


def answer_rows(found: Interval[StepSizeQuestion, Everywhere, BestParameters]) -> list[tuple[str, str]]:
    """Return what is proved, and who proposed it."""
    return said_rows(found)


def step_size_text(found: StepSize) -> str:
    """Return the rows as lines; see :func:`step_size_rows`."""
    return wrapped_lines(step_size_rows(found))


def step_size_rows(found: StepSize) -> list[tuple[str, str]]:
    """Return question, parameters, rate, what is known of the tested ones, and Lyapunov function, each with its name."""
    method = found.method.title or type(found.method).__name__
    shared = "; the agents share one minimiser" if shares_minimiser(found.at) else ""
    question = f"{method}; {setting_text(found.setting)}{shared}; metric {found.metric}{class_text(found.at)}"
    lines = [("question", question)]
    for name, bracket in found.parameters.items():
        lines += [(name.replace("_", " "), exact(bracket.value)), ("", _proved(bracket, found.covered.get(name)))]
    others = found.method.other_parameters(found.parameters)
    lines += [("parameters", others)] if others else []
    if found.rate is None:
        none = found.at.verdict.name == "REFUTED"
        lines.append(("rate", f"undecided: no contraction is proved for the parameters that were tried{_NONE if none else ''}"))
        lines.append(("", "try more precise compressors, fewer agents, functions that are better conditioned, or another method"))
    else:
        lower, upper = found.rate.lower, found.rate.upper
        digits = digits_for(lower, upper) - 3
        below = "" if lower is None else f"{down(lower, digits)} <= "
        missing = "" if lower is not None else " (the lower end is undecided)"
        lines.append(("rate", f"{below}best rho <= {up(upper, digits)}   proved in exact arithmetic{missing}"))
    if found.tested is not None:
        lines += _tested_lines(found, found.tested)
    lines += theory_rows(found.at)
    if found.at.lyapunov is not None:
        lines.append(("Lyapunov", unbroken(str(found.at.lyapunov))))
    lines.append(("solver", f"{found.at.solver}, {found.seconds:.3f} s"))
    return lines


def _proved(bracket: Bracket, covered: Range | None) -> str:
    if covered is None or (bracket.lower, bracket.upper) == covered:
        return "nothing is excluded"
    upper = "oo)" if bracket.upper is None else f"{up(bracket.upper, _DIGITS)}]"
    end = "oo)" if covered[1] is None else f"{exact(covered[1])}]"
    return f"no better one in [{exact(covered[0])}, {end} outside [{down(bracket.lower, _DIGITS)}, {upper}, proved"


def _tested_lines(found: StepSize, tested: Tested) -> list[tuple[str, str]]:
    values = ", ".join(f"{name.replace('_', ' ')} {exact(value)}" for name, value in tested.parameters.items())
    tolerance = f"to within {exact(found.tolerance)}"
    everything = all(ends == (0, None) for name, ends in found.covered.items() if name == STEP)
    among = "" if everything else " among those covered"
    verdict = {
        "PROVED": f"optimal {tolerance}{among}, proved",
        "REFUTED": f"not optimal {tolerance}, proved",
        "UNDECIDED": f"undecided whether it is optimal {tolerance}",
    }[tested.verdict.name]
    lines = [("asked" if tested.asked else "literature", f"{values}: {verdict}")]
    rate = tested.at
    if rate is not None and rate.verdict.name == "PROVED":
        digits = digits_for(rate.lower, rate.upper) - 3
        below = "" if rate.lower is None else f"{down(rate.lower, digits)} <= "
        lines.append(("", f"{below}rho <= {up(rate.upper or Fraction(1), digits)} there"))
    elif rate is not None and rate.verdict.name == "REFUTED":
        lines.append(("", "no contraction there"))
    gain = improvement(found, tested)
    if tested.verdict.name == "REFUTED" and gain[0] is not None:
        lines.append(("", f"the best value improves 1 - rho by a factor of at least {down(1 + gain[0], 6)}"))
    if tested.source is not None:
        lines += [("", f"{tested.source.formula}   [{cited(tested.source.source)}]"), ("", tested.source.said)]
    return lines


def _tested(found: StepSize, tested: Tested) -> dict[str, object]:
    rate, gain = tested.at, improvement(found, tested)
    return {
        "parameters": {name: exact(value) for name, value in tested.parameters.items()},
        "optimal": ANSWERS[tested.verdict.name],
        "within": {name: _range(ends) for name, ends in tested.within.items()},
        "rate": interval_object(None, None) if rate is None else interval_object(rate.lower, rate.upper),
        "improvement": {
            "lower": None if gain[0] is None else down(gain[0], _DIGITS),
            "upper": None if gain[1] is None else up(gain[1], _DIGITS),
        },
        "asked": tested.asked,
        "source": None if tested.source is None else tested.source.described(),
    }


def improvement(found: StepSize, tested: Tested) -> tuple[Fraction | None, Fraction | None]:
    """Return proved bounds of how much larger the best 1 - rho is than that of the tested parameters, relative to the latter."""
    rate = tested.at
    if rate is None or found.rate is None:
        return None, None
    low = None if rate.lower is None or rate.lower >= 1 else max((1 - found.rate.upper) / (1 - rate.lower) - 1, Fraction(0))
    high = None if rate.upper is None or found.rate.lower is None else (1 - found.rate.lower) / (1 - rate.upper) - 1
    return low, high


def _bracket(bracket: Bracket) -> dict[str, str | None]:
    return {"value": exact(bracket.value), **interval_object(bracket.lower, bracket.upper)}


def _range(ends: Range) -> dict[str, str | None]:
    return {"lower": exact(ends[0]), "upper": None if ends[1] is None else exact(ends[1])}


def _boxes(certificate: StepSizeCertificate) -> int:
    outside = () if certificate.upper is None else certificate.upper.outside
    return len(outside) + (0 if certificate.lower is None else len(certificate.lower.inside))


def _ranges(certificate: StepSizeCertificate, sides: Sequence[Side]) -> dict[str, object]:
    return {name: _range((side.lower, side.upper)) for name, side in zip(certificate.question.names, sides, strict=True)}
