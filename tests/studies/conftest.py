"""What tests of studies share."""

import pytest


@pytest.fixture
def study(tmp_path):
    """Write a study file, and return its path."""

    def write(text):
        path = tmp_path / "study.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write
