"""What docstrings refer to exists."""

import importlib
import re
from pathlib import Path

import efpep

ROOT = Path(efpep.__file__).parent
REFERENCE = re.compile(r":(?:mod|class|func|meth|attr|data|exc):`~?(efpep[\w.]*)`")


def found(name):
    parts = name.split(".")
    for k in range(len(parts), 0, -1):
        try:
            thing = importlib.import_module(".".join(parts[:k]))
        except ImportError:
            continue
        for part in parts[k:]:
            if not hasattr(thing, part):
                return part in getattr(thing, "__dataclass_fields__", {})
            thing = getattr(thing, part)
        return True
    return False


def test_every_reference_in_a_docstring_is_found():
    names = {name for path in ROOT.rglob("*.py") for name in REFERENCE.findall(path.read_text())}
    assert len(names) > 50
    assert [name for name in sorted(names) if not found(name)] == []
