"""A matter from the public door to the result: what residents say there is what the process goes on with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from api_callers import check_problem, find_task
from residents import report, track

from server.worker import Worker

if TYPE_CHECKING:
    from api_callers import Installation

TRIAGE = {"title": "楼道堆物", "category": "neighbour", "urgency": "U3", "community": "jincheng", "in_scope": "accept"}
TASK = {
    "handling_path": "self",
    "quality_goal": "楼道杂物清走，通道恢复原来宽度",
    "quantity_target": 1,
    "quantity_unit": "处",
}
CONTACT = {"contact_result": "reached", "contact_note": "已告知承办人和完成日期"}
RESULT = {"handling_result": "与住户一起清走旧家具并拍照", "quantity_reached": 1}
PASS = {"evidence_ok": "yes", "on_site": "yes", "check_result": "pass"}
UNHAPPY = {"solved": "no", "satisfied": "dissatisfied", "reason": "第二天又堆满了"}
HAPPY = {"solved": "yes", "satisfied": "satisfied"}


def complete(district: Installation, element_id: str, **variables: object) -> None:
    task = find_task(district.admin, elementId=element_id)
    answer = district.admin.post(f"/v2/user-tasks/{task['userTaskKey']}/completion", {"variables": variables})
    assert answer.status_code == 204, answer.get_data(as_text=True)


def work(district: Installation, *, again: bool = False) -> None:
    due = district.clock.now.date().replace(day=district.clock.now.day + 2).isoformat()
    complete(district, "define_task", **TASK, due_on=due)
    if not again:
        complete(district, "contact_reporter", **CONTACT)
    complete(district, "handle_self", **RESULT)
    complete(district, "department_check", **PASS)


def problem(district: Installation) -> dict[str, object]:
    (row,) = district.admin.get("/api/lists/problem/rows").json["items"]
    return dict(row)


def test_what_a_resident_says_by_the_public_door_reopens_and_closes_the_matter(district):
    receipt = report(district)
    complete(district, "triage", **TRIAGE)
    work(district)
    assert track(district, receipt, "/satisfaction", UNHAPPY).status_code == 204
    complete(district, "judge_reason", judgement="reasonable", judgement_note="照片上通道仍被占去一半")
    assert (problem(district)["status"], track(district, receipt).json["state"]) == ("reopened", "open")

    work(district, again=True)
    district.clock.advance(minutes=1)
    assert track(district, receipt, "/satisfaction", HAPPY).status_code == 204
    seen = track(district, receipt).json
    assert (seen["state"], seen["reply"]) == ("closed_resolved", RESULT["handling_result"])
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
