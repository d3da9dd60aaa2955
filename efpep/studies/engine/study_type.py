"""A type of studies: what in a file makes it one, how its questions are answered, and how its report is written.

A type is one object, of a subclass of :class:`StudyType`; :mod:`efpep.studies.engine.kinds` lists them. ``efpep run``,
``efpep table`` and ``efpep figure`` read a file once, look up its type there, and ask it for everything else.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Generic, TypeAlias, TypedDict, TypeVar, Unpack

from efpep.errors import InputError
from efpep.report.layout import Keys
from efpep.studies.engine.figure_keys import FigureKeys
from efpep.studies.engine.load import toml_of
from efpep.studies.engine.store import Store
from efpep.studies.engine.sweep import Progress, Swept, swept
from efpep.studies.engine.task import Outcome, Task, TaskState
from efpep.studies.engine.workers import Dask, Local, Workers

S = TypeVar("S")
"""A study, as its file says it."""
S_co = TypeVar("S_co", covariant=True)
T_co = TypeVar("T_co", bound=Task, covariant=True)

Sweep: TypeAlias = Callable[[Sequence[Task]], Swept]
"""Whatever answers tasks."""


@dataclass(frozen=True, slots=True)
class Answered(Generic[S_co, T_co]):
    """A study with what became of its questions.

    Attributes:
        study: what was asked.
        tasks: the questions.
        outcomes: what became of each.
        stored: how many answers came from the store.
        seconds: how long the sweep took.
        unchecked: whether answers from the store were used without a check of their certificates.
    """

    study: S_co
    tasks: tuple[T_co, ...]
    outcomes: tuple[Outcome, ...]
    stored: int
    seconds: float
    unchecked: bool

    def count(self, state: TaskState) -> int:
        """Return how many questions are in a state."""
        return sum(outcome.state is state for outcome in self.outcomes)

    def reasons(self, *states: TaskState) -> list[str]:
        """Return one line for each question that is in one of the states and has a reason for it; for all states without any."""
        pairs = zip(self.tasks, self.outcomes, strict=True)
        return [f"{o.state.value}: {t.label()}: {o.reason}" for t, o in pairs if o.reason and o.state in (states or TaskState)]


A = TypeVar("A", bound="Answered[object, Task]")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A figure that was written.

    Attributes:
        files: the PDF, the PNG, the SVG and the CSV.
        described: what ``--json`` says of it besides title and files.
        remarks: what there is to say to a reader.
        settled: whether every point has an answer.
    """

    files: tuple[Path, ...]
    described: Mapping[str, object]
    remarks: Sequence[str]
    settled: bool


class Storing(TypedDict, total=False):
    """The options about the results store; see :class:`Options`."""

    store: str | Path | None
    recheck: bool
    trust_store: bool


class Answering(Storing, total=False):
    """The options of functions that answer a study; see :class:`Options`."""

    jobs: int | None
    dask: str | None
    progress: Callable[[Progress], None] | None


@dataclass(frozen=True, slots=True)
class Options:
    """How the questions of a study are answered.

    Attributes:
        jobs: how many processes; the machine's cores without it.
        dask: answer on a Dask cluster instead: ``"local:N"``, or the address of a scheduler.
        store: the results store, from which an interrupted sweep goes on; the one in the user's cache folder without it.
        recheck: whether a stored answer that does not hold is an error, and stored runs are made again and compared.
        trust_store: whether answers from the store are used without a check of their certificates.
        progress: called before the first question and after every batch.
    """

    jobs: int | None = None
    dask: str | None = None
    store: str | Path | None = None
    recheck: bool = False
    trust_store: bool = False
    progress: Callable[[Progress], None] | None = None

    def sweep(self, tasks: Sequence[Task]) -> Swept:
        """Answer tasks.

        Raises:
            InputError: jobs and a cluster are both given, or the store is damaged.
            UnavailableError: Dask is not available here.
        """
        workers = self.workers()
        with Store(self.store) as kept:
            return swept(tasks, workers, kept, self.progress, recheck=self.recheck, trust_store=self.trust_store)

    def workers(self) -> Workers:
        """Return who answers: so many processes of this machine, or a Dask cluster.

        Raises:
            InputError: both are given.
        """
        if self.dask is None:
            return Local(self.jobs)
        if self.jobs is not None:
            raise InputError(
                "jobs and dask are both given, and each says who answers; give one of them.", argument=("jobs", "dask")
            )
        return Dask(self.dask)


