"""The engine of sweeps: many tasks, answered in parallel, each kept as soon as it is known.

A *task* (:class:`efpep.studies.engine.task.Task`) is a frozen dataclass that says what is asked, as a canonical JSON object, and
how it is answered and checked. Whatever can be put so is swept by this engine:

    @dataclass(frozen=True)
    class Square(Task):
        kind = "square"
        number: int

        def describe(self):
            return {"number": str(self.number)}          # everything that the answer depends on, solver and tolerances too

        def answer(self):
            return Outcome(TaskState.PROVED, {"square": str(self.number**2)})

        def recheck(self, outcome):
            if outcome.value["square"] != str(self.number**2):
                raise CertificateError("the square is wrong.")

    with Store(path) as store:
        outcomes = sweep([Square(k) for k in range(1000)], Local(jobs=2), store, show)

Outcomes come in the tasks' order. Tasks that are the same question (:meth:`Task.key`) are asked once, and answers in the store
are not asked again. *Workers* (:mod:`efpep.studies.engine.workers`) are :class:`Serial`, :class:`Local` (joblib) or
:class:`Dask`. Cheap tasks travel in batches of about half a second; the parent alone writes to the store, after every batch. So
what is lost when workers or the parent are killed is at most what was in flight. A task in flight when a worker died is asked
again; one that keeps killing its worker while it is alone becomes a failed point. Failed points are not stored, the next sweep
asks them again.
"""

from __future__ import annotations

import logging
import math
import random
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, CancelledError, Future, wait
from dataclasses import dataclass, field, replace

from efpep.errors import EfpepError, InputError, reason
from efpep.studies.engine.store import Store
from efpep.studies.engine.task import VERDICTS, Outcome, Task, TaskState
from efpep.studies.engine.workers import Workers

_LOGGER = logging.getLogger("efpep")
_LARGEST_BATCH = 200
_MANY = 500
"""With so many questions workers start while the store is asked."""
_AHEAD = 2
"""Batches in flight for each worker."""
_SUSPECT = 2
"""After so many deaths of workers a task in flight is asked while nothing else is."""
_GUILTY = 4
"""After so many it has failed."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a sweep is.

    Attributes:
        total: how many different questions there are.
        stored: how many answers were in the store already.
        counts: how many points are proved, refuted, undecided and failed so far, those from the store included.
    """

    total: int
    stored: int
    counts: dict[TaskState, int]

    @property
    def done(self) -> int:
        """How many points have an outcome."""
        return sum(self.counts.values())


@dataclass(frozen=True, slots=True)
class Swept:
    """What a sweep found.

    Attributes:
        outcomes: in the tasks' order.
        stored: how many different questions had their answers in the store.
        seconds: how long the sweep took.
        unchecked: whether answers from the store were used without a check of their certificates.
    """

    outcomes: tuple[Outcome, ...]
    stored: int
    seconds: float
    unchecked: bool = False


def sweep(
    tasks: Sequence[Task],
    workers: Workers,
    store: Store | None = None,
    progress: Callable[[Progress], None] | None = None,
    *,
    recheck: bool = False,
    trust_store: bool = False,
) -> list[Outcome]:
    """Answer tasks in parallel.

    Args:
        tasks: the questions.
        workers: who answers them.
        store: where answers are looked up and kept; None for nowhere.
        progress: called before the first question and after every batch.
        recheck: whether a stored answer that does not hold is an error, and stored runs are made again and compared.
        trust_store: whether answers from the store are used without a check of their certificates. Otherwise an answer that does
            not hold is named as a warning of the logger ``efpep``, found anew and replaced.

    Returns:
        The outcomes in the tasks' order.

    Raises:
        InputError: the store is damaged or cannot be used, or the workers cannot be reached.
        KeyboardInterrupt: the user interrupted; what was answered is in the store.
    """
    return list(swept(tasks, workers, store, progress, recheck=recheck, trust_store=trust_store).outcomes)


def swept(
    tasks: Sequence[Task],
    workers: Workers,
    store: Store | None = None,
    progress: Callable[[Progress], None] | None = None,
    *,
    recheck: bool = False,
    trust_store: bool = False,
) -> Swept:
    """Answer tasks as :func:`sweep` does, and say how many answers the store had and how long it took."""
    begin = time.perf_counter()
    with workers:
        if len(tasks) >= _MANY:
            workers.warm(tasks[0])
        keys = [task.key() for task in tasks]
        asked = dict(zip(keys, tasks, strict=True))
        found = {} if store is None else store.get_many([key for key, task in asked.items() if task.storable])
        run = _Sweep(asked, workers, store, progress, strict=recheck)
        unchecked = trust_store and not recheck
        if unchecked:
            run.accept(found)
        else:
            run.check(found)
        run.run()
    return Swept(tuple(run.outcomes[key] for key in keys), run.stored, time.perf_counter() - begin, unchecked)


