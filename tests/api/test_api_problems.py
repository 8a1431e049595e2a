"""One error shape, tested on every route: who is unknown, what is malformed, too large, missing or not allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from api_callers import Caller, check_problem
from flask import Response, abort, redirect

from server.api.bodies import DEEPEST, JSON_LIMIT
from server.errors import TooManyRequests, Unavailable

if TYPE_CHECKING:
    from api_callers import Installation

    from server.api.blueprint import View

KEY = "2251799813685249"
COMMANDS: dict[tuple[str, str], dict[str, Any] | None] = {
    # every operation that takes a JSON body, with a body that is accepted
    ("POST", "/v2/decision-definitions/evaluation"): {"decisionDefinitionId": "missing"},
    ("POST", "/v2/decision-definitions/search"): {},
    ("POST", "/v2/process-definitions/search"): {},
    ("POST", "/v2/process-instances"): {"processDefinitionId": "missing"},
    ("POST", "/v2/process-instances/search"): {},
    ("POST", "/v2/process-instances/{key}/cancellation"): {},
    ("POST", "/v2/user-tasks/search"): {},
    ("PATCH", "/v2/user-tasks/{key}"): {},
    ("POST", "/v2/user-tasks/{key}/variables/search"): {},
    ("POST", "/v2/user-tasks/{key}/effective-variables/search"): {},
    ("POST", "/v2/user-tasks/{key}/assignment"): {"assignee": "lin"},
    ("POST", "/v2/user-tasks/{key}/completion"): {},
    ("POST", "/v2/variables/search"): {},
    ("POST", "/v2/incidents/search"): {},
    ("POST", "/v2/incidents/{key}/resolution"): {},
    ("POST", "/v2/jobs/activation"): {"type": "x", "timeout": 1, "maxJobsToActivate": 1, "requestTimeout": -1},
    ("POST", "/v2/jobs/{key}/completion"): {},
    ("POST", "/v2/jobs/{key}/failure"): {},
    ("POST", "/v2/jobs/{key}/error"): {"errorCode": "x"},
    ("PATCH", "/v2/jobs/{key}"): {"changeset": {"retries": 1}},
    ("POST", "/v2/messages/publication"): {"name": "x"},
    ("POST", "/v2/messages/correlation"): {"name": "x"},
}
READS = [
    ("GET", "/v2/authentication/me"),
    ("GET", "/v2/process-definitions/{key}"),
    ("GET", "/v2/process-definitions/{key}/xml"),
    ("GET", "/v2/process-definitions/{key}/form"),
    ("GET", "/v2/process-instances/{key}"),
    ("GET", "/v2/user-tasks/{key}"),
    ("GET", "/v2/user-tasks/{key}/form"),
    ("DELETE", "/v2/user-tasks/{key}/assignee"),
    ("GET", "/v2/incidents/{key}"),
    ("GET", "/api/lists/{list_name}/rows"),
]
OTHERS = [("POST", "/v2/deployments")]
PUBLIC = [
    ("GET", "/v2/topology"),
    ("GET", "/v2/status"),
    ("POST", "/oauth/token"),
    ("GET", "/healthz"),
    ("GET", "/readyz"),
]
PROTECTED = [*COMMANDS, *READS, *OTHERS]
WITH_KEY = [(method, path) for method, path in [*COMMANDS, *READS] if "{key}" in path]


def fill(path: str, key: str = KEY) -> str:
    return path.replace("{key}", key).replace("{list_name}", "issues")


def test_the_tables_above_name_every_operation(quick: Installation) -> None:
    paths = quick.nobody.get("/openapi.json").get_json()["paths"]
    operations = {(method.upper(), path) for path, item in paths.items() for method in item if method != "parameters"}
    assert operations == {*PROTECTED, *PUBLIC}


def test_nobody_gets_401_with_a_challenge_everywhere(quick: Installation) -> None:
    for method, path in PROTECTED:
        response = quick.nobody.send(method, fill(path))
        check_problem(response, 401, "UNAUTHENTICATED")
        assert response.headers["WWW-Authenticate"].startswith("Basic realm=")


def test_what_is_public_answers_nobody(quick: Installation) -> None:
    for method, path in PUBLIC:
        assert quick.nobody.send(method, path).status_code in {200, 204, 415}


def test_another_method_gets_405_with_what_is_allowed(quick: Installation) -> None:
    for _, path in [*PROTECTED, *PUBLIC]:
        response = quick.admin.send("PUT", fill(path))
        body = check_problem(response, 405, "METHOD_NOT_ALLOWED")
        assert response.headers["Allow"]
        assert all(method in body["detail"] for method in response.headers["Allow"].split(", "))


def test_what_is_not_there_gets_404(quick: Installation) -> None:
    for method, path in WITH_KEY:
        check_problem(quick.admin.send(method, fill(path), json=COMMANDS.get((method, path))), 404, "NOT_FOUND")
    check_problem(quick.nobody.get("/v2/nothing"), 404, "NOT_FOUND")
    check_problem(quick.nobody.get("/nothing"), 404, "NOT_FOUND")


@pytest.mark.parametrize("key", ["abc", "1.5", "0x10", "１２", "9" * 26, str(2**63), "%20"])
def test_what_is_no_key_gets_400(quick: Installation, key: str) -> None:
    for method, path in WITH_KEY:
        body = COMMANDS.get((method, path))
        check_problem(quick.admin.send(method, fill(path, key), json=body), 400, "INVALID_ARGUMENT")


@pytest.mark.parametrize("key", ["-1", "0", str(2**63 - 1)])
def test_a_key_of_nothing_gets_404(quick: Installation, key: str) -> None:
    for method, path in WITH_KEY:
        check_problem(quick.admin.send(method, fill(path, key), json=COMMANDS.get((method, path))), 404)


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
def test_a_malformed_body_gets_400(quick: Installation, raw: bytes, word: str) -> None:
    for method, path in COMMANDS:
        response = quick.admin.send(method, fill(path), data=raw, content_type="application/json")
        assert word in check_problem(response, 400, "INVALID_ARGUMENT")["detail"]


def test_a_body_of_another_type_gets_415(quick: Installation) -> None:
    for method, path in [*COMMANDS, *OTHERS]:
        for content_type in ("text/plain", "application/x-www-form-urlencoded", None):
            response = quick.admin.send(method, fill(path), data=b"{}", content_type=content_type)
            check_problem(response, 415, "UNSUPPORTED_MEDIA_TYPE")


def test_unknown_members_get_400_with_a_pointer(quick: Installation) -> None:
    for (method, path), body in COMMANDS.items():
        answer = quick.admin.send(method, fill(path), json={**(body or {}), "a/b~c": 1})
        errors = check_problem(answer, 400, "INVALID_ARGUMENT")["errors"]
        assert [error["pointer"] for error in errors] == ["/a~1b~0c"]


def test_a_body_beyond_the_limit_gets_413(quick: Installation) -> None:
    raw = b'{"a": "' + b"x" * JSON_LIMIT + b'"}'
    for method, path in COMMANDS:
        response = quick.admin.send(method, fill(path), data=raw, content_type="application/json")
        check_problem(response, 413, "PAYLOAD_TOO_LARGE")


def test_an_empty_body_of_type_json_is_an_empty_object(quick: Installation) -> None:
    for method, path in [*COMMANDS, *READS]:
        bare = not COMMANDS.get((method, path))
        response = quick.admin.send(method, fill(path), data=b"", content_type="application/json")
        if bare:
            assert response.status_code in {200, 404}
        else:
            check_problem(response, 400, "INVALID_ARGUMENT")


def test_pages_of_other_sites_cannot_change_anything(quick: Installation) -> None:
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        for method, path in [*COMMANDS, *OTHERS]:
            check_problem(quick.admin.send(method, fill(path), headers=headers), 403, "FORBIDDEN")
    own = quick.admin.post("/v2/user-tasks/search", headers={"Origin": "http://localhost"})
    assert own.status_code == 200


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
    moved = _call(quick, lambda: redirect("/elsewhere"), "moved")
    assert (moved.status_code, moved.headers["Location"]) == (302, "/elsewhere")


def test_problems_are_not_cached_nor_sniffed(quick: Installation) -> None:
    headers = quick.nobody.get("/v2/user-tasks/1").headers
    assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-store", "nosniff")


def _call(installation: Installation, view: View, name: str = "view") -> Any:
    rule = f"/test-{name}-{len(installation.app.view_functions)}"
    installation.app._got_first_request = False  # routes are usually complete by now
    installation.app.add_url_rule(rule, endpoint=rule, view_func=view)
    return Caller(installation.app).get(rule)
