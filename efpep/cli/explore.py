"""``efpep explore``."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from efpep.cli.command import Command
from efpep.cli.files import Writes
from efpep.cli.output import answer, note
from efpep.cli.status import ExitCode
from efpep.errors import InputError
from efpep.model.field import whole


@dataclass(frozen=True, kw_only=True)
class ExploreCommand(Command):
    """Open a page with sliders in the browser: certified rates, landscapes and runs of EF, EF21 and CGD.

    The page is served on this machine alone until the command is interrupted; nothing is loaded from the network. With --output
    it is written to a folder instead, with rates that are certified at the points of a grid.
    """

    port: Annotated[str | None, typer.Option("--port", metavar="NUMBER", help="The port on 127.0.0.1 (default: a free one).")] = (
        None
    )
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open a browser; print the address alone.")] = False
    output: Annotated[
        Path | None,
        typer.Option("--output", metavar="FOLDER", help="Write the page to this folder, to be read without a server."),
        Writes(makes=True, folder=True),
    ] = None

    def run(self) -> int:
        """Serve the page until it is interrupted, or write it."""
        port = 0 if self.port is None else whole(self.port, "--port")
        if self.output is not None:
            if self.port is not None:
                raise InputError("--port is not used with --output, which needs no server; leave one of them out.")
            from efpep.explore.export import export

            page = export(self.output)
            note(f"the page and its certificates are written to {self.output}.")
            self._show(str(page), page.resolve().as_uri())
            return ExitCode.ANSWERED
        from efpep.explore.server import ExplorerServer

        with ExplorerServer(port) as server:
            self._show(server.address, server.address)
            note("the page is served until this is interrupted (Ctrl-C).")
            with contextlib.suppress(KeyboardInterrupt):
                server.serve_forever()
        return ExitCode.ANSWERED

    def _show(self, text: str, address: str) -> None:
        """Print where the page is, and open it in a browser unless that is not wanted."""
        answer(text)
        if not self.no_open:
            import webbrowser

            webbrowser.open(address)
