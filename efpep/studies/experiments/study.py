"""Study files of experiments: methods and problems, and the grids over which the methods are tuned.

title = "Nonsmooth problems"

[experiment]
iterations = 1000
record_every = 10
metric = "gap"                        # or "distance", "gradient", "value", "constrained-gap"
tune = "final"                        # or "best", "iterations", "bits": what the best step size has least of
accuracy = "1/100"                    # relative to the metric at the start
seeds = [0, 1, 2]                     # of random operators, and of problems that name none
compressor = "top-k:k=2"

[[problems]]
label = "homogeneous"
problem = "least-absolute:n=10,heterogeneity=0"

[[methods]]
label = "Safe-EF"
method = "safe-ef"
step_size = { first = "1/1000", last = 1, count = 10 }     # geometric; or a number, a list, "optimal", "earlier-ef21"
server_compressor = "identity"
parameters = { threshold = "none" }                        # lists are tuned over, too

[figure]
x = "bits"                            # or "iterations", "samples" for problems that are simulated, "axis" with a table [axis]
panels = ["return", "constraint"]     # what is drawn, a panel each; the metric without this key
size = "icml-wide"

Studies along an axis have a table [axis] besides (:mod:`efpep.studies.experiments.axis`).
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Mapping
from fractions import Fraction
from pathlib import Path
from typing import Annotated, Any, Literal, cast

from pydantic import BeforeValidator, Field

from efpep.compressors.operators import described, read_operator
from efpep.errors import InputError
from efpep.methods import METHODS, Method
from efpep.model.field import rational, rounded, shown, whole
from efpep.simulate.problem import Interacting
from efpep.simulate.problems import PROBLEMS, read_problem
from efpep.studies.engine.figure_keys import FigureKeys, FigureLook, changed
from efpep.studies.engine.load import Section, check_points, ends_and_count, listed, validated
from efpep.studies.experiments.axis import StudyAxis, along
from efpep.studies.experiments.measure import METRICS, QUANTITIES, Metric
from efpep.studies.experiments.step_rules import RULES

_DIGITS = 3
"""How many digits the numbers of a geometric range have."""


def _count(value: object) -> int:
    count = whole(value, "the number")
    if count < 1:
        raise InputError(f"the number is {count}; give 1 or more.")
    return count


def _seeds(value: object) -> list[int]:
    found = [whole(item, "a seed") for item in listed(value)]
    if any(seed < 0 for seed in found) or len(set(found)) < len(found):
        raise InputError("seeds are distinct whole numbers of at least 0; give such numbers.")
    return found


def _accuracy(value: object) -> float:
    found = rational(value, "accuracy")
    if not 0 < found < 1:
        raise InputError(f"accuracy is {shown(found)}, but it is a part of what the metric is at the start; give one below 1.")
    return float(found)


def _operator(value: object) -> str:
    read_operator(str(value))
    return str(value)


def _metric(value: object) -> str:
    if not isinstance(value, str) or value not in METRICS:
        raise InputError(f"{shown(value)} is not a metric of experiments; choose one of {', '.join(METRICS)}.")
    return value


def _panel(value: object) -> str:
    if not isinstance(value, str) or value not in QUANTITIES:
        raise InputError(f"{shown(value)} is not a panel of experiments; choose one of {', '.join(QUANTITIES)}.")
    return value


def _problem(value: object) -> str:
    read_problem(str(value))
    return str(value)


def _steps(value: object) -> list[Fraction | str]:
    if isinstance(value, dict):
        first, last, count = ends_and_count(cast("dict[str, Any]", value), "step sizes")
        return list(geometric(rational(first, "first"), rational(last, "last"), _count(count)))
    items = cast("list[Any]", listed(value))
    found: list[Fraction | str] = [
        item if isinstance(item, str) and item in RULES else rational(item, "step_size") for item in items
    ]
    if len(set(found)) < len(found):
        raise InputError("step_size names a step size twice; name it once.")
    return found


def geometric(first: Fraction, last: Fraction, count: int) -> Iterator[Fraction]:
    """Yield ``count`` numbers from ``first`` to ``last``, each the same multiple of the one before, rounded to three digits.

    Raises:
        InputError: an end is not positive, or the last is not above the first.
    """
    if not 0 < first < last and not (0 < first == last and count == 1):
        raise InputError(f"a range of step sizes goes from {shown(first)} to {shown(last)}; give 0 < first < last.")
    if count == 1 and first != last:
        raise InputError("a range of step sizes has one number and two ends; give a count of 2 or more.")
    ratio = math.log(last / first) / max(1, count - 1)
    yield from (rounded(Fraction(float(first) * math.exp(k * ratio)), _DIGITS) for k in range(count))


Label = Annotated[str, Field(min_length=1)]
Operators = Annotated[str, BeforeValidator(_operator)]


class Runs(Section):
    """How the runs are made and judged.

    Attributes:
        iterations: how many iterations each run has.
        record_every: how many iterations lie between records.
        metric: what is compared; see :data:`efpep.studies.experiments.measure.METRICS`.
        tune: what the best candidate has least of: the ``final`` or the ``best`` recorded metric, or the ``iterations`` or the
            ``bits`` to the accuracy, with the final metric where these agree; medians over the seeds.
        accuracy: the part of the metric at the start that has to be reached.
        seeds: each is the seed of the random operators, and of problems that name none.
        compressor: the clients' operator.
        server_compressor: the server's operator, for methods that compress there.
        batch: how many of its samples a client averages in an evaluation of a gradient, on problems of data; all by default.
    """

    iterations: Annotated[int, BeforeValidator(_count)]
    record_every: Annotated[int, BeforeValidator(_count)] = 1
    metric: Annotated[str, BeforeValidator(_metric)] = "gap"
    tune: Literal["final", "best", "iterations", "bits"] = "final"
    accuracy: Annotated[float, BeforeValidator(_accuracy)] = 0.01
    seeds: Annotated[list[int], BeforeValidator(_seeds), Field(min_length=1)] = Field(default=[0])
    compressor: Operators | None = None
    server_compressor: Operators | None = None
    batch: Annotated[int, BeforeValidator(_count)] | None = None


class ProblemEntry(Section):
    """A problem: its label, its text, and an operator where it is not the common one."""

    label: Label
    problem: Annotated[str, BeforeValidator(_problem)]
    compressor: Operators | None = None

    def seeded(self, seed: int) -> str:
        """Return the problem's text with a seed, where the problem has one and the text gives none."""
        given = described(self.problem, "the problem")
        if "seed" in given or "seed" not in PROBLEMS.find(str(given["class"])).__dataclass_fields__:
            return self.problem
        return f"{self.problem}{',' if ':' in self.problem else ':'}seed={seed}"


