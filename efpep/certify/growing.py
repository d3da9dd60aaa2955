"""Certificates of growing potentials: a bound on ``f(x_T) - f*``, and the rational numbers that prove it.

The claim names the method, its exact parameters, the setting, the number of steps, the interval of the constant K and the
features; the witnesses are the numbers of :mod:`efpep.certify.growing_check`. A check rebuilds every inequality from the method's
own definition.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import cast

from efpep.certify import files
from efpep.certify.certificate import assumptions
from efpep.certify.growing_check import ChainLower, ChainUpper, Matrices, check_chain_lower, check_chain_upper
from efpep.errors import CertificateError, InputError
from efpep.methods import METHODS, Method
from efpep.model.text import down, up
from efpep.question.growing import Chain, Link, chain
from efpep.setting import Setting

FORMAT = "efpep-growing-1"


@dataclass(frozen=True, slots=True)
class GrowingCertificate:
    """The claim ``f(x_T) - f* <= K ||x_0 - x*||^2 / A_T`` for a K within an interval, with its proof.

    Attributes:
        method: the method with its exact parameters.
        setting: the setting.
        iterations: the number T of steps.
        lower: the witness that no growing potential proves a smaller constant, or None.
        upper: the witness of the constant, or None.
    """

    method: Method
    setting: Setting
    iterations: int
    lower: ChainLower | None
    upper: ChainUpper | None
    _built: Chain | None = field(default=None, init=False, repr=False, compare=False)

    def question(self) -> Chain:
        """Return the question, rebuilt from the method's definition at the first call."""
        if self._built is None:
            object.__setattr__(self, "_built", chain(self.method, self.setting, self.iterations))
        return cast("Chain", self._built)

    def check(self) -> str:
        """Check both witnesses in exact arithmetic, and return one sentence that says what is proved.

        Raises:
            CertificateError: naming the first condition that fails.
        """
        if self.lower is None and self.upper is None:
            raise CertificateError("the certificate claims nothing: it has neither a lower nor an upper witness.")
        question = self.question()
        if self.upper is not None:
            check_chain_upper(question, self.upper)
        if self.lower is not None:
            check_chain_lower(question, self.lower)
        return self.sentence()

    def sentence(self) -> str:
        """Return one sentence that says what the certificate claims."""
        parts: list[str] = []
        if self.upper is not None:
            bound = up(self.upper.K / self.question().total, 12)
            parts.append(
                f"has f(x_T) - f* <= {bound} ||x_0 - x*||^2 at T = {self.iterations}, by a growing potential with "
                f"K = {up(self.upper.K, 12)}"
            )
        if self.lower is not None:
            parts.append(f"has no growing potential with K below {down(self.lower.K, 12)} at T = {self.iterations}")
        return f"{self.method.subject(self.setting)} {' and '.join(parts)}{assumptions(self.method, self.setting)}."

    def describe(self) -> dict[str, object]:
        """Return the certificate as a JSON object."""
        question = self.question()
        witnesses: dict[str, object] = {}
        if self.upper is not None:
            witnesses["upper"] = {
                "potentials": [_written(matrices) for matrices in self.upper.potentials],
                "multipliers": [
                    files.written(dict(zip([row.name for row in link.rows], numbers, strict=True)))
                    for link, numbers in zip(question.links, self.upper.multipliers, strict=True)
                ],
            }
        if self.lower is not None:
            witnesses["lower"] = {
                "grams": [_written(matrices) for matrices in self.lower.grams],
                "values": [
                    files.written(dict(zip(_value_names(link), numbers, strict=True)))
                    for link, numbers in zip(question.links, self.lower.values, strict=True)
                ],
            }
        claim: dict[str, object] = {
            "format": FORMAT,
            "method": self.method.describe(),
            "setting": self.setting.describe(),
            "iterations": self.iterations,
            "K": {
                "lower": None if self.lower is None else str(self.lower.K),
                "upper": None if self.upper is None else str(self.upper.K),
            },
            "total": str(question.total),
            "features": list(question.features),
        }
        return {"claim": claim, "witnesses": witnesses}

    def save(self, path: str | Path) -> None:
        """Write the certificate to a JSON file.

        Raises:
            InputError: the file cannot be written.
        """
        files.save(path, self.describe())

    @classmethod
    def load(cls, path: str | Path) -> GrowingCertificate:
        """Read a certificate from a JSON file, without checking its witnesses.

        Raises:
            CertificateError: the file is malformed.
            UnavailableError: a class of the user's cannot be imported here.
        """
        return cls.restore(files.load(Path(path)))

    @classmethod
    def restore(cls, described: Mapping[str, object]) -> GrowingCertificate:
        """Return the certificate that :meth:`describe` described, without checking its witnesses.

        Raises:
            CertificateError: the description is malformed, or does not fit the question that it names.
            UnavailableError: a class of the user's cannot be imported here.
        """
        described = files.table(described, "the certificate", ["claim", "witnesses"])
        claim = files.table(
            described["claim"], "the claim", ["format", "method", "setting", "iterations", "K", "total", "features"]
        )
        if claim["format"] != FORMAT:
            raise CertificateError(f"the claim's format is not {FORMAT!r}.")
        try:
            method = METHODS.restore(files.table(claim["method"], "the claim's method"))
            setting = Setting.restore(files.table(claim["setting"], "the claim's setting"))
            if not isinstance(method.step_size, Fraction):
                raise CertificateError("the claim's step size is not a number.")
            question = chain(method, setting, cast("int", claim["iterations"]))
        except InputError as error:
            raise CertificateError(f"the claim is impossible: {error}") from error
        if claim["features"] != list(question.features) or files.number(claim["total"], "the total") != question.total:
            raise CertificateError("the claim's features or weights are not those of the method in this setting.")
        constant = files.table(claim["K"], "the claim's K", ["lower", "upper"])
        witnesses = files.table(described["witnesses"], "the witnesses")
        wanted = [end for end in ("lower", "upper") if constant[end] is not None]
        files.table(witnesses, "the witnesses", wanted)
        lower = _lower(question, constant["lower"], witnesses["lower"]) if "lower" in wanted else None
        upper = _upper(question, constant["upper"], witnesses["upper"]) if "upper" in wanted else None
        certificate = cls(method, setting, cast("int", claim["iterations"]), lower, upper)
        object.__setattr__(certificate, "_built", question)
        return certificate


