from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Protocol

import pytest

from server.actions import ACTIONS, ActionCall, ActionFailed
from server.model import ListRow

add_row = ACTIONS["list.add"]
update_row = ACTIONS["list.update"]
Calls = Callable[..., ActionCall]
NOW = datetime(2026, 11, 22, 1, 0, tzinfo=UTC)
TASK: Mapping[str, object] = {
    "title": "修复路灯",
    "owner": "chengguan",
    "measure": "路灯恢复照明(3盏)",
    "due_at": "2026-11-25T18:00:00",
    "path": "order",
}


class Store(Protocol):
    rows: dict[int, ListRow]

    @property
    def only_row(self) -> ListRow: ...


def task(**changes: object) -> Mapping[str, object]:
    return {"list": "task", "case_no": "JX-2026-000001", "row": {**TASK, **changes}}


def test_row_is_added_with_columns_and_own_data(call: Calls, store: Store) -> None:
    result = add_row(call(task()))
    assert store.only_row == ListRow(
        key=9_000_000_000_000_000_001,
        list_name="task",
        case_no="JX-2026-000001",
        process_instance_key=101,
        root_key=100,
        element_id="list_task",
        title="修复路灯",
        owner="chengguan",
        measure="路灯恢复照明(3盏)",
        due_at=datetime(2026, 11, 25, 10, 0, tzinfo=UTC),
        status="open",
        created_at=NOW,
        updated_at=NOW,
        data={"path": "order"},
        changed_by="system",
    )
    assert result == {"row_key": "9000000000000000001"}


def test_problem_row_needs_a_title_only(call: Calls, store: Store) -> None:
    add_row(call({"list": "problem", "row": {"title": "河水发黑", "owner": None, "due_at": ""}}))
    row = store.only_row
    assert (row.case_no, row.owner, row.measure, row.due_at, row.data) == (None, None, None, None, {})


def test_row_may_say_its_first_status(call: Calls, store: Store) -> None:
    add_row(call({"list": "result", "row": {"title": "t", "status": "closed_resolved"}}))
    assert store.only_row.status == "closed_resolved"


@pytest.mark.parametrize("missing", ["owner", "measure", "due_at"])
def test_task_without_the_four_is_refused(call: Calls, store: Store, missing: str) -> None:
    with pytest.raises(ActionFailed, match=rf"四定.*missing: {missing}$"):
        add_row(call(task(**{missing: None})))
    assert store.rows == {}


@pytest.mark.parametrize("due_at", ["2026-11-21T18:00:00", "2026-11-22T01:00:00Z"])
def test_task_due_in_the_past_is_refused(call: Calls, store: Store, due_at: str) -> None:
    with pytest.raises(ActionFailed, match="lies in the future"):
        add_row(call(task(due_at=due_at)))
    assert store.rows == {}


@pytest.mark.parametrize(
    ("due_at", "moment"),
    [
        ("2026-11-25T18:00:00", datetime(2026, 11, 25, 10, tzinfo=UTC)),
        ("2026-11-25T18:00+08:00", datetime(2026, 11, 25, 10, tzinfo=UTC)),
        ("2026-11-25T18:00:00Z", datetime(2026, 11, 25, 18, tzinfo=UTC)),
        ("2026-11-25T18:00:00@Asia/Shanghai", datetime(2026, 11, 25, 10, tzinfo=UTC)),
        ("2026-11-25T18:00:00+08:00[Asia/Shanghai]", datetime(2026, 11, 25, 10, tzinfo=UTC)),
        ("2026-11-25", datetime(2026, 11, 25, 15, 59, 59, tzinfo=UTC)),
    ],
)
def test_times_are_kept_in_utc(call: Calls, store: Store, due_at: str, moment: datetime) -> None:
    add_row(call(task(due_at=due_at)))
    assert store.only_row.due_at == moment


@pytest.mark.parametrize(
    "due_at", ["下周三", "2026-13-01", "2026-02-30T10:00:00", "2026-11-25T18:00:00@Moon/Crater", "0001-01-01T00:00:00"]
)
def test_what_is_no_time_is_refused(call: Calls, due_at: str) -> None:
    bad = call(task(due_at=due_at))
    with pytest.raises(ActionFailed, match=r"a date and time such as 2026-11-30T18:00:00\+08:00 in 'due_at'"):
        add_row(bad)


@pytest.mark.parametrize(
    ("variables", "words"),
    [
        ({"list": "wish", "row": TASK}, "supervision, task, whistle, whistle_catalogue in 'list', found 'wish'"),
        ({"row": TASK}, "in 'list', found None"),
        ({"list": "task"}, "a context such as .* in 'row', found None"),
        ({"list": "task", "row": "路灯"}, "in 'row', found '路灯'"),
        (task(title=" "), "a text in 'title', found ' '"),
        (task(owner=["chengguan"]), r"a text in 'owner', found \['chengguan'\]"),
        (task(due_at=20261125), "a text in 'due_at'"),
    ],
)
def test_wrong_inputs_are_named(call: Calls, variables: Mapping[str, object], words: str) -> None:
    bad = call(variables)
    with pytest.raises(ActionFailed, match=words):
        add_row(bad)


