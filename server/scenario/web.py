"""A web server in a thread of this process, on a free port of the loopback address."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from typing import TYPE_CHECKING

from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from collections.abc import Iterator
    from wsgiref.types import WSGIApplication

HOST = "127.0.0.1"
POLL_SECONDS = 0.02
"""How soon the server notices that it has to stop."""


class _SilentHandler(WSGIRequestHandler):
    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: whoever plays the scenario tells what happens."""


@contextmanager
def serve_locally(application: WSGIApplication) -> Iterator[int]:
    """Serve while the body runs; gives the port."""
    server = make_server(HOST, 0, application, threaded=True, request_handler=_SilentHandler)
    thread = threading.Thread(target=server.serve_forever, args=(POLL_SECONDS,), name="scenario-web")
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
