"""One matter through all pages: reported from a phone, whistled, worked on by two departments, rated and reopened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from desk import Desk
from reader import expect

if TYPE_CHECKING:
    from collections.abc import Callable

    from district import District
    from reader import Reader

PHOTO = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360606060000000050001a5f645400000"
    "000049454e44ae426082"
)
DUE = "2027-03-31"
TRIAGE = {
    "title": "南门占道经营",
    "category": "street_trading",
    "urgency": "U3",
    "community": "jincheng",
    "in_scope": "accept",
    "place_scope": "single",
    "units_needed": 2,
    "needs_power": True,
    "money_needed": False,
}
WHISTLE = {
    "situation": "早晚高峰有二十多个摊位占用南门人行道，行人只能走机动车道。",
    "tried_measures": [{"what": "社区劝离三次", "when": "2026-11-20", "result": "当天散去，第二天又来"}],
    "why_not_alone": "no_power",
    "quality_goal": "南门人行道恢复通行，没有摊位",
    "quantity_target": 1,
    "quantity_unit": "处",
    "due_on": DUE,
}
CONTACT = {"contact_result": "reached", "contact_note": "已告知来源单位和完成日期"}
MEASURES = {"measures": "现场勘查后安排整治并每日巡查"}
REPORT = {
    "handling_result": "已按要求整治完毕，并安排专人每日巡查和回访",
    "quantity_reached": 1,
    "completion": "done",
    "evidence": "照片两张，已存工单",
}
SUMMARY = {
    "handling_result": "各单位承担的部分都已办完，现场恢复正常秩序并安排巡查",
    "quantity_reached": 1,
    "summary_state": "done",
    "evidence": "照片四张",
}


def report(resident: Reader) -> tuple[str, str]:
    """Report with a photo, and return number and secret."""
    page = resident.page
    resident.go("/r")
    page.locator("input[type=file]").first.set_input_files(
        {"name": "south-gate.png", "mimeType": "image/png", "buffer": PHOTO}
    )
    page.get_by_label("地点").fill("锦程社区南门")
    page.get_by_label("诉求内容").fill("南门人行道每天被二十多个摊位占用，只能走机动车道。")
    page.get_by_label("所属街道").select_option(label="锦绣街道")
    page.get_by_label("希望怎样得到答复").select_option(label="网站查询")
    page.get_by_label("已阅读个人信息告知书").check()
    page.get_by_role("button", name="提交", exact=True).last.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("已收到您的反映")
    return page.locator("dd strong").first.inner_text(), page.locator("dd .code").inner_text()


def judge_and_reopen(resident: Reader, number: str, secret: str) -> None:
    """Follow the report, say that it is settled, and have it taken up again all the same."""
    page = resident.page
    resident.go(f"/r/{number}")
    page.get_by_label("查询码").fill(secret)
    page.get_by_role("button", name="查询").click()
    expect(page.get_by_text("请在下面评价是否解决")).to_be_visible()
    expect(page.get_by_text("south-gate.png")).to_be_visible()
    page.get_by_role("group", name="是否解决").get_by_label("已解决").check()
    page.get_by_role("group", name="您满意吗").get_by_label("满意", exact=True).check()
    page.get_by_role("button", name="提交", exact=True).first.click()
    expect(page.get_by_role("status").filter(has_text="谢谢")).to_be_visible()
    expect(page.get_by_role("heading", name="给您的答复")).to_be_visible()
    resident.check_page(picture="journey-rated")
    page.get_by_label("还有什么没有解决").fill("第二天又摆满了")
    page.get_by_role("button", name="要求重新办理").click()
    expect(page.get_by_role("status").filter(has_text="重新办理")).to_be_visible()
    expect(page.get_by_text("已重新办理，正在办理中。")).to_be_visible()
    resident.check_page(picture="journey-reopened")


def test_one_matter_through_all_pages(read: Callable[..., Reader], district: District) -> None:
    resident = read(screen="phone")
    number, secret = report(resident)

    def sit(person: str) -> Desk:
        return Desk(read(person), district, person)

    desk, lead = sit("lin_yue"), sit("zhao_heng")
    desk.do("triage", TRIAGE)
    (desk if desk.can("write_whistle") else lead).do("write_whistle", WHISTLE)
    lead.do("whistle_review", {"review_decision": "approve"})
    for handler, head in (("cheng_gang", "meng_fei"), ("che_liang", "kong_yi")):
        worker = sit(handler)
        worker.do("accept_order", {"order_decision": "accept", "handler": handler})
        if worker.can("first_contact"):
            worker.do("first_contact", CONTACT)
        if worker.can("lead_plan"):
            worker.do("lead_plan", {"plan": [{"unit": "jiaoguan", "part": "早晚高峰维持南门交通", "due_on": DUE}]})
        worker.do("handle_order", MEASURES)
        worker.do(
            "report_done",
            {**REPORT, **({"reply_to_resident": "已经整治完毕，请您监督"} if handler == "cheng_gang" else {})},
        )
        sit(head).do("head_sign", {"signature": "sign"})
    sit("cheng_gang").do("lead_summary", SUMMARY)
    desk.do("street_verify", {"verify_result": "resolved", "verify_evidence": "到现场看过，已经恢复"})
    judge_and_reopen(resident, number, secret)
    page = desk.reader.page
    desk.reader.go(f"/cases/{number}")
    expect(page.get_by_role("heading", level=1)).to_contain_text("南门占道经营")
    expect(page.get_by_text("重办 1 次")).to_be_visible()
    expect(page.get_by_role("link", name="south-gate.png")).to_be_visible()
    desk.reader.check_page(picture="journey-case")
    page.get_by_role("link", name="写哨").click()
    expect(page.locator("#fields")).to_contain_text("南门占道经营")
    with page.expect_download() as download:
        page.get_by_role("link", name="south-gate.png").click()
    assert download.value.suggested_filename == "south-gate.png"
