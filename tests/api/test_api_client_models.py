"""What Camunda's newest Python client knows of our operations is known here, but for what is named with a reason.

A filter that is refused stops a program, and so does a member that an answer lacks. The tables are generated from the
installed client, so a newer one shows what it adds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from client_models import Operation, member, operations, plain, required_members, wire_names

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api_callers import Installation

CALLED_OTHERWISE = "the log has words of its own, so an order by Camunda's would tell nothing"
OF_ONE_ENTITY = "filter by entityType and entityKey"
REFUSED = {
    # (search, `filter` or `sort`, field): why
    ("/element-instances/search", "filter", "elementName"): "names stand in the diagrams; elementId says the same",
    ("/element-instances/search", "sort", "elementName"): "as above",
    (
        "/audit-logs/search",
        "filter",
        "entityDescription",
    ): "put together from operation and entity type: filter by those",
    ("/audit-logs/search", "filter", "deploymentKey"): OF_ONE_ENTITY,
    ("/audit-logs/search", "filter", "jobKey"): OF_ONE_ENTITY,
    ("/audit-logs/search", "filter", "userTaskKey"): OF_ONE_ENTITY,
    ("/audit-logs/search", "sort", "jobKey"): "not every line has one; entityKey orders alike",
    ("/audit-logs/search", "sort", "userTaskKey"): "as above",
    ("/audit-logs/search", "sort", "category"): CALLED_OTHERWISE,
    ("/audit-logs/search", "sort", "entityType"): CALLED_OTHERWISE,
    ("/audit-logs/search", "sort", "operationType"): CALLED_OTHERWISE,
    ("/audit-logs/search", "sort", "result"): CALLED_OTHERWISE,
}
MISSING: dict[tuple[str, str], str] = {
    # (operation, member): why an answer lacks it, or may have null where the client does not expect that
}


class Document:
    """The OpenAPI document of the server."""

    def __init__(self, muster: Installation) -> None:
        self.content = muster.nobody.get("/openapi.json").get_json()
        self.paths = {
            plain(path.removeprefix("/v2")): item
            for path, item in self.content["paths"].items()
            if path.startswith("/v2")
        }

    def follow(self, schema: dict[str, Any]) -> dict[str, Any]:
        for way in ("anyOf", "allOf"):
            if way in schema:
                schema = schema[way][0]
        if "$ref" not in schema:
            return schema
        return self.follow(self.content["components"]["schemas"][schema["$ref"].rpartition("/")[2]])

    def both(self) -> Iterator[tuple[Operation, dict[str, Any]]]:
        """Yield the operations that the client and the server know."""
        for operation in operations():
            ours = self.paths.get(operation.path, {}).get(operation.method)
            if ours is not None:
                yield operation, ours


@pytest.fixture
def document(quick: Installation) -> Document:
    return Document(quick)


def test_every_filter_and_sort_of_the_client_is_known_or_refused_for_a_reason(document: Document) -> None:
    unknown = set()
    searches = 0
    for operation, ours in document.both():
        if operation.body is None or not operation.path.endswith("/search"):
            continue
        searches += 1
        body = document.follow(ours["requestBody"]["content"]["application/json"]["schema"])["properties"]
        for part, theirs in (("filter", filters_of(operation.body)), ("sort", sorts_of(operation.body))):
            known = known_names(document, body[part]) if part in body else set()
            unknown |= {(operation.path, part, name) for name in theirs - known}
    assert searches >= 17
    assert unknown == REFUSED.keys()


def filters_of(query: type) -> set[str]:
    found = member(query, "filter_")
    return wire_names(found[0]) if found else set()


def sorts_of(query: type) -> set[str]:
    return {field.value for one in member(query, "sort") for names in member(one, "field") for field in names}


def known_names(document: Document, part: dict[str, Any]) -> set[str]:
    schema = document.follow(part)
    if "items" in schema:
        return set(document.follow(schema["items"])["properties"]["field"]["enum"])
    return set(schema["properties"])


def test_every_answer_has_what_the_client_requires(document: Document) -> None:
    lacking: set[tuple[str, str]] = set()
    answers = 0
    for operation, ours in document.both():
        if operation.answer is None:
            continue
        answers += 1
        told = next(one for status, one in ours["responses"].items() if status.startswith("2"))
        schema = told["content"]["application/json"]["schema"]
        lacking |= {(operation.path, name) for name in find_lacking(document, operation.answer, schema)}
    assert answers >= 45
    assert lacking == MISSING.keys()


def find_lacking(document: Document, model: type, schema: dict[str, Any], place: str = "") -> Iterator[str]:
    """Yield the members that the model requires and the schema does not promise, or may say null of."""
    ours = document.follow(schema)
    properties, promised = ours.get("properties", {}), set(ours.get("required", ()))
    if not properties:
        return  # anything, such as variables
    for wanted in required_members(model):
        where = f"{place}{wanted.name}"
        if wanted.name not in promised:
            yield where
            continue
        found = properties[wanted.name]
        if is_nullable(found) and not wanted.nullable:
            yield f"{where} (null)"
        inner = document.follow(found)
        for one in wanted.models:
            yield from find_lacking(document, one, inner.get("items", inner), f"{where}.")


def is_nullable(schema: dict[str, Any]) -> bool:
    return "null" in schema.get("type", ()) or any(one.get("type") == "null" for one in schema.get("anyOf", ()))
