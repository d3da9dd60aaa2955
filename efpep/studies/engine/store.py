"""The results store: outcomes by the digest of their question, in one SQLite file.

The key is the SHA-256 of the canonical question (:meth:`efpep.studies.engine.task.Task.canonical`: kind, question, solver,
tolerances and the package's version); the value is the outcome with its certificates as JSON. Each row carries the SHA-256 of
its key and value. The file is in write-ahead mode and only the parent of a sweep writes, a batch a transaction: a process that
is killed leaves whole batches behind, and several sweeps can use one file at the same time. A file or a row that is not what
was written is refused and never used; whether an answer that was written proves what it says is checked when a sweep reads it.
The folder has to be on a local disk; SQLite's write-ahead mode does not work over network file systems.
"""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import tempfile
from collections.abc import Generator, Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from efpep.errors import InputError
from efpep.studies.engine.task import Outcome, Task, digest

_APPLICATION = 0x65667065
"""Marks SQLite files that are stores of efpep's ("efpe")."""
_SCHEMA = 1
_SQL = "CREATE TABLE outcomes (key TEXT PRIMARY KEY, question TEXT NOT NULL, outcome TEXT NOT NULL, checksum TEXT NOT NULL)"
_COLUMNS = ["key", "question", "outcome", "checksum"]
_PATIENCE = 60.0
"""Seconds to wait for another sweep's transaction."""
_CHUNK = 500


def default_path() -> Path:
    """Return the store in the user's cache folder, or the one that the environment variable ``EFPEP_STORE`` names."""
    named = os.environ.get("EFPEP_STORE")
    if named:
        return Path(named)
    from platformdirs import user_cache_path

    return user_cache_path("efpep", appauthor=False) / "store.sqlite"


