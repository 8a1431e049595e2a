"""Every type of form component in a browser: filled in, followed by the server, sent, with scripts and without."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from PIL import Image
from reader import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from district import District
    from playwright.sync_api import Page
    from reader import Reader

FILES = Path(__file__).parent / "files"


@pytest.fixture(scope="module", autouse=True)
def visit(district: District) -> None:
    """Deploy a process whose form has every type of component."""
    files = [("resources", (name, (FILES / name).read_bytes())) for name in ("visit.bpmn", "visit.form")]
    answer = district.program_of("admin").post("/v2/deployments", files=files)
    assert answer.is_success, answer.text


def make_photo() -> dict[str, object]:
    """Return a small picture as a browser uploads it."""
    content = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(content, "JPEG")
    return {"name": "楼道.jpg", "mimeType": "image/jpeg", "buffer": content.getvalue()}


def fill(page: Page) -> None:
    page.get_by_label("走访名称").fill("三月走访")
    page.get_by_label("情况说明").fill("一切正常")
    page.get_by_label("户数").fill("12")
    page.get_by_label("上门").check()
    page.get_by_label("等级").select_option(label="二级")
    page.get_by_label("漏水").check()
    page.get_by_label("堆物").check()
    page.get_by_label("标签").select_option(label="老人")
    page.get_by_label("日期").fill("2026-12-24")
    page.get_by_label("时间").fill("09:30")
    page.get_by_label("街巷").fill("文化巷")
    page.get_by_label("门牌").fill("1-101")
    page.get_by_label("人数").fill("3")


SENT = {
    "title": "三月走访", "note": "一切正常", "amount": 12, "urgent": False, "double": 24, "way": "door",
    "priority": "2", "topics": ["leak", "pile"], "tags": ["old"], "day": "2026-12-24", "hour": "09:30",
    "street_name": "文化巷",
}  # fmt: skip


def read_variables(district: District, reader: Reader) -> dict[str, object]:
    """Return the variables of the instance whose task the page shows."""
    key = reader.page.url.partition("/tasks/")[2].partition("?")[0]
    found = district.ask("lin_yue", "POST", f"/v2/user-tasks/{key}/variables/search", {})["items"]
    return {one["name"]: json.loads(one["value"]) for one in found}


@pytest.mark.parametrize("screen", ["desk", "phone"])
def test_every_component_is_sent_as_what_it_is(read: Callable[..., Reader], district: District, screen: str) -> None:
    reader = read("lin_yue", screen=screen)
    reader.go("/start/visit")
    page = reader.page
    page.get_by_label("照片").set_input_files(make_photo())
    fill(page)  # what is chosen has the fields shown again, and the file stays
    page.get_by_role("button", name="添加一行").click()
    expect(page.get_by_label("门牌")).to_have_count(2)
    expect(page.get_by_text("预计分发告知书 24 份")).to_be_visible()
    expect(page.get_by_label("门牌").first).to_have_value("1-101")
    expect(page.get_by_role("link", name="楼道.jpg")).to_be_visible()
    page.get_by_label("门牌").nth(1).fill("1-102")
    reader.check_page(picture="start-visit")
    page.get_by_role("button", name="提交").click()
    page.wait_for_url("**/tasks/*")
    expect(page.get_by_text("已发起。")).to_be_visible()
    variables = read_variables(district, reader)
    assert {name: variables[name] for name in SENT} == SENT
    assert variables["doors"] == [{"door": "1-101", "people": 3}, {"door": "1-102", "people": None}]
    assert len(variables["photos"]) == 1
    expect(page.get_by_label("门牌").nth(1)).to_have_value("1-102")
    expect(page.get_by_role("link", name="楼道.jpg")).to_have_count(2)  # in its field, and among the files
    expect(page.get_by_text("填写完毕后请提交。")).to_be_visible()


def test_without_scripts_the_server_follows_too(read: Callable[..., Reader], district: District) -> None:
    reader = read("lin_yue", scripts=False)
    reader.go("/start/visit")
    page = reader.page
    fill(page)
    page.get_by_label("需要马上处理").check()
    expect(page.get_by_label("紧急原因")).to_have_count(0)
    page.get_by_role("button", name="更新表单").click()
    page.get_by_label("紧急原因").fill("漏水进电箱")
    page.get_by_role("button", name="添加一行").click()
    page.get_by_label("门牌").nth(1).fill("1-102")
    page.get_by_role("button", name="删除第 1 行").click()
    expect(page.get_by_label("门牌")).to_have_value("1-102")
    page.get_by_label("照片").set_input_files(make_photo())
    page.get_by_role("button", name="提交").click()
    page.wait_for_url("**/tasks/*")
    variables = read_variables(district, reader)
    assert variables["why"] == "漏水进电箱"
    assert variables["doors"] == [{"door": "1-102", "people": None}]
    assert len(variables["photos"]) == 1


def test_conditions_show_and_hide_while_one_types(read: Callable[..., Reader]) -> None:
    reader = read("lin_yue")
    reader.go("/start/visit")
    page = reader.page
    expect(page.get_by_label("紧急原因")).to_have_count(0)
    page.get_by_label("需要马上处理").check()
    expect(page.get_by_label("紧急原因")).to_be_visible()
    expect(page.get_by_label("需要马上处理")).to_be_checked()
    page.get_by_label("需要马上处理").uncheck()
    expect(page.get_by_label("紧急原因")).to_have_count(0)
    page.get_by_label("户数").fill("十二")
    page.get_by_label("走访名称").fill("走访")
    reader.expect_refusal(422)
    page.get_by_role("button", name="提交").click()
    expect(page.locator("#problems")).to_contain_text("户数")
    expect(page.get_by_label("户数")).to_have_value("十二")


def test_a_wrong_file_is_told_and_the_rest_kept(read: Callable[..., Reader]) -> None:
    reader = read("lin_yue")
    reader.go("/start/visit")
    page = reader.page
    page.get_by_label("走访名称").fill("三月走访")
    page.get_by_label("照片").set_input_files(
        {"name": "病毒.jpg", "mimeType": "image/jpeg", "buffer": b"MZ\x90\x00 this is no picture"}
    )
    reader.expect_refusal(422)
    page.get_by_role("button", name="提交").click()
    expect(page.locator("#problems")).to_contain_text("照片")
    expect(page.get_by_label("走访名称")).to_have_value("三月走访")
    reader.check_page(picture="start-wrong-file")


def test_pressed_twice_it_is_started_once(read: Callable[..., Reader]) -> None:
    reader = read("lin_yue", scripts=False)
    reader.go("/start/visit")
    page = reader.page
    fill(page)
    page.get_by_label("走访名称").fill("只发起一次")
    form = {control: page.locator(f"[name='{control}']").first.input_value() for control in ("csrf_token", "once")}
    sent = {**form, "text:/title": "只发起一次", "list:/doors": "", "row:/doors/0": "", "text:/doors/0/door": "1"}
    answers = [reader.context.request.post("/start/visit/instance", multipart=sent, max_redirects=0) for _ in "12"]
    assert [one.status for one in answers] == [303, 303]
    assert answers[0].headers["location"] == answers[1].headers["location"]
