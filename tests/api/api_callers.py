"""The API as its callers see it: the real application over Flask's test client, on both databases.

People sign in with personal tokens, because a password costs a fifth of a second. Every answer is held against what
the OpenAPI document says of it: a status that is not documented, a missing or an unknown member fails the test.
"""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from marshmallow import RAISE, Schema
from werkzeug.datastructures import FileStorage

from server.access import SYSTEM, Scopes
from server.app import context_of
from server.governance.organisation import parse_organisation
from server.service import deployments, identity, shipped, sign_ins

if TYPE_CHECKING:
    from flask import Flask
    from werkzeug.test import TestResponse

    from server.service.context import Context

DIAGRAMS = Path(__file__).parent / "diagrams"
ROOT = Path(__file__).parents[2]
START = datetime(2026, 3, 1, 8, 0, tzinfo=UTC)
PEOPLE = {
    "admin": (True, ()),
    "lin": (False, ("desk@north",)),
    "he": (False, ("desk@north",)),
    "zhao": (False, ("desk_lead@north",)),
    "wu": (False, ("desk@south",)),
}


_DOCUMENT: dict[str, Any] = {}


@dataclass
class Clock:
    """A clock that stands until a test moves it."""

    now: datetime = START

    def __call__(self) -> datetime:
        return self.now

    def advance(self, **parts: float) -> None:
        self.now += timedelta(**parts)


@dataclass
class Caller:
    """Somebody who calls the API; `send` checks the answer against the documentation."""

    app: Flask
    headers: dict[str, str] = field(default_factory=dict)

    def send(self, method: str, path: str, **options: Any) -> TestResponse:
        headers = {**self.headers, **options.pop("headers", {})}
        response = self.app.test_client().open(path, method=method, headers=headers, **options)
        check_documented(self.app, response)
        return response

    def get(self, path: str, **options: Any) -> TestResponse:
        return self.send("GET", path, **options)

    def post(self, path: str, body: object = None, **options: Any) -> TestResponse:
        if body is not None:
            options["json"] = body
        return self.send("POST", path, **options)

    def deploy_diagrams(self, *diagrams: bytes) -> TestResponse:
        files = [(io.BytesIO(one), f"diagram_{number}.bpmn") for number, one in enumerate(diagrams)]
        answer = self.send("POST", "/v2/deployments", data={"resources": files}, content_type="multipart/form-data")
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer

    def deploy(self, *names: str) -> TestResponse:
        files = [FileStorage((DIAGRAMS / name).open("rb"), filename=name) for name in names]
        try:
            return self.send("POST", "/v2/deployments", data={"resources": files}, content_type="multipart/form-data")
        finally:
            for file in files:
                file.close()


@dataclass
class Installation:
    """A running application with an administrator, two desks, a lead and a clock that stands."""

    app: Flask
    clock: Clock
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def context(self) -> Context:
        return context_of(self.app)

    @property
    def nobody(self) -> Caller:
        return Caller(self.app)

    def person(self, name: str) -> Caller:
        if name not in self.tokens:
            self.tokens[name] = identity.add_token(self.context, SYSTEM, name)
        return Caller(self.app, {"Authorization": f"Bearer {self.tokens[name]}"})

    @property
    def admin(self) -> Caller:
        return self.person("admin")

    def read_document(self) -> dict[str, Any]:
        """Return the OpenAPI document; every installation has the same, and to write it costs a fifth of a second."""
        if not _DOCUMENT:
            _DOCUMENT.update(self.nobody.get("/openapi.json").get_json())
        return _DOCUMENT

    def ship(self) -> None:
        """Bring in the units of the example organisation and deploy what is shipped; its people stay away."""
        texts = {file.name: file.read_text("utf-8") for file in (ROOT / "organisation").glob("*.yaml")}
        with self.context.store.transaction() as tx:
            tx.put_units(parse_organisation(texts)[0].units.values())
        files = shipped.find_files(ROOT / "processes", ROOT / "forms")
        deployments.deploy(self.context, SYSTEM, shipped.read_files(files))

    def client(self, name: str, **scopes: Any) -> Caller:
        given = Scopes(**{key: frozenset(value) if isinstance(value, set) else value for key, value in scopes.items()})
        client_id, secret = identity.add_client(self.context, SYSTEM, name, scopes=given)
        token, _ = sign_ins.issue_client_token(self.context, client_id, secret)
        return Caller(self.app, {"Authorization": f"Bearer {token}"})


def check_documented(app: Flask, response: TestResponse) -> None:
    """Fail unless the OpenAPI document knows the status, and the body is what it says."""
    rule, view = _find_view(app, response)
    if view is None or not hasattr(view, "_apidoc"):
        return
    documented = _documented_answers(view)
    if response.status_code == 405:
        return  # answered before any operation is chosen
    assert response.status_code in documented, f"{response.status_code} is not documented at {rule}"
    schema = documented[response.status_code]
    if response.status_code >= 400:
        check_problem(response, response.status_code)
    elif response.mimetype == "application/json" and schema is not None:
        schema.load(response.get_json(), unknown=RAISE)


def check_problem(response: TestResponse, status: int, title: str | None = None) -> dict[str, Any]:
    """Fail unless the answer is a problem of RFC 9457 with everything that Camunda's clients require."""
    assert response.status_code == status, response.get_data(as_text=True)
    assert response.mimetype == "application/problem+json"
    body: dict[str, Any] = response.get_json()
    assert body["type"] == "about:blank"
    assert body["status"] == status
    assert body["instance"] == response.request.path
    assert body["detail"]
    assert body["title"]
    if title is not None:
        assert body["title"] == title
    assert set(body) <= {"type", "title", "status", "detail", "instance", "errors", "error"}
    for error in body.get("errors", []):
        assert set(error) == {"pointer", "message"}
    return body


def _find_view(app: Flask, response: TestResponse) -> tuple[str, Any]:
    adapter = app.url_map.bind("localhost")
    try:
        rule, _ = adapter.match(response.request.path, method=response.request.method, return_rule=True)
    except Exception:  # noqa: BLE001 - no such route, or not for this method: nothing is documented
        return response.request.path, None
    return rule.rule, app.view_functions[rule.endpoint]


def _documented_answers(view: Any) -> dict[int, Schema | None]:
    answers: dict[int, Schema | None] = {}
    for status in view._apidoc.get("manual_doc", {}).get("responses", {}):
        answers[int(status)] = None
    for status, described in view._apidoc["response"]["responses"].items():
        schema = described[0].get("schema")
        answers[int(status)] = schema if isinstance(schema, Schema) else None
    return answers


def start(caller: Caller, process_id: str, variables: dict[str, object] | None = None) -> str:
    """Start a process and return the key of the instance."""
    answer = caller.post("/v2/process-instances", {"processDefinitionId": process_id, "variables": variables or {}})
    key: str = answer.get_json()["processInstanceKey"]
    return key


def find_task(caller: Caller, **filters: object) -> dict[str, Any]:
    """Return the one open task that the caller sees."""
    page = caller.post("/v2/user-tasks/search", {"filter": {"state": "CREATED", **filters}}).get_json()
    assert len(page["items"]) == 1, page
    task: dict[str, Any] = page["items"][0]
    return task
