"""What is taken as a value of each type, and what is refused at once."""

from __future__ import annotations

from decimal import Decimal

import pytest
from form_examples import check, check_one, component, form, messages, pointers


@pytest.mark.parametrize(
    ("kind", "sent", "taken"),
    [
        ("textfield", "街道", "街道"),
        ("textfield", "a\r\nb\tc", "a  b c"),
        ("textfield", 5, "5"),
        ("textfield", 1.50, "1.5"),
        ("textfield", True, "true"),
        ("textfield", False, "false"),
        ("textfield", None, ""),
        ("textarea", "a\nb", "a\nb"),
        ("number", 5, 5),
        ("number", 5.0, 5),
        ("number", -0.0, 0),
        ("number", 2.5, 2.5),
        ("number", "12", 12),
        ("number", " 1.50 ", 1.5),
        ("number", "1e3", 1000),
        ("number", Decimal("0.25"), 0.25),
        ("number", 10**30, 10**30),
        ("number", "", None),
        ("number", None, None),
        ("checkbox", True, True),
        ("checkbox", None, False),
        ("datetime", "", None),
        ("filepicker", "file-1", "file-1"),
        ("filepicker", {"documentId": "d"}, {"documentId": "d"}),
        ("filepicker", "", None),
        ("filepicker", [], None),
    ],
)
def test_values_of_the_type_are_taken(kind: str, sent: object, taken: object) -> None:
    submission = check_one(kind, sent)
    assert submission.problems == ()
    assert submission.data == {"v": taken}
    assert type(submission.data["v"]) is type(taken)


@pytest.mark.parametrize(
    ("kind", "sent", "message"),
    [
        ("textfield", ["a"], "Expected text, found a list."),
        ("textfield", {"a": 1}, "Expected text, found an object."),
        ("textfield", object(), "Expected text, found something that is not JSON."),
        ("textfield", float("nan"), "The number is too large: at most 34 digits are kept."),
        ("number", "abc", 'Expected a number, found "abc".'),
        ("number", True, "Expected a number, found a boolean."),
        ("number", [1], "Expected a number, found a list."),
        ("number", "１２．５", "Expected a number in ASCII digits, for example 12.5."),
        ("number", "十二", 'Expected a number, found "十二".'),
        ("number", "  ", 'Expected a number, found "  ".'),
        ("number", "0x10", 'Expected a number, found "0x10".'),
        ("number", "Infinity", 'Expected a number, found "Infinity".'),
        ("number", "9" * 300, f'Expected a number, found "{"9" * 40}…".'),
        ("number", float("inf"), "The number is too large: at most 34 digits are kept."),
        ("number", 10**34, "The number is too large: at most 34 digits are kept."),
        ("number", 1e300, "The number is too large: at most 34 digits are kept."),
        ("number", "1e9999", "The number is too large: at most 34 digits are kept."),
        (
            "number",
            "0.12345678901234567891",
            "The number has more digits than can be kept exactly: 0.12345678901234567891.",
        ),
        ("checkbox", "yes", 'Expected true or false, found "yes".'),
        ("checkbox", 1, "Expected true or false, found a number."),
        ("checklist", "a", 'Expected a list of selected values, found "a".'),
        ("taglist", {}, "Expected a list of selected values, found an object."),
        ("filepicker", 5, "Expected a file reference or a list of them, found a number."),
        ("filepicker", {"name": "x"}, "Expected a file reference or a list of them, found an object."),
        ("filepicker", ["a", "b"], "Expected one file, found 2."),
    ],
)
def test_other_values_are_refused_with_the_reason(kind: str, sent: object, message: str) -> None:
    submission = check_one(kind, sent)
    assert pointers(submission) == ["/v"]
    assert messages(submission) == [message]


