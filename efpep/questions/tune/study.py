"""Best parameters in study files: brackets outside which nothing is better."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any, ClassVar, cast

from efpep.errors import InputError
from efpep.methods import Method
from efpep.methods.base import OPTIMAL
from efpep.model.field import positive
from efpep.model.metric import METRICS
from efpep.model.text import exact
from efpep.questions.base import AnyCertificate, Question, Verdict
from efpep.questions.common.study_form import Ends, Quantity, StudyForm, key, names, one_of, text
from efpep.questions.rate.answer import given_weights
from efpep.questions.rate.lyapunov_class import LyapunovClass
from efpep.questions.rate.question import RateQuestion
from efpep.questions.rate.study import memory
from efpep.questions.tune.answer import tested_parameters, tune
from efpep.questions.tune.covering import within
from efpep.questions.tune.question import STEP, StepSizeCertificate, StepSizeQuestion
from efpep.questions.tune.ranges import around, template_of
from efpep.setting import Setting

_PLACE = Fraction(1, 3)
"""The step size at which a question is recorded for its digest, where it is tuned."""

_OPTIMAL = {Verdict.PROVED: True, Verdict.REFUTED: False, Verdict.UNDECIDED: None}


def _verified(value: object, what: str) -> str | Fraction:
    return OPTIMAL if value == OPTIMAL else positive(value, what)


@dataclass(frozen=True, kw_only=True)
class StepSizeForm(StudyForm[RateQuestion]):
    """Which parameters are best? The keys are as for :func:`efpep.tune`.

    Proved is that a bracket is as narrow as is asked, with both ends of the rate there; with ``verify`` that the step size is
    optimal to within the tolerance, and refuted that it is not.
    """

    KIND: ClassVar[str] = StepSizeQuestion.KIND
    VALUE: ClassVar[str] = "bracket"
    OPEN: ClassVar[str] = "the bracket is wider than asked, or no rate is proved there"
    RESOLVED: ClassVar[bool] = False
    MEANING: ClassVar[str] = (
        "The step size is the best one found; outside the bracket none is better, and the ends of the rate enclose the best one, "
        "proved for all that is covered. Ends are rounded outward."
    )

    metric: str = key(one_of(METRICS), "distance", several=True)
    parameters: Sequence[str] = key(names, (STEP,))
    tolerance: Fraction = key(positive, Fraction(1, 1000))
    verify: str | Fraction | None = key(_verified, None)
    lyapunov: str | None = key(text, None)
    memory: int = key(memory, 0)
    features: Sequence[str] | None = key(names, None)
    seconds: Fraction = key(positive, Fraction(60), search=True)

    @property
    def lyapunov_class(self) -> LyapunovClass:
        """The class of Lyapunov functions."""
        return LyapunovClass(self.memory, None if self.features is None else tuple(self.features))

    def question(self, method: Method, setting: Setting) -> RateQuestion:
        """Return the question for the rate at one place, which stands for all parameters: an answer chooses the best ones.

        Raises:
            InputError: the method has a step size, which is tuned; or a parameter has no known range.
        """
        if STEP in self.parameters and method.step_size != OPTIMAL:
            raise InputError(
                f"step_size is {exact(method.step_size)}, and the best step size is what is asked for; leave it out.",
                argument="step_size",
            )
        template = replace(method, step_size=_PLACE) if STEP in self.parameters else method.resolved(setting)
        template_of(template, self.parameters)
        return RateQuestion(template, setting, self.metric, lyapunov_class=self.lyapunov_class)

    def answer(self, asked: RateQuestion, solver: str) -> tuple[AnyCertificate | None, dict[str, str]]:
        """Return the proof of the best parameters; see :func:`efpep.tune`."""
        found = tune(
            self._open(asked.method),
            asked.setting,
            self.metric,
            solver,
            parameters=list(self.parameters),
            tolerance=self.tolerance,
            verify=self.verify,
            lyapunov=self.lyapunov,
            memory=self.memory,
            features=self.features,
            seconds=float(self.seconds),
        )
        return found.certificate, {"solver": found.at.solver, "note": "" if found.certificate is not None else found.at.finding}

    def fits(self, claimed: Question[Any, Any], asked: RateQuestion) -> bool:
        """Return whether a certificate is about the method with other values of the tuned parameters, and about all else."""
        if not isinstance(claimed, StepSizeQuestion) or claimed.names != tuple(self.parameters):
            return False
        values = {name: getattr(asked.method, name) for name in claimed.names}
        given = None
        if self.lyapunov is not None:
            given = given_weights(replace(claimed.rate, given=None).inequalities, claimed.method, claimed.setting, self.lyapunov)
        about = (replace(claimed.method, **values), claimed.setting, claimed.metric, claimed.lyapunov_class, claimed.given)
        return about == (asked.method, asked.setting, asked.metric, asked.lyapunov_class, given)

    def verdict(self, certificate: AnyCertificate, asked: RateQuestion) -> Verdict:
        """Return what the bracket says, or the parameters that are worse."""
        proof = cast("StepSizeCertificate", certificate).upper
        if proof is None:
            return Verdict.UNDECIDED
        tuned = tuple(self.parameters)
        _, tested = tested_parameters(asked.method, tuned, asked.setting, self.verify)
        near = None if tested is None else around(asked.method, tested, self.tolerance)
        if self.verify is not None:
            if within(proof.bracket, near):
                return Verdict.PROVED
            return Verdict.REFUTED if proof.worse is not None and proof.worse.region == near else Verdict.UNDECIDED
        best = around(asked.method, {name: getattr(certificate.method, name) for name in tuned}, self.tolerance)
        narrow = within(proof.bracket, best) or within(proof.bracket, near)
        return Verdict.PROVED if narrow and certificate.lower is not None else Verdict.UNDECIDED

    def claimed(self, certificate: AnyCertificate | None, asked: RateQuestion) -> dict[str, object]:
        """Return the best parameters found, their bracket, and the ends of the rate there, as text; and what was verified."""
        verified = {} if self.verify is None else {"optimal": None}
        if certificate is None:
            return {"at": None, "brackets": None, "rate": None, **verified}
        lower, proof = certificate.lower, cast("StepSizeCertificate", certificate).upper
        sides = () if proof is None or proof.bracket is None else proof.bracket.sides
        if verified:
            verified = {"optimal": _OPTIMAL[self.verdict(certificate, asked)]}
        return {
            "at": {name: str(getattr(certificate.method, name)) for name in self.parameters},
            "brackets": {name: _text(side.lower, side.upper) for name, side in zip(self.parameters, sides, strict=False)},
            "rate": _text(*(None if end is None else end.theta for end in (lower, proof))),
            **verified,
        }

    def quantities(self, claimed: Mapping[str, object]) -> dict[str, Quantity]:
        """Return the bracket of every parameter, the rate, and whether the step size that is verified is optimal."""
        brackets = cast("Mapping[str, object]", claimed.get("brackets") or {})
        found = {self.VALUE if name == STEP else name: _numbers(brackets.get(name)) for name in self.parameters}
        verified = {} if self.verify is None else {"optimal": cast("bool | None", claimed.get("optimal"))}
        return {**found, "rate": _numbers(claimed.get("rate")), **verified}

    def method(self, asked: RateQuestion, claimed: Mapping[str, object]) -> Method:
        """Return the method with the best parameters found; with an open step size where nothing is proved."""
        found = cast("Mapping[str, str] | None", claimed.get("at"))
        return self._open(asked.method) if found is None else replace(asked.method, **{n: Fraction(v) for n, v in found.items()})

    def _open(self, method: Method) -> Method:
        return replace(method, step_size=OPTIMAL) if STEP in self.parameters else method

    def told(self) -> str:
        """Return what is asked, as a sentence."""
        within = f"to within {exact(self.tolerance)}"
        if self.verify is None:
            return f"Best {' and '.join(self.parameters).replace('_', ' ')}, {within}."
        value = "the literature's step size" if self.verify == OPTIMAL else f"the step size {exact(Fraction(self.verify))}"
        return f"Whether {value} is optimal {within}: proved that it is, or refuted."


def _text(*ends: Fraction | None) -> list[str | None]:
    return [None if end is None else str(end) for end in ends]


def _numbers(ends: object) -> Ends:
    lower, upper = (None if end is None else Fraction(end) for end in cast("list[str | None]", ends or [None, None]))
    return lower, upper


FORM: type[StudyForm[Any]] = StepSizeForm
