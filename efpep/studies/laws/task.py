"""One configuration of a law as a task of a sweep."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import cast

from efpep.conic.solver import DEFAULT
from efpep.errors import CertificateError
from efpep.model.digest import digest
from efpep.questions.base import AnyCertificate, Certificate
from efpep.questions.rate.inequalities import rate_inequalities
from efpep.studies.engine.task import Outcome, Task, TaskState, modules_of
from efpep.studies.laws.decide import NARROW
from efpep.studies.laws.grid import WorkerConfiguration
from efpep.studies.laws.law import METRIC, Finding, Law, Proofs
from efpep.trust import allowing


@dataclass(frozen=True)
class LawTask(Task):
    """What is proved about a law in one configuration?

    Attributes:
        law: the law.
        configuration: the configuration.
    """

    law: Law
    configuration: WorkerConfiguration

    @property
    def kind(self) -> str:
        """The name of this kind of question."""
        return "law"

    def describe(self) -> dict[str, object]:
        """Return the law, the configuration, the solver, the tolerance, and the digests of the systems of users' methods."""
        systems = [
            digest(rate_inequalities(method, self.configuration.setting(), METRIC))
            for method in self.law.methods(self.configuration)
            if method.foreign()
        ]
        return {
            **self.law.describe(),
            **self.configuration.describe(),
            "solver": DEFAULT,
            "tolerances": {"width relative to 1 - rho": str(NARROW)},
            **({"systems": systems} if systems else {}),
        }

    def label(self) -> str:
        """Return the law and the configuration on one line."""
        return f"{self.law.key}: {self.configuration}"

    def answer(self) -> Outcome:
        """Look for proofs, and read the verdict off them."""
        known = self._theorem()
        proofs: Proofs = {} if known is not None else self.law.prove(self.configuration)
        finding = known or self.law.judge(self.configuration, proofs)
        value = {**_numbers(finding), "certificates": {name: proof.describe() for name, proof in proofs.items()}}
        reason = "" if not finding.open else f"{finding.open} of {finding.points} verdicts are open"
        return Outcome(TaskState[finding.verdict.name], value, reason)

    def _theorem(self) -> Finding | None:
        """Return what theorems say, where the law is asked to use them."""
        return self.law.by_theorem(self.configuration) if self.law.theorems else None

    def recheck(self, outcome: Outcome) -> None:
        """Check the certificates in exact arithmetic, and that the verdict and the numbers are what they prove."""
        with allowing(*modules_of(*self.law.methods(self.configuration))):
            proofs = certificates(outcome)
        for proof in proofs.values():
            proof.check()
        finding = self._theorem() or self.law.judge(self.configuration, proofs)
        found = {name: part for name, part in outcome.value.items() if name != "certificates"}
        if outcome.state.name != finding.verdict.name or found != _numbers(finding):
            raise CertificateError("the certificates do not prove what the answer says.")


def certificates(outcome: Outcome) -> dict[str, AnyCertificate]:
    """Return the certificates of an outcome by name, without checking them.

    Raises:
        CertificateError: one is malformed.
    """
    described = cast("Mapping[str, Mapping[str, object]]", outcome.value.get("certificates", {}))
    return {name: Certificate.restore(certificate) for name, certificate in described.items()}


def _numbers(finding: Finding) -> dict[str, object]:
    return {"points": finding.points, "open": finding.open, "row": finding.row}