def test_update_changes_what_is_named_and_keeps_the_rest(call: Calls, store: Store) -> None:
    key = add_row(call(task()))["row_key"]
    before = store.only_row
    later = NOW + timedelta(days=1)
    changes = {
        "owner": "zhujian",
        "measure": "5 盏",
        "due_at": "2026-11-30T18:00:00",
        "path": "self",
        "result": "已修复",
    }
    result = update_row(call({"row_key": key, "status": "done", "changes": changes}, now=later))
    assert result == {}
    assert store.only_row == replace(
        before,
        status="done",
        owner="zhujian",
        measure="5 盏",
        due_at=datetime(2026, 11, 30, 10, tzinfo=UTC),
        updated_at=later,
        data={"path": "self", "result": "已修复"},
        version=2,
    )


def test_update_of_the_status_alone(call: Calls, store: Store) -> None:
    key = add_row(call(task()))["row_key"]
    before = store.only_row
    update_row(call({"row_key": key, "status": "returned"}))
    assert store.only_row == replace(before, status="returned", version=2)


def test_update_may_rename_and_clear(call: Calls, store: Store) -> None:
    key = add_row(call(task()))["row_key"]
    update_row(call({"row_key": key, "status": "open", "changes": {"title": "修复三盏路灯", "due_at": None}}))
    assert (store.only_row.title, store.only_row.due_at) == ("修复三盏路灯", None)


def test_update_of_a_row_of_another_case_is_refused(call: Calls, store: Store) -> None:
    key = add_row(call(task(), root=100))["row_key"]
    before = store.only_row
    with pytest.raises(ActionFailed, match="a list row of this case"):
        update_row(call({"row_key": key, "status": "done"}, root=200))
    assert store.only_row == before


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"row_key": "5"}, "a list row of this case in 'row_key', found '5'"),
        ({"row_key": "五"}, "in 'row_key', found '五'"),
        ({"row_key": None}, "a text in 'row_key', found None"),
        ({"status": None}, "a text in 'status'"),
        ({"changes": "done"}, "in 'changes', found 'done'"),
        ({"changes": {"status": "done"}}, "found it in 'changes'; move it"),
        ({"changes": {"title": None}}, "a text in 'title'"),
    ],
)
def test_wrong_updates_are_named(call: Calls, store: Store, inputs: Mapping[str, object], words: str) -> None:
    key = add_row(call(task()))["row_key"]
    before = store.only_row
    bad = call({"row_key": key, "status": "done", **inputs})
    with pytest.raises(ActionFailed, match=words):
        update_row(bad)
    assert store.only_row == before


@pytest.mark.parametrize(
    ("name", "missing"),
    [
        ("supervision", "owner, measure, due_at"),
        ("meeting", "owner, measure, due_at"),
        ("project", "owner, measure, due_at"),
        ("need", "owner, measure"),
        ("exemption", "owner, due_at"),
        ("duty", "owner"),
        ("points_ledger", "measure"),
    ],
)
def test_rows_without_what_their_list_demands_are_refused(call: Calls, store: Store, name: str, missing: str) -> None:
    with pytest.raises(ActionFailed, match=f"a {name} needs .*missing: {missing}$"):
        add_row(call({"list": name, "row": {"title": "x"}}))
    row = {"title": "x", "owner": "chengguan", "measure": "1 次", "due_at": "2026-11-01"}
    add_row(call({"list": name, "row": row}))
    assert store.only_row.list_name == name


def test_rows_of_the_six_lists_follow_from_one_another(call: Calls, store: Store) -> None:
    task_key = add_row(call(task()))["row_key"]
    row = {**TASK, "prev_row_key": task_key}
    added = add_row(call({"list": "supervision", "row": row}))["row_key"]
    assert store.rows[int(str(added))].prev_row_key == int(str(task_key))
    for bad in ("9", "x"):
        with pytest.raises(ActionFailed, match="expected the key of a list row in 'prev_row_key'"):
            add_row(call({"list": "supervision", "row": {**TASK, "prev_row_key": bad}}))
    with pytest.raises(ActionFailed, match="follow from one another, found need, task"):
        add_row(call({"list": "need", "row": row}))


def test_a_change_is_a_version_of_whoever_made_it(call: Calls, store: Store) -> None:
    key = add_row(call(task()))["row_key"]
    update_row(call({"row_key": key, "status": "done"}))
    assert (store.only_row.version, store.only_row.changed_by) == (2, "system")
