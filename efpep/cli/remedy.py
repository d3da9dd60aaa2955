"""What a remedy in the words of Python is called on the command line."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import typer

from efpep.cli.app import app

_OTHER_NAMES = {"server_compressor": "--delta-server"}
"""Options that are not called as the argument that they give."""

_NAME = re.compile(r"(?<![\w.'-])([A-Za-z]\w*_\w+|[A-Za-z]\w*(?==)|(?<=\bgive )[A-Za-z]\w*(?=[,.]| as ))")
"""Names of arguments: those with an underscore, those before ``=``, and what is to be given."""

_INSIDE = re.compile(r"\([^()]*\)")
"""Arguments of what is given, which are no options by themselves."""


def with_options(message: str, words: Sequence[str]) -> str:
    """Return an error's sentence with the options, of the command that was called, that its arguments are.

    A remedy, which is what follows the last semicolon, stays as it is where it names options already, and so does a
    sentence without an argument that an option of the command gives.

    Args:
        message: the sentence.
        words: the command's words, of which the first names the command.
    """
    start, _, remedy = message.rpartition(";")
    if not start or "--" in remedy:
        return message
    known = _options(words[0] if words else "")
    found = (_OTHER_NAMES.get(name, f"--{name.replace('_', '-')}") for name in _NAME.findall(_INSIDE.sub("", message)))
    named = [option for option in dict.fromkeys(found) if option in known]
    return f"{message.rstrip('.')} (on the command line: {', '.join(named)})." if named else message


def _options(command: str) -> Collection[str]:
    """Return the options of a command; none where there is no such command."""
    commands = getattr(typer.main.get_command(app), "commands", {})
    return {option for parameter in getattr(commands.get(command), "params", ()) for option in parameter.opts}
