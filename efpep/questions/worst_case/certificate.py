"""Certificates of worst cases after T steps: a claim, and the rational numbers that prove it.

The claim names the method, its exact parameters, the setting, the number of steps, the metric, the initial conditions, and the
interval. The witnesses are multipliers by the names of the inequalities (upper end), and Gram matrices with function values
(lower end). A check rebuilds every inequality from the method's own definition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from types import FunctionType
from typing import Any, cast

from efpep.errors import CertificateError, InputError
from efpep.methods import METHODS
from efpep.model.field import shown
from efpep.model.text import down, exact, up
from efpep.proof import files
from efpep.questions.common.built import with_question
from efpep.questions.common.said import expectation
from efpep.questions.worst_case.check import Instance, check_lower, check_upper
from efpep.questions.worst_case.horizon import Horizon, horizon
from efpep.questions.worst_case.metric import Metric
from efpep.questions.worst_case.question import DIAMETER, Asked
from efpep.setting import Setting
from efpep.trust import imported, require_allowed

FORMAT = "efpep-worst-case-1"

_WHERE = {
    "last": "at the last iterate",
    "best": "at the best iterate",
    "average": "at the average iterate",
    "mean": "on average over the iterates",
}
_KEYS = ["format", "method", "setting", "iterations", "metric", "at", "initial", "columns", "value"]


@dataclass(frozen=True)
class HorizonCertificate(files.Saved):
    """The claim that the worst case lies within an interval, with its proof.

    Attributes:
        asked: the question.
        upper: the proved upper end, or None.
        multipliers: the multipliers of the upper end by the names of the inequalities.
        lower: the proved lower end, or None.
        instance: the run of the lower end, or None.
    """

    asked: Asked
    upper: Fraction | None = None
    multipliers: Mapping[str, Fraction] = field(default_factory=dict[str, Fraction])
    lower: Fraction | None = None
    instance: Instance | None = None

    @cached_property
    def question(self) -> Horizon:
        """The question, rebuilt from the method's definition at the first call."""
        return horizon(self.asked)

    def check(self) -> str:
        """Check both witnesses in exact arithmetic, and return one sentence that says what is proved.

        Raises:
            CertificateError: naming the first condition that fails.
        """
        if self.upper is None and self.lower is None:
            raise CertificateError("the certificate claims nothing: it has neither a lower nor an upper witness.")
        if (self.lower is None) is not (self.instance is None):
            raise CertificateError("the certificate has a lower end without a run, or a run without a lower end.")
        question = self.question
        if self.upper is not None:
            check_upper(question, self.multipliers, self.upper)
        if self.lower is not None and self.instance is not None:
            check_lower(question, self.instance, self.lower)
        if self.lower is not None and self.upper is not None and self.lower > self.upper:
            raise CertificateError("the lower end is above the upper one.")
        return self.sentence()

    def sentence(self) -> str:
        """Return one sentence that says what the certificate claims."""
        asked = self.asked
        metric = asked.metric if isinstance(asked.metric, str) else f"user's metric ({_told(asked.metric)})"
        where = _WHERE[asked.at] if isinstance(asked.metric, str) else "of the run"
        bounds = {key: exact(Fraction(bound)) for key, bound in asked.initial.items()}
        over = f" over a set of squared diameter at most {bounds.pop(DIAMETER)}" if DIAMETER in bounds else ""
        start = "with " + " and ".join(f"{key} at most {bound}" for key, bound in bounds.items()) if bounds else "anywhere in it"
        ends: list[str] = []
        if self.upper is not None:
            ends.append(f"at most {up(self.upper, 12)}")
        if self.lower is not None:
            ends.append(f"at least {down(self.lower, 12)} on one run")
        return (
            f"{asked.method.subject(asked.setting)}{over}, started {start}, has after {asked.iterations} steps "
            f"a {metric} {where} of {' and '.join(ends)}{self._notes()}."
        )

    def _notes(self) -> str:
        """Return what a sentence says besides: what is assumed about gradients at the minimiser, and expectations."""
        trace, zeta = self.question.trace, self.asked.setting.heterogeneity
        alone = len(trace.groups) == 1 and trace.groups[0].single
        if not all(group.functions.has_minimiser for group in trace.groups):
            agents = ""
        elif any(part.nonzero for part in trace.gradient_at_minimiser.parts):
            whose = "for a gradient at x* whose square is" if alone else "for agents whose gradients at x* have a mean square of"
            agents = "" if zeta is None else f", {whose} at most {exact(zeta * zeta)}"
        else:
            agents = "" if alone else ", for agents that share one minimiser"
        return agents + expectation(self.asked.setting)

    def describe(self) -> dict[str, object]:
        """Return the certificate as a JSON object.

        Raises:
            InputError: the metric is a function that cannot be imported by its name.
        """
        question = self.question
        witnesses: dict[str, object] = {}
        if self.upper is not None:
            witnesses["upper"] = {"multipliers": files.written(self.multipliers)}
        if self.lower is not None and self.instance is not None:
            grams = {
                block.name: [[str(a) for a in row] for row in gram]
                for block, gram in zip(question.blocks, self.instance.grams, strict=True)
            }
            values = files.written(dict(zip(question.values, self.instance.values, strict=True)))
            witnesses["lower"] = {"grams": grams, "values": values}
        claim: dict[str, object] = {
            "format": FORMAT,
            "method": self.asked.method.describe(),
            "setting": self.asked.setting.describe(),
            "iterations": self.asked.iterations,
            "metric": metric_name(self.asked.metric),
            "at": self.asked.at,
            "initial": {name: exact(Fraction(bound)) for name, bound in self.asked.initial.items()},
            "columns": {block.name: list(block.names) for block in question.blocks},
            "value": {
                "lower": None if self.lower is None else str(self.lower),
                "upper": None if self.upper is None else str(self.upper),
            },
        }
        return {"claim": claim, "witnesses": witnesses}

    @classmethod
    def restore(cls, described: Mapping[str, object]) -> HorizonCertificate:
        """Return the certificate that :meth:`describe` described, without checking its witnesses.

        Raises:
            CertificateError: the description is malformed, or does not fit the question that it names.
            UnavailableError: a class or metric of the user's cannot be imported here.
        """
        described = files.table(described, "the certificate", ["claim", "witnesses"])
        claim = files.table(described["claim"], "the claim", _KEYS)
        if claim["format"] != FORMAT:
            raise CertificateError(f"the claim's format is not {FORMAT!r}.")
        try:
            asked = _asked(claim)
            question = horizon(asked)
        except InputError as error:
            raise CertificateError(f"the claim is impossible: {error}") from error
        if claim["columns"] != {block.name: list(block.names) for block in question.blocks}:
            raise CertificateError("the claim's columns are not those of the question.")
        ends = files.table(claim["value"], "the claim's value", ["lower", "upper"])
        wanted = [end for end in ("lower", "upper") if ends[end] is not None]
        witnesses = files.table(described["witnesses"], "the witnesses", wanted)
        upper, multipliers = None, dict[str, Fraction]()
        if ends["upper"] is not None:
            upper = files.number(ends["upper"], "the upper end")
            listed = files.table(witnesses["upper"], "the upper witness", ["multipliers"])
            table = files.table(listed["multipliers"], "the multipliers")
            multipliers = {name: files.number(number, f"the multiplier of {shown(name)}") for name, number in table.items()}
        lower, instance = None, None
        if ends["lower"] is not None:
            lower, instance = files.number(ends["lower"], "the lower end"), _instance(question, witnesses["lower"])
        return with_question(cls(asked, upper, multipliers, lower, instance), question)


