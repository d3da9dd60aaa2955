"""Questions about worst cases after T steps, validated and frozen, and the files of their certificates.

The witnesses are multipliers by the names of the inequalities (upper end), and Gram matrices with function values (lower end).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from types import MappingProxyType
from typing import Any, ClassVar, cast

from efpep.errors import CertificateError, InputError
from efpep.model.field import Scalar, rational, shown
from efpep.model.metric import METRICS
from efpep.model.text import down, exact, up
from efpep.proof import files
from efpep.proof.witness import Attained
from efpep.questions.base import Certificate, DescribedCertificate, Question
from efpep.questions.common.claim_assumptions import expectation
from efpep.questions.worst_case.check import AttainedRun, Bound, check_lower, check_upper
from efpep.questions.worst_case.conditions import DECREASE, condition_name, terms
from efpep.questions.worst_case.inequalities import WorstCaseInequalities, worst_case_inequalities
from efpep.questions.worst_case.metric import APART, Metric, check_metric, metric_name, metric_named
from efpep.questions.worst_case.trace import DIAMETER

LONGEST = 1000
"""The most iterations."""

WHERE = {
    "last": "at the last iterate",
    "best": "at the best iterate",
    "average": "at the average iterate",
    "mean": "on average over the iterates",
}
_KEYS = ["format", "method", "setting", "iterations", "metric", "at", "initial", "columns", "value"]


@dataclass(frozen=True)
class WorstCaseQuestion(Question[Attained[AttainedRun], Bound]):
    """The question how large a metric can be after T steps of a method (with a numeric step size).

    Attributes:
        iterations: the number T of steps, at least 1.
        metric: a name of :data:`~efpep.questions.worst_case.metric.NAMES`, or a function of a
            :class:`~efpep.questions.worst_case.metric.Course` that returns a form.
        at: a name of :data:`~efpep.questions.worst_case.metric.PLACES`.
        initial: bounds of the squared distance, the gap, the squared gradient at the start by name (``"distance"``, ``"gap"``,
            ``"gradient"``), or of the mean squared errors of the method's memories by their features (such as ``"g-d"``). A
            memory with a bound starts free within it, or without error where it is 0, not where the method starts it.
            ``"decrease"`` is ``f(x_0) - f(x_T)``, which nonconvex results bound instead of the gap. A name
            may be a sum of multiples of these, such as ``"gap + 0.05 distance"``, which then is bounded as a whole.
            Methods that project have besides ``"diameter"``, the squared diameter of
            the set: of any two iterates, and of an iterate and ``x*``. They start in the set then.
            ``"apart"`` is the squared distance between the starts of two runs; the other bounds hold for both.

    Raises:
        InputError: an unknown name, a bound that is not positive, a number of steps that is none, or something that the function
            classes do not speak of.
    """

    KIND: ClassVar[str] = "worst case"
    DISSIMILAR: ClassVar[bool] = True

    iterations: int
    metric: Metric = "distance"
    at: str = "last"
    initial: Mapping[str, Scalar] = field(default_factory=lambda: {"distance": 1})

    def __post_init__(self) -> None:
        """Check everything and read the bounds exactly."""
        super().__post_init__()
        steps = self.iterations
        if isinstance(steps, bool) or not isinstance(steps, int) or not 1 <= steps <= LONGEST:  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InputError(
                f"iterations is {shown(steps)}, the number of steps of the method; give 1 to {LONGEST}.", argument="iterations"
            )
        check_metric(self.metric, self.at)
        features = [memory.feature for memory in self.method.memories]
        known = [*METRICS, DECREASE]
        quantities = [*known, APART, DIAMETER] if self.method.projects else [*known, APART]
        read: dict[str, Fraction] = {}
        for condition, bound in self.initial.items():
            found = terms(condition)
            allowed = [*known, *features] if len(found) > 1 else [*quantities, *features]
            for part in found:
                twice = part in features and any(part in terms(other) for other in read)
                if part not in allowed or twice:
                    what = f"{part} is bounded twice at the start" if twice else f"{shown(part)} is no initial condition"
                    choice = ", ".join(allowed)
                    raise InputError(f"{what} of {self.method.title}; choose among {choice}.", argument="initial")
            name = condition_name(found)
            read[name] = rational(bound, f"the bound of the initial {name}")
            if read[name] < 0 or (read[name] == 0 and name not in features):
                raise InputError(
                    f"the bound of the initial {name} is {shown(read[name])}; give a positive number.", argument="initial"
                )
        if not any(read.values()):
            raise InputError(
                "there is no initial condition, so nothing is bounded; give one such as distance.", argument="initial"
            )
        object.__setattr__(self, "initial", MappingProxyType(read))
        if APART in read and isinstance(self.metric, str) and self.metric != APART:
            raise InputError(
                f"apart bounds how far the starts of two runs are from each other, and {self.metric} is about one run; take the "
                "metric apart, or leave the condition out.",
                argument="initial",
            )
        self._check_minimiser()

    @property
    def runs(self) -> int:
        """How many runs on the same functions the question is about: two where it is about how far these are apart."""
        return 2 if self.metric == APART or APART in self.initial else 1

    def _check_minimiser(self) -> None:
        if all(group.functions.has_minimiser for group in self.setting.populations()):
            return
        if self.method.projects:
            raise InputError(
                f"{self.method.title} is about the minimiser over a set, and this function class need not have one; use convex "
                "functions such as SmoothConvex.",
                argument="functions",
            )
        if self.setting.heterogeneity is not None:
            raise InputError(
                "heterogeneity bounds the agents' gradients at a minimiser, which this function class lacks; leave it out.",
                argument="heterogeneity",
            )
        where = "the metric" if self.metric == "distance" else None
        if where is None and any("distance" in terms(name) for name in self.initial):
            where = "an initial condition"
        if where is not None:
            raise InputError(
                f"{where} is the distance to a minimiser, and this function class need not have one; use gap or gradient.",
                argument="metric" if self.metric == "distance" else "initial",
            )

    @cached_property
    def inequalities(self) -> WorstCaseInequalities:
        """The inequalities, rebuilt from the method's definition at the first call."""
        return worst_case_inequalities(self)

    def recorded(self) -> object:
        """Return all rows but those of far samples, which are made in the same way; and what is maximised."""
        found = self.inequalities
        neighbours = [found.pair(pair) for pair in found.pairs(1)]
        return [found.blocks, found.values, found.unity, found.objective, found.fixed, found.samples, neighbours]

    def check(self, lower: Attained[AttainedRun] | None, upper: Bound | None) -> None:
        """Check both witnesses in exact arithmetic; see :meth:`efpep.questions.base.Question.check`."""
        if upper is not None:
            check_upper(self.inequalities, upper.multipliers, upper.theta)
        if lower is not None:
            check_lower(self.inequalities, lower.instance, lower.theta)
        if lower is not None and upper is not None and lower.theta > upper.theta:
            raise CertificateError("the lower end is above the upper one.")

    def sentence(self, lower: Attained[AttainedRun] | None, upper: Bound | None) -> str:
        """Return one sentence that says what the certificate claims."""
        metric = self.metric if isinstance(self.metric, str) else f"user's metric ({_told(self.metric)})"
        metric = "squared distance from a second run" if metric == APART else metric
        where = WHERE[self.at] if isinstance(self.metric, str) else "of the run"
        bounds = {key: exact(Fraction(bound)) for key, bound in self.initial.items()}
        over = f" over a set of squared diameter at most {bounds.pop(DIAMETER)}" if DIAMETER in bounds else ""
        told = {DECREASE: "f(x_0) - f(x_T)", APART: "squared distance from a second start"}
        said = [f"{' + '.join(told.get(k, k) for k in key.split(' + '))} at most {bound}" for key, bound in bounds.items()]
        start = "with " + " and ".join(said) if said else "anywhere in it"
        ends: list[str] = []
        if upper is not None:
            ends.append(f"at most {up(upper.theta, 12)}")
        if lower is not None:
            ends.append(f"at least {down(lower.theta, 12)} on one {'run' if self.runs == 1 else 'pair of runs'}")
        return (
            f"{self.method.subject(self.setting)}{over}, started {start}, has after {self.iterations} steps "
            f"a {metric} {where} of {' and '.join(ends)}{self._notes()}."
        )

    def _notes(self) -> str:
        """Return what a sentence says besides: what is assumed about gradients at the minimiser, and expectations."""
        trace, zeta = self.inequalities.trace, self.setting.heterogeneity
        if not all(group.functions.has_minimiser for group in trace.groups):
            agents = ""
        elif any(part.nonzero for part in trace.gradient_at_minimiser.parts):
            whose = "a gradient at x* whose square is" if trace.alone else "agents whose gradients at x* have a mean square of"
            agents = "" if zeta is None else f", for {whose} at most {exact(zeta * zeta)}"
        else:
            agents = "" if trace.alone else ", for agents that share one minimiser"
        apart = self.setting.dissimilarity
        if apart is not None:
            agents += f", where the agents' gradients differ from their mean by a mean square of at most {exact(apart * apart)}"
        return agents + expectation(self.method, self.setting)

    def describe(self, lower: Attained[AttainedRun] | None, upper: Bound | None) -> tuple[dict[str, object], dict[str, object]]:
        """Return the claim and the witnesses as JSON objects.

        Raises:
            InputError: the metric is a function that cannot be imported by its name.
        """
        built = self.inequalities
        witnesses: dict[str, object] = {}
        if upper is not None:
            witnesses["upper"] = {"multipliers": files.written(upper.multipliers)}
        if lower is not None:
            blocks = zip(built.blocks, lower.instance.grams, strict=True)
            grams = {block.name: [[str(a) for a in row] for row in gram] for block, gram in blocks}
            values = files.written(dict(zip(built.values, lower.instance.values, strict=True)))
            witnesses["lower"] = {"grams": grams, "values": values}
        ends = {"lower": lower, "upper": upper}
        claim: dict[str, object] = {
            **self.named(),
            "iterations": self.iterations,
            "metric": metric_name(self.metric),
            "at": self.at,
            "initial": {name: exact(Fraction(bound)) for name, bound in self.initial.items()},
            "columns": _columns(built),
            "value": {name: None if end is None else str(end.theta) for name, end in ends.items()},
        }
        return claim, witnesses

    @classmethod
    def restore(cls, described: DescribedCertificate) -> Certificate[Any, Attained[AttainedRun], Bound]:
        """Return the certificate of a file, without checking its witnesses; see :meth:`efpep.questions.base.Question.restore`."""
        claim = files.table(described.claim, "the claim", _KEYS)
        metric, at, steps = claim["metric"], claim["at"], claim["iterations"]
        if not isinstance(metric, str) or not isinstance(at, str) or not isinstance(steps, int):
            raise CertificateError("the claim's metric, place or number of iterations is malformed.")
        initial = files.table(claim["initial"], "the initial conditions")
        question = cls(*described.subject(), steps, metric_named(metric), at, cast("dict[str, Any]", initial))
        built = question.inequalities
        if claim["columns"] != _columns(built):
            raise CertificateError("the claim's columns are not those of the question.")
        ends = files.table(claim["value"], "the claim's value", ["lower", "upper"])
        wanted = [end for end in ("lower", "upper") if ends[end] is not None]
        witnesses = files.table(described.witnesses, "the witnesses", wanted)
        upper, lower = None, None
        if "upper" in wanted:
            listed = files.table(witnesses["upper"], "the upper witness", ["multipliers"])
            table = files.table(listed["multipliers"], "the multipliers")
            multipliers = {name: files.number(number, f"the multiplier of {shown(name)}") for name, number in table.items()}
            upper = Bound(files.number(ends["upper"], "the upper end"), multipliers)
        if "lower" in wanted:
            lower = Attained(files.number(ends["lower"], "the lower end"), _instance(built, witnesses["lower"]))
        return Certificate(question, lower, upper)


WorstCaseCertificate = Certificate[WorstCaseQuestion, Attained[AttainedRun], Bound]


def _columns(built: WorstCaseInequalities) -> dict[str, list[str]]:
    return {block.name: list(block.names) for block in built.blocks}


def _instance(built: WorstCaseInequalities, described: object) -> AttainedRun:
    found = files.table(described, "the lower witness", ["grams", "values"])
    names = [block.name for block in built.blocks]
    grams = files.table(found["grams"], "the Gram matrices", names)
    return AttainedRun(
        tuple(files.matrix(grams[name], f"the Gram matrix of the {name} block") for name in names),
        files.named(found["values"], built.values, "the values"),
    )


def _told(metric: Callable[..., object]) -> str:
    """Return a function's name for sentences, whether it can be imported or not."""
    return f"{getattr(metric, '__module__', '?')}:{getattr(metric, '__qualname__', '?')}"
