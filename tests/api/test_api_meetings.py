"""Meetings over the API: plans and their ticks, who sees what, checking in by code."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from api_callers import ROOT, check_problem, find_task

from server.access import SYSTEM
from server.errors import NotFound
from server.governance.organisation import parse_organisation
from server.model import Period
from server.service import identity, meeting_plans
from server.service.context import Context
from server.store import Store
from server.worker import Worker

if TYPE_CHECKING:
    from api_callers import Caller, Installation

ZONE = ZoneInfo("Asia/Shanghai")
MEMBERS = [
    {"kind": "first_secretary", "unit": "hepan", "person": "he"},
    {"kind": "secretary", "unit": "hepan", "person": "lin"},
    {"kind": "unit_rep", "unit": "chengguan", "person": "zhao", "substitute": "wu"},
]
PLAN = {
    "committee": "hepan_xiaoqu",
    "kind": "weekly",
    "period": "week",
    "chair": "he",
    "secretary": "lin",
    "members": MEMBERS,
    "anchorOn": "2026-03-02",
}
NUMBER = "hepan_xiaoqu-M2026-001"
SESSION = "2026-03-05T14:00+08:00"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


def _furnish(muster: Installation) -> Installation:
    texts = {file.name: file.read_text("utf-8") for file in (ROOT / "organisation").glob("*.yaml")}
    with muster.context.store.transaction() as tx:
        tx.put_units(parse_organisation(texts)[0].units.values())
    identity.add_user(muster.context, SYSTEM, "bai", None, groups=["street_lead@wanghe"])
    identity.add_user(muster.context, SYSTEM, "guest", None)
    return muster


@pytest.fixture
def council(district: Installation) -> Installation:
    return _furnish(district)


def complete(caller: Caller, element_id: str, **variables: object) -> None:
    task = find_task(caller, elementId=element_id, state="CREATED")
    answer = caller.post(f"/v2/user-tasks/{task['userTaskKey']}/completion", {"variables": variables})
    assert answer.status_code == 204, answer.get_data(as_text=True)


def count(muster: Installation, **filters: object) -> int:
    page = muster.admin.post("/api/meetings/search", {"filter": filters, "sort": [{"field": "meetingNo"}]})
    total: int = page.get_json()["page"]["totalItems"]
    return total


def test_a_tick_of_a_plan_begins_one_meeting_whoever_sees_it(council: Installation) -> None:
    answer = council.admin.post("/api/meetings/plans", PLAN)
    assert answer.status_code == 201
    plan = answer.get_json()
    assert (plan["nextStartAt"], plan["version"]) == ("2026-03-02T01:00:00.000Z", 1)
    assert [one["seat"] for one in plan["members"]] == ["1", "2", "3"]
    Worker(council.context).run_due()
    assert count(council) == 0
    council.clock.now = at("2026-03-02 09:00")
    restarted = Context(
        council.context.config, council.clock, Store.open(council.context.config.database_url), council.context.actions
    )
    for context in (council.context, restarted, council.context):
        Worker(context).run_due()
    restarted.store.close()
    assert not meeting_plans.start_planned_meeting(council.context, int(plan["key"]))
    assert count(council, committee="hepan_xiaoqu", kind="weekly", state="open") == 1
    council.clock.now = at("2026-03-23 12:00")
    Worker(council.context).run_due()
    assert count(council) == 2, "what was missed meanwhile is one meeting"
    (listed,) = council.admin.get("/api/meetings/plans").get_json()["items"]
    assert listed["nextStartAt"] == "2026-03-30T01:00:00.000Z"


def test_a_plan_is_changed_for_meetings_to_come(quick: Installation) -> None:
    muster = _furnish(quick)
    key = muster.admin.post("/api/meetings/plans", PLAN).get_json()["key"]
    path = f"/api/meetings/plans/{key}"
    same = muster.admin.send("PUT", path, json={**PLAN, "quorumRule": "custom", "quorumNum": 3, "quorumDen": 5})
    assert (same.get_json()["version"], same.get_json()["nextStartAt"]) == (2, "2026-03-02T01:00:00.000Z")
    off = muster.admin.send("PUT", path, json={**PLAN, "active": False})
    assert off.get_json()["nextStartAt"] is None
    check_problem(muster.admin.send("PUT", path, json={**PLAN, "kind": "adhoc"}), 400)
    check_problem(muster.admin.send("PUT", "/api/meetings/plans/99", json=PLAN), 404)
    check_problem(muster.admin.post("/api/meetings/plans", PLAN), 409)
    check_problem(muster.person("lin").post("/api/meetings/plans", {**PLAN, "kind": "adhoc"}), 403)
    problem = check_problem(muster.admin.post("/api/meetings/plans", {**PLAN, "kind": "adhoc", "chair": "x"}), 400)
    assert "expected one of the members as chair" in problem["detail"]
    check_problem(muster.client("nothing").get("/api/meetings/plans"), 403)


def test_a_plan_waits_for_its_process(quick: Installation) -> None:
    muster = _furnish(quick)
    key = int(muster.admin.post("/api/meetings/plans", PLAN).get_json()["key"])
    assert not meeting_plans.start_planned_meeting(muster.context, key)
    muster.clock.now = at("2026-03-02 09:00")
    with pytest.raises(NotFound, match="no process 'joint_meeting' is deployed"):
        meeting_plans.start_planned_meeting(muster.context, key)
    (plan,) = meeting_plans.due_plans(muster.context, 9)
    assert plan.key == key


def test_the_worker_says_when_seeded_plans_begin(quick: Installation) -> None:
    muster = _furnish(quick)
    body = {**PLAN, "deputies": [], "place": None, "online": False, "quorum_rule": "half"}
    body |= {"quorum_num": None, "quorum_den": None, "anchor_on": None}
    body.pop("anchorOn")
    planned = meeting_plans.read_plan(body)
    with muster.context.store.transaction() as tx:
        called = replace(planned, kind="adhoc", period=Period.NONE)
        meeting_plans.seed_plans(
            muster.context, tx, [planned, called, replace(planned, kind="grid_branch", active=False)]
        )
    assert meeting_plans.set_first_ticks(muster.context) == 1
    assert meeting_plans.set_first_ticks(muster.context) == 0
    found = {plan["kind"]: plan["nextStartAt"] for plan in muster.admin.get("/api/meetings/plans").get_json()["items"]}
    assert found == {"weekly": "2026-03-02T01:00:00.000Z", "adhoc": None, "grid_branch": None}


@pytest.fixture
def scheduled(shipped: Installation) -> Installation:
    """Give a meeting with a public item and one that is not, its date fixed and its agenda told."""
    muster = _furnish(shipped)
    muster.admin.post("/api/meetings/plans", {**PLAN, "period": "none"})
    lin, he, zhao = muster.person("lin"), muster.person("he"), muster.person("zhao")
    muster.clock.now = at("2026-03-02 09:00")
    begun = {
        "processDefinitionId": "joint_meeting",
        "variables": {"committee": "hepan_xiaoqu", "meeting_kind": "weekly"},
    }
    assert lin.post("/v2/process-instances", begun).status_code == 200
    complete(lin, "fix_date", session_at=SESSION, place="活动室", meeting_mode="hybrid")
    topic = {"has_topic": "yes", "facts": "联系电话 13812345678", "desired_decision": "解决"}
    complete(zhao, "propose_topic", title="公开的", public=True, **topic)
    complete(he, "propose_topic", title="内部的", **topic)
    complete(lin, "propose_topic", has_topic="no")
    complete(lin, "build_agenda")
    for member in (lin, he, zhao):
        complete(member, "rsvp", reply="attend")
    return muster


def look(muster: Installation, name: str, path: str = f"/api/meetings/{NUMBER}") -> dict[str, Any]:
    answer = muster.person(name).get(path)
    assert answer.status_code == 200
    found: dict[str, Any] = answer.get_json()
    return found


def test_members_and_those_above_see_a_meeting_others_its_public_items(scheduled: Installation) -> None:
    for name in ("lin", "he", "zhao", "wu", "bai", "admin"):
        whole = look(scheduled, name)
        assert [item["title"] for item in whole["items"]] == ["公开的", "内部的"]
        assert [entry["title"] for entry in whole["record"]["agenda"]] == ["公开的", "内部的"]
        assert (whole["place"], whole["state"]) == ("活动室", "scheduled")
    part = look(scheduled, "guest")
    assert [item["title"] for item in part["items"]] == ["公开的"]
    assert part["items"][0]["facts"] == "联系电话 [电话]"
    assert [event["verb"] for event in part["items"][0]["history"]] == ["proposed", "scheduled"]
    assert part["record"] is None
    assert look(scheduled, "guest", "/api/meetings/items/hepan_xiaoqu-2026-0001")["state"] == "scheduled"
    assert look(scheduled, "wu", "/api/meetings/items/hepan_xiaoqu-2026-0002")["title"] == "内部的"
    guest = scheduled.person("guest")
    check_problem(guest.get("/api/meetings/items/hepan_xiaoqu-2026-0002"), 404)
    check_problem(guest.get("/api/meetings/items/none"), 404)
    check_problem(guest.get("/api/meetings/none"), 404)
    for path in (f"/api/meetings/{NUMBER}", "/api/meetings/items/hepan_xiaoqu-2026-0001"):
        check_problem(scheduled.client(f"nothing{len(path)}").get(path), 403)


def test_a_session_from_its_codes_to_its_public_minutes_and_the_coverage(scheduled: Installation) -> None:
    codes = look(scheduled, "lin", f"/api/meetings/{NUMBER}/codes")["codes"]
    assert set(codes) == {"1", "2", "3"}
    assert look(scheduled, "wu", f"/api/meetings/{NUMBER}/codes")["codes"] == {"3": codes["3"]}
    check_problem(scheduled.person("guest").get(f"/api/meetings/{NUMBER}/codes"), 404)
    check_problem(scheduled.person("guest").get("/api/meetings/none/codes"), 404)
    path, wu = f"/api/meetings/{NUMBER}/check-in", scheduled.person("wu")
    check_problem(wu.post(path, {"code": "WRONG"}), 400)
    assert wu.post(path, {"code": f" {codes['3'].lower()} "}).get_json() == {"seat": "3"}
    check_problem(wu.post(path, {"code": codes["3"]}), 409)
    check_problem(wu.post("/api/meetings/none/check-in", {"code": "X"}), 404)
    check_problem(scheduled.client("nothing").post(path, {"code": "X"}), 403)
    scheduled.clock.now = at("2026-03-05 14:00")
    Worker(scheduled.context).run_due()
    lin = scheduled.person("lin")
    span = "from=2026-03-02T00:00:00Z&until=2026-03-01T00:00:00Z"
    check_problem(scheduled.admin.get(f"/api/meetings/coverage?{span}"), 400)
    complete(lin, "open_session", present=["1", "2"], residents_attend=True)
    check_problem(lin.post(path, {"code": codes["1"]}), 409)
    for _ in range(2):
        complete(lin, "discuss_item", decision="no_action_explained", summary="条件不具备，已向居民逐户说明")
    complete(lin, "draft_minutes", minutes_text="会议讨论了两项议题，联系人电话 13812345678")
    scheduled.clock.now = at("2026-03-09 18:00")
    Worker(scheduled.context).run_due()
    part = look(scheduled, "guest")
    assert [one["title"] for one in part["publicMinutes"]["decisions"]] == ["公开的"]
    assert "[电话]" in part["publicMinutes"]["text"]
    assert part["items"][0]["decision"] == "no_action_explained"
    whole = look(scheduled, "lin")
    assert [one["decision"] for one in whole["record"]["decisions"]] == ["no_action_explained"] * 2
    assert whole["record"]["quorum"] == {"entitled": 3, "needed": 2, "present": 2}
    assert [one["present"] for one in whole["record"]["attendance"]] == [True, True, False]
    assert [one["checked_in"] for one in whole["record"]["attendance"]] == [False, False, True]
    span = "from=2026-01-01T00:00:00%2B08:00&until=2026-04-01T00:00:00%2B08:00"
    covered = look(scheduled, "guest", f"/api/meetings/coverage?{span}")
    assert covered["committees"] == [{"committee": "hepan_xiaoqu", "scheduled": 1, "held": 1}]
    assert (covered["numerator"], covered["denominator"]) == (1, 1)