class StudyType(ABC, Generic[S, A]):
    """Base of the types of studies.

    Attributes:
        about: what its studies are about, for messages.
        points: what its questions are called.
        answers: what its answers are called, where they stand in a table or a figure.
        function: the function of efpep's that answers its files; empty for none.
        goes_on: how an interrupted study goes on.
        named: the states whose questions are named with their reasons after the answer; empty for all.
        shown: how many of them are named one by one; None for all.
        more: what follows where there are more.
    """

    about: ClassVar[str]
    points: ClassVar[str]
    answers: ClassVar[str] = "rates"
    function: ClassVar[str] = ""
    goes_on: ClassVar[str] = "the same command goes on from there"
    named: ClassVar[tuple[TaskState, ...]] = (TaskState.FAILED,)
    shown: ClassVar[int | None] = None
    more: ClassVar[str] = "."

    @abstractmethod
    def read(self, path: str | Path, parsed: Mapping[str, object]) -> S:
        """Return what the tables of a file say.

        Raises:
            InputError: naming the file, and the key that is wrong.
            UnavailableError: a class of the user's cannot be imported here.
        """

    def sampled(self, study: S, every: int) -> S:
        """Return the study of every so many-th question.

        Raises:
            InputError: the type asks all or nothing, or ``every`` is below 1.
        """
        del study, every
        raise InputError(f"a study of {self.about} has no samples; leave the sample out.", argument="sample")

    @abstractmethod
    def answer(self, path: str | Path, study: S, sweep: Sweep) -> A:
        """Answer the questions of a study that was read from ``path``.

        Raises:
            InputError: the questions are impossible.
        """

    @abstractmethod
    def text(self, found: A) -> str:
        """Return the answer for a reader."""

    @abstractmethod
    def described(self, found: A) -> dict[str, object]:
        """Return the answer as a JSON object."""

    def settled(self, found: A) -> bool:
        """Return whether every question has an answer."""
        return not found.count(TaskState.UNDECIDED) + found.count(TaskState.FAILED)

    def load(self, path: str | Path) -> S:
        """Read a study file of this type.

        Raises:
            InputError: naming the file, and the key or the line that is wrong.
            UnavailableError: a class of the user's cannot be imported here.
        """
        return self.read(path, toml_of(path))

    def answer_file(self, path: str | Path, options: Options) -> A:
        """Answer a study file of this type.

        Raises:
            InputError: the file is malformed or asks an impossible question, or the store is damaged.
            UnavailableError: a class, a solver or Dask is not available here.
        """
        return self.answer(path, self.load(path), options.sweep)

    def time(self, found: A) -> str:
        """Return how long the sweep took, on one line."""
        return f"time {found.seconds:.1f} s, {found.stored} of {len(found.outcomes)} from the store."

    def remarks(self, found: A, *, as_json: bool) -> list[str]:
        """Return what there is to say besides the answer: the time, and which questions failed."""
        return [*([] if as_json else [self.time(found)]), *self.without_answer(found)]

    def without_answer(self, found: A) -> list[str]:
        """Return the questions without an answer, with the reason."""
        lines = found.reasons(*self.named)
        kept = lines[: self.shown]
        return kept if len(kept) == len(lines) else [*kept, f"... and {len(lines) - len(kept)} more{self.more}"]

    def check_report(self) -> None:
        """Refuse to write a report where the type has none.

        Raises:
            InputError: it has none.
            UnavailableError: what writes it is not installed.
        """

    def save(self, found: A, folder: Path) -> str:
        """Write the report to a folder, and return what was written as one sentence.

        Raises:
            InputError: a file cannot be written, or the type has no report.
        """
        del found, folder
        raise InputError(f"a study of {self.about} has no report; print its table with 'efpep table'.", argument="report")

    def renderer(self, path: str | Path, study: S, form: str, **layout: Unpack[Keys]) -> Callable[[A], str]:
        """Return what writes the table of a study read from ``path``, as ``md``, ``html``, ``csv``, ``latex`` or ``json``.

        Raises:
            InputError: the type has no table, or there is no such form, or no such layout of what the study asks.
        """
        del study, form, layout
        raise self.of_no_rates(path)

    def check_figure(self, path: str | Path, study: S, keys: FigureKeys) -> None:
        """Refuse to draw where the study declares no figure, the type has none, or the ``keys`` do not fit.

        Raises:
            InputError: there is none.
            UnavailableError: matplotlib is not installed.
        """
        del study, keys
        raise self.of_no_rates(path)

    def draw(self, found: A, output: str | Path, keys: FigureKeys) -> Drawn:
        """Draw the figure, where :meth:`check_figure` allows it, as PDF, PNG and SVG with its numbers as CSV beside them.

        Args:
            found: the answers.
            output: where it goes.
            keys: keys of ``[figure]`` that take the place of the study's.

        Raises:
            InputError: the figure does not fit the answers, a file cannot be written, or the type has no figure.
        """
        del found, output, keys
        raise InputError(f"a study of {self.about} has no figure; answer it with 'efpep run'.")

    def of_no_rates(self, path: str | Path) -> InputError:
        """Return the error that a file of this type is none of rates."""
        also = f" or {self.function}" if self.function else ""
        return InputError(
            f"{path} is a study of {self.about}, not one of rates; answer it with 'efpep run'{also}.", argument="path"
        )


def names_of(files: Iterable[Path]) -> str:
    """Return the names of written files, for a sentence."""
    return ", ".join(file.name for file in files)
