"""Nonconvex potentials as JSON objects and as lines for a reader, and what their certificates claim."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from efpep.model.text import up
from efpep.questions.base import Verdict
from efpep.questions.common import potential_report as common
from efpep.report.answer import digits_for, interval_object, method_object, setting_object
from efpep.report.display import wrapped_lines

if TYPE_CHECKING:
    from efpep.questions.common.potential_answer import Potential
    from efpep.questions.nonconvex.question import NonconvexCertificate


def claim_object(certificate: NonconvexCertificate) -> dict[str, object]:
    """Return what a certificate claims: the question and the decrease."""
    return {
        **method_object(certificate.method),
        **setting_object(certificate.setting),
        "memory": certificate.question.memory,
        "a": interval_object(*certificate.ends),
    }


def answer_object(found: Potential) -> dict[str, object]:
    """Return an answer as a JSON object: besides what all potentials have, the verdict and the terms of the ``"bound"``.

    The mean of ``|grad f(x_t)|^2`` over t < T is at most 1/T times the sum of the terms, whose coefficients are rounded up.
    """
    certificate, terms = cast("NonconvexCertificate | None", found.certificate), None
    if certificate is not None and certificate.upper is not None and found.verdict is Verdict.PROVED:
        terms = certificate.question.terms(certificate.upper)
    bound = None if terms is None else {name: up(a, digits_for(None, a)) for name, a in terms.items()}
    return {**common.answer_object(found), "verdict": found.verdict.value, "bound": bound}


def answer_text(found: Potential) -> str:
    """Return the rows as lines; see :func:`answer_rows`."""
    return wrapped_lines(answer_rows(found))


def answer_rows(found: Potential) -> list[tuple[str, str]]:
    """Return question, decrease, and what it proves of T steps, each with its name."""
    certificate = cast("NonconvexCertificate | None", found.certificate)
    *rows, solver = common.answer_rows(found)
    if certificate is not None and certificate.upper is not None and found.verdict is Verdict.PROVED:
        rows.append(("bound", certificate.question.bound(certificate.upper)))
    elif found.verdict is Verdict.REFUTED:
        rows.append(("", "refuted: no potential of the class decreases by a positive multiple of |grad f(x)|^2"))
    return [*rows, solver]
