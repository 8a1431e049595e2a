"""The demonstration: what it prints, and that it tells the truth."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from click.testing import CliRunner

from server.cli import main
from server.demo import run_demo
from server.demo.columns import LINE, cut, draw_table, measure, pad, wrap
from server.demo.matters import read_programme
from server.errors import AlreadyExists, DefinitionInvalid
from server.model import Query
from server.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

HOME = Path(__file__).resolve().parents[2]
GAS = """
process: three_list_issue
clock: "2026-11-23T09:00:00+08:00"
matters:
  - id: gas_smell
    title: 楼道有燃气味
    theme: 停气
    shows: [emergency]
    steps:
      - start: {channel: phone_12345, matter: 楼道里燃气味很重，人已经下楼。, category: utilities,
                place: 东苑社区 1 号楼, street: jinxiu, community: dongyuan, danger: true,
                contact_pref: phone, privacy_notice_ack: true}
        as: he_qing
      - complete: triage
        as: he_qing
        with: {title: 疑似燃气泄漏, category: utilities, urgency: U1, community: dongyuan, in_scope: refer,
               place_scope: single, units_needed: 1, needs_power: false, money_needed: false}
      - complete: refer_emergency
        as: he_qing
        with: {referred_to: "119", referred_note: 三方通话转接，并通知燃气公司关闭总阀}
      - ended: referred_emergency
"""


@pytest.fixture
def make_home(tmp_path: Path) -> Callable[[str], Path]:
    """Make a folder with the shipped processes and matters of its own."""

    def make(matters: str) -> Path:
        home = tmp_path / "home"
        (home / "examples").mkdir(parents=True)
        for name in ("processes", "forms", "organisation"):
            (home / name).symlink_to(HOME / name)
        (home / "examples" / "matters.yaml").write_text(matters, encoding="utf-8")
        return home

    return make


def test_the_shipped_matters_end_as_the_file_says() -> None:
    result = CliRunner().invoke(main, ["demo"])
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    programme = read_programme(HOME / "examples" / "matters.yaml")
    assert len(programme.matters) >= 12
    assert lines.count("结果  与预期一致") == len(programme.matters)
    for number, matter in enumerate(programme.matters, start=1):
        head = f"{number}/{len(programme.matters)}  {matter.scenario.title}（{matter.theme}："
        assert sum(line.startswith(head) for line in lines) == 1
    tables = {line.split("（")[0] for line in lines if re.fullmatch(r".{2}清单（\d+ 行）", line)}
    assert tables == {"问题清单", "任务清单", "结果清单"}
    assert re.search(
        r"13 件事项都与预期一致；派给部门或企业 9 件，超期 1 件，重办 1 件。用时 \d+\.\d 秒", result.output
    )


def test_every_step_tells_who_which_task_what_when_due_and_which_rows(make_home: Callable[[str], Path]) -> None:
    lines: list[str] = []
    assert run_demo(make_home(GAS), None, lines.append) is True
    told = "\n".join(lines)
    assert re.search(r"^11-23 09:00  何清 锦绣街道 街道受理岗 +上报$", told, re.MULTILINE)
    assert re.search(r"^11-23 09:00  何清 锦绣街道 街道受理岗 +受理分类 +限 11-23 09:10$", told, re.MULTILINE)
    assert "填写  事项名称：疑似燃气泄漏；类别：供水供电供气供热；紧急程度：U1 突发、危及生命财产；" in told
    assert "列入  问题清单 JX-2026-000001 疑似燃气泄漏｜锦绣街道 街道受理岗｜待办" in told
    assert "转到  告知并转紧急救援（锦绣街道 街道受理岗）" in told
    assert "更新  问题清单 JX-2026-000001 疑似燃气泄漏｜待办 → 已转救援" in told
    assert max(map(measure, told.splitlines())) <= LINE + 2


def test_a_matter_that_ends_otherwise_is_told_and_the_next_one_is_played(make_home: Callable[[str], Path]) -> None:
    other = GAS.partition("matters:\n")[2]
    wrong = GAS.replace("ended: referred_emergency", "ended: closed") + other.replace("id: gas_smell", "id: second")
    lines: list[str] = []
    assert run_demo(make_home(wrong), None, lines.append) is False
    results = [line for line in lines if line.startswith("结果")]
    assert results[0].startswith("结果  失败：step 4 {'ended': 'closed'}: expected the instance to end at 'closed'")
    assert results[1] == "结果  与预期一致"
    assert any(line.startswith("\n2 件事项中 1 件与预期不同：gas_smell") for line in lines)


def test_the_result_can_be_kept_and_is_never_played_over(make_home: Callable[[str], Path], tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    lines: list[str] = []
    assert run_demo(make_home(GAS), kept, lines.append)
    assert f"查看：muster serve --data-dir {kept}" in lines
    assert any(line.startswith("管理员 admin / ") for line in lines)
    store = Store.open(f"sqlite:///{kept / 'muster.db'}")
    with store.reading() as reading:
        assert [row.status for row in reading.search_list_rows("problem", Query()).items] == ["referred"]
    store.close()
    with pytest.raises(AlreadyExists, match="expected a folder without a database"):
        run_demo(tmp_path / "home", kept, lines.append)


def test_without_a_folder_no_password_is_shown(make_home: Callable[[str], Path]) -> None:
    lines: list[str] = []
    run_demo(make_home(GAS), None, lines.append)
    assert not [line for line in lines if line.startswith(("管理员", "示例人员", "查看"))]


MISTAKES = {
    "no clock": (GAS.replace('clock: "2026-11-23T09:00:00+08:00"', ""), "expected 'process', 'clock'"),
    "a date": (GAS.replace("T09:00:00+08:00", ""), "expected 'process', 'clock'"),
    "no list": ("process: a\nclock: '2026-11-23T09:00:00'\nmatters: {}", "expected 'process', 'clock'"),
    "a list": ("[]", "expected 'process', 'clock'"),
    "no person": (GAS.replace("        as: he_qing\n", "", 1), "step 1: expected 'as' with a person"),
    "unknown key": (GAS.replace("theme:", "topic:"), "expected id, shows, steps, theme, title"),
    "unknown verb": (GAS.replace("ended:", "finished:"), "step 4: unknown key 'finished'"),
    "no matter": ("process: a\nclock: '2026-11-23T09:00:00'\nmatters: [x]", "x: expected id, shows"),
}


@pytest.mark.parametrize("case", MISTAKES)
def test_mistakes_in_the_file_are_findings(case: str, make_home: Callable[[str], Path]) -> None:
    text, said = MISTAKES[case]
    with pytest.raises(DefinitionInvalid, match=re.escape(said)):
        read_programme(make_home(text) / "examples" / "matters.yaml")


def test_chinese_takes_two_places() -> None:
    assert (measure("林悦 a"), pad("林悦", 6), cut("锦绣街道", 5), cut("街道", 4)) == (6, "林悦  ", "锦绣…", "街道")
    assert wrap("一二三，四五 11-30", 6) == ["一二三，", "四五", "11-30"]
    table = draw_table(("案号", "空", "事项"), [("A1", "", "路灯"), ("A22", "", "停水停电停气")], (9, 9, 8))
    assert table == ["案号  事项", "─" * 13, "A1    路灯", "A22   停水停…"]
