"""The entry point: runs a command and turns whatever happens into an exit status and at most one line."""

from __future__ import annotations

import logging
import os
import re
import sys
from collections.abc import Sequence

import typer

from efpep.cli.app import app
from efpep.cli.argument_options import with_options
from efpep.cli.command import Command
from efpep.cli.files import check_files
from efpep.cli.options import TOLERANCE
from efpep.cli.output import note
from efpep.cli.status import ExitCode
from efpep.errors import CertificateError, EfpepError, InputError, reason
from efpep.model.field import rational
from efpep.threads import prefer_one_thread

_USAGE_ERROR: type[Exception] = typer.BadParameter.__mro__[1]
"""The base of everything that typer finds wrong with options and arguments."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command and return its exit status.

    Args:
        arguments: the command's words; those of the process where it is None.
    """
    if arguments is None:
        prefer_one_thread()
    words = _completed(sys.argv[1:] if arguments is None else arguments)
    handler = _Notes(logging.WARNING)
    logging.getLogger("efpep").addHandler(handler)
    try:
        return _run(words)
    finally:
        logging.getLogger("efpep").removeHandler(handler)


class _Notes(logging.Handler):
    """Prints what efpep warns of as remarks."""

    def emit(self, record: logging.LogRecord) -> None:
        """Print one line to standard error."""
        note(f"warning: {record.getMessage()}")


def _run(words: list[str]) -> int:
    asked: object = None
    twice = _repeated(words)
    if twice is not None:
        note(f"error: {twice} is given more than once, and it has one value; give it once.")
        return ExitCode.BAD_INPUT
    try:
        asked = app(args=words, prog_name="efpep", standalone_mode=False)
        if not isinstance(asked, Command):
            return ExitCode.ANSWERED
        check_files(asked)
        return asked.run()
    except _USAGE_ERROR as error:
        note(f"error: {_usage(error)}")
        return ExitCode.BAD_INPUT
    except CertificateError as error:
        note(f"error: {error}")
        return ExitCode.REJECTED
    except InputError as error:
        note(f"error: {with_options(error, asked) if isinstance(asked, Command) else error}")
        return ExitCode.BAD_INPUT
    except EfpepError as error:
        note(f"error: {error}")
        return ExitCode.BAD_INPUT
    except SystemExit as error:
        if _by_help(error):  # the reader of a help page has gone away
            return ExitCode.ANSWERED
        note("error: undecided because the code of a class or module that was named ended the program; correct that code.")
        return ExitCode.UNDECIDED
    except (typer.Abort, KeyboardInterrupt):
        note("interrupted.")
        return 130
    except MemoryError as error:
        note(f"error: what is asked for does not fit in memory ({reason(error)}); ask for less.")
        return ExitCode.BAD_INPUT
    except OverflowError as error:
        note(f"error: a number is beyond the doubles in which solvers compute ({reason(error)}); give less extreme numbers.")
        return ExitCode.BAD_INPUT
    except Exception as error:
        if os.environ.get("EFPEP_DEBUG"):
            raise
        what = f"{type(error).__name__}: {error}"[:300]
        note(f"error: undecided because of a fault in efpep ({what}); please report it, EFPEP_DEBUG=1 shows where it is.")
        return ExitCode.UNDECIDED


def _by_help(error: SystemExit) -> bool:
    """Return whether the command line itself ended the program, with no code of a user on the way."""
    frame = error.__traceback__
    rooms: set[str] = set()
    while frame is not None:
        name = str(frame.tb_frame.f_globals.get("__name__", ""))
        rooms.add("efpep.cli" if name.startswith("efpep.cli.") else name.partition(".")[0])
        frame = frame.tb_next
    return rooms <= {"efpep.cli", "typer", "click", "rich"}


def _completed(words: Sequence[str]) -> list[str]:
    """Return the words with the tolerance that ``--simple`` stands for where no number follows it."""
    found: list[str] = []
    for k, word in enumerate(words):
        found.append(word)
        if word == "--simple" and not _is_number(words[k + 1 : k + 2]):
            found.append(TOLERANCE)
    return found


def _repeated(words: Sequence[str]) -> str | None:
    """Return an option with one value that is given more than once, or None."""
    command = getattr(typer.main.get_command(app), "commands", {}).get(words[0] if words else "")
    for parameter in command.params if command is not None else ():
        given = [word for word in words if word.partition("=")[0] in parameter.opts and word.startswith("-")]
        if len(given) > 1 and not parameter.multiple and not parameter.is_flag:
            return given[0].partition("=")[0]
    return None


def _is_number(words: Sequence[str]) -> bool:
    try:
        return bool(words) and bool(rational(words[0], "the tolerance") or True)
    except InputError:
        return False


def _usage(error: Exception) -> str:
    """Return one sentence for wrong options or arguments, with the remedy."""
    describe = getattr(error, "format_message", error.__str__)
    message = str(describe()).strip().rstrip(".")
    number = re.fullmatch(r"Invalid value for '(.+)': Input should be a valid integer.*", message)
    if number:
        return f"{number[1]} is not a whole number; give an integer."
    context = getattr(error, "ctx", None)
    command = getattr(context, "command_path", None) or "efpep"
    return f"{message[:1].lower()}{message[1:]}; see '{command} --help'."
