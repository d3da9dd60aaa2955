"""The least constant of a one-step potential as a task of a sweep."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from efpep.conic.solver import DEFAULT
from efpep.errors import CertificateError
from efpep.methods.base import Method
from efpep.model.digest import digest
from efpep.questions.averaging.one_step import one_step
from efpep.questions.averaging.question import AveragingCertificate, as_averaging
from efpep.questions.base import Certificate
from efpep.setting import Setting
from efpep.studies.engine.task import Outcome, State, Task, modules_of
from efpep.trust import allowing


@dataclass(frozen=True)
class ConstantTask(Task):
    """What is the least constant K of a method's one-step potential?

    Attributes:
        method: the method.
        setting: the setting, with a compressor in both directions.
        solver: who proposes.
    """

    kind: ClassVar[str] = "one-step potential"
    method: Method
    setting: Setting
    solver: str = DEFAULT

    def describe(self) -> dict[str, object]:
        """Return the method, the setting, the solver, and the digest of the system that the question is."""
        return {
            "method": self.method.describe(),
            "setting": self.setting.describe(),
            "solver": self.solver,
            "system": digest(one_step(self.method, self.setting)),
        }

    def label(self) -> str:
        """Return the compressors on one line."""
        server = self.setting.server_compressor
        return f"{self.method.identifier()}, {self.setting.compressor} and {server}"

    def answer(self) -> Outcome:
        """Compute and prove the constant."""
        from efpep.questions.potentials import potential

        found = potential(self.method, self.setting, solver=self.solver)
        if found.certificate is None:
            return Outcome(State.UNDECIDED, {}, "the solver's proposals prove no end of the interval")
        value: dict[str, object] = {
            "lower": None if found.lower is None else str(found.lower),
            "upper": None if found.upper is None else str(found.upper),
            "certificate": found.certificate.describe(),
        }
        if found.certified:
            return Outcome(State.PROVED, value)
        return Outcome(State.UNDECIDED, value, "the solver's proposals prove one end of the interval only")

    def recheck(self, outcome: Outcome) -> None:
        """Check the certificate in exact arithmetic, and that it is about this question and proves the interval."""
        certificate = self.certificate(outcome)
        if certificate is not None:
            certificate.check()

    def certificate(self, outcome: Outcome) -> AveragingCertificate | None:
        """Return the certificate of an outcome, unchecked; None where nothing is proved.

        Raises:
            CertificateError: it is about another question, or not of the interval of the outcome.
        """
        if not outcome.value:
            if outcome.state is State.PROVED:
                raise CertificateError("the answer says proved, and has no certificate.")
            return None
        described = outcome.value["certificate"]
        with allowing(*modules_of(self.method, self.setting)):
            found = as_averaging(Certificate.restore(described) if isinstance(described, dict) else None)  # pyright: ignore[reportUnknownArgumentType]
        if found is None:
            raise CertificateError("the certificate is not of a one-step potential.")
        if found.method != self.method or found.setting != self.setting:
            raise CertificateError("the certificate is about another question.")
        ends = (None if found.lower is None else found.lower.theta, None if found.upper is None else found.upper.theta)
        if ends != outcome.interval() or (outcome.state is State.PROVED) != (None not in ends):
            raise CertificateError("the certificate does not prove the interval of the answer.")
        return found
