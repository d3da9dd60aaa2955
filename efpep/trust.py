"""What may be imported because a file names it: nothing, unless the caller allows its module.

Certificates, stores, adversaries and checkpoints name classes of functions, compressors and methods, and metrics. Those of
efpep's own are named by keys. All others are named ``module:name``, and to import a module is to run its code. What a person
names in a command or in a study of his own, by ``my_methods.py:name`` too, is his request; what a file names is not, so there it
takes ``allow``, and paths are no names:

    with efpep.allowing("my_methods"):
        certificate = efpep.Certificate.load("mine.json")

Nothing that is found so is called, but for classes of the expected kind, and metrics that are functions of the module.
"""

from __future__ import annotations

import contextlib
import importlib
import importlib.util
import sys
from collections.abc import Generator, Iterable
from contextvars import ContextVar
from pathlib import Path
from types import ModuleType
from typing import Any

from efpep.errors import InputError, UnavailableError, reason
from efpep.model.field import shown

_ALLOWED: ContextVar[frozenset[str]] = ContextVar("_ALLOWED", default=frozenset())


@contextlib.contextmanager
def allowing(*modules: str) -> Generator[None]:
    """Let files that are read inside name classes and metrics of these modules, and of modules inside them.

    Args:
        modules: names such as ``"my_methods"``; ``"__main__"`` is the running script or notebook.

    Raises:
        InputError: a name is no name of a module.
    """
    token = _ALLOWED.set(_ALLOWED.get() | _names(modules))
    try:
        yield
    finally:
        _ALLOWED.reset(token)


def _names(modules: Iterable[object]) -> frozenset[str]:
    names: list[str] = []
    for name in modules:
        if not isinstance(name, str) or not all(piece.isidentifier() for piece in name.split(".")):
            raise InputError(
                f"{shown(name)} is not the name of a module; allow modules by name, such as 'my_methods'.", argument="allow"
            )
        names.append(name)
    return frozenset(names)


def require_allowed(identifier: str, what: str) -> None:
    """Refuse a ``module:name`` from a file whose module is not allowed.

    Raises:
        InputError: it is one of efpep's own, which have keys.
        UnavailableError: the module is not allowed.
    """
    module, _, name = identifier.partition(":")
    if _inside(module, "efpep"):
        found: Any = sys.modules.get(module)
        for piece in name.split("."):
            found = getattr(found, piece, None)
        if found is None:
            raise UnavailableError(f"the {what} {shown(identifier)} is not there in this version of efpep; name one by its key.")
        raise InputError(
            f"{shown(identifier)} is not a {what} that a file can name so, because efpep's own have keys; give its key."
        )
    if not module.endswith(".py") and any(_inside(module, allowed) for allowed in _ALLOWED.get()):
        return
    known = all(piece.isidentifier() for piece in module.split(".")) and module.isascii()
    remedy = f"if you trust it, say so with --allow {module}, or allow=[{module!r}] in Python" if known else "leave it out"
    raise UnavailableError(
        f"the {what} {shown(identifier)} is not of efpep's own modules, and what a file names is imported only where that is "
        f"allowed; {remedy}."
    )


def imported(identifier: str, what: str) -> Any:
    """Return what ``module:name`` is; a person may write ``my_methods.py:name`` for the module of a file.

    Raises:
        InputError: the file cannot be loaded as a module.
        UnavailableError: it cannot be imported here.
    """
    module, _, name = identifier.rpartition(":")
    try:
        found: Any = _of_file(Path(module)) if module.endswith(".py") else importlib.import_module(module)
        for piece in name.split("."):
            found = getattr(found, piece)
    except InputError:
        raise
    except (Exception, SystemExit) as error:  # a module may raise anything when it is imported
        raise UnavailableError(
            f"the {what} {shown(identifier)} cannot be imported here ({reason(error)}); put its module on the Python path."
        ) from error
    return found


def _of_file(path: Path) -> ModuleType:
    """Return the module of a file, under the name by which certificates will call it.

    Raises:
        InputError: there is no such file, or another module has its name.
    """
    name, file = path.stem, path.resolve()
    if not file.is_file():
        raise InputError(f"{path} is not a file that exists here; give the path of one such as my_methods.py.")
    if not name.isidentifier():
        raise InputError(f"{path} has no name that a module can have; call it like my_methods.py.")
    loaded = sys.modules.get(name)
    known = importlib.util.find_spec(name) if loaded is None else loaded.__spec__
    origin = getattr(loaded, "__file__", None) or (known.origin if known is not None else None)
    if (loaded is not None or known is not None) and (origin is None or Path(origin).resolve() != file):
        raise InputError(f"{path} has the name of another module, {name}; rename the file.")
    if loaded is not None:
        return loaded
    folder = str(file.parent)
    if folder not in sys.path:
        sys.path.append(folder)  # last, so that it hides no module; other processes get it too
        importlib.invalidate_caches()
    return importlib.import_module(name)


def _inside(module: str, package: str) -> bool:
    return module == package or module.startswith(f"{package}.")
