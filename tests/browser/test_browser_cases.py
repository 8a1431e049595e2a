"""Cases and incidents: found, looked at, and taken up again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from reader import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from district import District
    from reader import Reader

FILES = Path(__file__).parent / "files"


@pytest.fixture(scope="module")
def case_no(district: District) -> str:
    """Give the number of a case that a resident has reported."""
    report = {
        "matter": "小区北门路灯不亮，晚上看不见路。",
        "place": "锦程社区北门",
        "street": "jinxiu",
        "category": "public_facility",
        "contact_pref": "web",
        "privacy_notice_ack": True,
    }
    number: str = district.ask("admin", "POST", "/api/public/reports", {"variables": report})["caseNo"]
    return number


@pytest.mark.parametrize("screen", ["desk", "phone"])
def test_a_case_is_found_and_shown(read: Callable[..., Reader], case_no: str, screen: str) -> None:
    reader = read("lin_yue", screen=screen)
    reader.go("/cases")
    reader.page.get_by_role("searchbox").fill(case_no)
    reader.page.get_by_role("button", name="查找").click()
    expect(reader.page.get_by_text("1 个案件")).to_be_visible()
    reader.check_page(picture="cases")
    reader.page.get_by_role("link", name="小区北门路灯不亮").click()
    expect(reader.page.get_by_role("link", name="受理分类")).to_be_visible()
    expect(reader.page.get_by_text("锦程社区北门")).to_be_visible()
    reader.check_page(picture="case")


def test_incidents_are_grouped_and_tried_again(read: Callable[..., Reader], district: District) -> None:
    files = [("resources", ("weighing.bpmn", (FILES / "weighing.bpmn").read_bytes()))]
    assert district.program_of("admin").post("/v2/deployments", files=files).is_success
    key = district.start("admin", "weighing", {"weight": -1})
    reader = read("admin")
    reader.go("/incidents")
    group = reader.page.get_by_role("region", name="称重")
    expect(group.get_by_role("checkbox")).to_have_count(1)
    reader.check_page(picture="incidents")
    group.get_by_role("button", name="重试").click()
    expect(reader.page.get_by_text("共 1 个，已重试 1 个")).to_be_visible()
    expect(group.get_by_role("checkbox")).to_have_count(1)  # it has stopped again
    district.ask("admin", "PUT", f"/v2/element-instances/{key}/variables", {"variables": {"weight": 3}})
    group.get_by_role("button", name="重试").click()
    expect(group).to_have_count(0)


def test_incidents_are_for_administrators(read: Callable[..., Reader]) -> None:
    reader = read("lin_yue")
    reader.expect_refusal(403)
    answer = reader.go("/incidents")
    assert answer
    assert answer.status == 403
