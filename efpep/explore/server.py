"""The page's server, on this machine alone: the standard library's, bound to the loopback address."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from threading import Lock
from typing import ClassVar
from urllib.parse import parse_qsl, urlsplit

from efpep.errors import EfpepError, InputError, reason
from efpep.explore.answers import certificate_text, landscape_object, page_object, rate_object, run_object
from efpep.explore.point import PagePoint

_LOG = logging.getLogger(__name__)
HOST = "127.0.0.1"
PAGES = {
    "index.html": "text/html",
    "style.css": "text/css",
    "explorer.js": "text/javascript",
    "controls.js": "text/javascript",
    "formula.js": "text/javascript",
    "chart.js": "text/javascript",
}
"""The files of the page, and what they are."""
DATA = "data.js"
"""What the page has to know before anything is chosen."""
HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
ANSWERS: dict[str, Callable[[PagePoint], dict[str, object]]] = {
    "/rate": rate_object,
    "/landscape": landscape_object,
    "/run": run_object,
}
"""What is answered about a point, by address."""


def page_file(name: str) -> str:
    """Return a file of the page."""
    return (files("efpep.explore") / "page" / name).read_text(encoding="utf-8")


def data_script(described: Mapping[str, object]) -> str:
    """Return an object as the script that gives it to the page."""
    return f"window.EXPLORER = {json.dumps(described)};\n"


class ExplorerServer(ThreadingHTTPServer):
    """Serves the page and answers it; requests whose Host is another than this machine's loopback are refused.

    Answers are made one at a time.

    Attributes:
        asking: held while an answer is made.
    """

    daemon_threads = True

    def __init__(self, port: int = 0) -> None:
        """Bind a port of the loopback address; 0 takes a free one.

        Raises:
            InputError: the port is no port, or not free.
        """
        if not 0 <= port < 2**16:
            raise InputError(
                f"port is {port}, and ports are numbers below 65536; give one, or 0 for a free one.", argument="port"
            )
        self.asking = Lock()
        try:
            super().__init__((HOST, port), _Handler)
        except OSError as error:
            raise InputError(
                f"port {port} cannot be used ({error.strerror}); give another, or 0 for a free one.", argument="port"
            ) from error

    @property
    def port(self) -> int:
        """The port."""
        return int(self.server_address[1])

    @property
    def address(self) -> str:
        """The page's address."""
        return f"http://{HOST}:{self.port}/"

    def knows(self, host: str | None) -> bool:
        """Return whether a request's Host is this server: pages of other names that resolve to this machine are strangers."""
        return host in {f"{HOST}:{self.port}", f"localhost:{self.port}"}


class _Handler(BaseHTTPRequestHandler):
    server: ExplorerServer  # pyright: ignore[reportIncompatibleVariableOverride]
    server_version: ClassVar[str] = "efpep"  # pyright: ignore[reportIncompatibleVariableOverride]
    sys_version: ClassVar[str] = ""  # pyright: ignore[reportIncompatibleVariableOverride]
    timeout: ClassVar[float] = 30  # pyright: ignore[reportIncompatibleVariableOverride]

    def do_GET(self) -> None:
        """Send a file of the page, or an answer."""
        if not self.server.knows(self.headers.get("Host")):
            self._refuse(HTTPStatus.FORBIDDEN, "only localhost is served here; open the address that 'efpep explore' prints.")
            return
        asked = urlsplit(self.path)
        name = asked.path.removeprefix("/") or "index.html"
        try:
            if name in PAGES:
                self._send(PAGES[name], page_file(name))
            elif name == DATA:
                self._send("text/javascript", data_script(page_object(live=True)))
            elif asked.path in ANSWERS or name == "certificate":
                self._answer(asked.path, _point(asked.query))
            else:
                self._refuse(HTTPStatus.NOT_FOUND, "there is nothing at this address; open '/'.")
        except InputError as error:
            self._refuse(HTTPStatus.BAD_REQUEST, str(error))
        except EfpepError as error:
            self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, str(error))
        except (BrokenPipeError, ConnectionResetError):  # the reader has gone away
            return
        except Exception as error:  # noqa: BLE001 - whatever it is, the page says it
            said = f"undecided because of a fault in efpep ({reason(error)}); please report it."
            _LOG.exception(said)
            self._refuse(HTTPStatus.INTERNAL_SERVER_ERROR, said)

    def _answer(self, path: str, point: PagePoint) -> None:
        with self.server.asking:
            if path in ANSWERS:
                kind, text, more = "application/json", json.dumps(ANSWERS[path](point)), {}
            else:
                more = {"Content-Disposition": f'attachment; filename="{point.name}.json"'}
                kind, text = "application/json", certificate_text(point)
        self._send(kind, text, more)

    def _refuse(self, status: HTTPStatus, said: str) -> None:
        self._send("application/json", json.dumps({"error": said}), status=status)

    def _send(self, kind: str, text: str, more: Mapping[str, str] | None = None, status: HTTPStatus = HTTPStatus.OK) -> None:
        content = text.encode("utf-8")
        self.send_response(status)
        headers = {"Content-Type": f"{kind}; charset=utf-8", "Content-Length": str(len(content)), **HEADERS, **(more or {})}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
        """Leave a trace for who debugs."""
        _LOG.debug(format, *args)


def _point(query: str) -> PagePoint:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query), max_num_fields=10)
    except ValueError as error:
        raise InputError("the question's text is malformed; write it like method=ef21&kappa=10.") from error
    fields = dict(pairs)
    if len(fields) < len(pairs):
        raise InputError("a field is given more than once, and it has one value; give it once.")
    return PagePoint.read(fields)
