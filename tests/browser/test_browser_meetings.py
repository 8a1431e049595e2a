"""Meetings: agenda, attendance, checking in."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
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
