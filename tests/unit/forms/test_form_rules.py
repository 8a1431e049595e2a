"""The rules of `validate`, and those of numbers."""

from __future__ import annotations

from typing import Any

import pytest
from form_examples import check, check_one, component, form, messages, pointers


@pytest.mark.parametrize(
    ("kind", "empty"),
    [
        ("textfield", ""),
        ("number", None),
        ("checkbox", False),
        ("checklist", []),
        ("select", None),
        ("datetime", None),
        ("filepicker", None),
    ],
)
def test_required_fields_need_a_value(kind: str, empty: object) -> None:
    submission = check_one(kind, empty, validate={"required": True})
    assert pointers(submission) == ["/v"]
    assert messages(submission) == ["This field is required."]


def test_zero_and_false_of_an_option_are_values() -> None:
    assert check_one("number", 0, validate={"required": True}).problems == ()
    chosen: object = False
    assert check_one("select", chosen, values=[chosen], validate={"required": True}).problems == ()


@pytest.mark.parametrize(
    ("rules", "value", "expected"),
    [
        ({"min": 1}, 0, ["Expected at least 1."]),
        ({"min": 1}, 1, []),
        ({"min": "2.50"}, 2.4, ["Expected at least 2.5."]),
        ({"max": 10}, 10.5, ["Expected at most 10."]),
        ({"min": 0, "max": 3}, 4, ["Expected at most 3."]),
        ({"min": "=1 + 1"}, 1, ["Expected at least 2."]),
        ({"min": "=nothing"}, -100, []),
        (
            {"min": '="x"'},
            1,
            ["The smallest value that the form asks for is not a number: tell the administrator."],
        ),
        (
            {"max": "=true"},
            1,
            ["The largest value that the form asks for is not a number: tell the administrator."],
        ),
        ({"min": 1}, None, []),
    ],
)
def test_limits_of_numbers(rules: dict[str, Any], value: object, expected: list[str]) -> None:
    assert messages(check_one("number", value, validate=rules)) == expected


@pytest.mark.parametrize(
    ("properties", "value", "expected"),
    [
        ({"decimalDigits": 0}, 1.5, ["Expected an integer."]),
        ({"decimalDigits": 0}, 150, []),
        ({"decimalDigits": 2}, 0.125, ["Expected at most 2 decimal digits."]),
        ({"decimalDigits": 2}, 0.12, []),
        ({"decimalDigits": "1"}, "1.25", ["Expected at most 1 decimal digits."]),
        ({"decimalDigits": -1}, 1.25, []),
        ({"increment": 0.05}, 0.15, []),
        ({"increment": 0.05}, 0.17, ["Expected a multiple of 0.05; the nearest are 0.15 and 0.2."]),
        ({"increment": 3}, 0, []),
        ({"increment": -3}, 1, []),
        ({"increment": "1e-30"}, 10**33, []),
        ({"decimalDigits": 1, "serializeToString": True}, "1.25", ["Expected at most 1 decimal digits."]),
    ],
)
def test_steps_of_numbers(properties: dict[str, Any], value: object, expected: list[str]) -> None:
    assert messages(check_one("number", value, **properties)) == expected


@pytest.mark.parametrize(
    ("rules", "value", "expected"),
    [
        ({"minLength": 2}, "a", ["Expected at least 2 characters, found 1."]),
        ({"minLength": 2}, "  a ", ["Expected at least 2 characters, found 1."]),
        ({"minLength": 2}, "😀", []),
        ({"maxLength": 1}, "😀", ["Expected at most 1 characters, found 2."]),
        ({"maxLength": "=1 + 1"}, "abc", ["Expected at most 2 characters, found 3."]),
        ({"minLength": "=nothing"}, "a", []),
        ({"minLength": 2}, "", []),
        ({"pattern": "^a"}, "ba", ["Expected text that matches ^a"]),
        ({"pattern": "a"}, "ba", []),
        ({"pattern": "^a", "patternErrorMessage": "必须以 a 开头"}, "b", ["必须以 a 开头"]),
        ({"pattern": "(?=x)"}, "b", []),
        ({"pattern": ""}, "b", []),
        (
            {"validationType": "email"},
            "user@",
            ["Expected an e-mail address, for example name@example.org."],
        ),
        ({"validationType": "email"}, "name@example.org", []),
        ({"validationType": "phone"}, "13800138000", []),
        (
            {"validationType": "phone"},
            "12345",
            ["Expected a phone number, for example 13800138000, 010-12345678 or +8613800138000."],
        ),
    ],
)
def test_rules_of_texts(rules: dict[str, Any], value: str, expected: list[str]) -> None:
    assert messages(check_one("textfield", value, validate=rules)) == expected


def test_patterns_apply_to_numbers_as_text() -> None:
    assert messages(check_one("number", 12, validate={"pattern": "^9"})) == ["Expected text that matches ^9"]
    assert check_one("number", 912, validate={"pattern": "^9"}).problems == ()


def test_limits_of_texts_that_are_no_numbers_are_reported() -> None:
    assert messages(check_one("textfield", "abc", validate={"min": 3})) == [
        "The smallest value that the form asks for is not a number: tell the administrator."
    ]


def test_every_broken_rule_of_a_field_is_told() -> None:
    submission = check_one("textfield", "b", validate={"minLength": 2, "pattern": "^a"})
    assert pointers(submission) == ["/v", "/v"]


def test_rules_of_nonsense_are_ignored() -> None:
    assert check_one("textfield", "", validate="required").problems == ()
    assert check_one("textfield", "a", validate={"minLength": True, "maxLength": [1]}).problems == ()


def test_limits_read_other_fields() -> None:
    example = form(component("number", "from"), component("number", "to", validate={"min": "=from"}))
    assert messages(check(example, {"from": 5, "to": 3})) == ["Expected at least 5."]
    assert check(example, {"from": 5, "to": 8}).problems == ()


def test_messages_come_in_the_language_of_the_reader() -> None:
    example = form(
        component("number", "n", validate={"min": 3}), component("textfield", "t", validate={"required": True})
    )
    for locale in ("zh-CN", "zh", "ZH-hant"):
        assert messages(check(example, {"n": 1}, locale=locale)) == ["不能小于 3。", "此项必填。"]
    for locale in ("en", "de"):
        assert messages(check(example, {"n": 1}, locale=locale)) == ["Expected at least 3.", "This field is required."]


def test_chinese_is_the_default() -> None:
    example = form(component("textfield", "t", validate={"required": True}))
    from form_examples import ENVIRONMENT  # noqa: PLC0415 - only this test leaves the locale out

    assert example.check({}, {}, environment=ENVIRONMENT).problems[0].message == "此项必填。"


def test_limits_read_other_fields_that_are_shown_together_with_theirs() -> None:
    asked = {"hide": "=asked != true"}
    example = form(
        component("checkbox", "asked"),
        component("number", "yes", conditional=asked),
        component("number", "no", validate={"max": "=2 - yes"}, conditional=asked),
    )
    assert check(example, {"asked": True, "yes": 2, "no": 0}).problems == ()
    assert pointers(check(example, {"asked": True, "yes": 2, "no": 1})) == ["/no"]
