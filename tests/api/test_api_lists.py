"""The lists as JSON and CSV; what a spreadsheet would run is text in the CSV."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from api_callers import START, check_problem

from server.api.spreadsheets import write_csv
from server.model import ListRow

if TYPE_CHECKING:
    from api_callers import Installation

PATH = "/api/lists/issues/rows"
ROW = ListRow(
    key=1,
    list_name="issues",
    case_no="2026-1",
    process_instance_key=7,
    root_key=7,
    element_id="add",
    title='=HYPERLINK("http://evil.example")',
    owner="desk@north",
    measure="打电话, 然后\n回访",
    due_at=START,
    status="open",
    created_at=START,
    updated_at=START,
    data={"amount": -5, "note": "+1", "nested": {"a": [1]}, "big": 2**70, "yes": True},
)


@pytest.fixture
def listed(muster: Installation) -> Installation:
    """Give an installation with two rows in one list and one in another."""
    with muster.context.store.transaction() as tx:
        tx.add_list_row(ROW)
        tx.add_list_row(replace(ROW, key=2, case_no=None, status="done", due_at=None, owner=None, data={}))
        tx.add_list_row(replace(ROW, key=3, list_name="results"))
    return muster


def test_rows_are_read_as_json(listed: Installation) -> None:
    page = listed.person("lin").get(PATH).get_json()
    assert [row["key"] for row in page["items"]] == ["1", "2"]
    first = page["items"][0]
    assert (first["title"], first["dueAt"], first["data"]["big"]) == (ROW.title, "2026-03-01T08:00:00.000Z", 2**70)
    for query, keys in (
        ("status=done", ["2"]),
        ("owner=desk@north&caseNo=2026-1", ["1"]),
        ("processInstanceKey=8", []),
        ("limit=1&from=1", ["2"]),
    ):
        assert [row["key"] for row in listed.admin.get(f"{PATH}?{query}").get_json()["items"]] == keys
    assert listed.admin.get("/api/lists/nothing/rows").get_json()["items"] == []


@pytest.mark.parametrize(("query", "headers"), [("?format=csv", {}), ("", {"Accept": "text/csv"})])
def test_rows_are_read_as_csv_without_formulas(listed: Installation, query: str, headers: dict[str, str]) -> None:
    answer = listed.admin.get(PATH + query, headers=headers)
    assert answer.mimetype == "text/csv"
    assert answer.headers["Content-Disposition"] == "attachment; filename=issues.csv"
    text = answer.data.decode("utf-8-sig")
    header, first, second = csv.reader(io.StringIO(text))
    row = dict(zip(header, first, strict=True))
    assert row["title"] == "'" + ROW.title
    assert (row["note"], row["amount"], row["nested"], row["yes"]) == ("'+1", "-5", '{"a":[1]}', "true")
    assert (row["measure"], row["big"], row["dueAt"]) == (ROW.measure, str(2**70), "2026-03-01T08:00:00.000Z")
    assert dict(zip(header, second, strict=True))["owner"] == ""


def test_a_list_name_is_no_header(quick: Installation) -> None:
    answer = quick.admin.get("/api/lists/%E9%97%AE%E9%A2%98%22%0d%0aX: y/rows?format=csv")
    assert answer.status_code == 200
    assert "X" not in answer.headers
    assert "\n" not in answer.headers["Content-Disposition"]


@pytest.mark.parametrize("query", ["limit=0", "limit=x", "from=-1", "format=xml", "unknown=1", "processInstanceKey=x"])
def test_a_malformed_question_is_pointed_at(quick: Installation, query: str) -> None:
    body = check_problem(quick.admin.get(f"{PATH}?{query}"), 400, "INVALID_ARGUMENT")
    assert [error["pointer"] for error in body["errors"]] == ["/" + query.partition("=")[0]]


def test_clients_need_the_scope_to_read(quick: Installation) -> None:
    check_problem(quick.client("nothing").get(PATH), 403, "FORBIDDEN")
    assert quick.client("reader", read=True).get(PATH).status_code == 200


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t=", "\r=", "\n=", "＝", "＋", "－", "＠", "  ="])
def test_what_begins_like_a_formula_is_text(start: str) -> None:
    written = write_csv(["a"], [[f"{start}1+1"]])
    assert next(iter(list(csv.reader(io.StringIO(written, newline="")))[1:])) == [f"'{start}1+1"]


def test_numbers_and_plain_text_stay_as_they_are() -> None:
    assert write_csv(["=a"], [[-1, None, "a=b", 1.5]]) == "\ufeff'=a\r\n-1,,a=b,1.5\r\n"


def test_versions_of_a_row_stay_readable(listed: Installation) -> None:
    with listed.context.store.transaction() as tx:
        changed = replace(ROW, status="late", version=2, changed_by="lin", data={"why": "雨"})
        tx.update_list_row(changed)
        tx.update_list_row(replace(changed, status="done", version=3, owner="desk@south", changed_by="he"))
    versions = listed.person("lin").get(f"{PATH}/1/versions").get_json()["items"]
    assert [(one["version"], one["status"], one["changedBy"]) for one in versions] == [
        (1, "open", None),
        (2, "late", "lin"),
        (3, "done", "he"),
    ]
    assert [one["owner"] for one in versions] == ["desk@north", "desk@north", "desk@south"]
    assert versions[1]["data"] == {"why": "雨"}
    check_problem(listed.admin.get(f"{PATH}/9/versions"), 404)
    check_problem(listed.admin.get("/api/lists/results/rows/1/versions"), 404)
