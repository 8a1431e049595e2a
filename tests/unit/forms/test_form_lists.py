"""Dynamic lists: rows, their limits, and whose values they keep."""

from __future__ import annotations

import pytest
from form_examples import check, component, form, messages, pointers


def rows_of(*components: dict[str, object], **properties: object) -> dict[str, object]:
    return component("dynamiclist", "rows", components=list(components), **properties)


def test_rows_are_checked_one_by_one() -> None:
    example = form(rows_of(component("textfield", "x", validate={"required": True}), component("number", "n")))
    submission = check(example, {"rows": [{"x": "a", "n": 1}, {"x": "", "n": "z"}]})
    assert pointers(submission) == ["/rows/1/x", "/rows/1/n"]


@pytest.mark.parametrize(
    ("repetitions", "rows"), [({}, 1), ({"defaultRepetitions": 0}, 0), ({"defaultRepetitions": 3}, 3),
                              ({"defaultRepetitions": "x"}, 1)],
)  # fmt: skip
def test_a_list_starts_with_empty_rows(repetitions: dict[str, object], rows: int) -> None:
    example = form(rows_of(component("textfield", "x", defaultValue="d"), **repetitions))
    assert check(example, {}).data == {"rows": [{"x": "d"}] * rows}


def test_a_list_that_was_not_sent_keeps_its_rows() -> None:
    example = form(rows_of(component("select", "x", values=["a"])))
    assert check(example, {}, {"rows": [{"x": "a", "extra": 1}, {"x": "z"}, "odd"]}).data == {
        "rows": [{"x": "a"}, {"x": None}, {"x": None}]
    }


def test_deleted_rows_are_gone() -> None:
    example = form(rows_of(component("textfield", "x")))
    assert check(example, {"rows": []}, {"rows": [{"x": "a"}]}).data == {"rows": []}
    assert check(example, {"rows": None}, {"rows": [{"x": "a"}]}).data == {"rows": []}


@pytest.mark.parametrize(
    ("sent", "message"),
    [
        ("text", 'Expected a list of rows, found "text".'),
        ({"0": {}}, "Expected a list of rows, found an object."),
        ([{}] * 10_000, "Expected at most 1000 rows, found 10000."),
    ],
)
def test_other_values_are_refused(sent: object, message: str) -> None:
    submission = check(form(rows_of(component("textfield", "x"))), {"rows": sent})
    assert pointers(submission) == ["/rows"]
    assert messages(submission) == [message]


def test_many_rows_of_many_rows_are_refused_together() -> None:
    inner = component("dynamiclist", "inner", components=[component("textfield", "x")])
    example = form(rows_of(inner))
    submission = check(example, {"rows": [{"inner": [{}] * 900}] * 900})
    assert messages(submission) == ["Too much was submitted: at most 20000 fields at once."]
    assert submission.data == {}


def test_rows_that_are_fixed_in_number() -> None:
    example = form(rows_of(component("textfield", "x"), allowAddRemove=False))
    assert check(example, {"rows": [{"x": "b"}]}).data == {"rows": [{"x": "b"}]}
    assert messages(check(example, {"rows": []})) == [
        "Rows of this list cannot be added or removed: expected 1, found 0."
    ]


def test_read_only_values_of_rows_follow_their_row() -> None:
    example = form(rows_of(component("textfield", "id", readonly=True), component("textfield", "note")))
    known = {"rows": [{"id": "1", "note": "a"}, {"id": "2", "note": "b"}, {"id": "3", "note": "c"}]}
    submission = check(example, {"rows": [{"id": "2", "note": "B"}, {"id": "3", "note": "C"}]}, known)
    assert submission.problems == ()
    assert submission.data == {"rows": [{"id": "2", "note": "B"}, {"id": "3", "note": "C"}]}


def test_read_only_values_of_rows_cannot_be_forged() -> None:
    example = form(rows_of(component("textfield", "id", readonly=True), component("textfield", "note")))
    known = {"rows": [{"id": "1"}, {"id": "2"}]}
    submission = check(example, {"rows": [{"id": "9", "note": "x"}, {"id": "2"}, {"id": "2"}]}, known)
    assert submission.data["rows"] == [{"id": "1", "note": "x"}, {"id": "2", "note": ""}, {"id": "", "note": ""}]
    assert pointers(submission) == ["/rows/0/id", "/rows/2/id"]


def test_rows_without_their_read_only_values_are_told_by_position() -> None:
    example = form(rows_of(component("select", "id", readonly=True, values=["1"]), component("textfield", "note")))
    known = {"rows": [{"id": "1", "note": "a"}]}
    assert check(example, {"rows": [{"note": "x"}, {"note": "y"}]}, known).data == {
        "rows": [{"id": "1", "note": "x"}, {"id": None, "note": "y"}]
    }
    deep: object = "x"
    for _ in range(50):
        deep = [deep]
    assert pointers(check(example, {"rows": [{"id": deep}]}, known)) == ["/rows/0/id"]


@pytest.mark.parametrize("lock", [{"readonly": True}, {"readonly": "=true"}, {"disabled": True}])
def test_rows_of_a_locked_list_come_from_the_server(lock: dict[str, object]) -> None:
    example = form(rows_of(component("textfield", "x"), component("select", "s", values=["a"]), **lock))
    known = {"rows": [{"x": "a", "s": "a"}]}
    submission = check(example, {"rows": [{"x": "forged", "s": "a"}, {}]}, known)
    assert submission.data == {"rows": [{"x": "a", "s": "a"}]}
    assert pointers(submission) == ["/rows"]
    assert check(example, {"rows": [{"x": "a", "s": "a"}]}, known).problems == ()


def test_a_conditional_list_takes_its_rows_when_it_is_shown() -> None:
    example = form(
        component("checkbox", "more"),
        rows_of(component("textfield", "x", validate={"required": True}), conditional={"hide": "=not(more)"}),
        component("textfield", "last", conditional={"hide": "=count(rows) < 2"}),
    )
    sent = {"rows": [{"x": "a"}, {"x": "b"}], "last": "z"}
    assert check(example, {"more": True, **sent}).data == {"more": True, **sent}
    assert check(example, {"more": False, **sent}).data == {"more": False}


def test_a_list_that_its_own_rows_lock_is_taken_back() -> None:
    example = form(rows_of(component("textfield", "x"), readonly="=count(rows) > 1"))
    submission = check(example, {"rows": [{"x": "a"}, {"x": "b"}]})
    assert submission.data == {"rows": [{"x": ""}]}
    assert messages(submission)[0].startswith("This field and other answers exclude each other")


def test_nested_lists() -> None:
    inner = component("dynamiclist", "inner", components=[component("number", "n", validate={"max": 3})])
    example = form(rows_of(component("textfield", "x"), inner))
    submission = check(example, {"rows": [{"x": "a", "inner": [{"n": 1}, {"n": 4}]}]})
    assert submission.data == {"rows": [{"x": "a", "inner": [{"n": 1}, {"n": 4}]}]}
    assert pointers(submission) == ["/rows/0/inner/1/n"]
