"""Residents report from a phone and follow what they reported, with scripts and without."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from reader import expect
from test_browser_journey import PHOTO

if TYPE_CHECKING:
    from collections.abc import Callable

    from playwright.sync_api import Page
    from reader import Reader


def fill_in(page: Page, place: str) -> None:
    page.get_by_label("地点").fill(place)
    page.get_by_label("诉求内容").fill("楼道里堆着旧家具，通道只剩一人宽，老人出门不便。")
    page.get_by_label("所属街道").select_option(label="锦绣街道")
    page.get_by_label("希望怎样得到答复").select_option(label="网站查询")
    page.get_by_label("已阅读个人信息告知书").check()


def send(page: Page) -> None:
    page.get_by_role("button", name="提交", exact=True).last.click()


@pytest.mark.parametrize(("screen", "scripts"), [("phone", True), ("phone", False), ("desk", True)])
def test_a_resident_reports_and_follows(read: Callable[..., Reader], screen: str, scripts: bool) -> None:  # noqa: FBT001
    reader = read(screen=screen, scripts=scripts)
    page = reader.page
    reader.go("/r")
    if scripts:
        reader.check_page(picture="report")
    reader.expect_refusal(422, 409)
    page.get_by_label("地点").fill("锦程社区 7 号楼")
    send(page)
    expect(page.get_by_role("alert")).to_contain_text("需要改正")
    expect(page.get_by_label("地点")).to_have_value("锦程社区 7 号楼")  # nothing typed is lost
    if scripts:
        reader.check_page(picture="report-refused")
    fill_in(page, f"锦程社区 7 号楼 {screen} {scripts}")
    send(page)
    expect(page.get_by_role("heading", level=1)).to_have_text("已收到您的反映")
    number = page.locator("dd strong").first.inner_text()
    secret = page.locator("dd .code").inner_text()
    assert re.fullmatch(r"JX-\d{4}-\d{6}", number)
    if scripts:
        reader.check_page(picture="receipt")
    reader.go("/r")
    page.get_by_label("反映编号").fill(number.lower())
    page.get_by_role("button", name="查询").click()
    reader.expect_refusal(404)
    page.get_by_label("查询码").fill("AAAA BBBB CCCC DDDD")
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_role("alert")).to_be_visible()
    page.get_by_label("查询码").fill(secret.lower())
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_text("已收到，正在分派。")).to_be_visible()
    if scripts:
        reader.check_page(picture="tracked")
    page.get_by_text("删除我的个人信息").click()
    page.get_by_role("button", name="删除", exact=True).click()
    expect(page.get_by_role("status").filter(has_text="办结后删除")).to_be_visible()
    page.get_by_text("撤回反映").first.click()
    page.get_by_role("button", name="撤回反映").click()
    expect(page.get_by_role("status").filter(has_text="已撤回")).to_be_visible()


def test_similar_reports_are_shown_before_sending(read: Callable[..., Reader]) -> None:
    for turn in ("first", "second"):
        reader = read(screen="phone")
        reader.go("/r")
        fill_in(reader.page, "锦程社区 9 号楼东侧")
        send(reader.page)
        if turn == "second":
            expect(reader.page.get_by_role("alert")).to_contain_text("可能已经有人反映过")
            expect(reader.page.get_by_role("alert")).not_to_contain_text("旧家具")
            reader.check_page(picture="similar")
            reader.page.get_by_role("button", name="提交", exact=True).first.click()
        expect(reader.page.get_by_role("heading", level=1)).to_have_text("已收到您的反映")


@pytest.mark.parametrize("scripts", [True, False])
def test_the_text_is_large_and_nothing_typed_is_lost(read: Callable[..., Reader], scripts: object) -> None:
    reader = read(screen="phone", scripts=scripts)
    page = reader.page
    reader.go("/r")
    page.locator("input[type=file]").first.set_input_files(
        {"name": "楼道 & 门口.png", "mimeType": "image/png", "buffer": PHOTO}
    )
    fill_in(page, f"锦程社区 5 号楼 {scripts}")
    page.get_by_role("button", name="大字版").click()
    expect(page.locator("html.large")).to_have_count(1)
    expect(page.get_by_label("地点")).to_have_value(f"锦程社区 5 号楼 {scripts}")
    expect(page.get_by_text("楼道 & 门口.png")).to_be_visible()
    for staff in ("纬度", "坐标系", "所属网格", "附件"):
        expect(page.get_by_label(staff)).to_have_count(0)
    reader.check_page(picture="report-large")
    send(page)
    expect(page.locator("html.large")).to_have_count(1)  # kept from page to page
    page.get_by_role("button", name="查看进度").click()
    expect(page.get_by_text("楼道 & 门口.png")).to_be_visible()
    reader.check_page(picture="tracked-large")
    page.get_by_role("button", name="标准字号").click()
    expect(page.get_by_role("heading", name="办理进度")).to_be_visible()
    expect(page.locator("html.large")).to_have_count(0)


def test_pressed_twice_it_is_one_report(read: Callable[..., Reader]) -> None:
    reader = read(scripts=False)
    reader.go("/r")
    fill_in(reader.page, "锦程社区 11 号楼")
    send(reader.page)
    number = reader.page.locator("dd strong").first.inner_text()
    reader.page.reload()  # the browser sends the same once more
    assert reader.page.locator("dd strong").first.inner_text() == number


def test_the_page_speaks_english(read: Callable[..., Reader]) -> None:
    reader = read(language="en")
    reader.go("/r")
    expect(reader.page.get_by_role("heading", level=1)).to_have_text("Report a matter")
    reader.check_page()
