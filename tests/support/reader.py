"""Examples of pages as a reader runs them, without the time in which a fresh Python imports what the last one imported too.

As a script this is a process that has imported the package. For each example it forks: the child has a directory, an environment
and output of its own, as a fresh process has, runs the example and ends. Of commands it takes those of efpep, whose output may go
through filters or to a file.
"""

import gc
import importlib
import json
import os
import pkgutil
import re
import shlex
import signal
import subprocess
import sys
import types
import warnings
from pathlib import Path
from typing import Self

TIMEOUT = 120
"""Seconds for one example."""


def parts_of(command: str) -> tuple[list[str] | None, str]:
    """Return the arguments of a call of efpep, None for another command, and the filters that its output goes through."""
    first, sign, rest = re.match(r"(.*?)(?: ([|>])(.*))?$", command.replace("\\\n", ""), re.DOTALL).groups()
    bare = re.sub(r"'[^']*'|\"[^\"$`]*\"", "", first)
    if not bare.startswith("efpep ") or not set("'\"$`*?{}();<>|&#~").isdisjoint(bare):
        return None, ""
    return shlex.split(first)[1:], f"cat > {rest}" if sign == ">" else rest or ""


class Reader:
    """The process that runs examples; a context manager.

    Args:
        environment: its environment.
    """

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.communicate()

    def run(
        self, kind: str, source: str, directory: Path, environment: dict[str, str]
    ) -> subprocess.CompletedProcess[str] | None:
        """Run a program, or a call of efpep whose output may go through filters or to a file; return None for another command."""
        words, filters = parts_of(source) if kind == "console" else ([], "")
        if words is None:
            return None
        outputs = [directory / f".{name}" for name in ("stdout", "stderr")]
        asked = {"kind": kind, "words": words, "source": source, "directory": str(directory), "environment": environment}
        self._process.stdin.write(json.dumps({**asked, "outputs": [str(path) for path in outputs]}) + "\n")
        self._process.stdin.flush()
        status = int(self._process.stdout.readline())
        assert status != -signal.SIGALRM, f"{source}\ntook more than {TIMEOUT} s"
        printed, said = (path.read_text(encoding="utf-8") for path in outputs)
        if not filters:
            return subprocess.CompletedProcess(source, status, printed, said)
        how = {"cwd": directory, "env": environment, "capture_output": True, "text": True}
        done = subprocess.run(["bash", "-c", filters], check=False, input=printed, **how)
        return subprocess.CompletedProcess(source, done.returncode, done.stdout, said + done.stderr)


def _serve() -> None:
    """Run examples until there is no more input; returns in each child, whose example is the rest of the program."""
    for line in sys.stdin:
        asked = json.loads(line)
        child = os.fork()
        if not child:
            _begin(asked)
            return
        sys.stdout.write(f"{os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])}\n")
        sys.stdout.flush()


def _begin(asked: dict[str, object]) -> None:
    """Make a child what a fresh process is, and run the example."""
    from efpep.cli import main
    from efpep.studies.engine import study_type
    from efpep.studies.engine.workers import Serial

    signal.alarm(TIMEOUT)
    os.chdir(asked["directory"])
    os.environ.clear()
    os.environ.update(asked["environment"])
    for descriptor, path in enumerate((os.devnull, *asked["outputs"])):
        opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(opened, descriptor)
        os.close(opened)
    study_type.Local = lambda _: Serial()  # the workers of a study would be fresh processes
    module = sys.modules["__main__"] = types.ModuleType("__main__")
    if asked["kind"] == "console":
        sys.argv = ["efpep", *asked["words"]]
        sys.exit(main())
    sys.path.insert(0, "")
    sys.argv = ["-c"]
    warnings.simplefilter("error")
    exec(compile(asked["source"], "<string>", "exec"), module.__dict__)  # noqa: S102 - as python -c does


def _import_all() -> None:
    """Import the package, and what it imports when it is needed."""
    import efpep

    names = [found.name for found in pkgutil.walk_packages(efpep.__path__, "efpep.") if not found.name.endswith("__main__")]
    for name in names:
        importlib.import_module(name)


if __name__ == "__main__":
    sys.path.pop(0)  # the tests' folder, whose modules are none of a reader's
    _import_all()
    gc.collect()
    gc.freeze()
    _serve()
