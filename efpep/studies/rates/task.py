"""The question of :func:`efpep.rate` as a task of a sweep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, ClassVar, cast

from efpep.conic.solver import DEFAULT
from efpep.errors import CertificateError, InputError, UnavailableError
from efpep.methods.base import OPTIMAL, Method
from efpep.model.digest import digest
from efpep.model.text import exact
from efpep.questions.rate.contraction import Contraction, contraction
from efpep.questions.rate.enclosure import WIDTH
from efpep.questions.rate.lyapunov_class import WEIGHTS, Shape
from efpep.questions.rate.question import RateCertificate, rate_certificate
from efpep.setting import Setting
from efpep.studies.engine.task import Outcome, State, Task, modules_of
from efpep.trust import allowing

if TYPE_CHECKING:
    from efpep.questions.rate.answer import Rate


@dataclass(frozen=True)
class RateTask(Task):
    """What is the proved rate of a method in a setting?

    Attributes:
        method: the method; its step size is a number or ``"optimal"``.
        setting: the setting.
        metric: as for :func:`efpep.rate`, like all that follow.
        solver: who proposes.
        lyapunov: a Lyapunov function to take instead of the best one.
        memory: how many past states Lyapunov functions may depend on.
        features: what they may be made of.
        width: how wide the interval may be.
        positivity: what makes them nonnegative.
    """

    kind: ClassVar[str] = "rate"
    method: Method
    setting: Setting
    metric: str = "distance"
    solver: str = DEFAULT
    lyapunov: str | None = None
    memory: int = 0
    features: tuple[str, ...] | None = None
    width: Fraction = WIDTH
    positivity: str = WEIGHTS

    def describe(self) -> dict[str, object]:
        """Return the question, with the digest of the system that it is."""
        return {
            "method": self.method.describe(),
            "setting": self.setting.describe(),
            "metric": self.metric,
            "lyapunov": self.lyapunov,
            "memory": self.memory,
            "features": None if self.features is None else list(self.features),
            **({} if self.positivity == WEIGHTS else {"positivity": self.positivity}),
            "solver": self.solver,
            "tolerances": {"width": exact(self.width)},
            **({"title": self.method.called()} if self.method.foreign() else {}),
            "system": self.system,
        }

    @cached_property
    def question(self) -> Contraction:
        """The one-step question."""
        method = self.method.resolved(self.setting)
        shape = Shape(self.memory, self.features, self.positivity)
        found = contraction(method, self.setting, self.metric, shape=shape)
        if self.lyapunov is None:
            return found
        from efpep.questions.rate.answer import given_weights

        return replace(found, given=given_weights(found, method, self.setting, self.lyapunov))

    @cached_property
    def system(self) -> str | None:
        """The digest of the question, or None where it cannot be asked."""
        try:
            return digest(self.question)
        except (InputError, UnavailableError):
            return None

    def label(self) -> str:
        """Return the method and the setting on one line."""
        return f"{_words(self.method.describe())}, {_words(self.setting.describe())}"

    def answer(self) -> Outcome:
        """Compute and prove the rate."""
        from efpep.questions.rate.answer import rate

        found = rate(
            self.method,
            self.setting,
            self.metric,
            self.solver,
            lyapunov=self.lyapunov,
            memory=self.memory,
            features=self.features,
            positivity=self.positivity,
            width=self.width,
        )
        value: dict[str, object] = {
            "lower": None if found.lower is None else str(found.lower),
            "upper": None if found.upper is None else str(found.upper),
            "solver": found.solver,
            "certificate": None if found.certificate is None else found.certificate.describe(),
        }
        state = _state(found.lower, found.upper)
        return Outcome(state, value, "" if state is not State.UNDECIDED else "the solvers' proposals do not prove an upper end")

    def recheck(self, outcome: Outcome) -> None:
        """Check the certificates in exact arithmetic, and that they are about this question and prove what is said."""
        certificate = self._certificate(outcome)
        if certificate is not None:
            certificate.check()

    def rate(self, outcome: Outcome) -> Rate:
        """Return the outcome as :func:`efpep.rate` returns its answer, without checking the certificates again.

        Raises:
            CertificateError: the stored certificate is not about this question, or not of this interval.
        """
        from efpep.questions.rate.answer import Rate
        from efpep.questions.rate.lyapunov import Lyapunov

        certificate = self._certificate(outcome)
        lower, upper = (None, None) if certificate is None else (certificate.lower, certificate.upper)
        optimal = self.method.step_size == OPTIMAL
        return Rate(
            method=self.method.resolved(self.setting),
            setting=self.setting,
            metric=self.metric,
            lower=None if lower is None else lower.theta,
            upper=None if upper is None else upper.theta,
            lyapunov=None if certificate is None or upper is None else Lyapunov.of(certificate.question.built, upper),
            certificate=certificate,
            solver=str(outcome.value["solver"]),
            seconds=outcome.seconds,
            step_size_source=self.method.optimal_step_size(self.setting) if optimal else None,
            theory=self.method.theoretical_rate(self.setting) if optimal else None,
        )

    def _certificate(self, outcome: Outcome) -> RateCertificate | None:
        described = outcome.value.get("certificate")
        if described is None:
            if outcome.interval() != (None, None) or outcome.state is not State.UNDECIDED:
                raise CertificateError("the answer claims something and has no certificate.")
            return None
        asked = (self.method.resolved(self.setting).describe(), self.setting.describe(), self.metric)
        if _asked(described) != asked:
            raise CertificateError("the certificate is about another method, setting or metric.")
        with allowing(*modules_of(self.method, self.setting)):
            try:
                certificate = rate_certificate(cast("Mapping[str, object]", described), "it")
            except CertificateError as error:
                raise CertificateError(f"the question has changed since it was answered, or the answer has: {error}") from error
        lower, upper = (None if end is None else end.theta for end in (certificate.lower, certificate.upper))
        if (lower, upper) != outcome.interval() or outcome.state is not _state(lower, upper):
            raise CertificateError("the certificate is not of the interval that the answer names.")
        if certificate.question.shape != Shape(self.memory, self.features, self.positivity):
            raise CertificateError("the certificate is about another class of Lyapunov functions.")
        if certificate.question.given != self._given(certificate):
            raise CertificateError("the certificate is about another Lyapunov function.")
        return certificate

    def _given(self, certificate: RateCertificate) -> object:
        if self.lyapunov is None:
            return None
        from efpep.questions.rate.answer import given_weights

        return given_weights(certificate.question.built, certificate.method, self.setting, self.lyapunov)


def _state(lower: Fraction | None, upper: Fraction | None) -> State:
    """Return what the ends of a rate say: proved is a contraction, refuted that there is none in the class."""
    if upper is not None and upper < 1:
        return State.PROVED
    return State.REFUTED if lower is not None and lower >= 1 else State.UNDECIDED


def _asked(described: object) -> tuple[object, object, object]:
    """Return the method, the setting and the metric that a certificate's description names; None for what it lacks."""
    claim = described.get("claim") if isinstance(described, Mapping) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    table = cast("Mapping[str, object]", claim) if isinstance(claim, Mapping) else dict[str, object]()
    return table.get("method"), table.get("setting"), table.get("metric")


def _words(described: object) -> str:
    if isinstance(described, Mapping):
        table = cast("Mapping[str, object]", described)
        named = [str(table["class"])] if "class" in table else []
        return " ".join([*named, *(f"{name}={_words(part)}" for name, part in table.items() if name != "class")])
    if isinstance(described, list):
        return "[" + ", ".join(_words(part) for part in cast("list[object]", described)) + "]"
    return str(described)
