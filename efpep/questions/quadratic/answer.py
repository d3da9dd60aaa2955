"""Answers to questions about quadratics: the slowest one that a search finds, with its proof."""

from __future__ import annotations

import time
from dataclasses import dataclass
from fractions import Fraction

from efpep.conic.solver import Solver
from efpep.errors import CertificateError
from efpep.questions.answer import Answer, proved
from efpep.questions.common.magnitude import within_doubles
from efpep.questions.quadratic.question import QuadraticCertificate, QuadraticInstance, QuadraticQuestion

EXACT = "exact"
"""The solver's name where none was asked."""


@dataclass(frozen=True, slots=True, repr=False)
class SlowestQuadratic(Answer[QuadraticQuestion, QuadraticInstance, None]):
    """The answer of :func:`efpep.questions.quadratic.slowest.slowest_quadratic`."""

    @property
    def instance(self) -> QuadraticInstance | None:
        """The quadratics and compressors, or None where nothing is proved."""
        return None if self.certificate is None else self.certificate.lower

    @property
    def rate(self) -> Fraction | None:
        """The factor a step that no guarantee for squares is below; from 1 on the method does not converge from every state."""
        return None if self.instance is None else self.instance.rate

    def __str__(self) -> str:
        """Say what is proved."""
        if self.certificate is None:
            return f"{self.method.called()}: the radius of no quadratic that was found could be proved; try another period."
        return self.certificate.sentence()


@within_doubles
def ask(question: QuadraticQuestion, solver: Solver | None = None, *, seed: int = 0) -> SlowestQuadratic:
    """Return the answer to a question.

    Args:
        question: the question.
        solver: not used: nothing is proposed by one.
        seed: of the global optimisation.

    Raises:
        InputError: the question is not well posed, or the quadratics of a function class are not known.
    """
    from efpep.questions.quadratic.plane_search import PlaneSearch, lowered

    del solver
    begin = time.perf_counter()
    search = PlaneSearch(question)
    candidates = (low for instance in search.instances(search.slowest(seed)) for low in lowered(instance))
    found = next((candidate for candidate in candidates if _holds(question, candidate)), None)
    certificate: QuadraticCertificate | None = proved(question, found, None, None)
    return SlowestQuadratic(question, certificate, EXACT, time.perf_counter() - begin)


def _holds(question: QuadraticQuestion, instance: QuadraticInstance) -> bool:
    try:
        question.check(instance, None)
    except CertificateError:
        return False
    return True
