"""The schema of studies over a grid: methods, classes, quantities and groups, and what is asked about them.

    title = "EF21 after a few steps"
    question = "worst-case"               # the verb that asks it on the command line; "rate" without it
    methods = ["ef21"]                    # or tables: { class = "module:Class", parameter = "1/2" }
    functions = "gradient-dominated"      # or a table { class = "module:Class", parameter = 2 }
    compressor = { class = "unbiased", omega = 1 }
    server_compressor = { class = "contractive", delta = "1/2" }
    solver = "clarabel"
    digits = 6                            # decimals that tables for readers print, where they are proved
    seconds = 60                          # with step_size = "tuned": the time for the search of one cell's step size
    iterations = [1, 2, 5]                # keys of the question: the fields of its form, some of them one or several

    [grid]
    kappa = [2, 10, 100]                  # L/mu; or give mu itself
    L = 1
    delta = ["1/100", 0.5]
    agents = 10
    step_size = "optimal"                 # or "tuned", or numbers; or step_size_factor, multiples of the optimal step size

    [[groups]]                            # instead of grid.agents: classes of agents with constants of their own
    share = "7/10"
    mu = 0.1                              # or a compressor or functions of their own

    [table]                               # how `efpep table` lays it out
    columns = ["rho", "iterations"]       # of rates: step, rho, iterations, ratio, difference, lower, upper, verdict
    digits = 4                            # instead of the study's
    pivot = "kappa"                       # what stands across: method, kappa, delta, agents, step_size, ...; or none
    reference = "ef"                      # of rates: what ratios and differences are taken to; or a value, as "kappa=10"
    best = true                           # of rates: the smallest bound of each setting is bold
    notes = true                          # below it the digest of the certificates and the command
    caption = "Rates of EF21."            # instead of the title and what the numbers mean
    short_caption = "Rates"               # what LaTeX's list of tables says
    label = "tab:rates"

Every combination is asked about, once. Which keys a question has, its kinds say, each in its module ``study``. Numbers are
integers, decimals, or fractions in quotes, and are read exactly.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated, Any, cast

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field, StringConstraints, ValidationInfo, create_model

from efpep.compressors import COMPRESSORS
from efpep.errors import InputError
from efpep.functions import FUNCTIONS
from efpep.methods import METHODS, Method
from efpep.methods.base import OPTIMAL
from efpep.model.field import positive, rational, shown, whole
from efpep.questions.common.study_form import AnyForm, Key
from efpep.questions.kinds import VERBS
from efpep.report.layout import TableLayout
from efpep.studies.engine.load import Section, listed
from efpep.studies.engine.setting import component_table


def _number(value: object, info: ValidationInfo) -> Fraction:
    return rational(value, info.field_name or "a number")


def _positive(value: object, info: ValidationInfo) -> Fraction:
    return positive(value, info.field_name or "a number")


def _step(value: object) -> Fraction | str:
    if isinstance(value, str) and value.isalpha():
        if value in {OPTIMAL, TUNED}:
            return value
        raise InputError(
            f"step_size is {shown(value)}; give a number, 'optimal' for the literature's, or 'tuned' for the best one found.",
            argument="step_size",
        )
    return rational(value, "step_size")


def _count(value: object, info: ValidationInfo) -> int:
    return whole(value, info.field_name or "a count")


def _method(value: object) -> dict[str, Any]:
    table: dict[str, Any] = cast("dict[str, Any]", value) if isinstance(value, dict) else {"class": value}
    METHODS.build({name: part for name, part in table.items() if (name, part) != ("step_size", TUNED)})
    return table


def _functions(value: object) -> dict[str, object]:
    return component_table("functions", value)


def _compressor(value: object) -> dict[str, object]:
    return component_table("compressor", value)


def _server(value: object) -> dict[str, object]:
    table = component_table("compressor", value)
    COMPRESSORS.build(table)
    return table


TUNED = "tuned"
"""The step size of a cell that is the best one found there."""

Number = Annotated[Fraction, BeforeValidator(_number)]
Step = Annotated[Fraction | str, BeforeValidator(_step)]
Count = Annotated[int, BeforeValidator(_count)]
Numbers = Annotated[list[Number], BeforeValidator(listed), Field(min_length=1)]
Steps = Annotated[list[Step], BeforeValidator(listed), Field(min_length=1)]
Counts = Annotated[list[Count], BeforeValidator(listed), Field(min_length=1)]
Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Functions = Annotated[dict[str, object], BeforeValidator(_functions)]
Compression = Annotated[dict[str, object], BeforeValidator(_compressor)]
ServerCompression = Annotated[dict[str, object], BeforeValidator(_server)]


class Grid(Section):
    """The quantities of a study, each with one or several values.

    Attributes:
        kappa: condition numbers ``L/mu``; instead of ``mu``.
        mu: strong convexities; instead of ``kappa``.
        L: smoothness constants.
        delta: contraction parameters of the compressors.
        agents: numbers of exchangeable agents.
        step_size: numbers, ``"optimal"`` for the literature's, or ``"tuned"`` for the best one that is found for the cell.
        step_size_factor: multiples of every method's optimal step size; instead of ``step_size``.
    """

    kappa: Numbers | None = None
    mu: Numbers | None = None
    L: Numbers | None = None
    delta: Numbers | None = None
    agents: Counts | None = None
    step_size: Steps | None = None
    step_size_factor: Numbers | None = None


class GroupTable(Section):
    """A class of agents: its size, and the constants and classes in which it differs from the others."""

    count: Count | None = None
    share: Number | None = None
    mu: Number | None = None
    L: Number | None = None
    delta: Number | None = None
    functions: Functions | None = None
    compressor: Compression | None = None


class LayoutTable(Section):
    """How the study's table is laid out; see :class:`efpep.report.layout.TableLayout`."""

    columns: Annotated[list[Text], BeforeValidator(listed)] | None = None
    digits: Annotated[int, Field(strict=False)] | None = None
    pivot: Text | None = None
    reference: Text | None = None
    best: bool = False
    notes: bool = False
    caption: Text | None = None
    short_caption: Text | None = None
    label: Text | None = None

    def layout(self) -> TableLayout:
        """Return the layout.

        Raises:
            InputError: there is no such column, or no such label.
        """
        return TableLayout().changed(**self.model_dump())  # pyright: ignore[reportArgumentType]


