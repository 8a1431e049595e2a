"""What residents answer about a plan is counted, and then nothing tells any more who answered what."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from residents import read_everything

from server.access import SYSTEM
from server.service import messages, retention

if TYPE_CHECKING:
    from api_callers import Installation

PLAN = {
    "target": "plan",
    "case_no": "JX-2026-000008",
    "title": "北门停车改造方案",
    "place": "锦程社区北门",
    "district": "minghu",
    "handling_result": "划线四十个车位",
    "owner_group": "street_desk@jinxiu",
}
DEPLOYED = ("form_definition", "resource")
"""Tables of what is deployed, which knows the words of the answers."""
WORDS = ("夜里灯太亮MARK", "谢谢MARK")


def answer(district: Installation, ref: str, **answers: object) -> None:
    body: dict[str, Any] = {"name": "survey.answered", "correlationKey": ref, "timeToLive": 30 * 86_400_000}
    assert district.admin.post("/v2/messages/publication", {**body, "variables": answers}).status_code == 200


def test_answers_about_a_plan_are_counted_and_their_history_goes_in_time(district: Installation) -> None:
    samples = [{"ref": f"s-{number}", "contact_pref": "sms"} for number in range(2)]
    body = {"processDefinitionId": "resident_feedback", "variables": {**PLAN, "samples": samples}}
    key = district.admin.post("/v2/process-instances", body).get_json()["processInstanceKey"]
    for one, words in zip(samples, WORDS, strict=True):
        answer(district, str(one["ref"]), solved="yes", satisfied="very_satisfied", rating_reason=words)
    assert district.admin.get(f"/v2/process-instances/{key}").get_json()["state"] == "COMPLETED"
    assert "very_satisfied" not in read_everything(district)["variable"], "no single answer is left in a variable"
    found = district.admin.post("/v2/variables/search", {"filter": {"name": "feedback"}}).get_json()["items"]
    assert '"asked":2' in found[0]["value"]
    district.clock.advance(days=91)
    messages.remove_expired_messages(district.context)
    assert retention.run_now(district.context, SYSTEM).counts["feedback"] > 0
    tables = read_everything(district)
    assert [name for name, text in tables.items() if "very_satisfied" in text and name not in DEPLOYED] == []
    kept = [name for name, text in tables.items() if "MARK" in text]
    assert kept == ["history", "variable"], "the sorted reasons, which say nothing of who gave them"
    assert "'rating_reason'" not in tables["history"]
