"""Numeric runs: the methods' own ``step`` on NumPy arrays.

The package is called like the function :func:`efpep.simulate`, so it can be called as that function.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any


class _CallablePackage(ModuleType):
    def __call__(self, *arguments: Any, **named: Any) -> Any:
        """Call :func:`efpep.simulate.simulate.simulate`."""
        from efpep.simulate.simulate import simulate

        return simulate(*arguments, **named)


sys.modules[__name__].__class__ = _CallablePackage
