"""Linear algebra on one thread: efpep's matrices are small, and threads that wait for each other cost more than they save."""

from __future__ import annotations

import os

ONE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "RAYON_NUM_THREADS"), "1")
"""The variables of the environment that say so; libraries read them when they are loaded."""


def prefer_one_thread() -> None:
    """Keep libraries that this process has not loaded yet on one thread, unless the environment says how many."""
    for name, count in ONE_THREAD.items():
        os.environ.setdefault(name, count)
