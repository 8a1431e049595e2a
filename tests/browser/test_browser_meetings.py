"""Meetings: called, prepared, checked in, and an item that an earlier one put off is voted on."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from desk import Desk
from reader import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from district import District
    from reader import Reader


@pytest.fixture(scope="module")
def meeting_no(district: District) -> str:
    """Give the number of a meeting that was called."""
    district.ask(
        "admin", "POST", "/v2/process-instances", {"processDefinitionId": "joint_meeting", "variables": CALLED}
    )
    found = district.ask("admin", "POST", "/api/meetings/search", {})["items"]
    number: str = found[0]["meetingNo"]
    return number


CALLED = {"committee": "jincheng_committee", "meeting_kind": "adhoc"}


@pytest.mark.parametrize("screen", ["desk", "phone"])
def test_a_meeting_is_shown(read: Callable[..., Reader], meeting_no: str, screen: str) -> None:
    reader = read("admin", screen=screen)
    reader.go("/meetings")
    reader.check_page(picture="meetings")
    reader.page.get_by_role("link", name="临时会议").first.click()
    reader.page.wait_for_url(f"**/meetings/{meeting_no}")
    expect(reader.page.get_by_role("heading", name="出席")).to_be_visible()
    reader.check_page(picture="meeting")


BRANCH = {"committee": "hepan_xiaoqu", "meeting_kind": "weekly"}
MEMBERS = ("ding_yi", "hua_rong", "kang_le")
ZONE = ZoneInfo("Asia/Shanghai")
TOPIC = {
    "has_topic": "yes", "title": "楼道充电", "facts": "二号楼楼道有电动车充电", "desired_decision": "增设集中充电点",
    "topic_urgency": "U3", "public": True,
}  # fmt: skip


def say_day(days: int) -> str:
    """Return a day to come, as forms take it."""
    return (datetime.now(ZONE) + timedelta(days=days)).date().isoformat()


def let_session_begin(district: District, instance: str) -> None:
    """Have the session take place now: the appointed time is changed, and what waits for it is told."""
    now = datetime.now(ZONE).isoformat(timespec="seconds")
    district.ask("admin", "PUT", f"/v2/element-instances/{instance}/variables", {"variables": {"session_at": now}})
    district.ask("admin", "POST", f"/api/process-instances/{instance}/reschedule", {})


def put_off_at_a_first_meeting(district: District) -> None:
    """Hold a meeting that puts its item off."""
    instance = district.start("hua_rong", "joint_meeting", BRANCH)
    date = {"session_at": f"{say_day(2)}T14:00+08:00", "place": "活动室", "meeting_mode": "on_site"}
    district.do("hua_rong", "fix_date", date)
    district.do("kang_le", "propose_topic", TOPIC)
    for person in ("ding_yi", "hua_rong"):
        district.do(person, "propose_topic", {"has_topic": "no"})
    district.do("hua_rong", "build_agenda", {})
    for person in MEMBERS:
        district.do(person, "rsvp", {"reply": "attend"})
    let_session_begin(district, instance)
    district.do("hua_rong", "open_session", {"present": ["1", "2", "3"]})
    carried = {"decision": "carry", "summary": "资金来源还没有落实，下次再议", "next_date": say_day(7)}
    district.do("hua_rong", "discuss_item", carried)


def test_a_meeting_takes_an_item_that_was_put_off_and_votes(read: Callable[..., Reader], district: District) -> None:
    put_off_at_a_first_meeting(district)
    secretary = Desk(read("hua_rong"), district, "hua_rong")
    page = secretary.reader.page
    secretary.reader.go("/start/joint_meeting")
    page.get_by_label("委员会").select_option(label="河畔小区综合党支部")
    page.get_by_label("会议种类").select_option(label="小区综合党支部周会")
    page.get_by_role("button", name="提交").click()
    page.wait_for_url("**/tasks/*")
    secretary.do("fix_date", {"session_at": f"{say_day(2)}T14:00", "place": "活动室", "meeting_mode": "on_site"})
    for person in MEMBERS:
        district.do(person, "propose_topic", {"has_topic": "no"})
    secretary.open("build_agenda")
    expect(page.get_by_label("议题", exact=True)).to_have_value("楼道充电")
    secretary.reader.check_page(picture="meeting-agenda")
    page.get_by_role("button", name="办结", exact=True).click()
    for person in MEMBERS[:2]:
        district.do(person, "rsvp", {"reply": "attend"})

    member = Desk(read("kang_le", screen="phone"), district, "kang_le")
    member.do("rsvp", {"reply": "attend"})
    phone = member.reader.page
    member.reader.go("/meetings")
    phone.get_by_role("link", name="每周协商").first.click()
    phone.wait_for_url("**/meetings/*-*")
    expect(phone.get_by_role("article")).to_contain_text("已顺延 1 次")
    phone.get_by_text("签到码", exact=True).click()
    phone.get_by_label("席位签到码").fill(phone.locator("dd.code").inner_text())
    phone.get_by_role("button", name="签到").click()
    expect(phone.get_by_role("status").filter(has_text="已签到")).to_be_visible()
    member.reader.check_page(picture="meeting-checked-in")

    meeting = district.ask("admin", "POST", "/api/meetings/search", {"filter": {"state": "scheduled"}})["items"][0]
    let_session_begin(district, meeting["rootProcessInstanceKey"])
    secretary.open("open_session")
    expect(page.get_by_label("康乐")).to_be_checked()
    for seat in page.get_by_role("group", name="到会席位").get_by_role("checkbox").all():
        seat.check()
    page.get_by_role("button", name="办结并打开下一项").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("议决")
    expect(page.locator("#fields")).to_contain_text("楼道充电")
    page.get_by_label("决定", exact=False).first.select_option(label="列入项目清单")
    page.get_by_label("要求表决").check()
    page.get_by_label("讨论情况和理由").fill("街道已落实资金，列入小区项目")
    page.get_by_label("项目名称").fill("集中充电点")
    for name, votes in (("赞成", 2), ("反对", 1), ("弃权", 0)):
        page.get_by_label(name).fill(str(votes))
    secretary.reader.check_page(picture="meeting-vote")
    page.get_by_role("link", name=meeting["meetingNo"]).wait_for()
    page.get_by_role("button", name="办结", exact=True).click()
    page.wait_for_url("**/tasks")
    secretary.reader.go(f"/meetings/{meeting['meetingNo']}")
    decided = page.get_by_role("article")
    expect(decided).to_contain_text("赞成2")
    expect(decided).to_contain_text("项目")
    secretary.reader.check_page(picture="meeting-voted")
