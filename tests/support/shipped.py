"""Studies that ship, run as a reader runs them."""

import json
import os
import subprocess
import sys


def ran(study, folder):
    """What ``efpep run`` of a study file says as JSON, in a process of its own with a store of its own in a folder."""
    finished = subprocess.run(
        [sys.executable, "-m", "efpep.cli", "run", str(study), "--json", "--jobs", "2"],
        capture_output=True,
        text=True,
        check=False,
        timeout=580,
        env={**os.environ, "EFPEP_STORE": str(folder / "store.sqlite")},
    )
    assert finished.returncode == 0, finished.stderr
    return json.loads(finished.stdout)
