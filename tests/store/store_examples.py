"""Records for the tests of the store; every argument has a default, and `replace` changes the rest."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import event

from server.model import (
    HistoryEvent,
    HistoryRecord,
    Incident,
    IncidentState,
    IncidentType,
    InstanceState,
    Job,
    JobState,
    ListRow,
    MessageSubscription,
    Place,
    ProcessDefinition,
    ProcessInstance,
    StepResult,
    Timer,
    UserTask,
    UserTaskState,
    VariableChange,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from server.store import Store

NOW = datetime(2026, 3, 2, 9, 30, 0, 123000, tzinfo=UTC)
ROOT = 1000
MINUTE = timedelta(minutes=1)


def place(element_id: str = "respond", root: int = ROOT, **changes: object) -> Place:
    made = Place(
        element_id=element_id,
        element_instance_key=root + 1,
        process_instance_key=root,
        root_key=root,
        process_definition_key=77,
        process_id="three_list_issue",
    )
    return replace(made, **changes)


def user_task(key: int, root: int = ROOT, **changes: object) -> UserTask:
    made = UserTask(
        key=key, place=place(root=root), name="答复", state=UserTaskState.CREATED, creation_date=NOW + key * MINUTE
    )
    return replace(made, **changes)


def job(key: int, root: int = ROOT, **changes: object) -> Job:
    made = Job(
        key=key,
        place=place("notify", root),
        type="mail",
        state=JobState.CREATED,
        retries=3,
        creation_date=NOW,
        updated_at=NOW,
    )
    return replace(made, **changes)


def timer(key: int, due_at: datetime, root: int = ROOT) -> Timer:
    return Timer(key=key, place=place("deadline", root), due_at=due_at)


def subscription(key: int, name: str, correlation_key: str, root: int = ROOT) -> MessageSubscription:
    return MessageSubscription(key=key, place=place("wait", root), message_name=name, correlation_key=correlation_key)


def incident(key: int, root: int = ROOT, **changes: object) -> Incident:
    made = Incident(
        key=key,
        place=place("route", root),
        type=IncidentType.CONDITION_ERROR,
        message="expected a boolean, found null",
        state=IncidentState.ACTIVE,
        creation_date=NOW,
    )
    return replace(made, **changes)


def history(key: int, root: int = ROOT, **changes: object) -> HistoryRecord:
    made = HistoryRecord(
        key=key,
        place=place(root=root),
        element_type="userTask",
        event=HistoryEvent.ENTERED,
        at=NOW,
        actor="王敏",
        variables={"decision": "联合执法"},
    )
    return replace(made, **changes)


def variable(name: str, value: object, root: int = ROOT, **changes: object) -> VariableChange:
    made = VariableChange(scope_key=root, process_instance_key=root, root_key=root, name=name, value=value)
    return replace(made, **changes)


def instance(key: int = ROOT, **changes: object) -> ProcessInstance:
    made = ProcessInstance(
        key=key,
        root_key=key,
        process_definition_key=77,
        process_id="three_list_issue",
        version=1,
        state=InstanceState.ACTIVE,
        start_date=NOW + key * MINUTE,
    )
    return replace(made, **changes)


def step(root: int = ROOT, state: bytes = b"state", *, active: bool = True, **changes: object) -> StepResult:
    return StepResult(root_key=root, state=state, active=active, **changes)


def start(store: Store, root: int = ROOT, **changes: object) -> None:
    """Save a root instance with whatever its first step opened."""
    changes = {"instances_started": (instance(root),)} | changes
    with store.transaction() as tx:
        tx.create_root(step(root, **changes))


def definition(key: int, version: int = 1, **changes: object) -> ProcessDefinition:
    made = ProcessDefinition(
        key=key,
        process_id="three_list_issue",
        version=version,
        name="三张清单",
        version_tag=None,
        resource_name="three_list_issue.bpmn",
        content_hash=f"hash-{version}",
        deployment_key=key + 1,
    )
    return replace(made, **changes)


def list_row(key: int, **changes: object) -> ListRow:
    made = ListRow(
        key=key,
        list_name="problem_list",
        case_no="2026-0001",
        process_instance_key=ROOT,
        root_key=ROOT,
        element_id="register",
        title="违建",
        owner="street_desk@jinxiu",
        measure="拆除 1 处",
        due_at=NOW + timedelta(days=2),
        status="open",
        created_at=NOW,
        updated_at=NOW,
        data={"place": "锦绣街"},
    )
    return replace(made, **changes)


@contextmanager
def counting(store: Store) -> Iterator[list[str]]:
    """Collect the statements that reach the driver: BEGIN and COMMIT are not among them, `executemany` is one."""
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    event.listen(store._engine, "before_cursor_execute", note)
    try:
        yield statements
    finally:
        event.remove(store._engine, "before_cursor_execute", note)
