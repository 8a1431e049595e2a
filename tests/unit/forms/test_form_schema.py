"""What is a form-js schema, and how lenient reading is."""

from __future__ import annotations

import json
from typing import Any

import pytest
from form_examples import check, component, form, schema

from server.errors import InvalidArgument
from server.forms import parse_form


def test_a_schema_is_text_or_an_object() -> None:
    example = schema(component("textfield", "x"))
    for given in (example, json.dumps(example), json.dumps(example).encode()):
        assert parse_form(given).keys == ("x",)
    assert parse_form(example).id == "example"
    assert parse_form({"components": []}).id == ""


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ("{", "text that is not JSON"),
        (b"\xff\xfe", "text that is not JSON"),
        ("[" * 100_000, "text that is not JSON"),
        ("[]", '"type": "default"'),
        ("5", '"type": "default"'),
        ({"type": "textfield"}, '"type": "default"'),
        ({"type": "default"}, 'a list "components"'),
        ({"components": {}}, 'a list "components"'),
        (" " * 2_000_001, "at most 2000000 bytes, found 2000001"),
        ({"components": [{"type": "spacer"}] * 2001}, "at most 2000 components"),
    ],
)
def test_other_things_are_no_form(given: Any, message: str) -> None:
    with pytest.raises(InvalidArgument, match=message):
        parse_form(given)


def test_groups_can_be_nested_only_so_deep() -> None:
    inner: dict[str, Any] = component("textfield", "x")
    for _ in range(25):
        inner = component("group", components=[inner])
    with pytest.raises(InvalidArgument, match="at most 20 deep"):
        parse_form(schema(inner))


def test_what_cannot_be_read_takes_no_part() -> None:
    example = parse_form(
        {
            "components": [
                "text",
                component("textfield"),
                component("textfield", "a..b"),
                {"type": "textfield", "key": 5},
                component("dynamiclist", components=[component("textfield", "x")]),
                component("hologram", "h"),
                {"type": None},
                component("group", "g", components="none"),
                component("textfield", "conditional", conditional="=true"),
                component("textfield", "readonly", readonly=""),
                component("textfield", "validate", validate=[]),
                component("select", "values", values="abc"),
                component("dynamiclist", "rows", components=None),
            ]
        }
    )
    assert example.keys == ("conditional", "readonly", "validate", "values", "rows")
    assert check(example, {}).data == {"conditional": "", "readonly": "", "validate": "", "values": None, "rows": [{}]}


def test_parsed_forms_are_shared_by_threads() -> None:
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - only here

    example = form(
        component("number", "n"),
        component("expression", "twice", expression="=n * 2"),
        component("textfield", "t", conditional={"hide": "=n > 50"}),
    )
    with ThreadPoolExecutor(8) as pool:
        results = list(pool.map(lambda n: check(example, {"n": n, "t": "x"}).data, range(100)))
    assert [data["twice"] for data in results] == [n * 2 for n in range(100)]
    assert ["t" in data for data in results] == [n <= 50 for n in range(100)]
