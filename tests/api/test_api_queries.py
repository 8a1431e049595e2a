"""Search bodies: what becomes of filters, alternatives, sort and page, and what is refused with which pointer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from api_callers import check_problem, start
from marshmallow import ValidationError

from server.api import queries
from server.api.problems import find_problems
from server.api.queries import LARGEST_LIMIT, search_schema
from server.errors import InvalidArgument
from server.model import Condition, Query, Sort

if TYPE_CHECKING:
    from api_callers import Installation

SCHEMA = search_schema(
    "Example",
    {
        "thingKey": queries.key("key"),
        "otherKey": queries.key(),
        "name": queries.text(),
        "size": queries.number(),
        "madeAt": queries.moment(),
        "open": queries.flag(),
        "state": queries.choice(("NEW", "OLD"), ("FOREIGN",)),
        "tags": queries.TagFilter(),
        "variables": queries.VariableFilter(),
    },
    {"thingKey": "key", "name": "name"},
)


def load(body: dict[str, Any]) -> Query:
    query = SCHEMA.load(body)
    assert isinstance(query, Query)
    return query


def pointers(body: dict[str, Any]) -> set[str]:
    with pytest.raises(ValidationError) as caught:
        SCHEMA.load(body)
    return {pointer for pointer, _ in find_problems(caught.value.messages)}


@pytest.mark.parametrize(
    ("given", "conditions"),
    [
        ({"thingKey": "12"}, [("key", "eq", 12)]),
        ({"otherKey": {"$in": ["1", "-2"]}}, [("other_key", "in", (1, -2))]),
        ({"otherKey": {"$exists": False}}, [("other_key", "exists", False)]),
        ({"name": {"$like": "a*", "$neq": "ab"}}, [("name", "like", "a*"), ("name", "neq", "ab")]),
        ({"size": {"$gte": 1, "$lt": 9}}, [("size", "gte", 1), ("size", "lt", 9)]),
        ({"madeAt": "2026-03-01T10:00:00+08:00"}, [("made_at", "eq", datetime(2026, 3, 1, 2, tzinfo=UTC))]),
        (
            {"madeAt": {"$lte": "2026-03-01T10:00:00.1239"}},
            [("made_at", "lte", datetime(2026, 3, 1, 10, 0, 0, 123000, UTC))],
        ),
        ({"open": True}, [("open", "eq", True)]),
        ({"state": "new"}, [("state", "eq", "NEW")]),
        ({"state": "foreign"}, [("state", "in", ())]),
        ({"state": {"$neq": "FOREIGN"}}, [("state", "notIn", ())]),
        ({"state": {"$in": ["Old", "Foreign"]}}, [("state", "in", ("OLD",))]),
        ({"state": {"$like": "FOREIGN"}}, [("state", "like", "FOREIGN")]),
        ({"tags": ["a", "b"]}, [("tag", "eq", "a"), ("tag", "eq", "b")]),
        ({"variables": [{"name": "x", "value": '"v"'}]}, [("variable.x", "eq", '"v"')]),
        ({"variables": [{"name": "x", "value": {"$like": "*v*"}}]}, [("variable.x", "like", "*v*")]),
        ({"tenantId": "<default>"}, []),
        ({"tenantId": {"$in": ["<default>"]}}, []),
    ],
)
def test_what_a_filter_becomes(given: dict[str, Any], conditions: list[tuple[str, str, object]]) -> None:
    expected = tuple(Condition(*parts) for parts in conditions)
    assert load({"filter": given}).conditions == expected
    if expected:
        assert load({"filter": {"$or": [given]}}).any_of == (expected,)


def test_what_a_whole_body_becomes() -> None:
    query = load(
        {
            "filter": {"name": "a", "$or": [{"size": 1}, {"size": 2, "open": False}]},
            "sort": [{"field": "thingKey"}, {"field": "name", "order": "desc"}],
            "page": {"limit": 7, "from": 3},
        }
    )
    assert query == Query(
        conditions=(Condition("name", "eq", "a"),),
        any_of=((Condition("size", "eq", 1),), (Condition("size", "eq", 2), Condition("open", "eq", value=False))),
        sort=(Sort("key"), Sort("name", descending=True)),
        limit=7,
        offset=3,
    )
    assert load({}) == load({"filter": None, "sort": None, "page": None}) == Query(limit=100)
    assert load({"page": {"after": "ab+/", "before": None}}).after == "ab-_"
    assert load({"page": {"before": "ab+="}}).before == "ab-"


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"filters": {}}, "/filters"),
        ({"filter": []}, "/filter"),
        ({"filter": {"nam": "a"}}, "/filter/nam"),
        ({"filter": {"thingKey": 12}}, "/filter/thingKey"),
        ({"filter": {"thingKey": "12x"}}, "/filter/thingKey"),
        ({"filter": {"thingKey": "9" * 19}}, "/filter/thingKey"),
        ({"filter": {"thingKey": {"$like": "1*"}}}, "/filter/thingKey/$like"),
        ({"filter": {"name": 1}}, "/filter/name"),
        ({"filter": {"name": None}}, "/filter/name"),
        ({"filter": {"name": {}}}, "/filter/name"),
        ({"filter": {"name": {"$regex": "a"}}}, "/filter/name/$regex"),
        ({"filter": {"name": {"$in": []}}}, "/filter/name/$in"),
        ({"filter": {"name": {"$in": "a"}}}, "/filter/name/$in"),
        ({"filter": {"name": {"$in": ["a"] * 1001}}}, "/filter/name/$in"),
        ({"filter": {"name": {"$in": ["a", 1]}}}, "/filter/name/$in"),
        ({"filter": {"name": {"$like": 1}}}, "/filter/name/$like"),
        ({"filter": {"name": {"$exists": "yes"}}}, "/filter/name/$exists"),
        ({"filter": {"size": "1"}}, "/filter/size"),
        ({"filter": {"size": True}}, "/filter/size"),
        ({"filter": {"size": 2**31}}, "/filter/size"),
        ({"filter": {"madeAt": "yesterday"}}, "/filter/madeAt"),
        ({"filter": {"madeAt": "2026-03-01"}}, "/filter/madeAt"),
        ({"filter": {"madeAt": {"$gt": "0001-01-01T00:00:00+14:00"}}}, "/filter/madeAt/$gt"),
        ({"filter": {"open": "true"}}, "/filter/open"),
        ({"filter": {"open": {"$in": [True]}}}, "/filter/open/$in"),
        ({"filter": {"state": "NEWER"}}, "/filter/state"),
        ({"filter": {"tags": "a"}}, "/filter/tags"),
        ({"filter": {"tags": []}}, "/filter/tags"),
        ({"filter": {"variables": {}}}, "/filter/variables"),
        ({"filter": {"variables": [{"name": "x"}]}}, "/filter/variables/0"),
        ({"filter": {"variables": [{"name": "x", "value": 1}]}}, "/filter/variables/0/value"),
        ({"filter": {"tenantId": "other"}}, "/filter/tenantId"),
        ({"filter": {"$or": []}}, "/filter/$or"),
        ({"filter": {"$or": [{}]}}, "/filter/$or/0"),
        ({"filter": {"$or": [{"name": "a"}, {"nam": "b"}]}}, "/filter/$or/1/nam"),
        ({"filter": {"$or": [{"$or": [{"name": "a"}]}]}}, "/filter/$or/0/$or"),
        ({"sort": [{"field": "size"}]}, "/sort/0/field"),
        ({"sort": [{"order": "asc"}]}, "/sort/0/field"),
        ({"sort": [{"field": "name", "order": "up"}]}, "/sort/0/order"),
        ({"sort": [{"field": "name"}] * 11}, "/sort"),
        ({"page": {"limit": 0}}, "/page/limit"),
        ({"page": {"limit": LARGEST_LIMIT + 1}}, "/page/limit"),
        ({"page": {"limit": "9"}}, "/page/limit"),
        ({"page": {"from": -1}}, "/page/from"),
        ({"page": {"from": 2**63}}, "/page/from"),
        ({"page": {"after": "a", "before": "b"}}, "/page"),
        ({"page": {"after": "a", "from": 1}}, "/page"),
        ({"page": {"size": 1}}, "/page/size"),
    ],
)
def test_what_is_malformed_is_pointed_at(body: dict[str, Any], pointer: str) -> None:
    assert pointers(body) == {pointer}


def test_a_question_that_is_no_field_is_taken_out() -> None:
    query = load({"filter": {"name": "a", "open": True}})
    assert queries.take_flag(query, "open") == (True, load({"filter": {"name": "a"}}))
    assert queries.take_flag(load({}), "open") == (None, load({}))
    for wrong in ({"open": {"$neq": True}}, {"$or": [{"open": True}]}):
        with pytest.raises(InvalidArgument, match="open"):
            queries.take_flag(load({"filter": wrong}), "open")


def test_every_declared_filter_and_sort_reaches_the_database(muster: Installation) -> None:
    """Each search knows its fields: no name of the wire ends at a field that the store does not have."""
    literals = {"boolean": True, "integer": 1, "array": None}
    paths = muster.read_document()
    schemas = paths["components"]["schemas"]
    admin = muster.admin
    for path in ("process-definitions", "process-instances", "user-tasks", "variables", "incidents"):
        reference = paths["paths"][f"/v2/{path}/search"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        parts = schemas[reference["$ref"].rpartition("/")[2]]["properties"]
        filters = _resolve(schemas, parts["filter"])["properties"]
        for name, described in filters.items():
            if name in {"$or", "tenantId", "tags"} or name.lower().endswith("variables"):
                continue
            literal = described["oneOf"][0]
            sample = literals.get(literal["type"], literal.get("enum", ["1"])[0])
            sample = "2026-01-01T00:00:00Z" if literal.get("format") == "date-time" else sample
            answer = admin.post(f"/v2/{path}/search", {"filter": {name: sample}})
            assert answer.status_code == 200, (path, name, answer.get_json())
        for field in _resolve(schemas, parts["sort"]["items"])["properties"]["field"]["enum"]:
            answer = admin.post(f"/v2/{path}/search", {"sort": [{"field": field, "order": "DESC"}]})
            assert answer.status_code == 200, (path, field, answer.get_json())


def _resolve(schemas: dict[str, Any], described: dict[str, Any]) -> dict[str, Any]:
    for candidate in (described, *described.get("anyOf", ()), *described.get("allOf", ())):
        if "$ref" in candidate:
            found: dict[str, Any] = schemas[candidate["$ref"].rpartition("/")[2]]
            return found
    raise AssertionError(described)


def test_pages_follow_each_other_by_cursor(muster: Installation) -> None:
    muster.admin.deploy("two_units.bpmn")
    keys = [start(muster.admin, "上报") for _ in range(5)]
    path, seen, after = "/v2/process-instances/search", [], None
    for _ in range(3):
        page = muster.admin.post(path, {"page": {"limit": 2, **({"after": after} if after else {})}}).get_json()
        assert page["page"]["totalItems"] == 5
        seen += [item["processInstanceKey"] for item in page["items"]]
        after = page["page"]["endCursor"]
    assert seen == keys
    back = muster.admin.post(path, {"page": {"limit": 2, "before": page["page"]["startCursor"]}}).get_json()
    assert [item["processInstanceKey"] for item in back["items"]] == keys[2:4]
    check_problem(muster.admin.post(path, {"page": {"after": "bm9uc2Vuc2U="}}), 400, "INVALID_ARGUMENT")
    wrong = {"page": {"after": after}, "sort": [{"field": "startDate"}]}
    check_problem(muster.admin.post(path, wrong), 400, "INVALID_ARGUMENT")
