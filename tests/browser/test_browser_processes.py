"""Processes and instances: what runs where, the diagram with its marks, and the addresses of "Open in Operate"."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from reader import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from district import District
    from reader import Reader

REPORT = {
    "channel": "phone_12345",
    "matter": "3 号楼楼道堆放旧家具，通道只剩一人宽。",
    "place": "锦程社区 3 号楼",
    "street": "jinxiu",
    "contact_pref": "phone",
    "privacy_notice_ack": True,
}


@pytest.fixture(scope="module")
def instance(district: District) -> str:
    """Give the key of a reported matter, waiting for triage."""
    return district.start("admin", "three_list_issue", REPORT)


@pytest.mark.parametrize("screen", ["desk", "phone"])
def test_a_process_shows_where_its_instances_are(read: Callable[..., Reader], instance: str, screen: str) -> None:
    reader = read("admin", screen=screen)
    reader.go("/processes")
    reader.check_page(picture="processes")
    reader.page.get_by_role("link", name="三张清单问题办理").click()
    expect(reader.page.locator(".diagram.shown [data-element-id=reported]").first).to_be_visible()
    # the triage is drawn on a plane of its own: what is seen from above is the part that it belongs to
    expect(reader.page.locator(".diagram .count.running").first).to_have_text("1")
    reader.check_page(picture="process")
    reader.page.get_by_role("link", name="用时").click()
    expect(reader.page.get_by_text("统计本版本最近 1000 个实例")).to_be_visible()
    reader.check_page(picture="process-times")
    reader.page.get_by_role("link", name="数量").click()
    reader.page.locator('td a[href$="element=triage"]').click()
    reader.page.wait_for_url("**/processes/three_list_issue?element=triage")
    reader.page.get_by_role("link", name=instance).click()
    expect(reader.page.get_by_role("listitem").filter(has_text="受理分类").last).to_contain_text("进行中")


@pytest.mark.parametrize("screen", ["desk", "phone"])
def test_an_instance_shows_its_path(read: Callable[..., Reader], instance: str, screen: str) -> None:
    reader = read("lin_yue", screen=screen)
    reader.go(f"/processes/{instance}")  # as Modeler's "Open in Operate" leads to
    expect(reader.page.locator(".diagram.shown .djs-shape.active").first).to_be_visible()
    expect(reader.page.get_by_role("link", name="受理分类")).to_be_visible()
    expect(reader.page.get_by_role("heading", name="运维操作")).to_have_count(0)
    reader.check_page(picture="instance")


def test_modelers_link_to_a_process_leads_to_its_page(read: Callable[..., Reader], instance: str) -> None:
    reader = read("admin")
    reader.go("/processes?process=three_list_issue&version=1&active=true&incidents=true")
    reader.page.wait_for_url("**/processes/three_list_issue?version=1")
    expect(reader.page.get_by_role("link", name=instance)).to_be_visible()


def test_operators_suspend_resume_and_cancel(read: Callable[..., Reader], district: District) -> None:
    own = district.start(
        "admin", "three_list_issue", {**REPORT, "place": "望河街道 9 号楼", "matter": "窨井盖破损，车辆经过声音很大。"}
    )
    reader = read("admin")
    reader.go(f"/processes/{own}")

    def operate(name: str) -> None:
        part = reader.page.get_by_role("group").filter(has=reader.page.get_by_text(name, exact=True)).last
        part.locator("summary").click()
        part.get_by_label("原因").fill(f"因故{name}")
        if part.get_by_role("checkbox").count():
            part.get_by_role("checkbox").check()
            reader.check_page(picture="instance-operate")
        part.get_by_role("button").click()

    operate("暂停")
    expect(reader.page.locator("main .badge").get_by_text("已暂停")).to_be_visible()
    operate("恢复")
    expect(reader.page.get_by_text("因故暂停")).to_be_visible()
    reader.page.get_by_role("link", name="移动令牌").first.click()
    reader.check_page(picture="instance-token")
    reader.page.get_by_role("link", name="回到实例").click()
    reader.page.get_by_role("link", name="迁移到另一版本").click()
    reader.check_page(picture="instance-migration")
    reader.page.get_by_role("link", name="回到实例").click()
    operate("取消实例")
    expect(reader.page.locator("main .badge").get_by_text("已取消")).to_be_visible()


def test_without_scripts_the_steps_say_it_all(read: Callable[..., Reader], instance: str) -> None:
    reader = read("lin_yue", screen="phone", scripts=False)
    reader.go(f"/processes/{instance}")
    expect(reader.page.get_by_role("link", name="受理分类")).to_be_visible()
    expect(reader.page.get_by_text("流程图需要脚本才能显示")).to_be_visible()


def test_strangers_do_not_learn_of_an_instance(read: Callable[..., Reader], instance: str) -> None:
    reader = read("cheng_gang")
    reader.expect_refusal(404)
    answer = reader.go(f"/processes/{instance}")
    assert answer
    assert answer.status == 404
