"""What several tests share: uniform settings, changed claims, and what a sentence is."""

from dataclasses import replace
from fractions import Fraction

import efpep


def asked(certificate, **changes):
    """Return a certificate with another question."""
    return replace(certificate, question=replace(certificate.question, **changes))


def about(answer, **changes):
    """Return an answer that is about another question, unproved."""
    question = replace(answer.question, **changes)
    return replace(answer, question=question, certificate=answer.certificate and replace(answer.certificate, question=question))


def with_ends(answer, lower=None, upper=None):
    """Return an answer with other ends, unproved; those that are not given are missing."""
    certificate = answer.certificate
    if lower is None and upper is None:
        return replace(answer, certificate=None)
    ends = {"lower": lower, "upper": upper}
    moved = {end: None if a is None else replace(getattr(certificate, end), theta=a) for end, a in ends.items()}
    return replace(answer, certificate=replace(certificate, **moved))


def uniform(kappa, epsilon, agents=1, scale=1):
    """Agents of one kind with L = ``scale``, mu = L/kappa and delta = 1 - epsilon."""
    functions = efpep.SmoothStronglyConvex(mu=Fraction(scale) / Fraction(kappa), L=Fraction(scale))
    return efpep.Setting(functions=functions, compressor=efpep.Contractive(1 - Fraction(epsilon)), agents=agents)


def one_sentence(message):
    """Whether a message is a single sentence on a single line, as every message of efpep is."""
    text = str(message)
    return "\n" not in text and text.endswith(".") and ". " not in text.removesuffix(".") and len(text) < 1000