class MethodEntry(Section):
    """A method and what is tuned.

    Attributes:
        label: how the report calls it.
        method: its key, or ``module:Class``.
        step_size: candidates: numbers, and names of closed forms.
        parameters: its other parameters; those that are lists are tuned over.
        compressor: the clients' operator where it is not the common one.
        server_compressor: the server's operator where it is not the common one.
        batch: the size of its mini-batches where it is not the common one.
    """

    label: Label
    method: str
    step_size: Annotated[list[Fraction | str], BeforeValidator(_steps), Field(min_length=1)]
    parameters: dict[str, Any] = Field(default={})
    compressor: Operators | None = None
    server_compressor: Operators | None = None
    batch: Annotated[int, BeforeValidator(_count)] | None = None

    def candidates(self) -> list[ParameterChoice]:
        """Return every combination of step size and parameters.

        Raises:
            InputError: the method is unknown or has other parameters.
        """
        lists = {n: cast("list[Any]", listed(v)) for n, v in self.parameters.items()}
        check_points(len(self.step_size) * math.prod(len(values) for values in lists.values()))
        found: list[ParameterChoice] = []
        for place, step in enumerate(self.step_size):
            edge = len(self.step_size) > 1 and place in {0, len(self.step_size) - 1} and isinstance(step, Fraction)
            for values in itertools.product(*lists.values()):
                given = dict(zip(lists, values, strict=True))
                described = {"class": self.method, **given}
                rule = step if isinstance(step, str) else ""
                method = METHODS.build(described if rule else {**described, "step_size": step})
                tuned = {name: str(given[name]) for name in given if len(lists[name]) > 1}
                found.append(ParameterChoice(method, rule, tuned, edge))
        return found


