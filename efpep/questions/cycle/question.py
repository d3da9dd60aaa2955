"""Questions about closed trajectories: whether a method has one (a cycle, a shrinking or a growing one), or none."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from typing import Any, ClassVar

from efpep.errors import CertificateError
from efpep.model.text import down, exact
from efpep.proof import files
from efpep.proof.provenance import Provenance
from efpep.questions.base import Certificate, DescribedCertificate, Question, Verdict
from efpep.questions.common.claim_assumptions import shared_minimiser
from efpep.questions.common.roots import root_below
from efpep.questions.cycle.check import ClosedTrajectory, Exclusion, check_exclusion, check_trajectory
from efpep.questions.cycle.inequalities import LONGEST, CycleInequalities, cycle_inequalities


@dataclass(frozen=True)
class CycleQuestion(Question[ClosedTrajectory, Exclusion]):
    """The question whether some trajectory of a method has ``state_{k+period} = factor state_k``.

    The lower end of an answer is one period of such a trajectory, the upper end the multipliers that exclude all of them.

    Attributes:
        period: the number of steps.
        factor: the multiple; 1 for cycles.
    """

    KIND: ClassVar[str] = "cycle"

    period: int
    factor: Fraction

    @cached_property
    def inequalities(self) -> CycleInequalities:
        """The closed steps, rebuilt from the method's definition at the first call."""
        return cycle_inequalities(self.method, self.setting, self.period, self.factor)

    @property
    def rate(self) -> Fraction:
        """By what factor squares shrink a step, on average over a period: ``|factor|^(2/period)``, rounded down."""
        return root_below(self.factor * self.factor, self.period)

    def recorded(self) -> object:
        """Return the rows of the closed steps, and what is measured on them."""
        built = self.inequalities
        return [built.factor, built.blocks, built.rows, built.samples, built.size, built.values]

    def check(self, lower: ClosedTrajectory | None, upper: Exclusion | None) -> None:
        """Check the witnesses in exact arithmetic; see :meth:`efpep.questions.base.Question.check`."""
        if lower is not None:
            check_trajectory(self.inequalities, lower)
        if upper is not None:
            check_exclusion(self.inequalities, upper)

    def sentence(self, lower: ClosedTrajectory | None, upper: Exclusion | None) -> str:
        """Return one sentence that says what is claimed."""
        del upper
        exists = lower is not None
        shared = shared_minimiser(self.method, self.setting)
        name = self.method.subject(self.setting) + (f"{shared}," if shared else "")
        steps = "1 step" if self.period == 1 else f"{self.period} steps"
        if self.factor == 1:
            if not exists:
                return f"{name} has no trajectory that returns to its state after {steps} without resting at the minimiser."
            return f"{name} has a trajectory that returns to its state after {steps} and does not rest at the minimiser."
        after = "every step" if self.period == 1 else f"every {steps}"
        if not exists:
            multiple = f"is multiplied by {exact(self.factor)} {after}"
            return f"{name} has no trajectory whose state, gradients included and measured from the minimiser, {multiple}."
        multiple = f"state by {exact(self.factor)} and its distance to the minimiser by {down(abs(self.factor), 12)}"
        what = f"trajectory that multiplies its {multiple} {after}"
        if abs(self.factor) >= 1:
            return f"{name} has a {what}, so it does not converge from every state."
        return f"{name} has a {what}, so it contracts squares by no less than the factor {down(self.rate, 12)} a step in general."

    def verdict(self, lower: ClosedTrajectory | None, upper: Exclusion | None) -> Verdict:
        """Return proved where there is such a trajectory, and refuted where all of them are excluded."""
        if lower is not None:
            return Verdict.PROVED
        return Verdict.UNDECIDED if upper is None else Verdict.REFUTED

    def describe(self, lower: ClosedTrajectory | None, upper: Exclusion | None) -> tuple[dict[str, object], dict[str, object]]:
        """Return the claim and the witness as JSON objects."""
        witness: dict[str, object] = {}
        if lower is not None:
            blocks = zip(self.inequalities.blocks, lower.grams, strict=True)
            grams = {block.name: [[str(a) for a in row] for row in gram] for block, gram in blocks}
            witness = {"grams": grams, "values": files.written(dict(zip(_values(self.inequalities), lower.values, strict=True)))}
        elif upper is not None:
            names = [row.name for row in self.inequalities.rows]
            witness = {"multipliers": files.written(dict(zip(names, upper.multipliers, strict=True)))}
        claim = {**self.named(), "period": self.period, "factor": str(self.factor), "exists": lower is not None}
        return claim, witness

    @classmethod
    def restore(cls, described: DescribedCertificate) -> Certificate[Any, ClosedTrajectory, Exclusion]:
        """Return the certificate of a file, without checking its witness; see :meth:`efpep.questions.base.Question.restore`."""
        claim = files.table(described.claim, "the claim", ["format", "method", "setting", "period", "factor", "exists"])
        period, exists = claim["period"], claim["exists"]
        if isinstance(period, bool) or not isinstance(period, int) or not 1 <= period <= LONGEST:
            raise CertificateError(f"the claim's period is not a whole number from 1 to {LONGEST}.")
        if not isinstance(exists, bool):
            raise CertificateError("the claim's 'exists' is neither true nor false.")
        factor = files.number(claim["factor"], "the claim's factor")
        if factor == 0:
            raise CertificateError("the claim's factor is zero.")
        question = cls(*described.subject(), period, factor)
        built = question.inequalities
        if not exists:
            found = files.table(described.witnesses, "the exclusion", ["multipliers"])
            names = [row.name for row in built.rows]
            return Certificate(question, None, Exclusion(files.named(found["multipliers"], names, "the multipliers")))
        found = files.table(described.witnesses, "the trajectory", ["grams", "values"])
        grams = files.table(found["grams"], "the Gram matrices", [block.name for block in built.blocks])
        matrices = tuple(files.matrix(grams[b.name], f"the Gram matrix of the {b.name} block") for b in built.blocks)
        return Certificate(question, ClosedTrajectory(matrices, files.named(found["values"], _values(built), "the values")), None)


CycleCertificate = Certificate[CycleQuestion, ClosedTrajectory, Exclusion]


def proved(question: CycleQuestion, witness: ClosedTrajectory | Exclusion, solver: str | None = None) -> CycleCertificate:
    """Return the certificate of a witness, and of who proposed it."""
    if isinstance(witness, ClosedTrajectory):
        return Certificate(question, witness, None, Provenance(solver))
    return Certificate(question, None, witness, Provenance(solver))


def _values(built: CycleInequalities) -> list[str]:
    return [built.trace.value_names[k] for k in built.values]
