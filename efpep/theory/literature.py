"""What the literature says of a method: closed forms with their sources, stated once beside the method."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from efpep.errors import EfpepError, InputError, reason
from efpep.model.field import Scalar, shown

if TYPE_CHECKING:
    from efpep.setting import Setting
    from efpep.theory.closed_form import ClosedForm
    from efpep.theory.finite_horizon import HorizonQuestion
    from efpep.theory.statement import RateProof

T = TypeVar("T")


class Titled(Protocol):
    """A method, as far as messages about it go.

    Attributes:
        title: its name, empty where it has none.
    """

    title: str


def _where_any(formula: Callable[[Any, Setting], ClosedForm | None], method: Any, setting: Setting) -> ClosedForm | None:
    """Return a closed form, or None where the setting is none that it is about."""
    try:
        return formula(method, setting)
    except InputError:
        return None


def of_setting(formula: Callable[[Setting], T]) -> Callable[[object, Setting], T]:
    """Return a formula of the setting alone as one of method and setting, which the method's parameters do not change."""

    def stated(method: object, setting: Setting) -> T:
        del method
        return formula(setting)

    return stated


def of_step(formula: Callable[[Setting, Scalar], T]) -> Callable[[Any, Setting], T]:
    """Return a formula of setting and step size as one of method and setting."""

    def stated(method: Any, setting: Setting) -> T:
        return formula(setting, method.step_size)

    return stated


def _no_step_size(method: Titled, setting: Setting) -> ClosedForm:
    del setting
    name = method.title or type(method).__name__
    raise InputError(f"{name} has no closed form of its optimal step size; give step_size as a number.", argument="step_size")


def _no_lyapunov(method: Titled, setting: Setting) -> str:
    del setting
    name = method.title or type(method).__name__
    raise InputError(
        f"the literature has no Lyapunov function for {name} here; give one as a formula, or none for the best.",
        argument="lyapunov",
    )


def _nothing(*question: object) -> None:
    del question


def _stated(name: str, function: object, *, least: bool) -> Callable[..., Any]:
    """Return a function of the literature that says in one sentence where it fails, or returns something else than it should.

    Args:
        name: the field.
        function: the function.
        least: whether it has to return something, and raises an error where it knows nothing.

    Raises:
        InputError: it is no function.
    """
    from efpep.theory.closed_form import ClosedForm

    kind = str if name == "lyapunov" else ClosedForm
    form = "a formula such as '|g|^2'" if kind is str else "ClosedForm(value, 'its formula', 'its source')"
    where = f"the {name} of the method's literature"
    if not callable(function):
        raise InputError(f"{where} is {shown(function)}, which is no function; write one that returns {form}.", argument="method")

    def stated(*question: Any) -> Any:
        try:
            found: Any = function(*question)
        except EfpepError:
            raise
        except (Exception, SystemExit) as error:  # a user's function may raise anything
            raise InputError(f"{where} fails ({reason(error)}); correct it.", argument="method") from error
        if isinstance(found, kind) or (found is None and not least):
            return found
        raise InputError(f"{where} returns {shown(found)}; return {form}{'' if least else ', or None'}.", argument="method")

    return stated


@dataclass(frozen=True, slots=True)
class Literature:
    """What the literature says of one method. Every field but the first and the last is a function, None where nothing is known.

    Functions return a :class:`~efpep.theory.closed_form.ClosedForm`, a number with its formula and its source, because answers
    print all three; ``lyapunov`` returns a formula as text.

    Attributes:
        theorem: the theorems' references, each with what it is about, and whether it is tight.
        optimal_step_size: from a method with its parameters and a setting to the optimal step size. It raises an
            :class:`~efpep.errors.InputError` where there is no closed form for this method in this setting.
        rate: from method and setting to the rate at the optimal step size, or None where there is none.
        rate_at: from a method with a number as its step size, and a setting, to the rate there, or None where there is none.
        stability_limit: from method and setting to the step size below which the method converges linearly and from which on it
            does not, or None if not known.
        lyapunov: from method and setting to the Lyapunov function as a formula (see :mod:`efpep.questions.rate.formula`). It
            raises an :class:`~efpep.errors.InputError` where there is none for this method in this setting.
        horizon_bound: from a question about a number of steps to the bound after them, or None where there is none for this
            question.
        averaging_constant: from the compressors of a setting and the number T of steps, or None for all T, to the K with which
            averages of subgradient steps have a gap of at most ``R^2/(2 gamma T) + gamma M^2 K/2``, or None where there is none.
        decrease: from a method with a number as its step size, and a setting of functions without a minimiser, to an a with
            ``Phi+ <= Phi - a ||grad f(x)||^2`` for some potential, or None where there is none.
        half_decrease_step: from method and setting to a step size up to which ``a >= eta/2``, or None if none is known.
        decrease_limit: from method and setting to the step size below which some a is positive, or None if not known.
        rate_proof: the proof of ``rate_at`` for agents of one kind, at whose formulas certificates are evaluated, or None.
    """

    theorem: str = ""
    optimal_step_size: Callable[[Any, Setting], ClosedForm] = _no_step_size
    rate: Callable[[Any, Setting], ClosedForm | None] = _nothing
    rate_at: Callable[[Any, Setting], ClosedForm | None] = _nothing
    stability_limit: Callable[[Any, Setting], ClosedForm | None] = _nothing
    lyapunov: Callable[[Any, Setting], str] = _no_lyapunov
    horizon_bound: Callable[[HorizonQuestion], ClosedForm | None] = _nothing
    averaging_constant: Callable[[Setting, int | None], ClosedForm | None] = _nothing
    decrease: Callable[[Any, Setting], ClosedForm | None] = _nothing
    half_decrease_step: Callable[[Any, Setting], ClosedForm | None] = _nothing
    decrease_limit: Callable[[Any, Setting], ClosedForm | None] = _nothing
    rate_proof: RateProof | None = None

    def __post_init__(self) -> None:
        """See that every function says what is wrong with it.

        Raises:
            InputError: a field is no function.
        """
        for field in fields(self)[1:-1]:
            given = getattr(self, field.name)
            if given is not field.default:
                least = field.name in {"optimal_step_size", "lyapunov"}
                object.__setattr__(self, field.name, _stated(field.name, given, least=least))

    def known_rate(self, method: Any, setting: Setting) -> ClosedForm | None:
        """Return the rate at the method's step size, a number, or None where there is no closed form of it."""
        return _where_any(self.rate_at, method, setting)

    def known_limit(self, method: Any, setting: Setting) -> ClosedForm | None:
        """Return the stability limit, or None where there is no closed form of it."""
        return _where_any(self.stability_limit, method, setting)

    def known_decrease(self, method: Any, setting: Setting) -> ClosedForm | None:
        """Return a decrease at the method's step size, a number, or None where there is no closed form of it."""
        return _where_any(self.decrease, method, setting)
