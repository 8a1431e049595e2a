"""Residents report by the public door and follow what they reported; nobody else learns who they are."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from api_callers import Installation, check_problem
from residents import REPORT, report, resident, track

from server.model import CaseState
from server.service.sealed_messages import open_content

MASKED = "三号楼楼道堆放旧家具，我叫[姓名]，电话[电话]"


def change_case(district: Installation, case_no: str, **changes: object) -> None:
    with district.context.store.transaction() as tx:
        case = tx.case(case_no)
        assert case is not None
        tx.update_case(replace(case, **changes))  # type: ignore[arg-type]


def test_a_report_gets_a_number_and_a_secret_and_is_followed(district):
    receipt = report(district)
    assert receipt["caseNo"].startswith("JX-2026-")
    assert len(receipt["secret"]) == 16
    seen = track(district, receipt).json
    assert (seen["caseNo"], seen["state"], seen["stage"]) == (receipt["caseNo"], "open", "已收到，正在分派")
    assert (seen["reporters"], seen["reply"], seen["unitKind"]) == (1, None, None)
    spaced = {**receipt, "secret": receipt["secret"].lower()[:8] + "-" + receipt["secret"][8:]}
    assert track(district, spaced).status_code == 200


def test_no_name_or_number_is_anywhere_but_in_the_vault(district):
    receipt = report(district)
    texts = [json.dumps(district.admin.post("/v2/variables/search", {}).json, ensure_ascii=False)]
    texts.append(json.dumps(district.admin.post("/api/cases/search", {}).json, ensure_ascii=False))
    texts.append(json.dumps(district.person("lin").get(f"/api/cases/{receipt['caseNo']}").json, ensure_ascii=False))
    assert all("13812345678" not in text and "李建国" not in text for text in texts)
    assert all(MASKED in text for text in texts)
    with district.context.store.reading() as reading:
        assert sum(reading.vault_key_ids().values()) == 1


def test_a_wrong_secret_is_answered_like_an_unknown_number(district):
    receipt = report(district)
    wrong = track(district, {**receipt, "secret": "A" * 16})
    unknown = track(district, {"caseNo": "JX-2026-999999", "secret": receipt["secret"]})
    nothing = resident(district).get(f"/api/public/reports/{receipt['caseNo']}")
    for answer in (wrong, unknown, nothing):
        check_problem(answer, 404, "NOT_FOUND")
    assert wrong.json["detail"] == unknown.json["detail"] == nothing.json["detail"]


def test_guessing_is_slowed_down_and_looking_is_not(district):
    receipt = report(district)
    for _ in range(15):
        assert track(district, receipt).status_code == 200
    answers = [track(district, {**receipt, "secret": "x"}).status_code for _ in range(12)]
    assert answers == [404] * 10 + [429] * 2
    district.clock.advance(minutes=2)
    assert track(district, receipt).status_code == 200


def test_too_many_reports_from_one_address_wait(district):
    for _ in range(20):
        bad = resident(district).post("/api/public/reports", {"variables": {}})
        assert bad.status_code == 422
    check_problem(resident(district).post("/api/public/reports", {"variables": REPORT}), 429)


@pytest.mark.parametrize(
    "changes", [{"matter": ""}, {"street": "elsewhere"}, {"unknown": 1}, {"privacy_notice_ack": False}, {"matter": 7}]
)
def test_the_form_judges_reports(district, changes):
    answer = resident(district).post("/api/public/reports", {"variables": {**REPORT, **changes}})
    assert check_problem(answer, 422)["errors"]
    assert district.admin.post("/api/cases/search", {}).json["page"]["totalItems"] == 0


def test_the_same_request_with_a_key_is_one_report(district):
    first = report(district, headers={"Idempotency-Key": "0b9e8a1c"})
    assert report(district, headers={"Idempotency-Key": "0b9e8a1c"}) == first
    assert report(district)["caseNo"] != first["caseNo"]
    assert track(district, first).status_code == 200


def test_what_the_resident_says_reaches_the_process_as_messages(district):
    receipt = report(district)
    check_problem(track(district, receipt, "/reopening", {"reason": "还没有清走"}), 409)
    rating = {"solved": "no", "satisfied": "dissatisfied", "reason": "找13812345678"}
    assert track(district, receipt, "/satisfaction", rating).status_code == 204
    change_case(district, receipt["caseNo"], state=CaseState.CLOSED_RESOLVED, closed_at=district.clock.now)
    assert track(district, receipt, "/reopening", {"reason": "第二天又堆满了"}).status_code == 204
    check_problem(track(district, receipt, "/withdrawal", {}), 409)
    change_case(district, receipt["caseNo"], state=CaseState.OPEN, closed_at=None)
    assert track(district, receipt, "/withdrawal", {}).status_code == 204
    assert track(district, receipt).json["state"] == "withdrawn"
    with district.context.store.reading() as reading:
        kept = [reading.next_message(name, receipt["caseNo"], "p", district.clock.now) for name in NAMES]
    assert [open_content(district.context, one) for one in kept if one] == [
        {
            "solved": "no",
            "satisfied": "dissatisfied",
            "rating_reason": "找[电话]",
            "rated_at": district.clock.now.isoformat(),
        },
        {"reopen_reason": "第二天又堆满了"},
        {"withdrawal_reason": None},
    ]


NAMES = ("survey.answered", "case.reopen", "case.withdrawn")


def test_what_comes_after_the_end_of_the_process_is_told_to_report_anew(district):
    receipt = report(district)
    with district.context.store.reading() as reading:
        case = reading.case(receipt["caseNo"])
    district.admin.post(f"/v2/process-instances/{case.root_key}/cancellation")
    assert track(district, receipt).json["stage"] == "已终止办理"
    check_problem(track(district, receipt, "/reopening", {"reason": "还没有清走"}), 409)


def test_a_joined_report_shows_where_the_other_one_stands(district):
    main, other = report(district), report(district)
    joined = {"state": CaseState.MERGED, "joined_to": main["caseNo"], "closed_at": district.clock.now}
    change_case(district, other["caseNo"], **joined)
    change_case(district, main["caseNo"], lead_unit="chengguan", reply="本周五前清走")
    seen = track(district, other).json
    assert (seen["stage"], seen["reply"], seen["joinedTo"]) == (
        "已与同一件事合并办理：正在办理",
        "本周五前清走",
        main["caseNo"],
    )


def test_whom_a_report_is_about_never_sees_the_case(district):
    receipt = report(district)
    path = f"/api/cases/{receipt['caseNo']}"
    assert district.person("lin").get(path).json["text"] == MASKED
    change_case(district, receipt["caseNo"], conflict_unit="north")
    check_problem(district.person("lin").get(path), 404)
    assert district.person("lin").post("/api/cases/search", {}).json["items"] == []
    assert district.person("wu").get(path).status_code == 200
    assert district.admin.get(path).status_code == 200


def test_cases_are_searched(district):
    receipt = report(district)
    report(district, matter="北门路灯三盏不亮", category="public_facility")
    body = {"filter": {"category": "neighbour", "state": "open"}, "sort": [{"field": "receivedAt", "order": "DESC"}]}
    page = district.person("wu").post("/api/cases/search", body).json
    assert [one["caseNo"] for one in page["items"]] == [receipt["caseNo"]]
    check_problem(district.person("wu").post("/api/cases/search", {"filter": {"phone": "1"}}), 400)
    check_problem(district.person("wu").get("/api/cases/JX-0"), 404)
    check_problem(resident(district).post("/api/cases/search", {}), 401)
