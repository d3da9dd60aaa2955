"""What a method is: a frozen dataclass of parameters, a state, and one ``step`` written once for every use.

``step`` talks to a :class:`Run`. Behind it stands the recording Trace (worst-case analysis, over rationals, floats or
symbols), a numeric run on NumPy arrays, or PEPit's points (cross-checks).
"""

from __future__ import annotations

import contextlib
from abc import abstractmethod
from collections.abc import Callable, Collection, Mapping
from dataclasses import MISSING, asdict, dataclass, fields, replace
from fractions import Fraction
from typing import TYPE_CHECKING, Any, ClassVar, Protocol, Self, TypeAlias, TypeVar

from efpep.component import Component
from efpep.errors import InputError
from efpep.methods.declared import check_declared
from efpep.methods.memory import Memory
from efpep.methods.parameters import Range, read_parameter
from efpep.model.claim_sentences import named
from efpep.model.column import Unit
from efpep.model.field import Scalar, is_symbolic, rational, rounded, shown
from efpep.model.participation import Participants
from efpep.theory.literature import Literature

if TYPE_CHECKING:
    from efpep.setting import Setting
    from efpep.theory.closed_form import ClosedForm

Vec: TypeAlias = Any
"""A vector of whatever stands behind the run; it has ``+``, ``-``, unary minus and multiplication by scalars."""

M = TypeVar("M", bound="Method")

_DIGITS = 17
"""The digits to which closed forms are rounded."""
OPTIMAL = "optimal"
LITERATURE = "literature"
WEIGHTS, INTERPOLATION = "weights", "interpolation"
"""What may make Lyapunov functions nonnegative; see :class:`efpep.questions.rate.lyapunov_class.LyapunovClass`."""


class Run(Protocol):
    """What a distributed method may do in one iteration."""

    def local(self, x: Vec) -> Vec:
        """Give every client its own copy of the server point ``x``: a client vector of points."""
        ...

    def gradient(self, x: Vec) -> Vec:
        """Evaluate every client's gradient at the server point ``x``, or at its own point: a client vector."""
        ...

    def compress(self, v: Vec) -> Vec:
        """Compress each client's message: a client vector."""
        ...

    def participate(self, p: Scalar | None = None, *, count: int | None = None, together: bool = False) -> Participants:
        """Draw who takes part: each client with probability ``p``, independently, or ``count`` of all without replacement.

        With ``together`` one coin decides for all: everybody takes part with probability ``p``, or nobody.
        """
        ...

    def exceeding(self, v: Vec, u: Vec, factor: Scalar) -> Participants:
        """Let every client compare two of its own vectors: those with ``||v_i||^2 > factor ||u_i||^2`` send ``v_i``."""
        ...

    def mean(self, v: Vec) -> Vec:
        """Average a client vector over the clients: a server vector."""
        ...

    def compress_at_server(self, v: Vec) -> Vec:
        """Compress a server vector with the server's compressor."""
        ...

    def constraint_value(self, x: Vec) -> Scalar:
        """Evaluate the constraint ``mean_i g_i(x)`` at the server point ``x``: a scalar at the server."""
        ...

    def constraint_gradient(self, x: Vec) -> Vec:
        """Evaluate a subgradient of every client's ``g_i`` at the server point ``x``: a client vector."""
        ...

    def at_most(self, value: Scalar, threshold: Scalar) -> bool:
        """Whether a scalar at the server is at most a number; the Trace is told by its pattern and records the inequality."""
        ...

    def positive_part(self, value: Scalar) -> Scalar:
        """Return ``max(0, value)`` of a scalar at the server; refused by recordings, which cannot multiply by unknown scalars."""
        ...

    def project(self, x: Vec) -> Vec:
        """Project a server point onto the feasible set: a server vector."""
        ...


@dataclass(frozen=True, slots=True)
class Analysis:
    """A kind of potential functions: how ``efpep.potential`` analyses the methods that name it.

    Attributes:
        key: its name; :data:`efpep.questions.potentials.ANALYSES` has the analysis.
        functions: the function class of questions that name none.
    """

    key: str
    functions: str


GROWING = Analysis("growing", "smooth-convex")
"""``Phi_t = A_t (f(x_t) - f*)`` plus a quadratic in the features that may differ from step to step."""

