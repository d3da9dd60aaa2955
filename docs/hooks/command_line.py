"""The commands with their options, as the command line itself states them."""

from __future__ import annotations

import re
from typing import Any

import typer

from efpep.cli.app import COMMANDS, app


def commands() -> str:
    """Return a section for each command, in the order of the help page."""
    known: Any = typer.main.get_command(app)
    return "\n\n".join(_section(name, known.commands[name]) for name in COMMANDS)


def _section(name: str, command: Any) -> str:
    context = command.make_context(f"efpep {name}", [], resilient_parsing=True)
    records = [parameter.get_help_record(context) for parameter in command.params]
    rows = [f"| `{_cell(option)}` | {_cell(text)} |" for option, text in filter(None, records)]
    usage = command.get_usage(context).removeprefix("Usage: ").replace("{", "").replace("}", "")
    help_text = command.help.replace("*", r"\*")
    return "\n".join([f"## efpep {name}", "", help_text, "", f"    {usage}", "", "| option | meaning |", "|---|---|", *rows])


def _cell(text: str) -> str:
    text = re.sub(r" <(?:str|path)>", "", text)
    return re.sub(r"\s+", " ", text).replace("|", r"\|").replace("*", r"\*").replace("<", "&lt;")
