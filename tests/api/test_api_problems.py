"""One error shape, tested on every route: who is unknown, what is malformed, too large, missing or not allowed."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import pytest
from api_callers import Caller, check_problem
from flask import Response, abort, redirect

from server.api.bodies import DEEPEST, JSON_LIMIT
from server.errors import MusterError, TooManyRequests, Unavailable

if TYPE_CHECKING:
    from api_callers import Installation
    from werkzeug.test import TestResponse

    from server.api.blueprint import View

KEY = "4611686018427387905"  # far beyond those that are given out
BODIES: dict[tuple[str, str], dict[str, Any]] = {
    # where the smallest body that the documentation allows would not do
    ("POST", "/v2/process-instances"): {"processDefinitionId": "missing"},
    ("POST", "/v2/decision-definitions/evaluation"): {"decisionDefinitionId": "missing"},
    ("POST", "/api/vault/{key}/reveal-requests"): {"purpose": "REPLY", "reason": "回访时需要联系诉求人本人"},
    ("POST", "/api/user-tasks/{key}/transfer"): {"assignee": "he", "reason": "出差"},
    ("POST", "/api/user-tasks/{key}/co-signers"): {"names": ["he"], "reason": "会签"},
    ("POST", "/v2/jobs/activation"): {"type": "x", "timeout": 1, "maxJobsToActivate": 1, "requestTimeout": -1},
}
PUBLIC = {"/v2/topology", "/v2/status", "/oauth/token", "/healthz", "/readyz"}
JSON = "application/json"


@dataclass(frozen=True)
class Operation:
    """An operation of the OpenAPI document; `body` is the smallest one that is accepted, None when it takes no JSON.

    `asks` tells whether its query must say something.
    """

    method: str
    path: str
    body: dict[str, Any] | None
    multipart: bool
    asks: bool = False

    def send(self, caller: Caller, key: str = KEY, **options: Any) -> TestResponse:
        path = re.sub(r"{[a-z_]+}", "issues", self.path.replace("{key}", key))
        if self.body is not None and "data" not in options:
            options.setdefault("json", self.body)
        return caller.send(self.method, path, **options)


@pytest.fixture
def operations(quick: Installation) -> list[Operation]:
    """Give every operation that needs a sign-in."""
    document = quick.read_document()
    return [
        make_operation(method.upper(), path, described, document["components"]["schemas"])
        for path, item in document["paths"].items()
        for method, described in item.items()
        if method != "parameters" and path not in PUBLIC and described.get("security") != []
    ]


def make_operation(method: str, path: str, described: dict[str, Any], schemas: dict[str, Any]) -> Operation:
    content = described.get("requestBody", {}).get("content", {})
    body = make_sample(content[JSON]["schema"], schemas) if JSON in content else None
    asks = any(one.get("in") == "query" and one.get("required") for one in described.get("parameters", ()))
    return Operation(method, path, BODIES.get((method, path), body), "multipart/form-data" in content, asks)


def make_sample(schema: dict[str, Any], schemas: dict[str, Any]) -> Any:
    """Return the smallest value that a JSON schema allows."""
    if "$ref" in schema:
        return make_sample(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    if "enum" in schema:
        return schema["enum"][0]
    required = {name: make_sample(schema["properties"][name], schemas) for name in schema.get("required", ())}
    if schema.get("format") == "date-time":
        return "2026-03-01T08:00:00Z"
    items = [make_sample(schema["items"], schemas)] * schema.get("minItems", 0) if "items" in schema else []
    samples = {"string": "1", "integer": schema.get("minimum", 1), "boolean": True, "array": items, "object": required}
    return samples[schema.get("type", "string")]  # without a type, anything is allowed


def commands(operations: list[Operation]) -> list[Operation]:
    return [operation for operation in operations if operation.body is not None]


def with_key(operations: list[Operation]) -> list[Operation]:
    return [operation for operation in operations if "{key}" in operation.path]


def test_there_is_something_to_try(operations: list[Operation]) -> None:
    assert len(operations) > 30
    assert len(commands(operations)) > 15
    assert len(with_key(operations)) > 15


def test_nobody_gets_401_with_a_challenge_everywhere(quick: Installation, operations: list[Operation]) -> None:
    for operation in operations:
        response = operation.send(quick.nobody)
        check_problem(response, 401, "UNAUTHENTICATED")
        assert response.headers["WWW-Authenticate"].startswith("Basic realm=")


def test_what_is_public_answers_nobody(quick: Installation) -> None:
    for path in PUBLIC:
        method = "POST" if path == "/oauth/token" else "GET"
        assert quick.nobody.send(method, path).status_code in {200, 204, 415}


def test_another_method_gets_405_with_what_is_allowed(quick: Installation, operations: list[Operation]) -> None:
    known = {(operation.method, operation.path) for operation in operations}
    for operation in operations:
        method = next(m for m in ("PUT", "PATCH", "DELETE") if (m, operation.path) not in known)
        response = quick.admin.send(method, re.sub(r"{[a-z_]+}", "1", operation.path))
        body = check_problem(response, 405, "METHOD_NOT_ALLOWED")
        assert operation.method in response.headers["Allow"].split(", ")
        assert all(allowed in body["detail"] for allowed in response.headers["Allow"].split(", "))


def test_the_name_of_a_command_is_no_key(quick: Installation) -> None:
    for method, path in (
        ("PATCH", "/v2/user-tasks/search"),
        ("GET", "/v2/incidents/search"),
        ("PATCH", "/v2/jobs/activation"),
    ):
        response = quick.admin.send(method, path)
        check_problem(response, 405, "METHOD_NOT_ALLOWED")
        assert set(response.headers["Allow"].split(", ")) == {"OPTIONS", "POST"}


def test_what_is_not_there_gets_404(quick: Installation, operations: list[Operation]) -> None:
    for operation in with_key(operations):
        check_problem(operation.send(quick.admin), 404, "NOT_FOUND")
    check_problem(quick.nobody.get("/v2/nothing"), 404, "NOT_FOUND")
    check_problem(quick.nobody.get("/nothing"), 404, "NOT_FOUND")


@pytest.mark.parametrize("key", ["abc", "1.5", "0x10", "１２", "9" * 26, "-" + "0" * 25, str(2**63), "%20", "searches"])
def test_what_is_no_key_gets_400(quick: Installation, operations: list[Operation], key: str) -> None:
    for operation in with_key(operations):
        check_problem(operation.send(quick.admin, key), 400, "INVALID_ARGUMENT")


@pytest.mark.parametrize("key", ["-1", "0", str(2**63 - 1)])
def test_a_key_of_nothing_gets_404(quick: Installation, operations: list[Operation], key: str) -> None:
    for operation in with_key(operations):
        check_problem(operation.send(quick.admin, key), 404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("raw", "word"),
    [
        (b"{", "not JSON"),
        (b"[]", "an array"),
        (b'"x"', "a text"),
        (b"null", "null"),
        (b"true", "a truth value"),
        (b"1", "a number"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "-Infinity"),
        (b'{"a": 1e999}', "too large"),
        (b'{"a": "\\ud800"}', "surrogate"),
        (b'{"\\u0000": 1}', "NUL"),
        (b'{"a": "\xff"}', "UTF-8"),
        (b'{"a": ' + b"1" * 5000 + b"}", "digits"),
        (b'{"a": ' + b"[" * (DEEPEST + 1) + b"]" * (DEEPEST + 1) + b"}", "deep"),
        (b'{"a": ' + b"[" * 100_000, "deep"),
        (b'\xef\xbb\xbf{"a": 1}', "not JSON"),
    ],
)
def test_a_malformed_body_gets_400(quick: Installation, operations: list[Operation], raw: bytes, word: str) -> None:
    for operation in commands(operations):
        response = operation.send(quick.admin, data=raw, content_type=JSON)
        assert word in check_problem(response, 400, "INVALID_ARGUMENT")["detail"]


def test_a_body_of_another_type_gets_415(quick: Installation, operations: list[Operation]) -> None:
    multipart = [operation for operation in operations if operation.multipart]
    assert multipart
    for operation in [*commands(operations), *multipart]:
        for content_type in ("text/plain", "application/x-www-form-urlencoded", None):
            response = operation.send(quick.admin, data=b"{}", content_type=content_type)
            check_problem(response, 415, "UNSUPPORTED_MEDIA_TYPE")


def test_unknown_members_get_400_with_a_pointer(quick: Installation, operations: list[Operation]) -> None:
    for operation in commands(operations):
        answer = operation.send(quick.admin, json={**(operation.body or {}), "a/b~c": 1})
        errors = check_problem(answer, 400, "INVALID_ARGUMENT")["errors"]
        assert [error["pointer"] for error in errors] == ["/a~1b~0c"]


def test_a_body_beyond_the_limit_gets_413(quick: Installation, operations: list[Operation]) -> None:
    raw = b'{"a": "' + b"x" * JSON_LIMIT + b'"}'
    for operation in commands(operations):
        response = operation.send(quick.admin, data=raw, content_type=JSON)
        check_problem(response, 413, "PAYLOAD_TOO_LARGE")


def test_an_empty_body_of_type_json_is_an_empty_object(quick: Installation, operations: list[Operation]) -> None:
    for operation in operations:
        response = operation.send(quick.admin, data=b"", content_type=JSON)
        if operation.body:
            check_problem(response, 400, "INVALID_ARGUMENT")
        else:
            asked = {400} if operation.asks else set()  # what its query must say is missing
            assert response.status_code in {200, 201, 204, 404, 409, 415} | asked, operation


def test_pages_of_other_sites_cannot_change_anything(quick: Installation, operations: list[Operation]) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        for operation in operations:
            if operation.method != "GET":
                check_problem(operation.send(quick.admin, headers=headers), 403, "FORBIDDEN")
    for own in ("http://localhost", quick.context.config.public_url):
        assert quick.admin.post("/v2/user-tasks/search", headers={"Origin": own}).status_code == 200


def test_an_unexpected_error_says_nothing_but_an_id_that_the_log_has(
    quick: Installation, caplog: pytest.LogCaptureFixture
) -> None:
    def break_down() -> Response:
        raise ZeroDivisionError("a secret of the inside")

    body = check_problem(_call(quick, break_down), 500, "INTERNAL_ERROR")
    assert "secret" not in str(body)
    error_id = body["detail"].rpartition(" ")[2].rstrip(".")
    (record,) = caplog.records
    assert error_id in record.getMessage()
    assert record.exc_info is not None
    assert "a secret of the inside" in str(record.exc_info[1])


def test_an_error_of_ours_without_a_status_is_unexpected_too(quick: Installation) -> None:
    def break_down() -> Response:
        raise MusterError("a secret of the inside")

    assert "secret" not in str(check_problem(_call(quick, break_down), 500, "INTERNAL_ERROR"))


def test_back_pressure_says_when_to_come_again(quick: Installation) -> None:
    for error, status in ((TooManyRequests, 429), (Unavailable, 503)):

        def refuse(error: type[Exception] = error) -> Response:
            raise error

        response = _call(quick, refuse)
        check_problem(response, status, "RESOURCE_EXHAUSTED")
        assert response.headers["Retry-After"] == "1"


def test_what_flask_refuses_is_a_problem_too(quick: Installation) -> None:
    def refuse() -> Response:
        abort(418)

    check_problem(_call(quick, refuse), 418, "IM_A_TEAPOT")
    check_problem(_call(quick, lambda: abort(500), "broken"), 500, "INTERNAL_ERROR")
    moved = _call(quick, lambda: redirect("/elsewhere"), "moved")
    assert (moved.status_code, moved.headers["Location"]) == (302, "/elsewhere")
    quick.app._got_first_request = False
    quick.app.add_url_rule("/folder/", endpoint="folder", view_func=lambda: "x")
    folder = quick.nobody.get("/folder")
    assert (folder.status_code, folder.headers["Location"]) == (308, "http://localhost/folder/")


def test_problems_are_not_cached_nor_sniffed(quick: Installation) -> None:
    headers = quick.nobody.get("/v2/user-tasks/1").headers
    assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-store", "nosniff")


def _call(installation: Installation, view: View, name: str = "view") -> Any:
    rule = f"/test-{name}-{len(installation.app.view_functions)}"
    installation.app._got_first_request = False  # routes are usually complete by now
    installation.app.add_url_rule(rule, endpoint=rule, view_func=view)
    return Caller(installation.app).get(rule)
