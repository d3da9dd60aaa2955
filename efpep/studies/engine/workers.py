"""Where a sweep's batches run: in this process, on this machine's cores, or on a Dask cluster.

Each strategy is a context manager with ``count`` workers, ``submit``, and ``restart`` for a pool that a dead worker has broken.
Linear algebra is kept on one thread a worker, and a process answers one batch at a time.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator
from concurrent.futures import Executor, Future
from types import TracebackType
from typing import Any, ClassVar, Self, TypeVar, cast

from efpep._version import __version__
from efpep.errors import InputError, reason
from efpep.optional import optional
from efpep.threads import ONE_THREAD

T = TypeVar("T")
_ONE_AT_A_TIME = threading.Lock()
_PATIENCE = 20.0
"""Seconds to wait for a Dask scheduler."""


class Workers(ABC):
    """A strategy: who answers batches."""

    count: int
    remote: ClassVar[bool] = False
    """Whether answers come from other machines, so that they are checked here."""
    """How many batches are answered at the same time."""

    batch_seconds: float = 0.5
    """How long a batch of cheap questions should take."""

    @abstractmethod
    def submit(self, function: Callable[..., T], /, *arguments: object) -> Future[T]:
        """Have ``function(*arguments)`` run by a worker."""

    @abstractmethod
    def restart(self) -> None:
        """Make whole again what the death of a worker has broken."""

    def warm(self, task: object) -> None:
        """Let workers that start when they are first needed start now, and load what questions such as ``task`` need."""
        del task

    @abstractmethod
    def __enter__(self) -> Self: ...

    @abstractmethod
    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None: ...


class Serial(Workers):
    """This process itself, one question after the other."""

    batch_seconds = 0.0

    def __init__(self) -> None:
        self.count = 1
        self._open = contextlib.ExitStack()

    def submit(self, function: Callable[..., T], /, *arguments: object) -> Future[T]:
        """Run the function at once."""
        future: Future[T] = Future()
        try:
            future.set_result(function(*arguments))
        except Exception as error:  # noqa: BLE001 - as an executor does
            future.set_exception(error)
        return future

    def restart(self) -> None:
        """Nothing can die here alone."""

    def __enter__(self) -> Self:
        self._open.enter_context(one_thread())
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._open.close()


class Local(Workers):
    """Processes on this machine, by joblib's loky.

    Args:
        jobs: how many processes; the machine's cores without it.

    Raises:
        InputError: fewer than one.
    """

    def __init__(self, jobs: int | None = None) -> None:
        if jobs is not None and jobs < 1:
            raise InputError(f"jobs is {jobs}, and a sweep needs at least one process; give 1 or more.", argument="jobs")
        if jobs is None:
            from joblib import cpu_count

            jobs = int(cpu_count())
        self.count = jobs
        self._pool: Executor | None = None

    def submit(self, function: Callable[..., T], /, *arguments: object) -> Future[T]:
        """Have a process run the function; processes start when they are first needed."""
        if self._pool is None:
            from joblib.externals.loky import ProcessPoolExecutor

            made: Any = ProcessPoolExecutor(self.count, initializer=_prepare, initargs=(os.getpid(),), env=ONE_THREAD)
            self._pool = cast("Executor", made)
        return self._pool.submit(function, *arguments)

    def warm(self, task: object) -> None:
        """Start the processes; reading the task loads its modules."""
        for _ in range(self.count):
            self.submit(_loaded, task)

    def restart(self) -> None:
        """End all processes; new ones start with the next batch."""
        self._stop()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stop()

    def _stop(self) -> None:
        if self._pool is not None:
            stop: Any = self._pool.shutdown
            stop(wait=True, kill_workers=True)
            self._pool = None


class Dask(Workers):
    """The workers of a Dask cluster.

    Args:
        address: ``"local:N"`` for N processes on this machine, or the address of a scheduler such as ``"tcp://host:8786"``,
            whose workers have this version of efpep installed.

    Raises:
        InputError: the address cannot be understood.
        UnavailableError: dask.distributed is not installed.
    """

    remote: ClassVar[bool] = True

    def __init__(self, address: str) -> None:
        kind, _, number = address.partition(":")
        self._local = kind == "local"
        if self._local and not (number.isdecimal() and int(number) >= 1):
            raise InputError(
                f"the Dask address {address!r} names no number of workers; write one such as 'local:2'.", argument="dask"
            )
        if not self._local and "://" not in address:
            raise InputError(
                f"the Dask address {address!r} is not understood; give one such as 'local:2' or 'tcp://host:8786'.",
                argument="dask",
            )
        self._distributed = optional("distributed", "Dask clusters")
        self._address = address
        self.count = int(number) if self._local else 0
        self._open = contextlib.ExitStack()
        self._executor: Any = None

    def submit(self, function: Callable[..., T], /, *arguments: object) -> Future[T]:
        """Have a worker of the cluster run the function."""
        return cast("Future[T]", self._executor.submit(_alone, function, *arguments))

    def restart(self) -> None:
        """Dask replaces its workers by itself."""

    def __enter__(self) -> Self:
        where: Any = self._address
        if self._local:
            with _inherited_silence():
                cluster = self._distributed.LocalCluster(
                    n_workers=self.count,
                    threads_per_worker=1,
                    processes=True,
                    dashboard_address=None,
                    silence_logs=logging.CRITICAL,  # what becomes of tasks is said by the sweep; the rest is Dask's own end
                )
            where = self._open.enter_context(cluster)
        try:
            client = self._open.enter_context(self._distributed.Client(where, timeout=_PATIENCE, set_as_default=False))
        except (OSError, ValueError) as error:
            raise InputError(
                f"no Dask scheduler answers at {self._address} ({reason(error)}); start one there with 'dask scheduler'.",
                argument="dask",
            ) from error
        try:
            self._check(client)
        except BaseException:
            self._open.close()
            raise
        self._executor = client.get_executor()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        if self._executor is not None:
            self._executor.shutdown(wait=False)
        self._open.close()

    def _check(self, client: Any) -> None:
        try:
            versions = cast("dict[str, str]", client.run(_version))
        except (ImportError, AttributeError) as error:
            raise InputError(
                f"the Dask workers at {self._address} cannot import efpep ({reason(error)}); install efpep {__version__} there.",
                argument="dask",
            ) from error
        if not versions:
            raise InputError(
                f"the Dask scheduler at {self._address} has no workers; start some with 'dask worker'.", argument="dask"
            )
        for worker, version in versions.items():
            if version != __version__:
                raise InputError(
                    f"the Dask worker {worker} has efpep {version}; install efpep {__version__} there.", argument="dask"
                )
        self.count = len(versions)


@contextlib.contextmanager
def one_thread() -> Generator[None]:
    """Keep linear algebra on one thread while the body runs."""
    try:
        from threadpoolctl import threadpool_limits
    except ImportError:
        yield  # the environment of workers says so already
    else:
        with cast("Any", threadpool_limits)(1):
            yield


@contextlib.contextmanager
def _inherited_silence() -> Generator[None]:
    """Have processes that start meanwhile leave interrupts to this one."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _alone(function: Callable[..., T], *arguments: object) -> T:
    """Run a batch in a Dask worker, which may have several threads: one batch at a time, on one thread."""
    with _ONE_AT_A_TIME, one_thread():
        return function(*arguments)


def _loaded(task: object) -> None:
    """Do nothing: the task has been read."""
    del task


def _version() -> str:
    return __version__


def _prepare(parent: int) -> None:
    """Leave interrupts to the parent, and end this worker when its parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if sys.platform != "win32":
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
