"""Actions run inside the step: their rows are committed with it, their failures are incidents that can be repaired."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

from api_callers import start

from tests.unit.engine.diagrams import diagram, flows, job, mappings, process, user
from tests.unit.engine.diagrams import start as start_event

if TYPE_CHECKING:
    from api_callers import Installation

ROW = {"list": '="task"', "row": "=row"}
ADDING = diagram(
    process("adding", start_event(), job("add", "list.add", mappings(ROW, {"row_key": "=row_key"})), user("after"),
            flows("start -> add -> after"))
)  # fmt: skip
NAMED = diagram(
    process("named", start_event(), job("act", "=kind", mappings(ROW)), user("after"), flows("start -> act -> after"))
)
WHOLE = {"title": "路灯", "owner": "dept@chengguan", "measure": "5 盏", "due_at": "2030-01-01T09:00:00+08:00"}


def deploy(muster: Installation, content: bytes) -> None:
    files = [(io.BytesIO(content), "d.bpmn", "application/octet-stream")]
    answer = muster.admin.post("/v2/deployments", data={"resources": files}, content_type="multipart/form-data")
    assert answer.status_code == 200, answer.get_data(as_text=True)


def rows(muster: Installation) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = muster.admin.get("/api/lists/task/rows").get_json()["items"]
    return found


def incidents(muster: Installation, key: str) -> list[dict[str, Any]]:
    query = {"filter": {"processInstanceKey": key, "state": "ACTIVE"}}
    found: list[dict[str, Any]] = muster.admin.post("/v2/incidents/search", query).get_json()["items"]
    return found


def test_a_row_is_there_when_the_start_is_answered(muster: Installation) -> None:
    deploy(muster, ADDING)
    key = start(muster.admin, "adding", {"row": WHOLE})
    (row,) = rows(muster)
    assert (row["title"], row["processInstanceKey"], row["status"]) == ("路灯", key, "open")
    assert not incidents(muster, key)


def test_an_action_that_fails_leaves_no_row_and_goes_on_after_the_repair(muster: Installation) -> None:
    deploy(muster, ADDING)
    key = start(muster.admin, "adding", {"row": {**WHOLE, "measure": None}})
    assert rows(muster) == []
    (incident,) = incidents(muster, key)
    assert (incident["errorType"], incident["elementId"]) == ("JOB_NO_RETRIES", "add")
    scope = incident["elementInstanceKey"]
    body = {"variables": {"row": WHOLE}, "local": True}
    assert muster.admin.send("PUT", f"/v2/element-instances/{scope}/variables", json=body).status_code == 204
    assert muster.admin.post(f"/v2/incidents/{incident['incidentKey']}/resolution").status_code == 204
    assert len(rows(muster)) == 1
    assert not incidents(muster, key)


def test_an_action_that_an_expression_names_must_exist(muster: Installation) -> None:
    deploy(muster, NAMED)
    key = start(muster.admin, "named", {"kind": "list.burn", "row": WHOLE})
    (incident,) = incidents(muster, key)
    assert "list.burn" in incident["errorMessage"]
    body = {"variables": {"kind": "list.add"}}
    assert muster.admin.send("PUT", f"/v2/element-instances/{key}/variables", json=body).status_code == 204
    assert muster.admin.post(f"/v2/incidents/{incident['incidentKey']}/resolution").status_code == 204
    assert [row["title"] for row in rows(muster)] == ["路灯"]


def test_jobs_of_actions_are_not_offered_to_outside_workers(muster: Installation) -> None:
    wanted = {"type": "list.add", "timeout": 1000, "maxJobsToActivate": 1, "worker": "w"}
    assert muster.admin.post("/v2/jobs/activation", wanted).status_code == 403
