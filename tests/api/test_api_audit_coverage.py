"""Every operation that changes something, or shows who reported, is in the audit log, or named here with a reason."""

from __future__ import annotations

import inspect
import re
from typing import TYPE_CHECKING, Any

from api_callers import find_task, start

from server import service
from server.access import SYSTEM
from server.model import Meeting, MeetingState, Query, Sort, Unit
from server.service import identity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from api_callers import Installation
    from werkzeug.test import TestResponse

READS = frozenset({"GET", "HEAD", "OPTIONS"})
EXCEPTIONS = {
    "createAccessToken": "programs ask for one every hour; what they do with it is in the log",
    "signOut": "ends one's own session; that it began is in the log",
    "putDraft": "what one has typed and not sent; nobody else sees it",
    "deleteDraft": "as above",
    "uploadAttachment": "nobody else's until a submission uses it, which is in the log (BIND)",
    "activateJobs": "hands out work; what comes of it is in the log",
    "changeUserTasks": "each of the many writes the line of the single request",
    "resolveIncidents": "as above",
    "markCopyRead": "that one has looked at one's own copy",
    "setNotificationPreferences": "how one wants to be told; no record of anybody changes",
    "setNotificationPreferencesOfUser": "as above",
    "planMigration": "changes nothing",
    "getProcessDefinitionStatistics": "changes nothing",
}
CHAIN = "date,kind,name,status\n2031-01-01,rest,元旦,official\n"
PASSWORD = "a long enough password"


def newest(muster: Installation, after: int) -> list[tuple[str, str, int]]:
    with muster.context.store.reading() as reading:
        lines = reading.search_audit(Query(sort=(Sort("key", descending=True),), limit=50)).items
    return [(one.operation, one.entity_type, one.key or 0) for one in lines if (one.key or 0) > after]


def tour(muster: Installation) -> Iterator[tuple[str, TestResponse, str]]:
    """Do one thing after the other: operation, answer, and what the log must say of it."""
    admin, lin = muster.admin, muster.person("lin")
    yield "createDeployment", admin.deploy("two_units.bpmn", "errand.bpmn", "check.form"), "CREATE DEPLOYMENT"
    body = {"processDefinitionId": "上报", "variables": {}}
    begun = lin.post("/v2/process-instances", body)
    yield "createProcessInstance", begun, "CREATE PROCESS_INSTANCE"
    key = begun.get_json()["processInstanceKey"]
    yield (
        "suspendProcessInstance",
        admin.post(f"/v2/process-instances/{key}/suspension", {}),
        "SUSPEND PROCESS_INSTANCE",
    )
    yield "resumeProcessInstance", admin.post(f"/v2/process-instances/{key}/resumption", {}), "RESUME PROCESS_INSTANCE"
    variables = {"variables": {"remark": "x"}}
    path = f"/v2/element-instances/{key}/variables"
    yield "setElementInstanceVariables", admin.send("PUT", path, json=variables), "UPDATE VARIABLE"
    path = f"/api/process-instances/{key}/reschedule"
    yield "rescheduleTimers", admin.post(path), "RESCHEDULE PROCESS_INSTANCE"
    task = f"/v2/user-tasks/{find_task(lin)['userTaskKey']}"
    changes = {"changeset": {"priority": 7}}
    yield "updateUserTask", admin.send("PATCH", task, json=changes), "UPDATE USER_TASK"
    yield "assignUserTask", lin.post(f"{task}/assignment", {"assignee": "lin"}), "ASSIGN USER_TASK"
    yield "unassignUserTask", lin.send("DELETE", f"{task}/assignee"), "UNASSIGN USER_TASK"
    yield "completeUserTask", lin.post(f"{task}/completion", {}), "COMPLETE USER_TASK"
    yield (
        "cancelProcessInstance",
        admin.post(f"/v2/process-instances/{key}/cancellation", {}),
        "CANCEL PROCESS_INSTANCE",
    )
    yield from tour_jobs(muster)
    yield from tour_people(muster)


