"""Signing in and out, the language, and pages that tell what went wrong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from reader import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from district import District
    from reader import Reader


@pytest.mark.parametrize("screen", ["desk", "phone"])
def test_signing_in_leads_to_where_one_wanted_to_go(
    read: Callable[..., Reader], district: District, screen: str
) -> None:
    reader = read(screen=screen)
    reader.go("/tasks?view=mine")
    reader.check_page(picture="sign-in")
    reader.expect_refusal(401)
    reader.sign_in("lin_yue", "wrong")
    expect(reader.page.get_by_role("alert")).to_contain_text("用户名或密码错误")
    expect(reader.page.locator("#username")).to_have_value("lin_yue")
    reader.check_page(picture="sign-in-refused")
    reader.sign_in("lin_yue", district.password)
    reader.page.wait_for_url("**/tasks?view=mine")
    expect(reader.page.get_by_text("林悦")).to_be_visible()
    reader.page.get_by_role("button", name="退出").click()
    reader.page.wait_for_url("**/login")


def test_the_language_is_switched_and_kept(read: Callable[..., Reader]) -> None:
    reader = read("lin_yue")
    reader.go("/tasks")
    expect(reader.page.locator("html")).to_have_attribute("lang", "zh-CN")
    reader.page.get_by_role("button", name="English").click()
    expect(reader.page.locator("html")).to_have_attribute("lang", "en")
    reader.go("/tasks")
    expect(reader.page.get_by_role("button", name="Sign out")).to_be_visible()
    reader.check_page()


@pytest.mark.parametrize("screen", ["desk", "phone"])
def test_what_is_not_there_is_told_on_a_page(read: Callable[..., Reader], screen: str) -> None:
    reader = read("lin_yue", screen=screen)
    reader.expect_refusal(404)
    answer = reader.go("/tasks/123456789")
    assert answer
    assert answer.status == 404
    expect(reader.page.get_by_role("heading", level=1)).to_have_text("这里没有您可以查看的内容")
    reader.check_page(picture="refusal")


def test_the_first_tab_stop_skips_to_the_content(read: Callable[..., Reader]) -> None:
    reader = read("lin_yue")
    reader.go("/tasks")
    reader.page.keyboard.press("Tab")
    expect(reader.page.get_by_role("link", name="跳到正文")).to_be_focused()
    reader.page.keyboard.press("Enter")
    expect(reader.page.locator("main")).to_be_focused()
