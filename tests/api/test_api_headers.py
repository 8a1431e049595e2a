"""What every answer tells browsers, and whose word counts for where a request comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flask import request
from test_api_problems import make_operation

from server.api.security_headers import HEADERS

if TYPE_CHECKING:
    from collections.abc import Callable

    from api_callers import Installation

SAFE = ("default-src 'none'", "frame-ancestors 'none'")


def test_every_answer_has_them(quick: Installation) -> None:
    document = quick.read_document()
    asked = [
        make_operation(method.upper(), path, described, document["components"]["schemas"])
        for path, item in document["paths"].items()
        for method, described in item.items()
        if method != "parameters"
    ]
    answers = [one.send(caller) for one in asked for caller in (quick.nobody, quick.admin)]
    answers += [quick.nobody.get(path) for path in ("/nothing", "/docs", "/openapi.json", "/v2/user-tasks/x/..%2f")]
    answers += [quick.nobody.send("TRACE", "/docs"), quick.nobody.send("OPTIONS", "/v2/topology")]
    assert len(answers) > 150
    for answer in answers:
        said = (answer.request.method, answer.request.path, answer.status_code)
        assert not [name for name in HEADERS if name not in answer.headers], said
        policy = answer.headers["Content-Security-Policy"]
        assert all(rule in policy for rule in SAFE), said
        assert not [word for word in ("unsafe-eval", "script-src 'unsafe-inline'", "*") if word in policy], said
        assert "Strict-Transport-Security" not in answer.headers, "not over TLS"
        assert "Access-Control-Allow-Origin" not in answer.headers, said


def test_only_behind_tls_is_it_asked_for(install: Callable[..., Installation], sqlite_url: str) -> None:
    muster = install(sqlite_url, public_url="https://muster.example")
    assert muster.nobody.get("/v2/status").headers["Strict-Transport-Security"] == "max-age=31536000"


@pytest.mark.parametrize(
    ("proxies", "seen"),
    [(0, "10.0.0.9 localhost"), (1, "203.0.113.5 last.example"), (2, "198.51.100.7 first.example")],
)
def test_forwarded_headers_count_from_as_many_proxies_as_are_trusted(
    install: Callable[..., Installation], sqlite_url: str, proxies: int, seen: str
) -> None:
    """Whoever sends `X-Forwarded-For` himself only lengthens the list on its left."""
    app = install(sqlite_url, people=(), trusted_proxies=proxies).app
    app.add_url_rule("/whence", view_func=lambda: f"{request.remote_addr} {request.host}")
    forwarded = {
        "X-Forwarded-For": "192.0.2.1, 198.51.100.7, 203.0.113.5",
        "X-Forwarded-Host": "evil.example, first.example, last.example",
    }
    whence = {"REMOTE_ADDR": "10.0.0.9"}
    assert app.test_client().get("/whence", headers=forwarded, environ_base=whence).text == seen