def tour_jobs(muster: Installation) -> Iterator[tuple[str, TestResponse, str]]:
    admin = muster.admin
    wanted = {"type": "fetch", "timeout": 60_000, "maxJobsToActivate": 1, "requestTimeout": -1}

    def take() -> str:
        start(admin, "errand", {"place": "west"})
        key: str = admin.post("/v2/jobs/activation", wanted).get_json()["jobs"][0]["jobKey"]
        return f"/v2/jobs/{key}"

    job = take()
    yield "updateJob", admin.send("PATCH", job, json={"changeset": {"retries": 2}}), "UPDATE JOB"
    yield "failJob", admin.post(f"{job}/failure", {"retries": 0, "errorMessage": "no"}), "FAIL JOB"
    (incident,) = admin.post("/v2/incidents/search", {"filter": {"state": "ACTIVE"}}).get_json()["items"]
    admin.send("PATCH", job, json={"changeset": {"retries": 1}})
    path = f"/v2/incidents/{incident['incidentKey']}/resolution"
    yield "resolveIncident", admin.post(path, {}), "RESOLVE INCIDENT"
    yield "throwJobError", admin.post(f"{take()}/error", {"errorCode": "CLOSED"}), "THROW_ERROR JOB"
    yield "completeJob", admin.post(f"{take()}/completion", {}), "COMPLETE JOB"
    message = {"name": "reply", "correlationKey": "west", "timeToLive": 60_000}
    (waiting,) = admin.post("/v2/message-subscriptions/search", {}).get_json()["items"]
    message["correlationKey"] = waiting["correlationKey"]
    correlated = admin.post("/v2/messages/correlation", {name: message[name] for name in ("name", "correlationKey")})
    yield "correlateMessage", correlated, "CORRELATE MESSAGE_SUBSCRIPTION"
    yield "publishMessage", admin.post("/v2/messages/publication", message), "PUBLISH MESSAGE"
    yield "broadcastSignal", admin.post("/v2/signals/broadcast", {"signalName": "alarm"}), "BROADCAST SIGNAL"
    yield "retryFailedDeliveries", admin.post("/api/signals/undelivered/retry"), "RETRY SIGNAL"


def tour_people(muster: Installation) -> Iterator[tuple[str, TestResponse, str]]:
    admin = muster.admin
    person = {"username": "mei", "password": PASSWORD, "groups": ["desk@north"]}
    yield "createUser", admin.post("/api/users", person), "CREATE USER"
    yield "signIn", muster.nobody.post("/login", {"username": "mei", "password": PASSWORD}), "SIGN_IN SESSION"
    yield "updateUser", admin.send("PATCH", "/api/users/mei", json={"displayName": "Mei"}), "UPDATE USER"
    reset = admin.post("/api/users/mei/password-reset", {})
    yield "createPasswordReset", reset, "CREATE_PASSWORD_RESET USER"
    used = {"token": reset.get_json()["token"], "newPassword": f"{PASSWORD}!"}
    yield "resetPassword", muster.nobody.post("/api/password-reset", used), "RESET_PASSWORD USER"
    changed = {"currentPassword": f"{PASSWORD}!", "newPassword": PASSWORD}
    yield "changePassword", muster.person("mei").post("/api/password", changed), "CHANGE_PASSWORD USER"
    yield "endSessions", admin.send("DELETE", "/api/users/mei/sessions"), "END_SESSIONS USER"
    token = muster.person("mei").post("/api/tokens", {"name": "mine"})
    yield "createToken", token, "CREATE TOKEN"
    (listed, *_) = muster.person("mei").get("/api/tokens").get_json()["items"]
    revoked = admin.send("DELETE", f"/api/tokens/{listed['tokenId']}")
    yield "revokeToken", revoked, "REVOKE TOKEN"
    given = {"clientId": "robot", "name": "Robot", "scopes": {"read": True}}
    yield "createClient", admin.post("/api/clients", given), "CREATE CLIENT"
    yield "updateClient", admin.send("PATCH", "/api/clients/robot", json={"scopes": {}}), "SET_SCOPES CLIENT"
    yield "rotateClientSecret", admin.post("/api/clients/robot/secret"), "ROTATE CLIENT"
    yield "revokeClient", admin.send("DELETE", "/api/clients/robot"), "REVOKE CLIENT"
    claim = {"claim": "staff", "group": "desk@north"}
    yield "addClaimedGroup", admin.post("/api/claimed-groups", claim), "CREATE CLAIMED_GROUP"
    yield "removeClaimedGroup", admin.send("DELETE", "/api/claimed-groups", query_string=claim), "DELETE CLAIMED_GROUP"
    absence = {
        "absent": "lin",
        "substitute": "he",
        "beginsAt": "2026-03-01T09:00:00Z",
        "endsAt": "2026-03-09T09:00:00Z",
    }
    absent = admin.post("/api/substitutions", absence)
    yield "createSubstitution", absent, "CREATE SUBSTITUTION"
    path = f"/api/substitutions/{absent.get_json()['substitutionKey']}"
    yield "endSubstitution", admin.send("DELETE", path), "DELETE SUBSTITUTION"
    yield "letUserLeave", admin.post("/api/users/mei/departure", {}), "LEAVE USER"
    yield from meet(muster)
    yield "importCalendar", admin.post("/api/calendar/import", {"content": CHAIN}), "IMPORT CALENDAR"