def _told(metric: Callable[..., object]) -> str:
    """Return a function's name for sentences, whether it can be imported or not."""
    return f"{getattr(metric, '__module__', '?')}:{getattr(metric, '__qualname__', '?')}"


def metric_name(metric: Metric) -> str:
    """Return a metric's name, ``module:function`` for a function.

    Raises:
        InputError: the function cannot be imported by its name.
    """
    if isinstance(metric, str):
        return metric
    module, name = getattr(metric, "__module__", None), getattr(metric, "__qualname__", None)
    if not module or not name or "<" in name or module == "__main__":
        raise InputError("the metric is a function without a name that can be imported; define it in a module of your own.")
    return f"{module}:{name}"


def _asked(claim: Mapping[str, object]) -> Asked:
    method = METHODS.restore(files.table(claim["method"], "the claim's method"))
    setting = Setting.restore(files.table(claim["setting"], "the claim's setting"))
    if not isinstance(method.step_size, Fraction):
        raise CertificateError("the claim's step size is not a number.")
    metric, at, steps = claim["metric"], claim["at"], claim["iterations"]
    if not isinstance(metric, str) or not isinstance(at, str) or not isinstance(steps, int):
        raise CertificateError("the claim's metric, place or number of iterations is malformed.")
    initial = files.table(claim["initial"], "the initial conditions")
    return Asked(method, setting, steps, _metric(metric), at, cast("dict[str, Any]", initial))


def _metric(name: str) -> Metric:
    """Return the metric of this name; a function is imported where its module is allowed, and has to be that module's own.

    Raises:
        InputError: there is no such function.
        UnavailableError: the module is not allowed, or cannot be imported here.
    """
    if ":" not in name:
        return name
    require_allowed(name, "metric")
    found = imported(name, "metric")
    if not isinstance(found, FunctionType) or metric_name(found) != name:
        raise InputError(f"the metric {shown(name)} is no function of that module; name one.")
    return found


def _instance(question: Horizon, described: object) -> Instance:
    found = files.table(described, "the lower witness", ["grams", "values"])
    names = [block.name for block in question.blocks]
    grams = files.table(found["grams"], "the Gram matrices", names)
    return Instance(
        tuple(files.matrix(grams[name], f"the Gram matrix of the {name} block") for name in names),
        files.named(found["values"], question.values, "the values"),
    )
