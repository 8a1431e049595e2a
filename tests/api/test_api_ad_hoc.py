"""Ad-hoc sub-processes over HTTP: an operator lets elements begin; everybody else learns nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from api_callers import check_problem, find_task, start

from tests.unit.engine.diagrams import ad_hoc, diagram, end, flows, process
from tests.unit.engine.diagrams import start as start_event
from tests.unit.engine.diagrams import user as user_task

if TYPE_CHECKING:
    from api_callers import Installation

JOINT = ad_hoc("joint", user_task("roads"), user_task("parks"), condition="=finished")
DRAWN = diagram(process("joint_action", start_event(), JOINT, end(), flows("start -> joint -> end")))


def begin(muster: Installation) -> tuple[str, str]:
    """Return the keys of an instance and of its ad-hoc sub-process."""
    muster.admin.deploy_diagrams(DRAWN)
    key = start(muster.admin, "joint_action", {"finished": False})
    body = {"filter": {"processInstanceKey": key, "elementId": "joint"}}
    (joint,) = muster.admin.post("/v2/element-instances/search", body).get_json()["items"]
    assert joint["type"] == "AD_HOC_SUB_PROCESS"
    return key, f"/v2/element-instances/ad-hoc-activities/{joint['elementInstanceKey']}/activation"


def test_elements_begin_run_and_are_told(muster: Installation) -> None:
    key, path = begin(muster)
    body = {"elements": [{"elementId": "roads", "variables": {"unit": "roads"}}, {"elementId": "parks"}]}
    assert muster.admin.post(path, body).status_code == 204
    search = {"filter": {"processInstanceKey": key, "name": "unit"}}
    (unit,) = muster.admin.post("/v2/variables/search", search).get_json()["items"]
    assert unit["value"] == '"roads"'
    found = muster.admin.post("/v2/element-instances/search", {"filter": {"processInstanceKey": key}}).get_json()
    inner = [one for one in found["items"] if one["type"] == "AD_HOC_SUB_PROCESS_INNER_INSTANCE"]
    assert [one["elementId"] for one in inner] == ["joint#innerInstance"] * 2
    task = find_task(muster.admin, processInstanceKey=key, elementId="parks")
    done = muster.admin.post(f"/v2/user-tasks/{task['userTaskKey']}/completion", {"variables": {"finished": True}})
    assert done.status_code == 204
    assert muster.admin.get(f"/v2/process-instances/{key}").get_json()["state"] == "COMPLETED"
    check_problem(muster.admin.post(path, body), 409, "INVALID_STATE")


def test_bad_calls_change_nothing(muster: Installation) -> None:
    key, path = begin(muster)
    check_problem(muster.admin.post(path, {"elements": []}), 400, "INVALID_ARGUMENT")
    check_problem(muster.admin.post(path, {"elements": [{"elementId": "nowhere"}]}), 400, "INVALID_ARGUMENT")
    twice = {"elements": [{"elementId": "roads"}, {"elementId": "roads"}]}
    check_problem(muster.admin.post(path, twice), 400, "INVALID_ARGUMENT")
    good = {"elements": [{"elementId": "roads"}]}
    check_problem(muster.admin.post(path.replace("/activation", "0/activation"), good), 404, "NOT_FOUND")
    check_problem(
        muster.admin.post(f"/v2/element-instances/ad-hoc-activities/{key}/activation", good), 404, "NOT_FOUND"
    )
    check_problem(muster.person("lin").post(path, good), 404, "NOT_FOUND")
    tasks = muster.admin.post("/v2/user-tasks/search", {"filter": {"processInstanceKey": key}}).get_json()["items"]
    assert tasks == []
