"""The form as JSON Schema."""

from __future__ import annotations

from typing import Any

import pytest
from form_examples import component, form

from server.forms import json_schema


def describe(kind: str, **properties: Any) -> dict[str, Any]:
    exported: Any = json_schema(form(component(kind, "v", **properties)))
    described: dict[str, Any] = exported["properties"]["v"]
    return described


def test_the_schema_of_a_form() -> None:
    exported = json_schema(
        form(
            component("textfield", "name", label="名称", description="full", validate={"required": True}),
            component("textfield", "kind", validate={"required": True}, defaultValue="x"),
            component("group", "g", components=[component("checkbox", "yes", validate={"required": True})]),
            component("dynamiclist", "rows", components=[component("number", "n", validate={"required": True})]),
            component("text", text="hello"),
        )
    )
    comment = exported.pop("$comment")
    assert "left out" in str(comment)
    assert exported == {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "example",
        "type": "object",
        "properties": {
            "name": {"title": "名称", "description": "full", "type": "string", "minLength": 1, "maxLength": 100_000},
            "kind": {"type": "string", "minLength": 1, "maxLength": 100_000, "default": "x"},
            "g": {
                "type": "object", "properties": {"yes": {"const": True}}, "required": ["yes"],
                "additionalProperties": False,
            },
            "rows": {
                "type": "array", "maxItems": 1000,
                "items": {
                    "type": "object", "properties": {"n": {"type": "number"}}, "required": ["n"],
                    "additionalProperties": False,
                },
            },
        },
        "required": ["name"],
        "additionalProperties": False,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "properties", "described"),
    [
        ("textfield", {}, {"type": ["string", "null"], "maxLength": 100_000}),
        ("number", {}, {"type": ["number", "null"]}),
        ("number", {"validate": {"min": 1, "max": "2.5"}, "decimalDigits": 0},
         {"type": ["integer", "null"], "minimum": 1, "maximum": 2.5}),
        ("number", {"serializeToString": True}, {"type": ["string", "number", "null"]}),
        ("checkbox", {}, {"type": ["boolean", "null"]}),
        ("select", {"values": ["a", 1]}, {"enum": ["a", 1, None]}),
        ("select", {"values": ["a"], "validate": {"required": True}}, {"enum": ["a"]}),
        ("checklist", {"values": ["a"]}, {"type": "array", "items": {"enum": ["a"]}, "maxItems": 1000}),
        ("taglist", {"values": ["a"], "validate": {"required": True}},
         {"type": "array", "items": {"enum": ["a"]}, "maxItems": 1000, "minItems": 1}),
        ("datetime", {}, {"type": ["string", "null"], "pattern": r"^\d{4}-\d{2}-\d{2}$", "format": "date"}),
    ],
)  # fmt: skip
def test_types(kind: str, properties: dict[str, Any], described: dict[str, Any]) -> None:
    assert describe(kind, **properties) == described


def test_required_texts_carry_their_rules() -> None:
    rules = {"required": True, "minLength": 2, "maxLength": 5, "pattern": "^a", "validationType": "email"}
    described = describe("textfield", validate=rules)
    comment = described.pop("$comment")
    assert described == {"type": "string", "minLength": 2, "maxLength": 5, "pattern": "^a", "format": "email"}
    assert comment == (
        "When not empty, it must be a valid email. Lengths are counted in UTF-16 units, without surrounding spaces."
    )


@pytest.mark.parametrize(
    ("kind", "properties", "comment"),
    [
        ("textfield", {"conditional": {"hide": "=a"}}, "Hidden, and then not taken, when a."),
        ("textfield", {"readonly": "=a"}, "Read-only when a."),
        ("textfield", {"readonly": True}, "Read-only: the value comes from the server."),
        ("textfield", {"disabled": True}, "Disabled: never taken from what is submitted."),
        ("expression", {"expression": "=1"}, "Computed by the server: 1."),
        ("select", {"valuesKey": "k"}, "The options are those of the variable k."),
        ("select", {"valuesExpression": "=k"}, "The options are computed: k."),
        ("number", {"validate": {"max": "=a"}}, "max is computed: a."),
        ("number", {"decimalDigits": 2, "increment": 0.5}, "At most 2 decimal digits. A multiple of 0.5."),
        ("textfield", {"validate": {"validationType": "phone"}}, "When not empty, it must be a valid phone."),
        ("textfield", {"validate": {"pattern": "^a"}}, "When not empty, it must match ^a."),
        ("filepicker", {}, "A file reference, or a list of them."),
    ],
)
def test_what_cannot_be_said_is_said_in_a_comment(kind: str, properties: dict[str, Any], comment: str) -> None:
    described = describe(kind, **properties)
    assert described["$comment"] == comment
    assert described.get("readOnly", False) is (properties.keys() & {"disabled", "expression"} != set()
                                                or properties.get("readonly") is True)  # fmt: skip


def test_a_conditional_field_is_not_required() -> None:
    exported = json_schema(form(component("textfield", "v", conditional={"hide": "=a"}, validate={"required": True})))
    assert exported["required"] == []


def test_a_form_without_an_id_has_no_title() -> None:
    from server.forms import parse_form  # noqa: PLC0415 - only here

    assert "title" not in json_schema(parse_form({"components": []}))