def _upper(question: Chain, constant: object, witness: object) -> ChainUpper:
    found = files.table(witness, "the upper witness", ["potentials", "multipliers"])
    potentials = files.listed(found["potentials"], len(question.features), "the potentials")
    multipliers = files.listed(found["multipliers"], len(question.links), "the multipliers")
    return ChainUpper(
        files.number(constant, "the upper constant"),
        tuple(_matrices(item, list(names), "a potential") for item, names in zip(potentials, question.features, strict=True)),
        tuple(
            files.named(item, [row.name for row in link.rows], "the multipliers")
            for item, link in zip(multipliers, question.links, strict=True)
        ),
    )


def _lower(question: Chain, constant: object, witness: object) -> ChainLower:
    found = files.table(witness, "the lower witness", ["grams", "values"])
    grams = files.listed(found["grams"], len(question.links), "the Gram matrices")
    values = files.listed(found["values"], len(question.links), "the values")
    return ChainLower(
        files.number(constant, "the lower constant"),
        tuple(
            _matrices(item, [place.name for place in link.places], "a Gram matrix")
            for item, link in zip(grams, question.links, strict=True)
        ),
        tuple(files.named(item, _value_names(link), "the values") for item, link in zip(values, question.links, strict=True)),
    )


def _matrices(described: object, names: Sequence[str], what: str) -> dict[str, tuple[tuple[Fraction, ...], ...]]:
    found = files.table(described, f"the blocks of {what}", names)
    return {name: files.matrix(found[name], what) for name in names}


def _written(matrices: Matrices) -> dict[str, list[list[str]]]:
    return {name: [[str(a) for a in row] for row in matrix] for name, matrix in matrices.items()}


def _value_names(link: Link) -> list[str]:
    return [link.names[k] for k in link.values]
