"""Worst cases after T steps as JSON objects, as text, as tables of multipliers and as figures."""

from __future__ import annotations

from fractions import Fraction
from typing import TYPE_CHECKING, Any

from efpep.errors import InputError
from efpep.model.argument import require_kind
from efpep.model.text import down, exact, up
from efpep.optional import optional
from efpep.questions.worst_case.metric import metric_name
from efpep.report.answer import method_object, places, setting_object, setting_text
from efpep.report.display import row_lines

if TYPE_CHECKING:
    import pandas as pd

    from efpep.questions.worst_case.answer import WorstCase
    from efpep.questions.worst_case.question import WorstCaseCertificate, WorstCaseQuestion

_SHOWN = 8


def value_object(lower: Fraction | None, upper: Fraction | None) -> dict[str, str | None]:
    """Return ``{"lower", "upper"}`` as decimals rounded outward, with at least 15 places and 12 digits."""
    digits = max([15, *(places(end) + 12 for end in (lower, upper) if end)])
    return {"lower": None if lower is None else down(lower, digits), "upper": None if upper is None else up(upper, digits)}


def question_object(asked: WorstCaseQuestion) -> dict[str, object]:
    """Return what is asked: method, setting, iterations, metric, place, initial conditions."""
    zeta, apart = asked.setting.heterogeneity, asked.setting.dissimilarity
    try:
        metric = metric_name(asked.metric)
    except InputError:
        metric = "a function"
    return {
        **method_object(asked.method),
        **setting_object(asked.setting),
        **({} if zeta is None else {"heterogeneity": exact(zeta)}),
        **({} if apart is None else {"dissimilarity": exact(apart)}),
        "iterations": asked.iterations,
        "metric": metric,
        "at": asked.at,
        "initial": {name: exact(Fraction(bound)) for name, bound in asked.initial.items()},
    }


def claim_object(certificate: WorstCaseCertificate) -> dict[str, object]:
    """Return what a certificate claims."""
    lower, upper = (None if end is None else end.theta for end in (certificate.lower, certificate.upper))
    return {**question_object(certificate.question), "value": value_object(lower, upper)}


def answer_object(found: WorstCase) -> dict[str, object]:
    """Return the answer of :func:`efpep.worst_case`; an end that is not proved is None, and ``"note"`` says why."""
    return {
        "method": found.question.method.identifier(),
        "value": value_object(found.lower, found.upper),
        "certified": found.certified,
        **{key: value for key, value in question_object(found.question).items() if key != "method"},
        "multipliers": [{"name": item.name, "value": float(item.value)} for item in found.multipliers],
        "pairs": {"used": found.pairs[0], "all": found.pairs[1]},
        "note": found.note or None,
        "solver": found.solver,
        "seconds": round(found.seconds, 6),
    }


def answer_text(found: WorstCase) -> str:
    """Return the rows as lines; see :func:`answer_rows`."""
    return row_lines(answer_rows(found))


def answer_rows(found: WorstCase) -> list[tuple[str, str]]:
    """Return the answer as a reader wants it: the question, the interval, and the largest multipliers."""
    asked = question_object(found.question)
    ends = value_object(found.lower, found.upper)
    initial = " and ".join(f"{name} <= {bound}" for name, bound in found.question.initial.items())
    spread = "".join(f"; {name} = {asked[name]}" for name in ("heterogeneity", "dissimilarity") if name in asked)
    name = found.question.method.title or type(found.question.method).__name__
    others = found.question.method.other_parameters()
    count = "1 step" if found.question.iterations == 1 else f"{found.question.iterations} steps"
    steps = f"{count} with step size {asked['step_size']}{f' and {others}' if others else ''}"
    lines = [
        ("question", f"{name}; {setting_text(found.question.setting)}{spread}"),
        ("", f"{steps}, {initial} at the start"),
    ]
    value = f"{_interval(ends)}   {asked['metric']} ({asked['at']}), proved in exact arithmetic"
    lines.append(("value", "undecided" if found.certificate is None else value))
    if found.note:
        lines.append(("note", found.note))
    if found.multipliers:
        shown = [f"{float(item.value):.6g} {item.name}" for item in found.multipliers[:_SHOWN]]
        rest = len(found.multipliers) - len(shown)
        lines.append(("proof", f"{', '.join(shown)}{f', and {rest} more' if rest else ''}"))
    lines.append(("solver", f"{found.solver}, {found.seconds:.3f} s"))
    return lines


def multiplier_table(found: WorstCase) -> pd.DataFrame:
    """Return the inequalities of the proof with their weights as a table, largest first.

    Columns: ``name``, ``kind``, ``first`` and ``second`` (the samples or the message), ``group``, ``lag``, ``value`` (float) and
    ``exact`` (the rational as text).

    Raises:
        UnavailableError: pandas is not installed.
    """
    _require(found)
    rows = [
        {
            "name": item.name,
            "kind": item.kind,
            "first": item.points[0] if item.points else None,
            "second": item.points[1] if len(item.points) > 1 else None,
            "group": item.group,
            "lag": item.lag,
            "value": float(item.value),
            "exact": str(item.value),
        }
        for item in found.multipliers
    ]
    columns = ["name", "kind", "first", "second", "group", "lag", "value", "exact"]
    return optional("pandas", "data frames").DataFrame(rows, columns=columns)


def plot_multipliers(found: WorstCase, axes: Any = None, least: float = 1e-6) -> Any:
    """Draw which pairs of samples are active: row and column are the samples, the colour is the multiplier's logarithm.

    Args:
        found: the worst case.
        axes: Matplotlib axes to draw into; new ones where it is None.
        least: multipliers below this part of the largest one are left out.

    Returns:
        The axes.

    Raises:
        InputError: nothing is proved, so there are no multipliers.
        UnavailableError: matplotlib is not installed.
    """
    import numpy as np

    _require(found)
    pairs = [item for item in found.multipliers if item.kind == "interpolation"]
    if not pairs:
        raise InputError("the worst case has no multipliers of pairs to draw; ask for one that is proved.", argument="worst")
    labels = [sample.label for sample in found.inequalities.samples[0]]
    place = {label: k for k, label in enumerate(labels)}
    largest = max(float(item.value) for item in pairs)
    table = np.full((len(labels), len(labels)), np.nan)
    for item in pairs:
        if item.group == 1 and float(item.value) > least * largest:
            table[place[item.points[0]], place[item.points[1]]] = np.log10(float(item.value))
    if axes is None:
        _, axes = optional("matplotlib.pyplot", "figures").subplots()
    image = axes.imshow(table, cmap="viridis")
    axes.figure.colorbar(image, ax=axes, label="log10 of the multiplier")
    axes.set_xticks(range(len(labels)), labels)
    axes.set_yticks(range(len(labels)), labels)
    axes.set_xlabel("j")
    axes.set_ylabel("i in f_i >= f_j + <g_j, x_i - x_j> + ...")
    return axes


def _interval(ends: dict[str, str | None]) -> str:
    lower, upper = ends["lower"], ends["upper"]
    if lower is None:
        return f"at most {upper}"
    return f"{lower} <= worst case <= {upper}" if upper is not None else f"at least {lower}"


def _require(found: object) -> None:
    from efpep.questions.worst_case.answer import WorstCase

    require_kind(found, WorstCase, "found", "an answer of efpep.worst_case")
