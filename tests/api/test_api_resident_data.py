"""Residents see, correct and erase what is kept of them, by number and secret; the official record stays."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from api_callers import DIAGRAMS, check_problem
from residents import track

from server.access import SYSTEM
from server.model import CaseState
from server.service import retention

if TYPE_CHECKING:
    from api_callers import Installation
    from werkzeug.test import TestResponse

PHONE, OTHER_PHONE = "13800138777", "13900139666"
CHANNEL = {"type": "textfield", "id": "Field_channel", "key": "channel", "label": "Channel"}
MATTER = "lamp broken, call 13812345678"


@pytest.fixture
def door(muster: Installation) -> Installation:
    """Give a public door whose form asks for a name and a telephone number."""
    form = json.loads((DIAGRAMS / "petition_report.form").read_text(encoding="utf-8"))
    form["components"].append(CHANNEL)
    diagram = (DIAGRAMS / "petition.bpmn").read_text(encoding="utf-8").replace('"petition"', '"three_list_issue"')
    files = [
        (io.BytesIO(diagram.encode()), "petition.bpmn"),
        (io.BytesIO(json.dumps(form).encode()), "petition_report.form"),
        (io.BytesIO((DIAGRAMS / "petition_desk.form").read_bytes()), "petition_desk.form"),
    ]
    upload = {"data": {"resources": files}, "content_type": "multipart/form-data"}
    answer = muster.admin.send("POST", "/v2/deployments", **upload)
    assert answer.status_code == 200, answer.get_data(as_text=True)
    return muster


def send(door: Installation, **more: object) -> dict[str, Any]:
    given = {"matter": MATTER, "reporter": {"name": "Meiling"}, "reporter_phone": PHONE, **more}
    answer = door.nobody.post("/api/public/reports", {"variables": given})
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return dict(answer.get_json())


def ask(door: Installation, receipt: dict[str, Any], method: str, below: str, body: object = None) -> TestResponse:
    options = {} if body is None else {"json": body}
    path = f"/api/public/reports/{receipt['caseNo']}/{below}"
    return door.nobody.send(method, path, headers={"X-Tracking-Secret": receipt["secret"]}, **options)


def close(door: Installation, receipt: dict[str, Any]) -> None:
    with door.context.store.transaction() as tx:
        case = tx.case(receipt["caseNo"])
        assert case is not None
        tx.update_case(replace(case, state=CaseState.CLOSED_RESOLVED, closed_at=door.clock.now))


def private(door: Installation, receipt: dict[str, Any]) -> dict[str, object]:
    told = ask(door, receipt, "GET", "data").get_json()
    return {one["field"]: one["value"] for one in told["private"]}


def test_everything_that_was_sent_is_taken_out(door: Installation) -> None:
    receipt = send(door)
    told = ask(door, receipt, "GET", "data").get_json()
    assert (told["caseNo"], told["state"], told["attachments"]) == (receipt["caseNo"], "open", [])
    assert PHONE not in told["text"]
    assert private(door, receipt) == {
        "/matter": {"matter": MATTER},
        "/reporter/name": "Meiling",
        "/reporter_phone": PHONE,
    }
    check_problem(ask(door, {**receipt, "secret": "A" * 16}, "GET", "data"), 404)
    lines = door.admin.get("/api/audit", query_string={"operation": "EXPORT"}).get_json()["items"]
    assert {line["entityKey"] for line in lines} == {receipt["caseNo"]}


def test_a_number_is_corrected_and_the_form_judges_it(door: Installation) -> None:
    receipt = send(door)
    for wrong in ("12", 7, ["x"]):
        problem = check_problem(ask(door, receipt, "PATCH", "data", {"field": "/reporter_phone", "value": wrong}), 422)
        assert [error["pointer"] for error in problem["errors"]] == ["/value"]
    check_problem(ask(door, receipt, "PATCH", "data", {"field": "/reporter_phone", "value": ""}), 400)
    check_problem(ask(door, receipt, "PATCH", "data", {"field": "/elsewhere", "value": "x"}), 404)
    check_problem(ask(door, receipt, "PATCH", "data", {"field": "/matter", "value": "x"}), 409)
    change = {"field": "/reporter_phone", "value": OTHER_PHONE}
    check_problem(ask(door, {**receipt, "secret": "A" * 16}, "PATCH", "data", change), 404)
    assert ask(door, receipt, "PATCH", "data", change).status_code == 204
    assert private(door, receipt)["/reporter_phone"] == OTHER_PHONE
    (variable,) = door.admin.post("/v2/variables/search", {"filter": {"name": "reporter_phone"}}).get_json()["items"]
    assert list(json.loads(variable["value"])) == ["vault"], "the same reference"


def test_who_reports_by_open311_corrects_what_they_said_of_themselves(district: Installation) -> None:
    form = {"service_code": "neighbour", "description": "楼道堆放旧家具三天了", "address_string": "锦程社区 3 号楼"}
    given = {**form, "first_name": "Meiling", "phone": PHONE, "attribute[street]": "jinxiu"}
    given |= {"attribute[contact_pref]": "web", "attribute[privacy_notice_ack]": "true"}
    given |= {"attribute[community]": "jincheng"}
    (made,) = district.nobody.send("POST", "/open311/v2/requests.json", data=given).get_json()
    secret = next(word for word in made["service_notice"].replace("，", " ").split() if len(word.strip("。.")) == 16)
    receipt = {"caseNo": made["service_request_id"], "secret": secret.strip("。.")}
    assert private(district, receipt)["/reporter"] == {"first_name": "Meiling", "phone": PHONE}
    for wrong in ("x", {}, {"phone": 7}, {"phone": "1" * 201}):
        check_problem(ask(district, receipt, "PATCH", "data", {"field": "/reporter", "value": wrong}), 400)
    change = {"field": "/reporter", "value": {"phone": OTHER_PHONE}}
    assert ask(district, receipt, "PATCH", "data", change).status_code == 204
    assert private(district, receipt)["/reporter"] == {"phone": OTHER_PHONE}


def test_an_erasure_waits_until_the_matter_is_closed(door: Installation) -> None:
    receipt = send(door)
    assert ask(door, receipt, "POST", "erasure").get_json() == {"state": "WAITS"}
    assert track(door, receipt).get_json()["erasureAskedAt"] == "2026-03-01T08:00:00.000Z"
    assert retention.run_now(door.context, SYSTEM).counts["contact"] == 0
    with door.context.store.reading() as reading:
        case = reading.case(receipt["caseNo"])
    assert case is not None
    door.admin.post(f"/v2/process-instances/{case.root_key}/cancellation")
    counts = retention.run_now(door.context, SYSTEM).counts
    assert (counts["contact"], counts["original"]) == (2, 1), "at once, and not after half a year"
    assert private(door, receipt) == {}
    assert track(door, receipt).get_json()["state"] == "cancelled", "the record stays"


def test_an_erasure_of_a_closed_matter_is_done_at_once(door: Installation) -> None:
    receipt = send(door)
    close(door, receipt)
    check_problem(ask(door, {**receipt, "secret": "A" * 16}, "POST", "erasure"), 404)
    assert ask(door, receipt, "POST", "erasure").get_json() == {"state": "ERASED"}
    assert private(door, receipt) == {}
    check_problem(ask(door, receipt, "PATCH", "data", {"field": "/reporter_phone", "value": OTHER_PHONE}), 404)
    told = track(door, receipt).get_json()
    assert (told["caseNo"], told["state"]) == (receipt["caseNo"], "closed_resolved")
    lines = door.admin.get("/api/audit", query_string={"operation": "ERASE"}).get_json()["items"]
    assert [line["entityKey"] for line in lines] == [receipt["caseNo"]]
