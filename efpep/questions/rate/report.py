"""Rates as JSON objects and as lines for a reader, and what their certificates claim."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import TYPE_CHECKING, cast

from efpep.conic.solver_attempts import unproved
from efpep.model.text import down, exact, up
from efpep.proof.witness import UpperWitness
from efpep.questions.common.claim_assumptions import sufficient
from efpep.questions.rate.lyapunov import Lyapunov
from efpep.questions.rate.lyapunov_class import EVERYTHING, WEIGHTS
from efpep.questions.rate.own_rate import bounds_only, own_rate, own_rate_object
from efpep.report.answer import (
    cited,
    closed_form_object,
    digits_for,
    ends_object,
    in_expectation,
    interval_object,
    method_object,
    setting_object,
    setting_text,
    shares_minimiser,
)
from efpep.report.display import wrapped_lines

if TYPE_CHECKING:
    from efpep.questions.rate.answer import Rate
    from efpep.questions.rate.question import RateCertificate


_UNBREAKABLE = "\xa0"


def claim_object(certificate: RateCertificate) -> dict[str, object]:
    """Return what a certificate claims.

    ``"lyapunov"`` is present where it is about one given Lyapunov function only, ``"memory"`` and ``"features"`` where it is
    about Lyapunov functions with memory or of chosen features.
    """
    lyapunov_class: dict[str, object] = (
        {} if certificate.question.lyapunov_class == EVERYTHING else certificate.question.lyapunov_class.describe()
    )
    claim: dict[str, object] = {
        **method_object(certificate.method),
        **setting_object(certificate.setting),
        "metric": certificate.question.metric,
        "rate": ends_object(certificate.lower, certificate.upper),
        **lyapunov_class,
    }
    if certificate.question.given is not None:
        described = cast("dict[str, object]", certificate.describe()["claim"])
        claim["lyapunov"] = described["lyapunov"]
    return claim


def answer_object(rate: Rate) -> dict[str, object]:
    """Return the answer of :func:`efpep.rate`.

    ``"given"`` says that the answer is about the one Lyapunov function that the question gave, ``"common_minimiser"`` that it is
    about several agents that share one minimiser, ``"in_expectation"`` that compressors are random, ``"sufficient"`` whether the
    lower end is about the classes and not only about the recorded inequalities, ``"memory"`` and ``"features"`` which Lyapunov
    functions it is about, ``"own_rate"`` what is known of the method's own rate, None where nothing is. Where nothing is proved
    ``"given"`` and ``"memory"`` are None.
    """
    source = rate.step_size_source
    function = rate.lyapunov or given_function(rate)
    return {
        **method_object(rate.method),
        "rate": interval_object(rate.lower, rate.upper),
        "certified": rate.certified,
        "verdict": rate.verdict.name.lower(),
        "metric": rate.metric,
        **setting_object(rate.setting),
        "common_minimiser": shares_minimiser(rate),
        "in_expectation": in_expectation(rate),
        "sufficient": sufficient(rate.method, rate.setting),
        **shape_object(rate),
        "step_size_source": None if source is None else source.described(),
        "theory": closed_form_object("rate", rate.theory, digits_for(rate.lower, rate.upper)),
        "theorem": closed_form_object("rate", rate.theorem),
        "own_rate": own_rate_object(rate),
        "stability_limit": closed_form_object("step_size", rate.stability_limit),
        "lyapunov": None if function is None else str(function),
        "given": None if rate.certificate is None else rate.certificate.question.given is not None,
        "solver": rate.solver,
        "seconds": round(rate.seconds, 6),
        **({} if rate.shortfall is None else {"shortfall": rate.shortfall}),
    }


def shape_object(rate: Rate) -> dict[str, object]:
    """Return ``{"memory", "features"}`` of the class that an answer is about; None where nothing is proved."""
    return {"memory": None, "features": None} if rate.certificate is None else rate.certificate.question.lyapunov_class.describe()


def given_function(rate: Rate) -> Lyapunov | None:
    """Return the Lyapunov function that the question gave, where something is proved about it."""
    if rate.certificate is None or rate.certificate.question.given is None:
        return None
    given = rate.certificate.question.given
    # only the weights and gaps of the witness are looked at
    return Lyapunov.of(rate.certificate.question.inequalities, UpperWitness(Fraction(0), given.blocks, given.gaps, ()))


def answer_text(rate: Rate, *, simple: bool = False, latex: bool = False) -> str:
    """Return the rows as lines; see :func:`answer_rows`."""
    return wrapped_lines(answer_rows(rate, simple=simple, latex=latex))


def answer_rows(rate: Rate, *, simple: bool = False, latex: bool = False) -> list[tuple[str, str]]:
    """Return question, interval, theory and Lyapunov function, each with its name.

    Args:
        rate: the answer.
        simple: whether its Lyapunov function was simplified.
        latex: whether the Lyapunov function is printed in LaTeX.
    """
    method = rate.method.called()
    shared = "; the agents share one minimiser" if shares_minimiser(rate) else ""
    lines = [("question", f"{method}; {setting_text(rate.setting)}{shared}; metric {rate.metric}{class_text(rate)}")]
    lines.append(("step size", exact(rate.method.step_size)))
    source = rate.step_size_source
    if source is not None:
        lines.append(("", f"optimal: {source.formula}   [{cited(source.source)}; {source.standing.value}]"))
    if rate.method.other_parameters():
        lines.append(("parameters", rate.method.other_parameters()))
    lines.append(("rate", _interval(rate)))
    own = own_rate(rate)
    lines += [("", said) for said in (rate.shortfall, None if own is None else own.said) if said is not None]
    lines += theory_rows(rate)
    given = given_function(rate)
    function = given or rate.lyapunov
    if function is not None:
        name = "given" if given is not None else "simplified" if simple else "Lyapunov"
        lines.append((name, function.latex().replace(" ", _UNBREAKABLE) if latex else unbroken(str(function))))
    lines.append(("solver", f"{rate.solver}, {rate.seconds:.3f} s"))
    return lines


def theory_rows(rate: Rate) -> list[tuple[str, str]]:
    """Return the closed forms of the rate, for projections an upper bound, and of the largest step size."""
    theory, limit = rate.theory or rate.theorem, rate.stability_limit
    lines: list[tuple[str, str]] = []
    if theory is not None:
        at_most = "at most " if bounds_only(rate) else ""
        digits = max(digits_for(theory.value, None), digits_for(rate.lower, rate.upper))  # no fewer than those of the interval
        lines = [("theory", f"{at_most}{down(theory.value, digits)}")]
        lines += [("", theory.formula), ("", f"[{cited(theory.source)}]"), ("", theory.said)]
    if limit is not None:
        value = down(limit.value, digits_for(limit.value, None))
        lines.append(("stable", f"below {value}: {limit.formula}   [{cited(limit.source)}; {limit.standing.value}]"))
    return lines


def answer_formula(rate: Rate) -> str | None:
    """Return the Lyapunov function in LaTeX, or None where there is none."""
    function = given_function(rate) or rate.lyapunov
    return None if function is None else function.latex()


def class_text(rate: Rate) -> str:
    """Return which Lyapunov functions the answer is about, where not all of the current state, and a gap that is left out."""
    if rate.certificate is None or rate.certificate.question.lyapunov_class == EVERYTHING:
        return ""
    lyapunov_class = rate.certificate.question.lyapunov_class
    memory = f"; V with memory {lyapunov_class.memory}" if lyapunov_class.memory else ""
    features = f"; V made of {', '.join(lyapunov_class.features)}" if lyapunov_class.features is not None else ""
    gap = lyapunov_class.features is None or any(name.partition("(")[0] == "f" for name in lyapunov_class.features)
    features += "" if gap else ", without the function gap (which 'f' among the features allows)"
    return memory + features + ("" if lyapunov_class.positivity == WEIGHTS else f"; V nonnegative by {lyapunov_class.positivity}")


def unbroken(formula: str) -> str:
    """Return a formula that is wrapped between its terms only."""
    return re.sub(rf"{_UNBREAKABLE}(?=[+-]{_UNBREAKABLE}\d)", " ", formula.replace(" ", _UNBREAKABLE))


def _interval(rate: Rate) -> str:
    lower, upper = rate.lower, rate.upper
    digits = digits_for(lower, upper) - 3
    given = rate.certificate is not None and rate.certificate.question.given is not None
    expected = ", in expectation" if in_expectation(rate) else ""
    known = sufficient(rate.method, rate.setting)
    by = "" if known else " (the lower end by the recorded inequalities, which need not be sufficient)"
    if upper is None:
        if lower is not None and lower >= 1:
            if given:
                return (
                    "no contraction: the given Lyapunov function does not both control the metric and decrease "
                    f"by a factor rho < 1{expected}, proved in exact arithmetic{by}"
                )
            return f"no contraction: no Lyapunov function of the class has rho < 1{expected}, proved in exact arithmetic{by}"
        function = "the given Lyapunov function does not have" if given else "no Lyapunov function of the class has"
        known = "" if lower is None else f"; {function} rho < {down(lower, digits)}, proved{by}"
        return f"undecided, for {unproved(rate.solver)}{known}"
    below = "" if lower is None else f"{down(lower, digits)} <= "
    missing = "" if lower is not None else " (the lower end is undecided)"
    alone = " for the given Lyapunov function" if given else ""
    return f"{below}rho <= {up(upper, digits)}   proved in exact arithmetic{alone}{expected}{missing or by}"
