"""Execute every notebook beside this file from top to bottom, and fail where a cell raises."""

import sys
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient


def main() -> None:
    """Run the notebooks, in the order of their names."""
    here = Path(__file__).parent
    for path in sorted(here.glob("*.ipynb")):
        begin = time.perf_counter()
        notebook = nbformat.read(path, as_version=4)
        NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(here)}}).execute()
        sys.stdout.write(f"{path.name}: {time.perf_counter() - begin:.1f} s\n")


if __name__ == "__main__":
    main()
