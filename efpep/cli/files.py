"""The files that a command writes, which are checked before any of its work."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, get_type_hints

from efpep.errors import InputError

if TYPE_CHECKING:
    from efpep.cli.command import Command


@dataclass(frozen=True, slots=True)
class Writes:
    """Marks an option that names a file, or a folder, which its command writes.

    Attributes:
        endings: what its name may end in; empty for anything.
        figure: whether it is a figure in all its formats, any of whose endings may be left out.
        makes: whether the folder it stands in, or that it is, is made where it is missing.
        folder: whether it is a folder.
    """

    endings: tuple[str, ...] = ()
    figure: bool = False
    makes: bool = False
    folder: bool = False

    def check(self, path: Path, argument: str) -> None:
        """Refuse a path that cannot be written.

        Raises:
            InputError: its ending is another, it is a folder, or its folder is missing or closed.
        """
        if self.endings and path.suffix not in self.endings:
            *others, last = self.endings
            raise InputError(
                f"{str(path)!r} ends in none of {', '.join(others)} and {last}; name a file that does.", argument=argument
            )
        if self.figure:
            from efpep.report.figure_style import stem_of

            try:
                stem_of(path)
            except InputError as error:
                raise InputError(str(error), argument=argument) from error
        if not self.folder and path.is_dir():
            raise InputError(f"{str(path)!r} is a folder; name a file in it.", argument=argument)
        place = path if self.folder else path.parent
        while self.makes and not place.exists():
            place = place.parent
        if not place.is_dir():
            why = "is no folder" if place.exists() else "does not exist"
            raise InputError(
                f"{str(path)!r} cannot be written, because {str(place)!r} {why}; name a folder that exists.", argument=argument
            )
        if not os.access(path if path.exists() else place, os.W_OK):
            raise InputError(
                f"{str(path)!r} cannot be written, because it is not allowed; name another place.", argument=argument
            )


def check_files(command: Command) -> None:
    """Check every file that a command is asked to write.

    Raises:
        InputError: one cannot be written, as far as that can be known before.
    """
    for name, hint in get_type_hints(type(command), include_extras=True).items():
        path = getattr(command, name, None)
        for mark in getattr(hint, "__metadata__", ()):
            if isinstance(mark, Writes) and isinstance(path, Path):
                try:
                    mark.check(path, name)
                except OSError as error:  # its name is too long, for instance
                    raise InputError(f"the file cannot be written ({error.strerror}); name another.", argument=name) from error