class Store:
    """A results store, open for reading and writing; a context manager."""

    def __init__(self, path: str | Path | None = None) -> None:
        """Open the store at ``path``, or the user's; make it where there is none.

        Raises:
            InputError: the file is damaged, no store, or cannot be used.
        """
        self.path = default_path() if path is None else Path(path)
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            if not self.path.exists():
                _create(self.path)
        except OSError as error:
            raise self._unusable(error.strerror or str(error)) from error
        except sqlite3.Error as error:
            raise self._unusable(str(error)) from error
        with self._explained():
            self._check_size()
            self._connection = sqlite3.connect(self.path, timeout=_PATIENCE, isolation_level=None)
            try:
                self._check()
            except BaseException:
                self._connection.close()
                raise

    def get_many(self, keys: Sequence[str]) -> dict[str, Outcome]:
        """Return the outcomes that are known, by key.

        Raises:
            InputError: a row is damaged.
        """
        found: dict[str, Outcome] = {}
        with self._explained():
            for first in range(0, len(keys), _CHUNK):
                chunk = keys[first : first + _CHUNK]
                marks = ",".join("?" * len(chunk))
                query = f"SELECT key, question, outcome, checksum FROM outcomes WHERE key IN ({marks})"  # noqa: S608 - marks only
                for key, question, outcome, checksum in self._connection.execute(query, list(chunk)):
                    found[key] = self._outcome(key, question, outcome, checksum)
        return found

    def put_many(self, outcomes: Iterable[tuple[Task, Outcome]], *, replace: bool = False) -> None:
        """Keep outcomes, all or none; what another sweep kept already stays, unless it is to be replaced.

        Raises:
            InputError: the store cannot be written.
        """
        rows: list[tuple[str, str, str, str]] = []
        for task, outcome in outcomes:
            question, value = task.canonical(), json.dumps(outcome.describe(), separators=(",", ":"))
            key = digest(question)
            rows.append((key, question, value, checksum(key, value)))
        verb = "REPLACE" if replace else "IGNORE"
        with self._explained():
            self._connection.execute("BEGIN IMMEDIATE")
            try:
                self._connection.executemany(f"INSERT OR {verb} INTO outcomes VALUES (?, ?, ?, ?)", rows)  # noqa: S608 - two words
                self._connection.execute("COMMIT")
            except BaseException:
                if self._connection.in_transaction:
                    self._connection.execute("ROLLBACK")
                raise

    def __len__(self) -> int:
        """Return how many outcomes are kept."""
        with self._explained():
            return int(self._connection.execute("SELECT count(*) FROM outcomes").fetchone()[0])

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def __enter__(self) -> Self:
        """Return the open store."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        """Close the file."""
        self.close()

    def _check_size(self) -> None:
        with self.path.open("rb") as file:
            header = file.read(100)
        if len(header) < 100 or not header.startswith(b"SQLite format 3\0"):
            raise self._damaged("it is no SQLite file" if header else "it is empty")

    def _check(self) -> None:
        ask = self._connection.execute
        application, schema = ask("PRAGMA application_id").fetchone()[0], ask("PRAGMA user_version").fetchone()[0]
        if application != _APPLICATION:
            raise self._damaged("it is an SQLite file of another program")
        if schema != _SCHEMA:
            raise self._damaged(f"its layout is {schema}, and this version of efpep reads {_SCHEMA}")
        if [row[1] for row in ask("PRAGMA table_info(outcomes)")] != _COLUMNS:
            raise self._damaged("its table is missing or has other columns")
        found = ask("PRAGMA quick_check(1)").fetchone()[0]
        if found != "ok":
            raise self._damaged(" ".join(str(found).split()))
        ask("PRAGMA synchronous = NORMAL")

    def _outcome(self, key: object, question: object, outcome: object, stated: object) -> Outcome:
        intact = (
            isinstance(key, str)
            and isinstance(question, str)
            and isinstance(outcome, str)
            and stated == checksum(key, outcome)
            and digest(question) == key
        )
        if not intact:
            raise self._damaged(f"the answer {str(key)[:12]} is not what was stored")
        try:
            return Outcome.restore(json.loads(cast("str", outcome)))
        except (LookupError, TypeError, ValueError) as error:
            raise self._damaged(f"the answer {str(key)[:12]} cannot be read") from error

    @contextlib.contextmanager
    def _explained(self) -> Generator[None]:
        try:
            yield
        except sqlite3.OperationalError as error:
            if "locked" in str(error) or "busy" in str(error):
                raise InputError(
                    f"the store {self.path} was in use by another process for more than {_PATIENCE:g} s; run the command again.",
                    argument="store",
                ) from error
            raise self._unusable(str(error)) from error
        except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
            raise self._damaged(" ".join(str(error).split())) from error
        except OSError as error:
            raise self._unusable(error.strerror or str(error)) from error

    def _damaged(self, why: str) -> InputError:
        return InputError(
            f"the store {self.path} is damaged or no store of efpep's ({why.rstrip('.')}); delete it or give another with "
            "--store, and its answers are found again.",
            argument="store",
        )

    def _unusable(self, why: str) -> InputError:
        return InputError(
            f"the store {self.path} cannot be used ({why.rstrip('.')}); give another path with --store.", argument="store"
        )


def checksum(key: str, outcome: str) -> str:
    """Return what a stored outcome is recognised by: it belongs to this key, and nothing of it is lost."""
    return digest(f"{key}\n{outcome}")


def _create(path: Path) -> None:
    """Make an empty store under another name and put it in place whole, so that a killed process leaves no half of one."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".new")
    os.close(handle)
    fresh = Path(name)
    try:
        connection = sqlite3.connect(fresh, isolation_level=None)
        try:
            for command in (
                "PRAGMA journal_mode = WAL",
                f"PRAGMA application_id = {_APPLICATION}",
                f"PRAGMA user_version = {_SCHEMA}",
                _SQL,
            ):
                connection.execute(command)
        finally:
            connection.close()
        for left in ("-wal", "-shm"):  # of a store that was deleted: SQLite would read them as this one's
            if not path.exists():
                path.with_name(path.name + left).unlink(missing_ok=True)
        with contextlib.suppress(FileExistsError):  # another sweep was first
            os.link(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)
