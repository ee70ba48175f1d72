"""`/metrics` and `/healthz` of a service that has no HTTP of its own."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from sharehub.errors import UsageError
from sharehub.telemetry.metrics import CONTENT_TYPE, exposition, hung


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Answer one question."""
        path = self.path.partition("?")[0]
        if path == "/metrics":
            self._answer(HTTPStatus.OK, exposition(), CONTENT_TYPE)
        elif path == "/healthz":
            hanging = hung()
            status = HTTPStatus.SERVICE_UNAVAILABLE if hanging else HTTPStatus.OK
            self._answer(status, f"{', '.join(hanging)} hangs\n".encode() if hanging else b"ok\n", "text/plain")
        else:
            self._answer(HTTPStatus.NOT_FOUND, b"there are /metrics and /healthz\n", "text/plain")

    def _answer(self, status: HTTPStatus, body: bytes, content_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: who scrapes every few seconds would fill the log."""


@contextmanager
def exposed(host: str, port: int | None) -> Iterator[str]:
    """Both at this address as long as the block lasts, port 0 being any free one; yields the address, empty for None.

    Raises:
        UsageError: something else listens there.
    """
    if port is None:
        yield ""
        return
    try:
        server = ThreadingHTTPServer((host, port), _Handler)
    except (OSError, OverflowError) as error:
        hint = "choose another with --metrics-port"
        raise UsageError(f"cannot listen on {host}:{port}: {error}", hint=hint) from error
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, name="metrics", daemon=True)
    thread.start()
    try:
        yield f"http://{host}:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
