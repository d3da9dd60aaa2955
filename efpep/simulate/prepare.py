"""From what a user gives to what a run needs: starting point, step size, seeded operators, names."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from efpep.component import Component
from efpep.compressors.contractive import Contractive
from efpep.compressors.operator import CompressionOperator
from efpep.compressors.operator_protocols import Classified
from efpep.compressors.seeded import Seeded
from efpep.errors import InputError
from efpep.functions.smooth_strongly_convex import SmoothStronglyConvex
from efpep.methods.base import OPTIMAL, Method
from efpep.model.argument import require_kind, require_whole
from efpep.model.compressor_class import Compressor, Loss
from efpep.model.field import shown
from efpep.setting import Setting
from efpep.simulate.problem import DescribedProblem, Dimensioned, Problem, Started, curvatures_of

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

CLIENTS, SERVER, NOISE, PARTICIPATION = 0, 1, 2, 3
"""Which of a run's streams of random numbers an operator draws from."""


def starting_point(problem: Problem, start: ArrayLike | None) -> NDArray[np.float64]:
    """Return the given starting point, else the problem's, else zeros.

    Raises:
        InputError: it is no vector of finite numbers, or none is given and the problem does not say its dimension.
    """
    given = problem.start if start is None and isinstance(problem, Started) else start
    if given is None:
        if not isinstance(problem, Dimensioned):
            raise InputError(
                "start is missing, and the problem names neither a start nor a dimension; give start.", argument="start"
            )
        given = np.zeros(problem.dimension)
    try:
        x0 = np.array(given, dtype=np.float64)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"start is {shown(given)}, which is no vector of numbers; give an array of shape (d,).", argument="start"
        ) from error
    if isinstance(problem, Dimensioned) and x0.ndim == 1 and len(x0) != problem.dimension:
        raise InputError(
            f"start has {len(x0)} numbers, and the problem's dimension is {problem.dimension}; give so many.", argument="start"
        )
    if x0.ndim != 1 or not np.all(np.isfinite(x0)):
        raise InputError(
            f"start of shape {x0.shape} is no vector of finite numbers; give an array of shape (d,).", argument="start"
        )
    return x0


def with_step_size(method: Method, problem: Problem, compressor: object, clients: int, dimension: int) -> Method:
    """Return the method with numbers for ``"optimal"`` parameters: the literature's for the problem's constants.

    Raises:
        InputError: there is none, or a constant that it needs is not known.
    """
    if not method.unresolved():
        return method
    return method.resolved(setting_of(method, problem, compressor, clients, dimension))


def setting_of(
    method: Method, problem: Problem, compressor: object, clients: int, dimension: int, *, rule: str = OPTIMAL
) -> Setting:
    """Return the setting whose closed forms give a step size: the problem's mu and L, and the operator's class.

    Raises:
        InputError: a constant that the step size called ``rule`` needs is not known.
    """
    curvatures = curvatures_of(problem)
    if curvatures is None:
        raise InputError(
            f"the step size is {rule!r}, which depends on mu > 0 and L, and the problem lacks one; give a number.",
            argument="step_size",
        )
    declared: Compressor = Contractive(1)
    if method.compresses:
        if not isinstance(compressor, Classified):
            raise InputError(
                f"the step size is {rule!r}, which depends on the compressor's class; give an operator or a number.",
                argument="step_size",
            )
        declared = compressor.belongs_to(dimension)
        if declared.loss is Loss.ORTHOGONAL:  # the closed forms are those of the larger class
            declared = Contractive(declared.contraction)
    return Setting(SmoothStronglyConvex(*curvatures), declared, clients)


def proved_curvatures(problem: Problem) -> tuple[float, float]:
    """Return the problem's mu and L.

    Raises:
        InputError: it lacks one.
    """
    found = curvatures_of(problem)
    if found is None:
        raise InputError(
            f"{described(problem)} lacks mu > 0 or L, on which proved rates depend; take another problem.", argument="problem"
        )
    return found


def declared_class(compressor: object, dimension: int) -> Compressor:
    """Return the class of compressors on ``R^dimension`` that an operator declares.

    Raises:
        InputError: it is no operator that declares one.
    """
    if compressor is None or isinstance(compressor, type):
        raise InputError(
            "the method compresses, and the compressor is missing or no operator; give one such as TopK(2).",
            argument="compressor",
        )
    if not isinstance(compressor, Classified):
        raise InputError(
            f"compressor is {shown(compressor)}, which does not say to which class of compressors it belongs, and what is proved "
            f"depends on that; give it a method belongs_to(dimension) that returns one, such as Contractive(delta='1/2').",
            argument="compressor",
        )
    found = compressor.belongs_to(dimension)
    require_kind(found, Compressor, "what belongs_to of the compressor returns", "one such as Contractive(delta='1/2')")
    return found


def seeded(compressor: Any, seed: int, whose: int, first: int = 0) -> Any:
    """Return an operator with its stream of a run's random numbers; anything else as it is.

    Raises:
        InputError: it is no operator, a class of compressors for instance.
    """
    if compressor is None or (callable(compressor) and not isinstance(compressor, CompressionOperator | type)):
        return compressor
    if not isinstance(compressor, CompressionOperator):
        raise InputError(
            f"the compressor is {shown(compressor)}, which is not an operator that acts on arrays; give one such as TopK(10).",
            argument="compressor",
        )
    return Seeded(compressor, (seed, whose), first)


def described(part: Any) -> str:
    """Return how a method, problem or operator is called in descriptions."""
    if part is None:
        return "none"
    if isinstance(part, Component):
        given = {name: text for name, text in part.describe().items() if name != "class"}
        return f"{part.identifier()}:{','.join(f'{name}={text}' for name, text in given.items())}".rstrip(":")
    return str(part.description) if isinstance(part, DescribedProblem) else type(part).__name__


def chosen(known: list[str], record: Sequence[str] | None) -> list[str]:
    """Return what is recorded.

    Raises:
        InputError: something that is not known here.
    """
    if record is None:
        return known
    if isinstance(record, str) or not isinstance(record, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
        raise InputError(f"record is {shown(record)}, which is no list; give names such as ['gap'].", argument="record")
    for name in record:
        if name not in known:
            raise InputError(
                f"record has {shown(name)}, which this run does not know; choose from {', '.join(known)}.", argument="record"
            )
    return [name for name in known if name in record]


def check_whole(name: str, number: object, least: int) -> None:
    """Refuse what is not a whole number of at least ``least``; None is none.

    Raises:
        InputError: it is not.
    """
    if number is not None:
        require_whole(number, name, least)