def test_numbers_can_be_texts() -> None:
    assert check_one("number", "1.50", serializeToString=True).data == {"v": "1.50"}
    assert check_one("number", 1.5, serializeToString=True).data == {"v": "1.5"}
    assert pointers(check_one("number", 1e300, serializeToString=True)) == ["/v"]
    assert pointers(check_one("number", "1e300", serializeToString=True)) == ["/v"]


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (0, "0"),
        (-12, "-12"),
        (10**30, "1" + "0" * 30),
        (1e16, "10000000000000000"),
        (1e21, "1" + "0" * 21),
        (1.5e-7, "1.5e-7"),
        (1e-7, "1e-7"),
        (-2.5e22, "-25" + "0" * 21),
        (-2.5e-9, "-2.5e-9"),
        (1e-8, "1e-8"),
        (0.000001, "0.000001"),
    ],
)
def test_numbers_are_written_as_javascript_writes_them(number: float, text: str) -> None:
    assert check_one("textfield", number).data == {"v": text}


@pytest.mark.parametrize("kind", ["textfield", "textarea", "select", "datetime", "filepicker", "number"])
def test_characters_that_nothing_keeps_are_refused(kind: str) -> None:
    assert messages(check_one(kind, "a\0b")) == ["The text contains a NUL character: remove it."]
    assert messages(check_one(kind, "中\0")) == ["The text contains a NUL character: remove it."]
    assert messages(check_one(kind, "a\ud800")) == [
        "The text contains half a character (a lone surrogate): enter it again."
    ]


@pytest.mark.parametrize("extra", [{"x": "\0"}, {"\0": 1}, {"x": [{"y": "a\ud800"}]}])
def test_characters_inside_file_references_are_looked_at(extra: dict[str, object]) -> None:
    assert check_one("filepicker", [{"documentId": "d", "x": [1, "ok"]}]).problems == ()
    assert pointers(check_one("filepicker", [{"documentId": "d", **extra}])) == ["/v"]


def test_large_texts_are_refused_by_their_length_in_utf_16_units() -> None:
    assert messages(check_one("textarea", "x" * 10_000_000)) == ["Expected at most 100000 characters, found 10000000."]
    assert messages(check_one("textarea", "😀" * 60_000)) == ["Expected at most 100000 characters, found 120000."]
    assert check_one("textarea", "中" * 100_000).problems == ()


def test_many_selected_values_and_files_are_refused() -> None:
    assert messages(check_one("taglist", ["value"] * 1001)) == ["Expected at most 1000 values, found 1001."]
    assert messages(check_one("filepicker", ["f"] * 51, multiple=True)) == ["Expected at most 50 files, found 51."]
    assert check_one("filepicker", ["f", "g"], multiple=True).data == {"v": ["f", "g"]}
    assert check_one("filepicker", ["f", "g"], multiple="=true").problems == ()


def test_deeply_nested_values_are_refused() -> None:
    deep: object = "x"
    for _ in range(5000):
        deep = [deep]
    assert messages(check_one("select", deep)) == ["The value is nested too deeply."]
    assert messages(check_one("checklist", [deep])) == ["The value is nested too deeply."]
    assert messages(check_one("filepicker", {"documentId": "d", "x": deep})) == ["The value is nested too deeply."]


def test_variables_that_do_not_fit_read_as_empty() -> None:
    example = form(
        component("textfield", "t"),
        component("number", "n"),
        component("checkbox", "c"),
        component("select", "s", values=["a"]),
        component("checklist", "l", values=["a"]),
        component("datetime", "d"),
        component("datetime", "fixed", subtype="time", readonly=True),
        component("datetime", "fixed_wrong", readonly=True),
        component("filepicker", "f"),
    )
    variables = {
        "t": ["x"], "n": "x", "c": "true", "s": "z", "l": ["a", "z"], "d": "x", "fixed": "01:30Z", "fixed_wrong": 5,
        "f": "file",
    }  # fmt: skip
    assert check(example, {}, variables).data == {
        "t": "", "n": None, "c": False, "s": None, "l": ["a"], "d": None, "fixed": "01:30Z", "fixed_wrong": None,
        "f": "file",
    }  # fmt: skip
