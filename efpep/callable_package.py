"""Packages that are called like a public function, and can be called as that function."""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType
from typing import Any


def make_callable(package: str) -> None:
    """Let the package ``efpep.NAME`` be called as the function ``NAME`` of its module ``NAME``."""
    name = package.rpartition(".")[2]

    class CallablePackage(ModuleType):
        def __call__(self, *arguments: Any, **named: Any) -> Any:
            """Call the function."""
            return getattr(import_module(f"{package}.{name}"), name)(*arguments, **named)

    sys.modules[package].__class__ = CallablePackage
