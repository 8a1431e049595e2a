"""Actions on the lists of governance: 问题清单, 任务清单, 结果清单 (article S3, “三张清单”)."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from server.actions.inputs import read_choice, read_context, read_optional_text, read_text, read_time
from server.actions.registry import ActionFailed, action
from server.governance.lists import REQUIRED, check_link, check_row
from server.model import ListRow

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.actions.registry import ActionCall

COLUMNS = frozenset({"title", "owner", "measure", "due_at", "status", "prev_row_key"})
"""What a row context may hold besides the columns that go to `data`."""
FIRST_STATUS = "open"


@action("list.add")
def add_row(call: ActionCall) -> Mapping[str, object]:
    """Add a row to a list.

    Inputs `list` (problem, task, result, supervision …) and `row`, a context with `title` and, where they are known,
    `owner`, `measure`, `due_at`, `status` (open unless said); other entries become the row's own columns. In the six
    lists `prev_row_key` names the row that this one follows from. The row belongs to the case in the variable
    `case_no`. Output `row_key`, a text. A task row needs owner, measure and a date that is still to come: 定责, 定性
    and 定量, 定时 (article S0, “定性定量定时定责”); what other lists need stands in `governance.lists`.

    :raises ActionFailed: when something is missing or of the wrong kind
    """
    row = build_row(call, read_choice(call.variables, "list", REQUIRED), read_context(call.variables, "row"))
    call.tx.add_list_row(row)
    return {"row_key": str(row.key)}


def build_row(call: ActionCall, list_name: str, content: Mapping[str, object]) -> ListRow:
    """Return a new row of a list, complete as the list wants it; it is not added yet.

    :raises ActionFailed: when something is missing or of the wrong kind
    """
    row = ListRow(
        key=next(call.tx.keys),
        list_name=list_name,
        case_no=read_optional_text(call.variables, "case_no"),
        process_instance_key=call.job.place.process_instance_key,
        root_key=call.job.place.root_key,
        element_id=call.job.place.element_id,
        title=read_text(content, "title"),
        owner=read_optional_text(content, "owner"),
        measure=read_optional_text(content, "measure"),
        due_at=read_time(content, "due_at", call.zone),
        status=read_optional_text(content, "status") or FIRST_STATUS,
        created_at=call.now,
        updated_at=call.now,
        data=_own_columns(content),
        prev_row_key=_read_key(content, "prev_row_key"),
        changed_by=call.actor,
    )
    _check(call, row)
    return row


@action("list.update")
def update_row(call: ActionCall) -> Mapping[str, object]:
    """Change a row that the same case added earlier.

    Inputs `row_key` as `list.add` gave it, `status`, and optionally `changes`: a context whose entries replace those
    of the row. What the row was stays readable as a version. No output.

    :raises ActionFailed: when there is no such row in this case, or something is of the wrong kind
    """
    row = _find_row(call)
    content = read_context(call.variables, "changes") if call.variables.get("changes") is not None else {}
    if "status" in content:
        raise ActionFailed("expected the new status in the input 'status', found it in 'changes'; move it")
    changed = replace(row, status=read_text(call.variables, "status"), updated_at=call.now, changed_by=call.actor)
    if "title" in content:
        changed = replace(changed, title=read_text(content, "title"))
    if "owner" in content:
        changed = replace(changed, owner=read_optional_text(content, "owner"))
    if "measure" in content:
        changed = replace(changed, measure=read_optional_text(content, "measure"))
    if "due_at" in content:
        changed = replace(changed, due_at=read_time(content, "due_at", call.zone))
    own = {**row.data, **_own_columns(content)}
    call.tx.update_list_row(replace(changed, version=row.version + 1, data=own))
    return {}


def _find_row(call: ActionCall) -> ListRow:
    text = read_text(call.variables, "row_key")
    row = call.tx.list_row(int(text)) if text.isascii() and text.isdigit() else None
    if row is None or row.root_key != call.job.place.root_key:
        raise ActionFailed(f"expected the key of a list row of this case in 'row_key', found {text!r}")
    return row


def _read_key(content: Mapping[str, object], name: str) -> int | None:
    text = read_optional_text(content, name)
    if text is None:
        return None
    if not (text.isascii() and text.isdigit()):
        raise ActionFailed(f"expected the key of a list row in {name!r}, found {text!r}")
    return int(text)


def _check(call: ActionCall, row: ListRow) -> None:
    problem = check_row(row)
    if problem is None and row.prev_row_key is not None:
        problem = check_link(row, call.tx.list_row(row.prev_row_key))
    if problem is not None:
        raise ActionFailed(problem)


def _own_columns(content: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in content.items() if name not in COLUMNS}
