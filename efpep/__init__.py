"""efpep: proved worst-case rates of error-feedback methods for distributed optimisation with compressed communication.

The public names and their homes stand in the stub beside this file. They are loaded when they are first used, so that importing
efpep costs next to nothing.
"""

from __future__ import annotations

import ast
import importlib
import pkgutil


def _homes() -> dict[str, str]:
    """Return the module of each name of the stub."""
    stub = ast.parse(pkgutil.get_data(__name__, "__init__.pyi") or b"")
    imports = [node for node in stub.body if isinstance(node, ast.ImportFrom)]
    return {alias.name: str(node.module) for node in imports for alias in node.names}


_HOME = _homes()
__all__ = list(_HOME)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> object:
    """Load a public name from its home."""
    if name not in _HOME:
        raise AttributeError(f"module 'efpep' has no attribute {name!r}")
    if _HOME[name] == __name__:
        return importlib.import_module(f"{__name__}.{name}")
    found = getattr(importlib.import_module(_HOME[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """List the public names."""
    return sorted(__all__)
