"""A matter from the public door to the result: what residents say there is what the process goes on with."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from api_callers import check_problem, find_task
from file_examples import make_noted_image, upload_key
from PIL import Image
from residents import report, track

from server.access import SYSTEM
from server.service import identity
from server.worker import Worker

if TYPE_CHECKING:
    from api_callers import Installation
    from werkzeug.test import TestResponse

TRIAGE = {"title": "楼道堆物", "category": "neighbour", "urgency": "U3", "community": "jincheng", "in_scope": "accept"}
TASK = {
    "handling_path": "self",
    "quality_goal": "楼道杂物清走，通道恢复原来宽度",
    "quantity_target": 1,
    "quantity_unit": "处",
}
CONTACT = {"contact_result": "reached", "contact_note": "已告知承办人和完成日期"}
RESULT = {"handling_result": "与住户李建国13812345678一起清走旧家具并拍照", "quantity_reached": 1}
TOLD = "与住户李建国[电话]一起清走旧家具并拍照"
PASS = {"evidence_ok": "yes", "on_site": "yes", "check_result": "pass"}
UNHAPPY = {"solved": "no", "satisfied": "dissatisfied", "reason": "第二天又堆满了"}
HAPPY = {"solved": "yes", "satisfied": "satisfied"}


DESK = "he_qing"
"""A second person: who checks is not who handled it."""


@pytest.fixture(autouse=True)
def desk(district):
    identity.add_user(district.context, SYSTEM, DESK, None, groups={"street_desk@jinxiu", "second_checker@minghu"})


def send(district: Installation, element_id: str, by: str = "admin", **variables: object) -> TestResponse:
    task = find_task(district.admin, elementId=element_id)
    return district.person(by).post(f"/v2/user-tasks/{task['userTaskKey']}/completion", {"variables": variables})


def complete(district: Installation, element_id: str, by: str = "admin", **variables: object) -> None:
    answer = send(district, element_id, by, **variables)
    assert answer.status_code == 204, answer.get_data(as_text=True)


def work(district: Installation, *, again: bool = False) -> None:
    due = district.clock.now.date().replace(day=district.clock.now.day + 2).isoformat()
    complete(district, "define_task", **TASK, due_on=due)
    if not again:
        complete(district, "contact_reporter", **CONTACT)
    complete(district, "handle_self", **RESULT)
    complete(district, "department_check", DESK, **PASS)


def problem(district: Installation) -> dict[str, object]:
    (row,) = district.admin.get("/api/lists/problem/rows").json["items"]
    return dict(row)


def test_what_a_resident_says_by_the_public_door_reopens_and_closes_the_matter(district):
    receipt = report(district)
    complete(district, "triage", **TRIAGE)
    work(district)
    seen = track(district, receipt).json
    assert (seen["state"], seen["reply"]) == ("open", TOLD)  # what is judged is there before it is judged
    assert track(district, receipt, "/satisfaction", UNHAPPY).status_code == 204
    complete(district, "judge_reason", DESK, judgement="reasonable", judgement_note="照片上通道仍被占去一半")
    assert (problem(district)["status"], track(district, receipt).json["state"]) == ("reopened", "open")

    work(district, again=True)
    district.clock.advance(minutes=1)
    assert track(district, receipt, "/satisfaction", HAPPY).status_code == 204
    seen = track(district, receipt).json
    assert (seen["state"], seen["reply"]) == ("closed_resolved", TOLD)
    assert problem(district)["status"] == "closed"

    district.clock.advance(minutes=1)
    assert track(district, receipt, "/satisfaction", UNHAPPY).status_code == 204
    assert (problem(district)["status"], track(district, receipt).json["state"]) == ("reopened", "open")


@pytest.mark.parametrize("days", [15, 17])
def test_a_closed_matter_may_be_reopened_for_fifteen_days(district, days):
    receipt = report(district)
    complete(district, "triage", **TRIAGE)
    work(district)
    assert track(district, receipt, "/satisfaction", HAPPY).status_code == 204
    district.clock.advance(days=days)
    Worker(district.context).run_due()
    answer = track(district, receipt, "/reopening", {"reason": "楼道又堆满了"})
    if days > 16:
        check_problem(answer, 409)
    else:
        assert answer.status_code == 204
        assert track(district, receipt).json["state"] == "open"


def test_who_handled_it_does_not_check_it_whatever_they_may_else(district):
    report(district)
    complete(district, "triage", **TRIAGE)
    complete(district, "define_task", **TASK, due_on=district.clock.now.date().isoformat())
    complete(district, "contact_reporter", **CONTACT)
    complete(district, "handle_self", **RESULT)
    task = find_task(district.admin, elementId="department_check")
    path = f"/v2/user-tasks/{task['userTaskKey']}"
    for answer in (
        send(district, "department_check", **PASS),
        district.admin.post(f"{path}/assignment", {"assignee": "admin"}),
    ):
        found = check_problem(answer, 403)
        assert "expected somebody else than who completed handle_self or report_done, found admin" in found["detail"]
    offered = [
        set(district.person(name).get(f"/api/user-tasks/{task['userTaskKey']}/actions").json["items"])
        for name in ("admin", DESK)
    ]
    assert offered[0].isdisjoint({"assignment", "completion"})
    assert offered[1] >= {"assignment", "completion"}
    assert district.admin.post(f"{path}/assignment", {"assignee": DESK}).status_code == 204
    complete(district, "department_check", DESK, **PASS)


def test_evidence_goes_with_the_matter_from_the_report_to_the_check(district):
    identity.add_user(district.context, SYSTEM, "qi_feng", None, groups={"street_desk@wanghe"})
    seen, before, after = (upload_key(district.admin, make_noted_image("JPEG")) for _ in range(3))
    variables = {
        "channel": "community_desk",
        "matter": "三号楼楼道堆放旧家具",
        "place": "锦程社区 3 号楼",
        "street": "jinxiu",
        "contact_pref": "none",
        "privacy_notice_ack": True,
        "photos": [seen],
    }
    started = district.admin.post(
        "/v2/process-instances", {"processDefinitionId": "three_list_issue", "variables": variables}
    )
    assert started.status_code == 200, started.get_data(as_text=True)
    complete(district, "triage", DESK, **TRIAGE)
    complete(district, "define_task", DESK, **TASK, due_on=district.clock.now.date().isoformat())
    complete(district, "contact_reporter", **CONTACT)
    for wrong in (["17"], [seen], [before] * 10):
        refused = check_problem(send(district, "handle_self", **RESULT, photos_before=wrong, photos_after=[after]), 422)
        assert refused["errors"][0]["pointer"].startswith("/photos_before")
    complete(district, "handle_self", **RESULT, photos_before=[before], photos_after=[after])
    for key in (seen, before, after):
        given = district.person(DESK).get(f"/api/attachments/{key}")
        assert given.status_code == 200
        assert not Image.open(io.BytesIO(given.data)).getexif()
        check_problem(district.person("qi_feng").get(f"/api/attachments/{key}"), 404)
    complete(district, "department_check", DESK, **PASS)


def test_a_desk_may_write_numbers_that_nobody_reads_on(district):
    variables = {
        "channel": "phone_12345",
        "matter": "三号楼楼道堆放旧家具，请打13812345678",
        "place": "锦程社区 3 号楼",
        "street": "jinxiu",
        "contact_pref": "phone",
        "reporter_name": "李建国",
        "reporter_phone": "13812345678",
        "privacy_notice_ack": True,
    }
    started = district.admin.post(
        "/v2/process-instances", {"processDefinitionId": "three_list_issue", "variables": variables}
    )
    assert started.status_code == 200
    told = [
        district.admin.post(f"/v2/{noun}/search", {}).get_data(as_text=True) for noun in ("variables", "user-tasks")
    ]
    assert not any("13812345678" in text or "李建国" in text for text in told)
    with district.context.store.reading() as reading:
        assert sum(reading.vault_key_ids().values()) == 2
