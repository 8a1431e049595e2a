"""Over a real socket: keep-alive, chunks, large and refused bodies, clients that hang up."""

from __future__ import annotations

import json
import socket
import threading
from http.client import HTTPConnection
from typing import TYPE_CHECKING

import pytest
from werkzeug.serving import make_server

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api_callers import Installation


@pytest.fixture
def address(quick: Installation) -> Iterator[tuple[str, int]]:
    """Give the address of a server that runs the application in a thread."""
    server = make_server("127.0.0.1", 0, quick.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield "127.0.0.1", server.port
    server.shutdown()
    thread.join(10)
    server.server_close()


@pytest.fixture
def connection(address: tuple[str, int]) -> Iterator[HTTPConnection]:
    """Give an open connection to it."""
    opened = HTTPConnection(*address, timeout=20)
    yield opened
    opened.close()


def test_a_client_works_over_a_real_connection(quick: Installation, connection: HTTPConnection) -> None:
    headers = {**quick.admin.headers, "Content-Type": "application/json"}
    connection.request("POST", "/v2/user-tasks/search", headers=headers)
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["items"]) == (200, [])
    connection.request("GET", "/v2/status", headers={"Authorization": ""})
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (204, b"")


def test_a_body_in_chunks_is_read_and_limited(quick: Installation, connection: HTTPConnection) -> None:
    headers = {**quick.admin.headers, "Content-Type": "application/json"}
    connection.request(
        "POST", "/v2/user-tasks/search", iter([b'{"page":', b'{"limit": 0}}']), headers, encode_chunked=True
    )
    answer = connection.getresponse()
    assert (answer.status, json.loads(answer.read())["errors"][0]["pointer"]) == (400, "/page/limit")


def test_a_body_that_says_it_is_too_large_is_refused_unread(quick: Installation, address: tuple[str, int]) -> None:
    token = quick.admin.headers["Authorization"]
    with socket.create_connection(address, timeout=20) as raw:
        raw.sendall(
            b"POST /v2/user-tasks/search HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
            + f"Authorization: {token}\r\nContent-Length: 99999999\r\n\r\n".encode()
        )
        assert raw.recv(4096).startswith(b"HTTP/1.1 413 ")
