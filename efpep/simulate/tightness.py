"""How tight a proved rate is: the slowest quadratic that a search finds, beside it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from efpep.errors import ContradictionError, UnavailableError
from efpep.model.field import FLOATS
from efpep.questions.quadratic.question import QuadraticCertificate, loop
from efpep.questions.quadratic.slowest import slowest_quadratic
from efpep.questions.rate.answer import Rate, rate
from efpep.simulate.prepare import described
from efpep.simulate.quadratics import Quadratics
from efpep.simulate.run import NumericRun, resume

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from efpep.methods.base import Method
    from efpep.questions.quadratic.question import QuadraticInstance
    from efpep.setting import Setting


PERIODS = 20
"""How many periods the slowest quadratic is run for."""
SLACK = 1e-9
"""How much faster than proved, relative to the size of the state, a period may seem because of rounding."""


@dataclass(frozen=True, slots=True)
class Tightness:
    """A proved rate and the slowest quadratic that was found.

    Attributes:
        rate: the certified rate: no instance of the classes is slower than its upper end.
        slowest: the proof of how slow the method is on the quadratic, whose compressors are linear.
        found: the factor by which squares shrink a step on the quadratic.
    """

    rate: Rate
    slowest: QuadraticCertificate
    found: float

    @property
    def proved(self) -> float:
        """The proved rate; nan where none is proved."""
        return float("nan") if self.rate.upper is None else float(self.rate.upper)

    @property
    def gap(self) -> float:
        """How far the quadratic stays below the proved rate, as part of the proved rate."""
        return (self.proved - self.found) / self.proved

    @property
    def gap_of_progress(self) -> float:
        """How far ``1 - rho`` of the proof stays below that of the quadratic, as part of the latter."""
        return (self.proved - self.found) / (1 - self.found)

    def __str__(self) -> str:
        """Say how tight the rate is."""
        return (
            f"{described(self.rate.method)}: proved {self.proved:.9g}, slowest quadratic {self.found:.9g}, {100 * self.gap:.2g} "
            f"% below ({100 * self.gap_of_progress:.2g} % of 1 - rho)"
        )


def tightness(method: Method, setting: Setting, period: int = 1, *, seed: int = 0) -> Tightness:
    """Search the slowest quadratic of a setting, with the worst linear compressors, beside the proved rate.

    Args:
        method: the method with its parameters.
        setting: functions, contractive compressors and agents.
        period: after how many steps the compressors may repeat; see :func:`efpep.questions.quadratic.slowest.slowest_quadratic`.
        seed: of the global search.

    Raises:
        InputError: the question is not well posed, or the compressors are not contractive.
        UnavailableError: of no quadratic that was found it could be proved how slow it is.
        ContradictionError: a quadratic is slower than the proved rate, or a run on it beats the lower bound that it proves.
    """
    certified = rate(method, setting)
    slowest = slowest_quadratic(method, setting, period, seed=seed)
    if slowest.certificate is None or slowest.rate is None:
        raise UnavailableError(str(slowest))
    if certified.upper is not None and slowest.rate > certified.upper:
        raise ContradictionError(
            f"on a quadratic of the class {method.title} contracts by {float(slowest.rate):.9g} a step, and a rate of "
            f"{float(certified.upper):.9g} is proved, so efpep is wrong; please report it."
        )
    if len(setting.populations()) == 1 and setting.server_compressor is None:
        check_slow(slowest.certificate)
    return Tightness(certified, slowest.certificate, float(slowest.rate))


def check_slow(certificate: QuadraticCertificate) -> NDArray[np.float64]:
    """Run an instance of one group in the plane, by the ordinary numeric loop, from the state that shrinks least.

    Returns:
        The sizes of the state after each period, relative to the first, shape ``(PERIODS + 1,)``.

    Raises:
        ContradictionError: the state shrinks faster than the proved lower bound.
    """
    method, instance = certificate.method, cast("QuadraticInstance", certificate.lower)
    period, h = len(instance.losses), float(instance.curvatures[0])
    losses = [[complex(theta) for theta in step] for step in instance.losses]
    matrix = loop(method.over(FLOATS), certificate.setting, [h], losses, FLOATS)
    eigenvalues, vectors = np.linalg.eig(np.array(matrix, dtype=complex))
    slow: Any = vectors[:, int(np.argmax(np.abs(eigenvalues)))]
    plane = [np.array([a.real, a.imag]) for a in slow]
    held = {m.name: a if m.server else a[None] for m, a in zip(method.memories, plane[1:], strict=True)}
    run = NumericRun(Quadratics([[[h, 0.0], [0.0, h]]], [0.0, 0.0]), _Turns([step[0] for step in losses]))
    states = resume(method, run, method.State(x=plane[0], **held), PERIODS * period)
    sizes = [sum(float(np.sum(np.square(vector))) for vector in state) for state in states]
    squares = np.array(sizes[::period])
    found = np.sqrt(squares / squares[0])
    if not np.all(found[1:] >= (float(instance.radius) - SLACK) * found[:-1]):
        raise ContradictionError(
            f"a run of {method.title} on a quadratic shrinks faster than by the proved {float(instance.radius):.9g} every "
            f"{period} steps, so efpep is wrong; please report it."
        )
    return found


class _Turns:
    """``C(v) = v - theta v`` in the plane with the given theta in turn."""

    def __init__(self, losses: list[complex]) -> None:
        self.losses = losses
        self.uses = 0

    def __call__(self, v: NDArray[np.float64]) -> NDArray[np.float64]:
        theta = self.losses[self.uses % len(self.losses)]
        self.uses += 1
        return v - v @ np.array([[theta.real, theta.imag], [-theta.imag, theta.real]])
