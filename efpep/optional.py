"""Libraries that an extra of efpep installs: they are imported here, where they are used, or asked for in one sentence."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from efpep.errors import UnavailableError, reason

EXTRAS = {
    "matplotlib": ("matplotlib", "figures"),
    "pandas": ("pandas", "figures"),
    "distributed": ("dask.distributed", "dask"),
    "sklearn": ("scikit-learn", "data"),
    "pyarrow": ("pyarrow", "parquet"),
    "array_api_compat": ("array-api-compat", "arrays"),
    "gymnasium": ("gymnasium", "fleet"),
}
"""What each package is called, and the extra that installs it."""


def optional(module: str, what: str, instead: str = "") -> Any:
    """Import a module that an extra installs.

    Args:
        module: its full name, of a package in :data:`EXTRAS`.
        what: what needs it, in the plural.
        instead: what else the user can do.

    Raises:
        UnavailableError: it is not installed, or cannot be imported here.
    """
    package = module.partition(".")[0]
    name, extra = EXTRAS[package]
    try:
        return import_module(module)
    except ImportError as error:
        if isinstance(error, ModuleNotFoundError) and error.name == package:
            why, remedy = "is not installed", f"install it with pip install 'efpep[{extra}]'"
        else:
            why, remedy = f"cannot be imported here ({reason(error)})", "mend its installation"
        raise UnavailableError(f"{what} need {name}, which {why}; {remedy}{f', or {instead}' if instead else ''}.") from error