def _laid_out(value: LayoutTable) -> LayoutTable:
    value.layout()
    return value


class GridStudy(Section):
    """What a study file of questions over a grid says, whatever is asked.

    Attributes:
        title: what the table is called.
        question: what is asked, a verb of :data:`efpep.questions.kinds.VERBS`.
        methods: descriptions of methods: ``{"class": key, **parameters}``.
        functions: the agents' function class, ``{"class": key, **parameters}``; None for smooth strongly convex.
        mean: the class of the agents' average f, whose ``mu`` and ``L`` are the grid's; None for none.
        compressor: the agents' compressor class; None for contractive.
        server_compressor: the server's compressor class; None for none.
        solver: the solver, as for :func:`efpep.rate`.
        digits: how many decimals tables for readers ask for.
        seconds: how long the search for the best step size of one cell may take.
        grid: the quantities.
        groups: classes of agents; instead of ``grid.agents``.
        table: how the table is laid out.
    """

    title: str = Field(min_length=1)
    question: str = "rate"
    methods: list[Annotated[dict[str, Any], BeforeValidator(_method)]] = Field(min_length=1)
    functions: Functions | None = None
    mean: Functions | None = None
    compressor: Compression | None = None
    server_compressor: ServerCompression | None = None
    solver: str = "clarabel"
    digits: int = Field(default=6, ge=1, le=15, strict=False)
    seconds: Annotated[Fraction, BeforeValidator(_positive)] | None = None
    grid: Grid
    groups: list[GroupTable] = Field(default=[])
    table: Annotated[LayoutTable, AfterValidator(_laid_out)] | None = None

    @property
    def given(self) -> dict[str, object]:
        """The keys of the question that the file gives."""
        values = {name: getattr(self, name) for kind in VERBS[self.question] for name in kind.form().readers()}
        return {name: value for name, value in values.items() if value is not None}

    def form(self, method: type[Method]) -> type[AnyForm]:
        """Return the form of the kind of question that the verb asks of a method.

        Raises:
            InputError: it asks none.
        """
        functions = None if self.functions is None else FUNCTIONS.find(str(self.functions["class"]))
        for kind in VERBS[self.question]:
            if kind.form().asks(method, functions):
                return kind.form()
        raise InputError(f"'efpep {self.question}' asks nothing of {method.title or method.__name__}; take another method.")

    def functions_of(self, method: type[Method]) -> object:
        """Return the function class of a method's questions; the usual one of the kind where no constant names another."""
        given = self.functions is not None or self.mean is not None or self.grid.kappa is not None or self.grid.mu is not None
        return self.functions if given else self.form(method).functions(method)


def schema(question: object, base: type[GridStudy] = GridStudy) -> type[GridStudy]:
    """Return the schema of studies of what a verb asks: besides the keys of all studies those of its kinds.

    Raises:
        InputError: there is no such verb.
    """
    if not isinstance(question, str) or question not in VERBS:
        raise InputError(f"question is {shown(question)}, which no study asks; choose one of {', '.join(VERBS)}.")
    keys = {name: how for kind in VERBS[question] for name, how in kind.form().readers().items()}
    fields: dict[str, Any] = {name: (_read(name, how) | None, None) for name, how in keys.items()}
    make: Any = create_model
    return make("Study", __base__=base, question=(str, question), **fields)


def _read(name: str, how: Key) -> Any:
    """Return the type of a key: whatever its kind reads, or a list of that."""

    def read(value: object) -> object:
        return how.read(value, name)

    one: Any = Annotated[Any, BeforeValidator(read)]
    return Annotated[list[one], BeforeValidator(listed), Field(min_length=1)] if how.several else one


TABLES: dict[str, type[BaseModel]] = {"grid": Grid, "groups": GroupTable, "table": LayoutTable}
"""The schemas of a study's tables."""
