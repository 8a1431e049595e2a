"""The inbox in a browser: shown, filtered, claimed and handed out, by mouse and by keys, with and without scripts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from reader import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from district import District
    from reader import Reader

REPORT = {
    "contact_pref": "phone",
    "privacy_notice_ack": True,
    "channel": "community_desk",
    "category": "illegal_building",
    "place": "锦程社区 6 号楼屋面",
    "street": "jinxiu",
    "community": "jincheng",
}
NUMBERS = re.compile(r"\d+")


@pytest.fixture(scope="module")
def reports(district: District) -> list[str]:
    """Give matters that wait for the desk of the street Jinxiu."""
    matters = ["6 号楼顶楼住户在公共屋面搭建阳光房", "7 号楼一层扩建院墙", "8 号楼地下室私自隔断", "9 号楼屋面堆放建材"]
    return [district.start("sun_mei", "three_list_issue", {**REPORT, "matter": one}) for one in matters]


def count(reader: Reader, tab: str) -> int:
    found = NUMBERS.search(reader.page.locator("#tabs").get_by_role("link", name=tab).inner_text())
    assert found
    return int(found[0])


@pytest.mark.usefixtures("reports")
@pytest.mark.parametrize("screen", ["desk", "phone"])
def test_the_inbox_shows_what_there_is_to_do(read: Callable[..., Reader], screen: str) -> None:
    reader = read("lin_yue", screen=screen)
    reader.go("/tasks")
    rows = reader.page.locator("[data-row]")
    assert rows.count() == count(reader, "全部") >= 4
    expect(rows.first).to_contain_text("锦程社区")
    expect(rows.first.locator(".badge").first).to_contain_text(re.compile("剩|超期"))
    reader.check_page(picture="inbox")


@pytest.mark.usefixtures("reports")
@pytest.mark.parametrize("scripts", [True, False])
def test_filters_are_the_address(read: Callable[..., Reader], scripts: object) -> None:
    reader = read("lin_yue", scripts=scripts)
    reader.go("/tasks")
    reader.page.locator("#q").fill("阳光房")
    if not scripts:
        reader.page.get_by_role("button", name="筛选").click()
    expect(reader.page.locator("[data-row]")).to_have_count(1)
    expect(reader.page.locator("#q")).to_have_value("阳光房")
    if scripts:
        expect(reader.page.locator("#q")).to_be_focused()
        reader.page.wait_for_url(re.compile(r"/tasks\?(view=all&)?q="))
    assert count(reader, "全部") == 1
    reader.page.reload()
    expect(reader.page.locator("[data-row]")).to_have_count(1)
    reader.page.locator("#q").fill("没有这样的事")
    if not scripts:
        reader.page.get_by_role("button", name="筛选").click()
    expect(reader.page.get_by_text("没有符合条件的任务")).to_be_visible()
    reader.check_silence()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_task_is_claimed_where_it_stands(
    read: Callable[..., Reader], district: District, reports: list[str], scripts: object
) -> None:
    reader = read("he_qing", scripts=scripts)
    reader.go("/tasks?view=unclaimed&q=7+号楼" if scripts else "/tasks?view=unclaimed&q=8+号楼")
    before = count(reader, "我的")
    reader.page.get_by_role("button", name=re.compile("^认领: ")).click()
    expect(reader.page.get_by_text("已认领。")).to_be_visible()
    expect(reader.page.locator("[data-row]")).to_have_count(0)
    assert count(reader, "我的") == before + 1
    assert count(reader, "待认领") == 0
    task = district.find_task("he_qing", reports[1 if scripts else 2])
    assert district.ask("he_qing", "GET", f"/v2/user-tasks/{task}")["assignee"] == "he_qing"


@pytest.mark.usefixtures("reports")
def test_keys_lead_through_the_list(read: Callable[..., Reader]) -> None:
    reader = read("lin_yue")
    reader.go("/tasks")
    titles = reader.page.locator("[data-row] a.title")
    reader.page.keyboard.press("j")
    expect(titles.first).to_be_focused()
    reader.page.keyboard.press("j")
    expect(titles.nth(1)).to_be_focused()
    reader.page.keyboard.press("k")
    expect(titles.first).to_be_focused()
    reader.page.keyboard.press("/")
    expect(reader.page.locator("#q")).to_be_focused()
    reader.page.keyboard.type("j?c")
    expect(reader.page.locator("#q")).to_have_value("j?c")
    reader.page.locator("h1").click()
    reader.page.keyboard.press("?")
    expect(reader.page.locator("#keys")).to_be_visible()
    reader.check_page(picture="inbox-keys")


@pytest.mark.usefixtures("reports")
def test_a_lead_hands_out_what_is_chosen(read: Callable[..., Reader]) -> None:
    reader = read("zhao_heng")
    reader.go("/tasks?q=9+号楼")
    reader.page.get_by_label("全选本页").check()
    reader.page.locator("#assignee").fill("何清")
    expect(reader.page.locator("#assignee-options option")).to_have_attribute("value", "he_qing")
    reader.check_page(picture="inbox-lead")
    reader.page.get_by_role("button", name="分派所选").click()
    expect(reader.page.get_by_text("已处理 1 项。")).to_be_visible()
    expect(reader.page.locator("[data-row]")).to_contain_text("何清")
    reader.page.get_by_label(re.compile("^选择")).check()
    reader.page.locator("#assignee").fill("没有此人")
    reader.page.get_by_role("button", name="分派所选").click()
    expect(reader.page.get_by_text("请选择要分派的人员。")).to_be_visible()