@dataclass(slots=True)
class _Job:
    """A question on its way: its key, the outcome to check (None: to find), and how many workers died with it in flight."""

    key: str
    known: Outcome | None = None
    deaths: int = 0


@dataclass(slots=True)
class _Sweep:
    asked: dict[str, Task]
    workers: Workers
    store: Store | None
    progress: Callable[[Progress], None] | None
    strict: bool = False
    refused: set[str] = field(default_factory=set[str])
    outcomes: dict[str, Outcome] = field(default_factory=dict[str, Outcome])
    jobs: deque[_Job] = field(default_factory=deque[_Job])
    flying: dict[Future[list[Outcome]], list[_Job]] = field(default_factory=dict[Future[list[Outcome]], list[_Job]])
    counts: Counter[TaskState] = field(default_factory=Counter[TaskState])
    stored: int = 0
    mean: float = math.inf
    begun: bool = False

    def accept(self, found: dict[str, Outcome]) -> None:
        """Take outcomes from the store as they are, and say so where they claim to be proved."""
        for key, outcome in found.items():
            self._record(key, outcome)
        self.stored += len(found)
        if any(self.asked[key].provable for key in found):
            count = "a stored answer is" if len(found) == 1 else f"{len(found)} stored answers are"
            _LOGGER.warning("%s used without a check, because the store is trusted.", count)

    def check(self, found: dict[str, Outcome]) -> None:
        """Have outcomes from the store checked by the workers; runs, which prove nothing, only where the sweep is strict."""
        for key, outcome in found.items():
            if self.asked[key].provable or self.strict:
                self.jobs.append(_Job(key, outcome))
            elif outcome.state is TaskState.MEASURED:
                self._record(key, outcome)
                self.stored += 1
            else:
                self._refuse(_Job(key, outcome), "a run proves nothing")

    def run(self) -> None:
        """Answer everything that is left."""
        while any(job.known is not None for job in self.jobs) or self.flying:
            self._submit()
            self._collect()
        known = {*self.outcomes, *(job.key for job in self.jobs)}
        self.jobs.extend(_Job(key) for key in self.asked if key not in known)
        # hard questions lie together in grids: in random order the time left is foreseen better, and the last batches are even
        mixed = list(self.jobs)
        random.Random(0).shuffle(mixed)  # noqa: S311 - an order, no secret
        self.jobs = deque(mixed)
        self.begun = True
        self._report()
        while self.jobs or self.flying:
            self._submit()
            self._collect()

    def _submit(self) -> None:
        while self.jobs and len(self.flying) < _AHEAD * self.workers.count:
            batch = self._next_batch()
            if not batch:
                return
            pairs = [(self.asked[job.key], job.known) for job in batch]
            try:
                future = self.workers.submit(answer_batch, pairs)
            except BrokenExecutor:  # a worker died since the last look
                future = Future[list[Outcome]]()
                future.set_exception(BrokenExecutor())
            self.flying[future] = batch
            if future.done():
                return

    def _next_batch(self) -> list[_Job]:
        """Return what travels next: a suspect alone and only when nothing else is in flight, else a batch."""
        if any(len(batch) == 1 and batch[0].deaths >= _SUSPECT for batch in self.flying.values()):
            return []
        if self.jobs[0].deaths >= _SUSPECT:
            return [] if self.flying else [self.jobs.popleft()]
        if self.jobs[0].deaths:
            return [self.jobs.popleft()]
        share = math.ceil(len(self.jobs) / (_AHEAD * self.workers.count))
        size = max(1, min(int(self.workers.batch_seconds / self.mean), share, _LARGEST_BATCH))
        return [self.jobs.popleft() for _ in range(size)]

    def _collect(self) -> None:
        finished, _ = wait(self.flying, return_when=FIRST_COMPLETED)
        done: list[tuple[_Job, Outcome]] = []
        broken: list[_Job] = []
        for future in finished:
            batch = self.flying.pop(future)
            try:
                done += zip(batch, future.result(), strict=True)
            except BrokenExecutor:
                broken += batch
            except CancelledError as error:
                raise InputError(
                    "the Dask cluster went away before the sweep was done; start it again, and the same sweep goes on from there."
                ) from error
            except Exception as error:  # noqa: BLE001 - whatever a worker's own machinery raises
                done += self._split(batch, error)
        if broken:
            broken += [job for batch in self.flying.values() for job in batch]
            self.flying.clear()
            self.workers.restart()
            done += self._again(broken)
        self._keep(done)

    def _split(self, batch: list[_Job], error: Exception) -> list[tuple[_Job, Outcome]]:
        """Ask a batch that did not come back again one by one; return the failure of a single question."""
        if len(batch) == 1:
            batch[0].known = None
            return [(batch[0], Outcome(TaskState.FAILED, reason=reason(error)))]
        return self._again(batch)

    def _again(self, batch: list[_Job]) -> list[tuple[_Job, Outcome]]:
        failed: list[tuple[_Job, Outcome]] = []
        for job in batch:
            job.deaths += 1
            if job.deaths >= _GUILTY:
                job.known = None  # nothing was said about a stored answer
                failed.append(
                    (job, Outcome(TaskState.FAILED, reason=f"its worker died {job.deaths} times, at last with it alone"))
                )
            else:
                self.jobs.appendleft(job)
        return failed

    def _keep(self, done: list[tuple[_Job, Outcome]]) -> None:
        """Record and store outcomes, and refuse a store whose certificates do not hold."""
        fresh: list[tuple[str, Task, Outcome]] = []
        for job, outcome in done:
            if job.known is not None:
                if outcome.state is TaskState.FAILED and not self.strict:
                    self._refuse(job, outcome.reason)
                    continue
                if outcome.state is TaskState.FAILED:
                    where = "" if self.store is None else f" {self.store.path}"
                    raise InputError(
                        f"a stored answer does not hold ({outcome.reason.rstrip('.')}), so the question has changed or the "
                        f"store{where} is damaged; delete it or give another with --store, and its answers are found again.",
                        argument="store",
                    )
                self._learn(outcome.seconds)
                self._record(job.key, job.known)
                self.stored += 1
                continue
            found = self._believed(job, outcome)
            self._record(job.key, found)
            self._learn(found.seconds)
            task = self.asked[job.key]
            if task.storable and found.state is not TaskState.FAILED:
                fresh.append((job.key, task, found))
        if self.store is not None and fresh:
            for again in (False, True):
                rows = [(task, found) for key, task, found in fresh if (key in self.refused) is again]
                self.store.put_many(rows, replace=again)
        if done and self.begun:
            self._report()

    def _believed(self, job: _Job, outcome: Outcome) -> Outcome:
        """Return an answer of a worker; one from another machine is checked here first."""
        if not self.workers.remote or outcome.state not in VERDICTS or not self.asked[job.key].provable:
            return outcome
        checked = _outcome(self.asked[job.key], outcome) if outcome.state is not TaskState.FAILED else outcome
        return replace(checked, seconds=outcome.seconds)

    def _refuse(self, job: _Job, why: str) -> None:
        """Name a stored answer that does not hold, and ask its question again."""
        _LOGGER.warning(
            "the stored answer of %s is refused (%s), so the question is asked again.",
            self.asked[job.key].label(),
            why.rstrip("."),
        )
        self.refused.add(job.key)
        job.known = None
        self.jobs.append(job)

    def _record(self, key: str, outcome: Outcome) -> None:
        self.outcomes[key] = outcome
        self.counts[outcome.state] += 1

    def _learn(self, seconds: float) -> None:
        self.mean = seconds if self.mean == math.inf else 0.9 * self.mean + 0.1 * seconds
        self.mean = max(self.mean, 1e-6)

    def _report(self) -> None:
        if self.progress is not None:
            counts = {state: self.counts[state] for state in TaskState if state in VERDICTS or self.counts[state]}
            self.progress(Progress(len(self.asked), self.stored, counts))


def answer_batch(pairs: Sequence[tuple[Task, Outcome | None]]) -> list[Outcome]:
    """Answer tasks one after the other, or check the outcomes that come with them; runs in a worker."""
    return [_outcome(task, known) for task, known in pairs]


def _outcome(task: Task, known: Outcome | None) -> Outcome:
    begin = time.perf_counter()
    try:
        if known is None:
            found = task.answer()
        else:
            task.recheck(known)
            found = known
    except EfpepError as error:
        found = Outcome(TaskState.FAILED, reason=" ".join(str(error).split()))
    except Exception as error:  # noqa: BLE001 - one bad point does not end a sweep
        found = Outcome(TaskState.FAILED, reason=reason(error))
    return replace(found, seconds=time.perf_counter() - begin)
