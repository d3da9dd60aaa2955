"""The pages of methods, compressors and functions: what each class says of itself, and proved numbers at a stated setting.

An answer that is not proved, or whose certificate does not hold, ends the build.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable
from typing import Any

from docstring_text import said

import efpep
from efpep.component import Component
from efpep.compressors import COMPRESSORS, BoundedMoments
from efpep.functions import FUNCTIONS, Quadratic
from efpep.methods import (
    CLAG,
    DIANA,
    EF21PP,
    EF21W,
    EFBV,
    MARINA,
    METHODS,
    AcceleratedEF21,
    ConstrainedCGD,
    LocalGD,
    Method,
    ThreePointCompression,
    TripleMomentum,
)
from efpep.questions.kinds import answer_text

CURVED = efpep.SmoothStronglyConvex("1/10", 1)
HALF = efpep.Contractive("1/2")
AGENTS = efpep.Setting(CURVED, HALF, agents=10)
ONE = efpep.Setting(CURVED, HALF)
SERVER = efpep.Setting(CURVED, HALF, agents=10, server_compressor=HALF)
MILD = efpep.Setting(CURVED, HALF, agents=10, server_compressor=efpep.Contractive("9/10"))
UNBIASED = efpep.Setting(CURVED, efpep.Unbiased(1), agents=10)
UNLIKE = efpep.Setting(
    compressor=HALF, agents=[efpep.Group(CURVED, count=1), efpep.Group(efpep.SmoothStronglyConvex("1/10", 4), count=1)]
)
NONSMOOTH = efpep.Setting(efpep.BoundedSubgradients(1), HALF, agents=10, server_compressor=HALF)

METHOD_ANSWERS: dict[str, Callable[[], Any]] = {
    "gd": lambda: efpep.rate(efpep.GD(), efpep.Setting(CURVED, agents=10)),
    "triple-momentum": lambda: efpep.rate(TripleMomentum(), efpep.Setting(CURVED, agents=10), positivity="interpolation"),
    "cgd": lambda: efpep.rate(efpep.CGD(), ONE),
    "ef": lambda: efpep.rate(efpep.EF(), AGENTS),
    "ef21": lambda: efpep.rate(efpep.EF21(), AGENTS),
    "ef21-momentum": lambda: efpep.rate(efpep.EF21Momentum("1/5", theta="9/10"), AGENTS),
    "ef21-hb": lambda: efpep.rate(efpep.EF21HeavyBall("1/4", beta="3/10"), AGENTS),
    "ef21-nesterov": lambda: efpep.rate(efpep.EF21Nesterov("1/5", beta="1/10"), AGENTS),
    "econtrol": lambda: efpep.rate(efpep.EControl("1/5", eta="1/10"), AGENTS),
    "diana": lambda: efpep.rate(DIANA.published(UNBIASED), UNBIASED),
    "marina": lambda: efpep.rate(MARINA(), UNBIASED, "gap"),
    "ef-bv": lambda: efpep.rate(EFBV.published(UNBIASED), UNBIASED, "gap"),
    "ef21-w": lambda: efpep.rate(EF21W(), UNLIKE, "gap"),
    "3pc": lambda: efpep.rate(ThreePointCompression(instance="v1"), AGENTS, "gap"),
    "clag": lambda: efpep.rate(CLAG(), AGENTS, "gap"),
    "accelerated-ef21": lambda: efpep.rate(AcceleratedEF21(), AGENTS),
    "ef21-p": lambda: efpep.rate(efpep.EF21P("3/10"), SERVER),
    "ef21-bc": lambda: efpep.rate(efpep.EF21BC("1/20"), MILD),
    "ef21-pp": lambda: efpep.rate(EF21PP("1/10", p="9/10"), AGENTS),
    "local-gd": lambda: efpep.rate(LocalGD("1/4", local_steps=2), efpep.Setting(CURVED, efpep.Contractive("19/20"), agents=10)),
    "projected-ef21": lambda: efpep.rate(efpep.ProjectedEF21("1/5"), AGENTS),
    "safe-ef": lambda: efpep.potential(efpep.SafeEF(1), NONSMOOTH),
    "parallel-crpo": lambda: efpep.potential(efpep.ParallelCRPO(1), efpep.Setting(efpep.BoundedSubgradients(1), agents=10)),
    "constrained-cgd": lambda: efpep.worst_case(
        ConstrainedCGD("3/10"), efpep.Setting(efpep.BoundedSubgradients(1), HALF), 3, metric="gap", at="best"
    ),
    "adef": lambda: efpep.potential(efpep.ADEF("1/40"), efpep.Setting(efpep.SmoothConvex(1), HALF, agents=10), iterations=5),
}
"""What is asked about each method; primal-dual error feedback and signSGD have numeric runs alone."""

COMPRESSOR_ANSWERS: dict[str, Callable[[], Any]] = {
    "contractive": lambda: _compressed(efpep.Contractive("1/2")),
    "projection": lambda: _compressed(efpep.Projection("1/2")),
    "linear": lambda: _compressed(efpep.LinearContractive("1/2")),
    "common-linear": lambda: _compressed(efpep.CommonLinear("1/2")),
    "randomized": lambda: _compressed(efpep.Randomized("1/2")),
    "unbiased": lambda: efpep.rate(efpep.CGD("9/10"), UNBIASED),
    "bounded-moments": lambda: efpep.rate(
        EFBV("1/20", lam="1/4", nu="3/4"), efpep.Setting(CURVED, BoundedMoments("1/2", 2), agents=10)
    ),
}

FUNCTION_ANSWERS: dict[str, Callable[[], Any]] = {
    "smooth-strongly-convex": lambda: efpep.rate(efpep.GD(), efpep.Setting(CURVED)),
    "smooth-convex": lambda: _horizon(efpep.SmoothConvex(1), "gap", "distance"),
    "gradient-dominated": lambda: efpep.rate(
        efpep.EF21("1/10"), efpep.Setting(efpep.GradientDominated("1/10", 1), HALF), metric="gap"
    ),
    "smooth-weakly-convex": lambda: _horizon(efpep.SmoothWeaklyConvex(-1, 1), "gradient", "gap"),
    "bounded-subgradients": lambda: _horizon(efpep.BoundedSubgradients(1), "gap", "distance"),
    "quadratic": lambda: _horizon(Quadratic("1/10", 1), "distance", "distance"),
}


def _compressed(compressor: Any) -> Any:
    return efpep.rate(efpep.EF21("3/10"), efpep.Setting(CURVED, compressor, agents=10))


def _horizon(functions: Any, metric: str, initial: str) -> Any:
    return efpep.worst_case(efpep.GD(1), efpep.Setting(functions), 3, metric=metric, at="best", initial=initial)


def methods() -> str:
    """Return a section for each method."""
    return "\n\n".join(_section(key, cls, METHOD_ANSWERS, _literature(cls)) for key, cls in METHODS.members.items())


def compressors() -> str:
    """Return a section for each class of compressors."""
    return "\n\n".join(_section(key, cls, COMPRESSOR_ANSWERS, []) for key, cls in COMPRESSORS.members.items())


def functions() -> str:
    """Return a section for each class of functions."""
    return "\n\n".join(_section(key, cls, FUNCTION_ANSWERS, []) for key, cls in FUNCTIONS.members.items())


def _section(key: str, cls: type[Component], answers: dict[str, Callable[[], Any]], more: list[str]) -> str:
    parameters = ", ".join(f"`{field.name}`" for field in dataclasses.fields(cls)) or "none"
    lines = [f"### {getattr(cls, 'title', '') or cls.__name__} {{ #{key} }}", ""]
    lines += [f"Key `{key}`, in Python `{place(cls)}`; parameters: {parameters}.", "", said(cls), "", *more]
    if key in answers:
        lines += ["Proved when this site was built:", "", "```text", _proved(key, answers[key]()), "```"]
    return "\n".join(lines)


def place(cls: type[Component]) -> str:
    """Return where a class is imported from: efpep itself, or the subpackage of its kind."""
    return f"{'efpep' if cls.__name__ in efpep.__all__ else cls.__module__.rpartition('.')[0]}.{cls.__name__}"


def _literature(cls: type[Method]) -> list[str]:
    found = [f"Theorem: {linked(cls.literature.theorem)}.", ""] if cls.literature.theorem else []
    return [*found, f"Reference: {linked(cls.reference)}.", ""]


def linked(source: str) -> str:
    """Return a source with its arXiv numbers as links."""
    return re.sub(r"(?<![\d.:/])(\d{4}\.\d{5})", r"[arXiv:\1](https://arxiv.org/abs/\1)", source)


def _proved(key: str, answer: Any) -> str:
    """Return an answer as text, without who proposed it and how long that took.

    Raises:
        ArithmeticError: the answer is not proved.
    """
    if answer.verdict is not efpep.Verdict.PROVED:
        raise ArithmeticError(f"{key}: the answer is {answer.verdict.value}, not proved; state another setting.")
    answer.certificate.check()
    return "\n".join(line for line in answer_text(answer).splitlines() if not line.startswith("solver"))