class ParameterChoice:
    """One choice of step size and parameters."""

    __slots__ = ("edge", "method", "rule", "tuned")

    def __init__(self, method: Method, rule: str, tuned: dict[str, str], edge: bool) -> None:
        """Keep the method, the rule of its step size or ``""``, what was chosen, and whether the step is an end of the grid."""
        self.method = method
        self.rule = rule
        self.tuned = tuned
        self.edge = edge


class Curves(FigureLook):
    """What the figure shows: for each problem the metric, or each of ``panels``, against ``x``.

    Attributes:
        x: ``bits`` (sent by a client), ``iterations``, ``samples``: steps of a simulated problem that all clients made, or
            ``axis``: what the panels show late in the runs, against the values of the study's axis.
        panels: names of :data:`efpep.studies.experiments.measure.QUANTITIES`.
    """

    x: Literal["bits", "iterations", "samples", "axis"] = "bits"
    panels: list[Annotated[str, BeforeValidator(_panel)]] = Field(default=[])


class ExperimentStudy(Section):
    """A study of numeric runs.

    Attributes:
        title: what the report is called.
        experiment: how the runs are made and judged.
        problems: the problems.
        methods: the methods, each with its candidates.
        axis: the parameter that takes several values, or None.
        figure: what the figure shows.
    """

    title: Label
    experiment: Runs
    problems: Annotated[list[ProblemEntry], Field(min_length=1)]
    methods: Annotated[list[MethodEntry], Field(min_length=1)]
    axis: StudyAxis | None = None
    figure: Curves = Curves()

    @property
    def record(self) -> tuple[str, ...]:
        """The columns that runs record: those of the metric, and of what the figure shows."""
        shown = [METRICS[self.experiment.metric], *(QUANTITIES[name] for name in self.figure.panels)]
        return tuple(dict.fromkeys(column for metric in shown for column in metric.columns))

    def shown(self, curves: Curves) -> list[Metric]:
        """Return what the panels of a problem show."""
        return [QUANTITIES[name] for name in curves.panels] or [METRICS[self.experiment.metric]]

    def curves(self, path: str | Path, keys: FigureKeys | None = None) -> Curves:
        """Return what the figure shows, with other ``keys`` instead of the file's own.

        Raises:
            InputError: a key is not one of such figures, or has another value.
        """
        found = validated(path, changed(self.figure.model_dump(exclude_unset=True), keys), Curves, {})
        for name in found.panels:
            if not set(QUANTITIES[name].columns) <= set(self.record):
                raise InputError(f"{path}: the runs do not record {name!r}; name it under panels in the file's [figure].")
        if found.x == "axis" and self.axis is None:
            raise InputError(f"{path}: the study has no axis; add a table [axis], or let x be bits or iterations.")
        for entry in self.problems:
            if found.x == "samples" and not isinstance(read_problem(entry.problem), Interacting):
                raise InputError(f"{path}: the problem {entry.label!r} makes no samples; let x be bits or iterations.")
        return found


def read_experiment(path: str | Path, parsed: Mapping[str, object]) -> ExperimentStudy:
    """Return what the tables of a study of numeric runs say.

    Raises:
        InputError: naming the file, and the key that is wrong.
        UnavailableError: a method or problem of the user's cannot be imported here.
    """
    tables = {"experiment": Runs, "problems": ProblemEntry, "methods": MethodEntry, "axis": StudyAxis, "figure": Curves}
    found = validated(path, along(path, parsed), ExperimentStudy, tables)
    for entries in (found.problems, found.methods):
        labels = [entry.label for entry in entries]
        for label in labels:
            if labels.count(label) > 1:
                raise InputError(f"{path}: the label {label!r} is given twice, and reports tell entries apart by it; change one.")
    return found
