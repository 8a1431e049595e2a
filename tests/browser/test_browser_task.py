"""A task in a browser: filled in, kept as a draft, completed by one of two, handed on, and nothing typed is lost."""

from __future__ import annotations

import itertools
import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from desk import Desk
from reader import expect
from test_browser_inbox import REPORT

if TYPE_CHECKING:
    from collections.abc import Callable

    from district import District
    from reader import Reader

NUMBERS = itertools.count(101)
ORDER = {
    "street": "jinxiu", "district": "minghu", "title": "楼道照明", "place": "锦程社区 2 号楼",
    "category": "public_facility", "urgency": "U3", "lead_unit": "chengguan",
    "quality_goal": "楼道灯全部修复并能正常照明", "quantity_target": 12, "quantity_unit": "盏", "order_kind": "task",
    "extensions": 1,
}  # fmt: skip


@pytest.fixture
def task(district: District) -> str:
    """Give a matter that waits to be triaged by the desk of the street."""
    number = next(NUMBERS)  # what is reported of the same place again would join the earlier matter
    report = {**REPORT, "matter": f"{number} 号楼楼道堆物", "place": f"锦程社区 {number} 号楼楼道"}
    instance = district.start("sun_mei", "three_list_issue", report)
    return district.find_task("lin_yue", instance)


def fill(reader: Reader) -> None:
    """Fill in the triage of a matter that one department handles."""
    page = reader.page
    page.get_by_label("事项名称").fill("楼道堆物清理")
    page.get_by_label("类别").select_option(label="环境卫生")
    page.get_by_label("U3 一般").check()
    page.get_by_label("所属社区").select_option(index=1)
    page.get_by_label("受理", exact=True).check()


@pytest.mark.parametrize("screen", ["desk", "phone"])
def test_a_task_shows_what_it_is_about(read: Callable[..., Reader], task: str, screen: str) -> None:
    reader = read("lin_yue", screen=screen)
    reader.go(f"/tasks/{task}?from=view%3Dunclaimed")
    expect(reader.page.get_by_role("heading", level=1)).to_contain_text("受理分类")
    expect(reader.page.locator("#fields")).to_contain_text("号楼楼道堆物")
    expect(reader.page.get_by_role("link", name="返回列表")).to_have_attribute("href", "/tasks?view=unclaimed")
    reader.check_page(picture="task")
    reader.page.get_by_text("办理进度").click()  # the triage is drawn on a plane of its own
    expect(reader.page.locator(".diagram.shown [data-element-id=triage].active").first).to_be_visible()
    reader.check_page(picture="task-diagram")


@pytest.mark.parametrize("scripts", [True, False])
def test_mistakes_are_listed_with_links_to_their_fields(
    read: Callable[..., Reader], task: str, scripts: object
) -> None:
    reader = read("lin_yue", scripts=scripts)
    reader.expect_refusal(422)
    reader.go(f"/tasks/{task}")
    reader.page.get_by_label("事项名称").fill("楼道堆物清理")
    reader.page.get_by_role("button", name="办结并打开下一项").click()
    problems = reader.page.locator("#problems")
    expect(problems).to_contain_text("改正")
    expect(reader.page.get_by_label("事项名称")).to_have_value("楼道堆物清理")
    problems.get_by_role("link", name="紧急程度").click()
    expect(reader.page).to_have_url(re.compile("#Field_urgency"))
    reader.check_page(picture="task-mistakes")
    fill(reader)
    if not scripts:
        reader.page.get_by_role("button", name="更新表单并保存草稿").click()
        expect(reader.page.get_by_label("事项名称")).to_have_value("楼道堆物清理")


def test_a_draft_keeps_itself(read: Callable[..., Reader], district: District, task: str) -> None:
    reader = read("lin_yue")
    reader.go(f"/tasks/{task}")
    fill(reader)
    expect(reader.page.locator("#saved")).to_contain_text("草稿已于")
    draft = district.ask("lin_yue", "GET", f"/api/user-tasks/{task}/draft")
    assert draft["variables"]["title"] == "楼道堆物清理"
    reader.page.reload()
    expect(reader.page.get_by_label("事项名称")).to_have_value("楼道堆物清理")
    expect(reader.page.get_by_label("U3 一般")).to_be_checked()
    reader.check_page(picture="task-draft")


def test_of_two_people_the_second_is_told_and_keeps_what_was_typed(
    read: Callable[..., Reader], district: District, task: str
) -> None:
    second = read("he_qing")
    second.expect_refusal(409)
    second.go(f"/tasks/{task}")
    fill(second)
    expect(second.page.locator("#saved")).to_contain_text("草稿已于")
    title = "楼道堆物清理"
    data = {
        "title": "别人的名称", "category": "sanitation", "urgency": "U3", "community": "jincheng",
        "in_scope": "accept", "place_scope": "single", "units_needed": 1, "needs_power": False, "money_needed": False,
    }  # fmt: skip
    district.ask("lin_yue", "POST", f"/v2/user-tasks/{task}/completion", {"variables": data})
    second.page.get_by_role("button", name="办结并打开下一项").click()
    expect(second.page.locator("#conflict")).to_contain_text("林悦 已先办结了这项任务")
    expect(second.page.get_by_label("事项名称")).to_have_value(title)
    second.check_page(picture="task-conflict")


