"""Records as `/v2` and `/api` show them, read back."""

from __future__ import annotations

import json
from datetime import datetime
from typing import TYPE_CHECKING, Any

from server.model import Incident, IncidentState, IncidentType, ListRow, Place, UserTask, UserTaskState

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Item = dict[str, Any]


def read_user_task(item: Item) -> UserTask:
    """Read a user task."""
    return UserTask(
        key=int(item["userTaskKey"]),
        place=_read_place(item),
        name=item["name"],
        state=UserTaskState(item["state"]),
        creation_date=_read_time(item["creationDate"]),
        assignee=item["assignee"],
        candidate_groups=tuple(item["candidateGroups"]),
        candidate_users=tuple(item["candidateUsers"]),
        due_date=_read_optional_time(item["dueDate"]),
        follow_up_date=_read_optional_time(item["followUpDate"]),
        priority=item["priority"],
        form_key=None if item["formKey"] is None else int(item["formKey"]),
    )


def read_incident(item: Item) -> Incident:
    """Read an incident."""
    return Incident(
        key=int(item["incidentKey"]),
        place=_read_place(item),
        type=IncidentType(item["errorType"]),
        message=item["errorMessage"],
        state=IncidentState(item["state"]),
        creation_date=_read_time(item["creationTime"]),
    )


def read_list_row(item: Item) -> ListRow:
    """Read a row of a list."""
    return ListRow(
        key=int(item["key"]),
        list_name=item["listName"],
        case_no=item["caseNo"],
        process_instance_key=int(item["processInstanceKey"]),
        root_key=int(item["rootProcessInstanceKey"]),
        element_id=item["elementId"],
        title=item["title"],
        owner=item["owner"],
        measure=item["measure"],
        due_at=_read_optional_time(item["dueAt"]),
        status=item["status"],
        created_at=_read_time(item["createdAt"]),
        updated_at=_read_time(item["updatedAt"]),
        data=item["data"],
    )


def read_variables(items: Iterable[Item]) -> Mapping[str, object]:
    """Read variables of one scope; their values are JSON texts."""
    return {item["name"]: json.loads(item["value"]) for item in items}


def _read_place(item: Item) -> Place:
    return Place(
        element_id=item["elementId"],
        element_instance_key=int(item["elementInstanceKey"]),
        process_instance_key=int(item["processInstanceKey"]),
        root_key=int(item["rootProcessInstanceKey"]),
        process_definition_key=int(item["processDefinitionKey"]),
        process_id=item["processDefinitionId"],
    )


def _read_time(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _read_optional_time(text: str | None) -> datetime | None:
    return None if text is None else _read_time(text)
