"""The OpenAPI document and the page for readers; topology, status and health, which need no sign-in."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from api_callers import Installation


def read_document(installation: Installation) -> dict[str, Any]:
    document: dict[str, Any] = installation.nobody.get("/openapi.json").get_json()
    return document


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method != "parameters":
                yield f"{method} {path}", operation


def test_the_document_is_complete(quick: Installation) -> None:
    document = read_document(quick)
    assert document["openapi"] == "3.1.0"
    assert document["security"] == [{"session": []}, {"basic": []}, {"bearer": []}]
    ids = [operation["operationId"] for _, operation in operations(document)]
    assert len(ids) == len(set(ids))
    for name, operation in operations(document):
        assert operation["summary"].endswith((".", ":")), name
        assert {"500"} <= set(operation["responses"]), name
        if operation.get("security") != []:
            assert {"401", "403"} <= set(operation["responses"]), name
    routes = {
        rule.rule
        for rule in quick.app.url_map.iter_rules()
        if rule.rule.startswith(("/v2", "/api", "/oauth", "/oidc", "/log"))
    }
    documented = {re.sub(r"<[a-z]+:([a-z_]+)>", r"{\1}", rule) for rule in routes}
    assert documented == {path for path in document["paths"] if not path.endswith("z")}


def test_errors_are_documented_as_problems(quick: Installation) -> None:
    document = read_document(quick)
    components = document["components"]
    for name, operation in operations(document):
        for status, answer in operation["responses"].items():
            if status >= "400" or status == "default":
                response = components["responses"][answer["$ref"].rpartition("/")[2]]
                assert set(response["content"]) == {"application/problem+json"}, (name, status)
    problem = components["schemas"]["ProblemDetail"]
    assert set(problem["required"]) == {"type", "title", "status", "detail", "instance"}


def test_every_reference_leads_somewhere(quick: Installation) -> None:
    document = read_document(quick)
    for reference in set(re.findall(r'"\$ref":\s*"([^"]+)"', json.dumps(document))):
        target: Any = document
        for part in reference.removeprefix("#/").split("/"):
            target = target[part]
        assert target


def test_the_page_runs_no_script_and_loads_nothing(quick: Installation) -> None:
    answer = quick.nobody.get("/docs")
    page = answer.get_data(as_text=True)
    policy = answer.headers["Content-Security-Policy"]
    assert policy.startswith("default-src 'none'; style-src 'sha256-")
    (style,) = re.findall(r"<style>(.*?)</style>", page, flags=re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"'sha256-{digest}'" in policy
    assert not re.search(r"<script|<link|<img|\son\w+=|style=|src=", page)
    for name, operation in operations(read_document(quick)):
        assert f'id="{operation["operationId"]}"' in page, name
    anchors, targets = set(re.findall(r'href="#([^"]+)"', page)), set(re.findall(r'id="([^"]+)"', page))
    assert anchors <= targets


def test_topology_is_public_and_says_which_api_is_spoken(quick: Installation) -> None:
    topology = quick.nobody.get("/v2/topology", content_type="application/json").get_json()
    assert (topology["gatewayVersion"], topology["brokers"]) == ("8.9.0", [])
    status = quick.nobody.get("/v2/status")
    assert (status.status_code, status.data) == (204, b"")
    assert "Content-Type" not in status.headers


def test_health_and_readiness(muster: Installation) -> None:
    assert muster.nobody.get("/healthz").get_json() == {"status": "ok"}
    ready = muster.nobody.get("/readyz").get_json()
    revision = muster.context.store.migration_state()[1]
    assert ready == {"status": "ok", "database": revision, "calendar": "red"}


def test_a_database_without_tables_is_not_ready(install: Callable[..., Installation], empty_database_url: str) -> None:
    empty = install(empty_database_url, people=())
    answer = empty.nobody.get("/readyz")
    assert answer.status_code == 503
    assert "muster migrate" in answer.get_json()["detail"]
    assert empty.nobody.get("/healthz").status_code == 200