AVERAGING = Analysis("one-step", "bounded-subgradients")
"""``||xt - x*||^2`` of the method's virtual iterate plus one quadratic in its memories, for the average of subgradient steps."""


@dataclass(frozen=True)
class Method(Component):
    """Base of all methods: parameters, the state's memories, and one iteration.

    A subclass gives ``key``, ``title``, ``memories``, a ``State`` named tuple whose first field is ``x``, and ``step``.

    Attributes:
        step_size: the step size, a number, or ``"optimal"`` for the literature's closed form.
        common_minimiser: whether the method is analysed for agents that all share one minimiser.
        compresses: whether clients compress what they send.
        compresses_at_server: whether the server does; None where a method does not say.
        projects: whether the method projects onto a closed convex set, over which the minimiser is meant.
        ranges: where the parameters besides the step size may lie; those named here are read and checked.
        closed_forms: from method and setting to what ``"optimal"`` stands for, by parameter besides the step size; other
            parameters are numbers.
        positivity: what makes the Lyapunov functions nonnegative that :func:`efpep.rate` searches where it is not told.
        potential: the kind of its analysis by potential functions.
        numeric_only: whether the method only runs, because no worst-case analysis of it can be made; or why, as words that follow
            its name.
        queried: the name of the point that :meth:`query` returns, where rates know the gradient and the value there too, as
            ``g(y)`` and ``f(y)``; empty where they do not.
        lazy: whether clients decide by their own vectors whether they send (:meth:`Run.exceeding`), of which proofs know an
            inequality and no more.
        counted: whether the state has a field ``t``, the number of steps taken, on which the next step depends.
        literature: what the literature says of the method in closed form.
    """

    title: ClassVar[str] = ""
    reference: ClassVar[str] = ""
    memories: ClassVar[tuple[Memory, ...]] = ()
    common_minimiser: ClassVar[bool] = False
    projects: ClassVar[bool] = False
    compresses: ClassVar[bool] = True
    compresses_at_server: ClassVar[bool | None] = None
    ranges: ClassVar[Mapping[str, Range]] = {}
    closed_forms: ClassVar[Mapping[str, Callable[[Any, Setting], ClosedForm]]] = {}
    positivity: ClassVar[str] = WEIGHTS
    potential: ClassVar[Analysis] = GROWING
    numeric_only: ClassVar[bool | str] = False
    queried: ClassVar[str] = ""
    lazy: ClassVar[bool] = False
    counted: ClassVar[bool] = False
    literature: ClassVar[Literature] = Literature()
    State: ClassVar[Any]

    step_size: Scalar = OPTIMAL

    def __post_init__(self) -> None:
        """Read the parameters exactly and check their ranges.

        Raises:
            InputError: the class declares something that it cannot, or a parameter is no number or out of its range.
        """
        check_declared(type(self))
        unresolved = self.unresolved()
        for name, interval in self.ranges.items():
            if name not in unresolved:
                read_parameter(self, name, **asdict(interval))
        if "step_size" in unresolved or is_symbolic(self.step_size):
            return
        step = rational(self.step_size, "step_size")
        if step < 0:
            raise InputError(
                f"step_size is {shown(step)}, but a step size is not negative; give a number >= 0 or 'optimal'.",
                argument="step_size",
            )
        object.__setattr__(self, "step_size", step)

    @property
    def tunable(self) -> tuple[str, ...]:
        """The names of the parameters that a search may vary: the step size, and those with a range that count nothing."""
        whole = self.whole_parameters
        return ("step_size", *(name for name in self.ranges if name not in whole))

    @property
    def whole_parameters(self) -> frozenset[str]:
        """The names of the parameters whose range has whole numbers alone."""
        return frozenset(name for name, interval in self.ranges.items() if interval.whole)

    @property
    def draws(self) -> bool:
        """Whether not all clients take part in every step (:meth:`Run.participate`), so that claims are about expectations.

        A class whose steps draw who takes part says ``draws = True``.
        """
        return False

    @classmethod
    def missing(cls) -> list[str]:
        """Return the names of what a subclass has to define and this class does not."""
        return [*super().missing(), *(["State"] if not hasattr(cls, "State") else [])]

    @abstractmethod
    def step(self, state: Any, run: Run) -> Any:
        """Return the state after one iteration."""

    @abstractmethod
    def start(self, x: Vec, run: Run) -> Any:
        """Return the state in which a run from the point ``x`` begins."""

    def virtual(self, state: Any, run: Run) -> Vec:
        """Return the server point that moves by exactly ``-step_size`` times the mean subgradient, where the method has one.

        Raises:
            InputError: the method has none.
        """
        del state, run
        raise InputError(
            f"{self.title or type(self).__name__} has no virtual iterate, on which the one-step potential rests; "
            "define virtual(state, run), or take a method such as SafeEF.",
            argument="method",
        )

    def weight(self, t: int) -> Scalar:
        """Return ``a_t``, what step t (the first is step 1) counts in growing potentials: the step size."""
        del t
        return self.step_size

    def total(self, t: int) -> Scalar:
        """Return ``A_t``, the sum of the weights of the first t steps."""
        return sum((self.weight(k) for k in range(1, t + 1)), 0 * self.step_size)

    def query(self, state: Any) -> Vec:
        """Return the server point at which the next step evaluates gradients; it depends on points of the state only."""
        return state.x

    def unresolved(self) -> list[str]:
        """Return the names of the parameters that are ``"optimal"``, for which numbers come from a setting."""
        given = {name: getattr(self, name) for name in ("step_size", *self.closed_forms)}
        return [name for name, value in given.items() if isinstance(value, str) and value == OPTIMAL]

    def resolved(self, setting: Setting, known: ClosedForm | None = None) -> Self:
        """Return the method with ``"optimal"`` replaced by the closed form rounded to a rational of 17 digits.

        Args:
            setting: the setting.
            known: the closed form of the step size, where it has been evaluated already.
        """
        formulas = {"step_size": self.literature.optimal_step_size, **self.closed_forms}
        forms = {} if known is None else {"step_size": known}
        found = {name: rounded((forms.get(name) or formulas[name](self, setting)).value, _DIGITS) for name in self.unresolved()}
        return replace(self, **found) if found else self

    def usual(self, setting: Setting) -> list[str]:
        """Return the names of the parameters besides the step size that have the values of their closed forms in a setting."""
        found: list[str] = []
        for name, form in self.closed_forms.items():
            value = getattr(self, name)
            with contextlib.suppress(InputError):  # without a closed form here, nothing is usual
                if value == OPTIMAL or value == rounded(form(self, setting).value, _DIGITS):
                    found.append(name)
        return found

    def other_parameters(self, known: Collection[str] = ()) -> str:
        """Return the parameters besides the step size, such as ``"beta = 0 (the default)"``; nothing where there are none.

        Args:
            known: the names of those that are left out, because they are said elsewhere.
        """
        told = {name: text for name, text in self.describe().items() if name not in {"class", "step_size", *known}}
        marks = dict.fromkeys(self.defaults(), " (the default)")
        return ", ".join(f"{name} = {text}{marks.get(name, '')}" for name, text in told.items() if text not in {"", "none"})

    def defaults(self) -> list[str]:
        """Return the names of the parameters besides the step size whose values are the defaults."""
        held = {field.name: field.default for field in fields(self) if field.name != "step_size"}
        return [name for name, default in held.items() if default is not MISSING and getattr(self, name) == default]

    def called(self) -> str:
        """Return the name, with the module of a class from outside efpep, whose title anybody may choose."""
        name = self.title or type(self).__name__
        return f"{name} ({self.identifier()})" if self.foreign() else name

    def named(self) -> str:
        """Return the name with all parameters, as sentences about the method begin."""
        return named(self.claimed())

    def claimed(self) -> dict[str, object]:
        """Return the name and all parameters for :mod:`efpep.model.claim_sentences`; those that are empty are left out."""
        table = {name: value for name, value in self.table().items() if name not in {"class", "step_size"}}
        others = {name: value for name, value in table.items() if value not in {"", "none"}}
        step = self.step_size if isinstance(self.step_size, Fraction) else str(self.step_size)
        return {"method": self.called(), "step size": step, "other parameters": others}

    def subject(self, setting: Setting) -> str:
        """Return the name with all parameters, and who takes part, as sentences begin."""
        return f"{self.named()} {setting.statement()}"


__all__ = [
    "GROWING",
    "INTERPOLATION",
    "LITERATURE",
    "OPTIMAL",
    "WEIGHTS",
    "Analysis",
    "Memory",
    "Method",
    "Range",
    "Run",
    "Unit",
    "Vec",
    "read_parameter",
]
