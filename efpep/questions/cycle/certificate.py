"""Certificates about closed trajectories: that a method has one (a cycle, a shrinking or a growing one), or that it has none.

The claim names the method, its exact parameters, the setting, the number of steps and the factor; the witness is the numbers of
:mod:`efpep.questions.cycle.check`. A check rebuilds every inequality from the method's own definition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property

from efpep.errors import CertificateError, InputError
from efpep.methods import METHODS, Method
from efpep.model.text import down, exact
from efpep.proof import files
from efpep.questions.common.built import with_question
from efpep.questions.common.said import shared_minimiser
from efpep.questions.cycle.check import Exclusion, Trajectory, check_exclusion, check_trajectory
from efpep.questions.cycle.orbit import LONGEST, Orbit, orbit
from efpep.setting import Setting

FORMAT = "efpep-orbit-1"


@dataclass(frozen=True)
class OrbitCertificate(files.Saved):
    """The claim that some trajectory of a method has ``state_{k+period} = factor state_k``, or that none has, with its proof.

    Attributes:
        method: the method with its exact parameters.
        setting: the setting.
        period: the number of steps.
        factor: the multiple; 1 for cycles.
        witness: one period of a trajectory, or the multipliers that exclude all of them.
    """

    method: Method
    setting: Setting
    period: int
    factor: Fraction
    witness: Trajectory | Exclusion

    @cached_property
    def question(self) -> Orbit:
        """The closed steps, rebuilt from the method's definition at the first call."""
        return orbit(self.method, self.setting, self.period, self.factor)

    @property
    def exists(self) -> bool:
        """Whether the claim is that there is such a trajectory."""
        return isinstance(self.witness, Trajectory)

    @property
    def rate(self) -> Fraction:
        """By what factor squares shrink a step, on average over a period: ``|factor|^(2/period)``, rounded down."""
        return root_below(self.factor * self.factor, self.period)

    def check(self) -> str:
        """Check the witness in exact arithmetic, and return one sentence that says what is proved.

        Raises:
            CertificateError: naming the first condition that fails.
        """
        if isinstance(self.witness, Trajectory):
            check_trajectory(self.question, self.witness)
        else:
            check_exclusion(self.question, self.witness)
        return self.sentence()

    def sentence(self) -> str:
        """Return one sentence that says what the certificate claims."""
        shared = shared_minimiser(self.method, self.setting)
        name = self.method.subject(self.setting) + (f"{shared}," if shared else "")
        steps = "1 step" if self.period == 1 else f"{self.period} steps"
        if self.factor == 1:
            if not self.exists:
                return f"{name} has no trajectory that returns to its state after {steps} without resting at the minimiser."
            return f"{name} has a trajectory that returns to its state after {steps} and does not rest at the minimiser."
        after = "every step" if self.period == 1 else f"every {steps}"
        if not self.exists:
            multiple = f"is multiplied by {exact(self.factor)} {after}"
            return f"{name} has no trajectory whose state, gradients included and measured from the minimiser, {multiple}."
        multiple = f"state by {exact(self.factor)} and whose distance to the minimiser by {down(abs(self.factor), 12)}"
        what = f"trajectory that multiplies its {multiple} {after}"
        if abs(self.factor) >= 1:
            return f"{name} has a {what}, so it does not converge from every state."
        return f"{name} has a {what}, so it contracts squares by no less than the factor {down(self.rate, 12)} a step in general."

    def describe(self) -> dict[str, object]:
        """Return the certificate as a JSON object."""
        question = self.question
        witness: dict[str, object]
        if isinstance(self.witness, Trajectory):
            names = [question.trace.value_names[k] for k in question.values]
            witness = {
                "grams": {
                    block.name: [[str(a) for a in row] for row in gram]
                    for block, gram in zip(question.blocks, self.witness.grams, strict=True)
                },
                "values": files.written(dict(zip(names, self.witness.values, strict=True))),
            }
        else:
            multipliers = zip([row.name for row in question.rows], self.witness.multipliers, strict=True)
            witness = {"multipliers": files.written(dict(multipliers))}
        claim: dict[str, object] = {
            "format": FORMAT,
            "method": self.method.describe(),
            "setting": self.setting.describe(),
            "period": self.period,
            "factor": str(self.factor),
            "exists": self.exists,
        }
        return {"claim": claim, "witnesses": witness}

    @classmethod
    def restore(cls, described: Mapping[str, object]) -> OrbitCertificate:
        """Return the certificate that :meth:`describe` described, without checking its witness.

        Raises:
            CertificateError: the description is malformed, or does not fit the question that it names.
            UnavailableError: a class of the user's cannot be imported here.
        """
        described = files.table(described, "the certificate", ["claim", "witnesses"])
        keys = ["format", "method", "setting", "period", "factor", "exists"]
        claim = files.table(described["claim"], "the claim", keys)
        if claim["format"] != FORMAT:
            raise CertificateError(f"the claim's format is not {FORMAT!r}.")
        period, exists = claim["period"], claim["exists"]
        if isinstance(period, bool) or not isinstance(period, int) or not 1 <= period <= LONGEST:
            raise CertificateError(f"the claim's period is not a whole number from 1 to {LONGEST}.")
        if not isinstance(exists, bool):
            raise CertificateError("the claim's 'exists' is neither true nor false.")
        factor = files.number(claim["factor"], "the claim's factor")
        if factor == 0:
            raise CertificateError("the claim's factor is zero.")
        try:
            method = METHODS.restore(files.table(claim["method"], "the claim's method"))
            setting = Setting.restore(files.table(claim["setting"], "the claim's setting"))
            if not isinstance(method.step_size, Fraction):
                raise CertificateError("the claim's step size is not a number.")
            question = orbit(method, setting, period, factor)
        except InputError as error:
            raise CertificateError(f"the claim is impossible: {error}") from error
        witness = _trajectory(question, described["witnesses"]) if exists else _exclusion(question, described["witnesses"])
        return with_question(cls(method, setting, period, factor, witness), question)


def root_below(value: Fraction, order: int, digits: int = 15) -> Fraction:
    """Return a decimal of so many places that is at most the root of this order of a nonnegative number."""
    power = value.numerator * 10 ** (digits * order) // value.denominator
    low, high = 0, 1 << (power.bit_length() // order + 1)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if middle**order <= power else (low, middle - 1)
    return Fraction(low, 10**digits)


def _trajectory(question: Orbit, described: object) -> Trajectory:
    found = files.table(described, "the trajectory", ["grams", "values"])
    names = [block.name for block in question.blocks]
    grams = files.table(found["grams"], "the Gram matrices", names)
    values = [question.trace.value_names[k] for k in question.values]
    return Trajectory(
        tuple(files.matrix(grams[name], f"the Gram matrix of the {name} block") for name in names),
        files.named(found["values"], values, "the values"),
    )


def _exclusion(question: Orbit, described: object) -> Exclusion:
    found = files.table(described, "the exclusion", ["multipliers"])
    return Exclusion(files.named(found["multipliers"], [row.name for row in question.rows], "the multipliers"))
