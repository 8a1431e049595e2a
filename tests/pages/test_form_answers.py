"""What pages send is read back as it was shown, and what no page sends is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.datastructures import MultiDict

from server.errors import InvalidArgument
from server.pages.form_answers import add_files, change_answers, list_file_fields, read_answers

NAMES = st.text(
    st.characters(codec="utf-8", exclude_characters="/~", exclude_categories=["Cs"]), min_size=1, max_size=6
)
OPTIONS = st.one_of(st.text(min_size=1, max_size=5), st.integers(), st.booleans(), st.floats(allow_nan=False))
VALUES = st.one_of(
    st.tuples(st.just("text"), st.text(st.characters(exclude_characters="\r", codec="utf-8"), max_size=8)),
    st.tuples(st.just("one"), st.one_of(st.none(), OPTIONS)),
    st.tuples(st.just("many"), st.lists(OPTIONS, max_size=3)),
    st.tuples(st.just("flag"), st.booleans()),
    st.tuples(st.just("kept"), st.lists(st.text("0123456789", min_size=1, max_size=4), max_size=3)),
)
FIELDS = st.dictionaries(NAMES, VALUES, max_size=4)


def write(kind: str, place: str, value: object) -> list[tuple[str, str]]:
    """Write one field as the macros do."""
    if kind == "many":
        return [(f"many:{place}", ""), *((f"many:{place}", json.dumps(one)) for one in value)]  # type: ignore[union-attr]
    if kind == "kept":
        return [(f"kept:{place}", one) for one in value] or [(f"kept:{place}", "")]  # type: ignore[union-attr]
    if kind == "flag":
        return [(f"flag:{place}", "off"), *([(f"flag:{place}", "on")] if value else [])]
    return [(f"{kind}:{place}", "" if value is None else json.dumps(value) if kind == "one" else str(value))]


@given(FIELDS, st.lists(FIELDS, max_size=3))
def test_what_a_page_shows_is_read_back(fields: dict[str, tuple[str, object]], rows: list[dict]) -> None:
    fields = {name: value for name, value in fields.items() if name != "rows"}
    sent = [pair for name, (kind, value) in fields.items() for pair in write(kind, f"/{name}", value)]
    sent.append(("list:/rows", ""))
    for number, row in enumerate(rows):
        sent.append((f"row:/rows/{number}", ""))
        sent += [pair for name, (kind, value) in row.items() for pair in write(kind, f"/rows/{number}/{name}", value)]
    expected = {name: value for name, (_, value) in fields.items()}
    expected["rows"] = [{name: value for name, (_, value) in row.items()} for row in rows]
    assert read_answers(MultiDict(sent)) == expected


def test_names_of_other_inputs_are_no_answers() -> None:
    assert read_answers(MultiDict([("csrf_token", "x"), ("once", "y"), ("nothing:/a", "z"), ("text:a", "b")])) == {}


@pytest.mark.parametrize(
    "sent",
    [
        [("one:/a", "not JSON")],
        [("text:/", "x")],
        [("text:/a//b", "x")],
        [("text:/" + "/".join("abcdefghijklm"), "x")],
        [("text:/a", "x"), ("text:/a/b", "y")],
        [("list:/a", ""), ("text:/a/x/b", "y")],
        [("text:/a", "x")] * 20_001,
        [("list:/a", ""), *((f"text:/a/{number}/b", "y") for number in range(1001))],
    ],
    ids=["option", "empty", "gap", "deep", "both", "row", "values", "rows"],
)
def test_what_no_page_sends_is_refused(sent: list[tuple[str, str]]) -> None:
    with pytest.raises(InvalidArgument):
        read_answers(MultiDict(sent))


def test_rows_and_files_come_and_go() -> None:
    answers = {"tasks": [{"unit": "a"}, {"unit": "b"}], "photos": ["1", "2"], "plan": "3"}
    assert change_answers(answers, "add:/tasks")["tasks"] == [{"unit": "a"}, {"unit": "b"}, {}]
    assert change_answers(answers, "add:/others")["others"] == [{}]
    assert change_answers(answers, "drop:/tasks/0")["tasks"] == [{"unit": "b"}]
    assert change_answers(answers, "drop:/photos/1")["photos"] == ["1"]
    assert change_answers(answers, "drop:/plan")["plan"] is None
    assert answers["tasks"] == [{"unit": "a"}, {"unit": "b"}]


@pytest.mark.parametrize(
    "action", ["drop:/tasks/7", "drop:/tasks/x", "drop:/none", "add:/plan/x/y", "burn:/tasks", "drop:"]
)
def test_rows_that_are_not_there_are_refused(action: str) -> None:
    with pytest.raises(InvalidArgument):
        change_answers({"tasks": [{}], "plan": "3"}, action)


def test_uploads_join_those_that_are_there() -> None:
    answers = {"photos": ["1"], "plan": "2", "rows": [{}]}
    assert add_files(answers, "/photos", ["3", "4"], several=True)["photos"] == ["1", "3", "4"]
    assert add_files(answers, "/plan", ["5"], several=False)["plan"] == "5"
    assert add_files(answers, "/rows/0/proof", ["6"], several=True)["rows"] == [{"proof": ["6"]}]
    with pytest.raises(InvalidArgument):
        add_files(answers, "/rows/0", ["7"], several=True)
    assert list_file_fields(["file:/a", "files:/b", "text:/c"]) == [("file:/a", "/a", False), ("files:/b", "/b", True)]
