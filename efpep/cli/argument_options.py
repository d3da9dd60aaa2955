"""The options that give the arguments that an error is about."""

from __future__ import annotations

from typing import Any, get_type_hints

import typer

from efpep.cli.app import COMMANDS, app
from efpep.cli.command import Command
from efpep.cli.options import Gives
from efpep.errors import InputError


def with_options(error: InputError, command: Command) -> str:
    """Return an error's sentence with the options, of the command that was called, that give the arguments it is about.

    An option is not said again where the sentence has it, nor where it is called as the argument is and either begins the
    sentence or was written.

    Args:
        error: the error.
        command: the command with its options.
    """
    message = str(error)
    known = options_of(type(command))
    named: list[str] = []
    for argument in error.arguments:
        if argument in known:
            option, parameter = known[argument]
            written = getattr(command, parameter.name) != parameter.default
            said = option == f"--{argument}" and (written or message.startswith(f"{argument} "))
            if not said and option not in message and option not in named:
                named.append(option)
    return f"{message.rstrip('.')} (on the command line: {', '.join(named)})." if named else message


def options_of(command: type[Command]) -> dict[str, tuple[str, Any]]:
    """Return how the option is spelt that gives an argument, and typer's description of it, by the argument's name."""
    hints = get_type_hints(command, include_extras=True)
    name = next(name for name, cls in COMMANDS.items() if cls is command)
    found: dict[str, tuple[str, Any]] = {}
    for parameter in getattr(typer.main.get_command(app), "commands", {})[name].params:
        spelt = [s for s in parameter.opts if s.startswith("--")]
        marks = getattr(hints.get(parameter.name), "__metadata__", ())
        for argument in (parameter.name, *(mark.argument for mark in marks if isinstance(mark, Gives))):
            if spelt:
                found[argument] = (f"--{argument}" if f"--{argument}" in spelt else spelt[0], parameter)
    return found