def test_what_was_typed_survives_the_end_of_the_session(
    read: Callable[..., Reader], district: District, task: str
) -> None:
    reader = read("lin_yue")
    reader.expect_refusal(401)
    reader.go(f"/tasks/{task}")
    fill(reader)
    reader.page.get_by_label("事项名称").fill("登录前填写的名称")
    reader.context.clear_cookies()
    reader.page.get_by_role("button", name="办结", exact=True).click()
    expect(reader.page.get_by_text("您填写的内容没有丢失")).to_be_visible()
    reader.sign_in("lin_yue", district.password)
    expect(reader.page.get_by_label("事项名称")).to_have_value("登录前填写的名称")
    expect(reader.page.get_by_text("尚未提交")).to_be_visible()
    assert district.ask("lin_yue", "GET", f"/v2/user-tasks/{task}")["state"] == "CREATED"


def test_a_task_is_completed_and_the_next_one_opens(read: Callable[..., Reader], district: District, task: str) -> None:
    reader = read("lin_yue")
    reader.go(f"/tasks/{task}")
    fill(reader)
    expect(reader.page.locator("#saved")).to_contain_text("草稿已于")
    reader.page.get_by_role("button", name="办结并打开下一项").click()
    expect(reader.page.get_by_text("已办结。")).to_be_visible()
    assert district.ask("lin_yue", "GET", f"/v2/user-tasks/{task}")["state"] == "COMPLETED"
    reader.page.go_back()
    expect(reader.page.locator("#over")).to_contain_text("办结这项任务")
    expect(reader.page.get_by_role("button", name="办结", exact=True)).to_have_count(0)
    reader.go("/tasks?view=done")
    expect(reader.page.locator("[data-row]").first).to_contain_text("受理分类")
    reader.go(f"/tasks/{task}")
    expect(reader.page.locator(".about-task")).to_contain_text("已办结")
    reader.check_page(picture="task-done")


def test_pressed_again_on_a_slow_network_it_is_sent_once(
    read: Callable[..., Reader], district: District, task: str
) -> None:
    reader, sent = read("lin_yue"), []
    page = reader.page
    reader.go(f"/tasks/{task}")
    fill(reader)
    expect(page.locator("#saved")).to_contain_text("草稿已于")
    network = reader.context.new_cdp_session(page)
    slow = {"offline": False, "latency": 700, "downloadThroughput": 50_000, "uploadThroughput": 20_000}
    network.send("Network.emulateNetworkConditions", slow)
    page.on("request", lambda one: sent.append(one.url) if one.url.endswith("/completion") else None)
    page.get_by_role("button", name="办结", exact=True).dblclick()
    expect(page.get_by_text("已办结。")).to_be_visible()
    assert len(sent) == 1
    assert district.ask("lin_yue", "GET", f"/v2/user-tasks/{task}")["state"] == "COMPLETED"


def test_more_time_is_asked_for_by_a_button(read: Callable[..., Reader], district: District) -> None:
    now = datetime.now(UTC)
    due = {"respond_due": now + timedelta(days=1), "finish_due": now + timedelta(days=7)}
    times = {name: moment.isoformat(timespec="seconds") for name, moment in due.items()}
    days = {"case_no": f"JX-2026-9{next(NUMBERS)}", "due_on": due["finish_due"].date().isoformat()}
    district.start("admin", "department_order", {**ORDER, **times, **days})
    district.do("cheng_gang", "accept_order", {"order_decision": "accept", "handler": "cheng_gang"})
    handler = Desk(read("cheng_gang"), district, "cheng_gang")
    page = handler.reader.page
    handler.open("handle_order")
    page.get_by_label("采取的措施").fill("已经下单采购专用灯具")
    page.get_by_role("button", name="申请延期").click()
    expect(page.get_by_label("采取的措施")).to_have_value("已经下单采购专用灯具")
    expect(page.get_by_label("申请延期")).to_be_checked()
    expect(page.get_by_role("button", name="申请延期")).to_have_count(0)
    page.get_by_label("延期天数").fill("3")
    page.get_by_label("延期理由").fill("专用灯具厂家三天后到货")
    handler.reader.check_page(picture="task-extension")
    page.get_by_role("button", name="办结", exact=True).click()
    page.wait_for_url("**/tasks")
    street = Desk(read("lin_yue"), district, "lin_yue")
    street.open("approve_extension")
    expect(street.reader.page.locator("#fields")).to_contain_text("申请延期 3 天")


def test_a_task_is_claimed_commented_and_transferred(
    read: Callable[..., Reader], district: District, task: str
) -> None:
    reader = read("lin_yue")
    reader.expect_refusal(409)
    reader.go(f"/tasks/{task}")
    reader.page.get_by_role("button", name="认领", exact=True).click()
    expect(reader.page.get_by_text("已认领。")).to_be_visible()
    reader.page.get_by_label("您的评论").fill("请何清协助")
    reader.page.get_by_role("button", name="添加评论").click()
    expect(reader.page.locator(".comments")).to_contain_text("请何清协助")
    reader.page.locator("summary", has_text="转办").click()
    reader.page.locator("#transfer-person").fill("没有此人")
    reader.page.locator("#transfer-reason").fill("外出开会")
    reader.page.locator("form[action$='/transfer'] button").click()
    expect(reader.page.get_by_role("alert")).to_contain_text("准确姓名或账号")
    expect(reader.page.locator("#transfer-reason")).to_have_value("外出开会")
    reader.check_page(picture="task-transfer")
    reader.page.locator("#transfer-person").fill("何清")
    reader.page.locator("form[action$='/transfer'] button").click()
    expect(reader.page.get_by_text("任务已转办。")).to_be_visible()
    assert district.ask("he_qing", "GET", f"/v2/user-tasks/{task}")["assignee"] == "he_qing"


def test_a_foreign_task_is_not_there(read: Callable[..., Reader], task: str) -> None:
    reader = read("cheng_gang")
    reader.expect_refusal(404)
    reader.go(f"/tasks/{task}")
    expect(reader.page.get_by_role("heading", level=1)).to_have_text("这里没有您可以查看的内容")
