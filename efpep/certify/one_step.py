"""Certificates of one-step potentials: the least constant, and the rational numbers that prove it.

The claim names the method, its exact parameters, the setting, the interval of the constant K and the features; the witnesses are
the numbers of :mod:`efpep.certify.one_step_check`. A check rebuilds every inequality from the method's own definition.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import cast

from efpep.certify import files
from efpep.certify.certificate import expectation
from efpep.certify.one_step_check import OneStepLower, OneStepUpper, check_one_step_lower, check_one_step_upper
from efpep.errors import CertificateError, InputError
from efpep.methods import METHODS, Method
from efpep.model.text import down, up
from efpep.question.one_step import OneStep, one_step
from efpep.setting import Setting

FORMAT = "efpep-one-step-1"


@dataclass(frozen=True, slots=True)
class OneStepCertificate:
    """The claim that the least constant of a method's one-step potential lies within an interval, with its proof.

    Attributes:
        method: the method with its exact parameters.
        setting: the setting, with a compressor in both directions.
        lower: the witness that no potential of the class has a smaller constant, or None.
        upper: the witness of a potential with its constant, or None.
    """

    method: Method
    setting: Setting
    lower: OneStepLower | None
    upper: OneStepUpper | None
    _built: OneStep | None = field(default=None, init=False, repr=False, compare=False)

    def question(self) -> OneStep:
        """Return the question, rebuilt from the method's definition at the first call."""
        if self._built is None:
            object.__setattr__(self, "_built", one_step(self.method, self.setting))
        return cast("OneStep", self._built)

    def check(self) -> str:
        """Check both witnesses in exact arithmetic, and return one sentence that says what is proved.

        Raises:
            CertificateError: naming the first condition that fails.
        """
        if self.lower is None and self.upper is None:
            raise CertificateError("the certificate claims nothing: it has neither a lower nor an upper witness.")
        if self.upper is not None:
            check_one_step_upper(self.question(), self.upper)
        if self.lower is not None:
            check_one_step_lower(self.question(), self.lower)
        return self.sentence()

    @property
    def in_expectation(self) -> bool:
        """Whether the claim is about expectations, because a compressor is random."""
        return random(self.setting)

    def sentence(self) -> str:
        """Return one sentence that says what the certificate claims."""
        name = self.method.subject(self.setting)
        parts: list[str] = []
        if self.upper is not None:
            parts.append(f"has a one-step potential with K = {up(self.upper.K, 12)}")
        if self.lower is not None:
            parts.append(f"has none of the class with K below {down(self.lower.K, 12)}")
        return f"{name} {' and '.join(parts)}{expectation(self.setting)}."

    def describe(self) -> dict[str, object]:
        """Return the certificate as a JSON object."""
        question = self.question()
        names = [block.name for block in question.blocks]
        witnesses: dict[str, object] = {}
        if self.upper is not None:
            witnesses["upper"] = {
                "weights": {name: _written(m) for name, m in zip(names, self.upper.weights, strict=True)},
                "multipliers": files.written(dict(zip([r.name for r in question.rows], self.upper.multipliers, strict=True))),
            }
        if self.lower is not None:
            witnesses["lower"] = {"grams": {name: _written(m) for name, m in zip(names, self.lower.grams, strict=True)}}
        claim: dict[str, object] = {
            "format": FORMAT,
            "method": self.method.describe(),
            "setting": self.setting.describe(),
            "K": {
                "lower": None if self.lower is None else str(self.lower.K),
                "upper": None if self.upper is None else str(self.upper.K),
            },
            "features": question.feature_names(),
        }
        return {"claim": claim, "witnesses": witnesses}

    def save(self, path: str | Path) -> None:
        """Write the certificate to a JSON file.

        Raises:
            InputError: the file cannot be written.
        """
        files.save(path, self.describe())

    @classmethod
    def load(cls, path: str | Path) -> OneStepCertificate:
        """Read a certificate from a JSON file, without checking its witnesses.

        Raises:
            CertificateError: the file is malformed.
            UnavailableError: a class of the user's cannot be imported here.
        """
        return cls.restore(files.load(Path(path)))

    @classmethod
    def restore(cls, described: Mapping[str, object]) -> OneStepCertificate:
        """Return the certificate that :meth:`describe` described, without checking its witnesses.

        Raises:
            CertificateError: the description is malformed, or does not fit the question that it names.
            UnavailableError: a class of the user's cannot be imported here.
        """
        described = files.table(described, "the certificate", ["claim", "witnesses"])
        claim = files.table(described["claim"], "the claim", ["format", "method", "setting", "K", "features"])
        if claim["format"] != FORMAT:
            raise CertificateError(f"the claim's format is not {FORMAT!r}.")
        try:
            method = METHODS.restore(files.table(claim["method"], "the claim's method"))
            setting = Setting.restore(files.table(claim["setting"], "the claim's setting"))
            if not isinstance(method.step_size, Fraction):
                raise CertificateError("the claim's step size is not a number.")
            question = one_step(method, setting)
        except InputError as error:
            raise CertificateError(f"the claim is impossible: {error}") from error
        if claim["features"] != question.feature_names():
            raise CertificateError("the claim's features are not those of the method in this setting.")
        constant = files.table(claim["K"], "the claim's K", ["lower", "upper"])
        wanted = [end for end in ("lower", "upper") if constant[end] is not None]
        witnesses = files.table(described["witnesses"], "the witnesses", wanted)
        lower = _lower(question, constant["lower"], witnesses["lower"]) if "lower" in wanted else None
        upper = _upper(question, constant["upper"], witnesses["upper"]) if "upper" in wanted else None
        certificate = cls(method, setting, lower, upper)
        object.__setattr__(certificate, "_built", question)
        return certificate


def random(setting: Setting) -> bool:
    """Return whether a compressor of a setting contracts in expectation only."""
    compressors = [setting.server_compressor, *(group.compressor for group in setting.populations())]
    return any(compressor is not None and compressor.random for compressor in compressors)


def _upper(question: OneStep, constant: object, witness: object) -> OneStepUpper:
    found = files.table(witness, "the upper witness", ["weights", "multipliers"])
    names = [block.name for block in question.blocks]
    weights = files.table(found["weights"], "the weights", names)
    return OneStepUpper(
        files.number(constant, "the upper constant"),
        tuple(files.matrix(weights[name], f"the weights of the {name} block") for name in names),
        files.named(found["multipliers"], [row.name for row in question.rows], "the multipliers"),
    )


def _lower(question: OneStep, constant: object, witness: object) -> OneStepLower:
    found = files.table(witness, "the lower witness", ["grams"])
    names = [block.name for block in question.blocks]
    grams = files.table(found["grams"], "the Gram matrices", names)
    return OneStepLower(
        files.number(constant, "the lower constant"),
        tuple(files.matrix(grams[name], f"the Gram matrix of the {name} block") for name in names),
    )


def _written(matrix: tuple[tuple[Fraction, ...], ...]) -> list[list[str]]:
    return [[str(a) for a in row] for row in matrix]
