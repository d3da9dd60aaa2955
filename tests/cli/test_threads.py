"""The command keeps linear algebra on one thread unless it is told otherwise."""

import os
import sys

import pytest

from efpep.cli import main
from efpep.threads import ONE_THREAD


@pytest.mark.parametrize("given", [None, "3"])
def test_the_command_prefers_one_thread(monkeypatch, given, capsys):
    for name in ONE_THREAD:
        monkeypatch.setenv(name, given or "")
        if given is None:
            monkeypatch.delenv(name)
    monkeypatch.setattr(sys, "argv", ["efpep", "--version"])
    main()
    assert {os.environ[name] for name in ONE_THREAD} == {given or "1"}


def test_commands_called_from_python_leave_the_environment(monkeypatch, capsys):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    main(["--version"])
    assert "OMP_NUM_THREADS" not in os.environ