def meet(muster: Installation) -> Iterator[tuple[str, TestResponse, str]]:
    """Plan how a committee meets, and check in to a meeting of it."""
    now, seat = muster.clock.now, {"kind": "secretary", "unit": "council", "person": "lin", "substitute": None}
    plan = {"committee": "council", "kind": "adhoc", "period": "none", "chair": "lin", "secretary": "lin"}
    held = {"plan": {**plan, "members": [{**seat, "seat": "1"}]}}
    sitting = Meeting(1, "M1", "council", "adhoc", 1, now, now, MeetingState.SCHEDULED, content=held)
    with muster.context.store.transaction() as tx:
        tx.put_units([Unit("council", "议事会", "committee", None)])
        tx.add_meeting(sitting)
    added = muster.admin.post("/api/meetings/plans", {**plan, "members": [seat]})
    yield "createMeetingPlan", added, "CREATE MEETING_PLAN"
    path = f"/api/meetings/plans/{added.get_json()['key']}"
    changed = muster.admin.send("PUT", path, json={**plan, "members": [seat], "place": "议事厅"})
    yield "changeMeetingPlan", changed, "UPDATE MEETING_PLAN"
    (code,) = muster.person("lin").get("/api/meetings/M1/codes").get_json()["codes"].values()
    yield "checkIn", muster.person("lin").post("/api/meetings/M1/check-in", {"code": code}), "CHECK_IN MEETING"


def operations(muster: Installation) -> dict[str, str]:
    """Return the operations that change something: id → the name of the view."""
    document = muster.read_document()
    return {
        described["operationId"]: re.sub(r"([A-Z])", lambda found: f"_{found[1].lower()}", described["operationId"])
        for path, item in document["paths"].items()
        for method, described in item.items()
        if method != "parameters" and method.upper() not in READS and not path.endswith("/search")
    }


def test_what_is_done_is_in_the_log_with_its_own_line(quick: Installation) -> None:
    identity.add_token(quick.context, SYSTEM, "lin")
    known, told = operations(quick), set()
    seen = 0
    for operation, answer, line in tour(quick):
        assert operation in known, operation
        assert answer.status_code < 300, (operation, answer.get_data(as_text=True))
        lines = newest(quick, seen)
        assert line in {f"{one[0]} {one[1]}" for one in lines}, (operation, lines)
        seen = max(one[2] for one in lines)
        told.add(operation)
    assert len(told) > 30


def test_what_the_tour_does_not_do_writes_a_line_or_is_an_exception(quick: Installation) -> None:
    """So that whoever adds an operation thinks of the log: its use case writes a line, or it is named above."""
    known = operations(quick)
    assert EXCEPTIONS.keys() <= known.keys()
    views = {view.__name__: view for view in map(inspect.unwrap, quick.app.view_functions.values())}
    silent = [
        operation
        for operation, view in known.items()
        if operation not in EXCEPTIONS and not any(writes_a_line(module) for module in modules_of(views[view]))
    ]
    assert silent == []


def modules_of(view: Any) -> list[Any]:
    """Return the modules of use cases that a view calls, itself or by a function beside it."""
    scope = inspect.getmodule(view).__dict__
    source = inspect.getsource(view)
    beside = (scope.get(name) for name in re.findall(r"\b(_\w+)\(", source))
    source += "".join(inspect.getsource(one) for one in beside if inspect.isfunction(one))
    names = set(re.findall(r"\b(\w+)\.\w+\(", source))
    found = [scope[name] for name in names if name in scope and inspect.ismodule(scope[name])]
    return [module for module in found if module.__name__.startswith(service.__name__)]


def writes_a_line(module: Any) -> bool:
    return (
        re.search(r"AuditEntry\(|\.note\(|note_(?:change|hand_off|instance)\(|add_audit\(", inspect.getsource(module))
        is not None
    )
