"""Questions about quadratics: how slow a method is on them, with linear compressors that scale and turn.

On ``f_i(x) = h_i |x|^2 / 2`` in the plane with ``C(v) = v - theta v``, theta a complex number with ``|theta|^2 <= 1 - delta``, a
method is linear in its state. With one theta for each of K steps and each group (and the server, where it compresses), K steps
are one matrix of Gaussian rationals. The iterate is multiplied, from some state on and for ever, by the root of largest absolute
value of the recurrence that it satisfies (:mod:`efpep.model.recurrence`). So nothing that bounds the distance can
contract faster: this is a lower bound on the method itself, whatever the class of Lyapunov functions.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, ClassVar, cast

from efpep.errors import CertificateError, InputError
from efpep.methods.base import Method
from efpep.model.argument import require_whole
from efpep.model.compressor_class import Compressor
from efpep.model.field import RATIONALS, Field, Scalar
from efpep.model.gaussian import Gaussian
from efpep.model.recurrence import recurrence, schur_stable
from efpep.model.text import down, exact
from efpep.proof import files
from efpep.questions.base import Certificate, DescribedCertificate, Question, Verdict
from efpep.questions.common.roots import root_below
from efpep.questions.common.steps import check_repeatable
from efpep.questions.quadratic.line import matrix
from efpep.setting import Setting

LONGEST = 6
"""The most steps after which compressors repeat."""


@dataclass(frozen=True, slots=True)
class QuadraticInstance:
    """Quadratics and compressors, and what the iterate is multiplied by on them.

    Attributes:
        curvatures: each group's h.
        losses: for each of K steps, each group's theta, and the server's where it compresses.
        radius: a lower bound on the absolute value of what some state multiplies the iterate by, in K steps.
    """

    curvatures: tuple[Fraction, ...]
    losses: tuple[tuple[Gaussian, ...], ...]
    radius: Fraction

    @property
    def rate(self) -> Fraction:
        """By what factor squares shrink a step on this instance at best, rounded down: ``radius^(2/K)``."""
        return root_below(self.radius * self.radius, len(self.losses))


@dataclass(frozen=True)
class QuadraticQuestion(Question[QuadraticInstance, None]):
    """The question how slow a method is on quadratics, with linear compressors that turn vectors and shrink them.

    The lower end of an answer is an instance; there is no upper one.

    Attributes:
        period: the number of steps after which the compressors repeat.

    Raises:
        InputError: a compressor is not of a contractive class, or the method's steps are not linear here.
    """

    KIND: ClassVar[str] = "quadratic instance"

    period: int = 1

    def __post_init__(self) -> None:
        """See that a step can be taken."""
        Question.__post_init__(self)
        require_whole(self.period, "period", 1, LONGEST)
        losses = squared_losses(self.setting)
        if self.setting.constraint is not None or self.method.projects or self.method.counted:
            raise InputError(
                "quadratics have neither constraints nor sets to project onto, and every step is the same; ask about another "
                "method, such as EF21.",
                argument="method",
            )
        check_repeatable(self.method, self.setting)
        try:
            self._step([Fraction(1)] * len(self.setting.populations()), [Fraction(1)] * len(losses))
        except CertificateError as error:
            raise InputError(f"the steps of {self.method.called()} are not linear: {error}", argument="method") from error

    def _step(self, curvatures: Sequence[Scalar], losses: Sequence[Scalar]) -> list[list[Scalar]]:
        return loop(self.method.over(RATIONALS), self.setting, curvatures, [losses])

    def curvatures(self) -> list[tuple[Fraction, Fraction]]:
        """Return each group's least and largest h.

        Raises:
            InputError: it is not known which quadratics a function class has.
        """
        found = [group.functions.free_curvatures for group in self.setting.populations()]
        if any(free is None for free in found):
            raise InputError(
                "quadratics are known of smooth strongly convex functions; give SmoothStronglyConvex.",
                argument="functions",
            )
        return cast("list[tuple[Fraction, Fraction]]", found)

    def recorded(self) -> object:
        """Return the steps at the ends of the ranges of one curvature or one theta, the others zero, and what is allowed."""
        groups, losses = self.setting.populations(), squared_losses(self.setting)
        count = len(groups) + len(losses)
        units = [[Fraction(int(j == k)) for j in range(count)] for k in range(-1, count)]
        steps = [self._step(unit[: len(groups)], unit[len(groups) :]) for unit in units]
        return [self.period, [group.functions.free_curvatures for group in groups], losses, steps]

    def check(self, lower: QuadraticInstance | None, upper: None) -> None:
        """Check that the instance belongs to the classes and is as slow as is claimed, in exact arithmetic.

        Raises:
            CertificateError: naming the condition that fails.
        """
        del upper
        found = _given(lower)
        groups, losses = self.setting.populations(), squared_losses(self.setting)
        sizes = {len(step) for step in found.losses}
        if (len(found.curvatures), len(found.losses), sizes) != (len(groups), self.period, {len(losses)}):
            raise CertificateError("the instance does not have one curvature a group and one theta a compressor and step.")
        for group, h in zip(groups, found.curvatures, strict=True):
            free = group.functions.free_curvatures
            if free is None or not free[0] <= h <= free[1]:
                raise CertificateError("a quadratic does not belong to its function class.")
        if any(theta.norm > loss for step in found.losses for theta, loss in zip(step, losses, strict=True)):
            raise CertificateError("a compressor does not belong to its class.")
        steps = loop(self.method.over(RATIONALS), self.setting, found.curvatures, found.losses)
        polynomial = recurrence(steps)
        scaled = [a / found.radius**k for k, a in enumerate(polynomial)] if found.radius > 0 else []
        if not scaled or schur_stable(scaled):
            raise CertificateError("the iterate shrinks faster on the instance than is claimed.")

    def verdict(self, lower: QuadraticInstance | None, upper: None) -> Verdict:
        """Return proved where there is an instance."""
        del upper
        return Verdict.UNDECIDED if lower is None else Verdict.PROVED

    def sentence(self, lower: QuadraticInstance | None, upper: None) -> str:
        """Return one sentence that says what is claimed."""
        del upper
        found = _given(lower)
        steps = "every step" if self.period == 1 else f"every {self.period} steps"
        curvatures = " and ".join(map(exact, found.curvatures))
        losses = " and ".join(_about(theta) for step in found.losses for theta in step)
        told = f"{self.method.subject(self.setting)}, on quadratics with curvature {curvatures} and compressors that take v to "
        told += f"v - theta v with theta about {losses},"
        if found.radius >= 1:
            what = f"multiplies its distance to the minimiser from some state by at least {down(found.radius, 12)} {steps}"
            return f"{told} {what}, so it does not converge from every state."
        what = f"does not shrink its distance to the minimiser from some state by more than the factor {down(found.radius, 12)}"
        return (
            f"{told} {what} {steps}, so it contracts squares by no less than the factor {down(found.rate, 12)} a step in general."
        )

    def describe(self, lower: QuadraticInstance | None, upper: None) -> tuple[dict[str, object], dict[str, object]]:
        """Return the claim and the witness as JSON objects."""
        del upper
        found = _given(lower)
        claim = {**self.named(), "period": self.period, "lower": str(found.rate)}
        losses = [[[str(theta.real), str(theta.imag)] for theta in step] for step in found.losses]
        return claim, {"curvatures": list(map(str, found.curvatures)), "losses": losses, "radius": str(found.radius)}

    @classmethod
    def restore(cls, described: DescribedCertificate) -> Certificate[Any, QuadraticInstance, None]:
        """Return the certificate of a file, without checking its witness; see :meth:`efpep.questions.base.Question.restore`."""
        claim = files.table(described.claim, "the claim", ["format", "method", "setting", "period", "lower"])
        found = files.table(described.witnesses, "the instance", ["curvatures", "losses", "radius"])
        period = claim["period"]
        if isinstance(period, bool) or not isinstance(period, int):
            raise CertificateError(f"the claim's period is not a whole number from 1 to {LONGEST}.")
        question = cls(*described.subject(), period)
        groups, compressors = len(question.setting.populations()), len(squared_losses(question.setting))
        curvatures = files.listed(found["curvatures"], groups, "the curvatures")
        losses = [
            [files.listed(theta, 2, "a theta") for theta in files.listed(step, compressors, "the thetas of a step")]
            for step in files.listed(found["losses"], period, "the thetas")
        ]
        instance = QuadraticInstance(
            tuple(files.number(h, "a curvature") for h in curvatures),
            tuple(tuple(Gaussian(*(files.number(a, "a theta") for a in theta)) for theta in step) for step in losses),
            files.number(found["radius"], "the radius"),
        )
        if files.number(claim["lower"], "the claim's lower end") != instance.rate:
            raise CertificateError("the claim's lower end is not that of its radius.")
        return Certificate(question, instance, None)


QuadraticCertificate = Certificate[QuadraticQuestion, QuadraticInstance, None]


def loop(
    method: Method,
    setting: Setting,
    curvatures: Sequence[Scalar],
    losses: Sequence[Sequence[Scalar]],
    field: Field = RATIONALS,
) -> list[list[Scalar]]:
    """Return the matrix of the given steps over the iterate and the memories."""
    return matrix(method, setting, curvatures, [[1 - theta for theta in step] for step in losses], field)


def squared_losses(setting: Setting) -> list[Fraction]:
    """Return the largest ``|theta|^2`` of each group's compressor, and of the server's where there is one.

    Raises:
        InputError: a class need not have all linear maps that lose so much.
    """
    compressors: list[Compressor | None] = [group.compressor for group in setting.populations()]
    if setting.server_compressor is not None:
        compressors.append(setting.server_compressor)
    found = [Fraction(0) if compressor is None else compressor.free_losses for compressor in compressors]
    if any(loss is None for loss in found):
        raise InputError(
            "quadratics on a line take linear maps of contractive classes; give Contractive(delta).", argument="compressor"
        )
    return cast("list[Fraction]", found)


def _given(lower: QuadraticInstance | None) -> QuadraticInstance:
    if lower is None:
        raise CertificateError("the certificate has no instance.")
    return lower


def _about(theta: Gaussian) -> str:
    """Return a theta to six digits; the file has it exactly."""
    turning = f" {'-' if theta.imag < 0 else '+'} {abs(float(theta.imag)):.6g}i" if theta.imag else ""
    return f"{float(theta.real):.6g}{turning}"
