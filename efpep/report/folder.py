"""Reports as a folder of text files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from efpep.errors import InputError


def write_folder(folder: Path, files: Mapping[str, str]) -> list[Path]:
    """Write texts to files of a folder, which is made where it is missing, and return the files.

    Raises:
        InputError: the folder or a file cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in files.items():
            (folder / name).write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"{folder} cannot be written ({error.strerror}); give a folder that can be written.", argument="folder"
        ) from error
    return [folder / name for name in files]
