"""The three lists after the last matter, as tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.demo.columns import draw_table
from server.demo.names import LISTS, STATUS, name_owner, show_time

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from server.governance.organisation import Organisation
    from server.model import ListRow

HEADINGS = ("案号", "事项", "责任", "措施", "期限", "状态", "备注")
WIDEST = (16, 18, 20, 24, 11, 10, 16)
RATINGS = {"very_satisfied": "非常满意", "satisfied": "满意", "acceptable": "基本满意", "dissatisfied": "不满意"}


def draw_lists(organisation: Organisation, lists: Mapping[str, Sequence[ListRow]]) -> list[str]:
    """Return the lines of one table for each list."""
    lines: list[str] = []
    for name, rows in lists.items():
        cells = [
            (
                row.case_no or "",
                row.title,
                name_owner(organisation, row.owner),
                row.measure or "",
                show_time(row.due_at) if row.due_at else "",
                STATUS.get(row.status, row.status),
                "，".join(_find_remarks(row)),
            )
            for row in rows
        ]
        lines += ["", f"{LISTS[name]}（{len(rows)} 行）", *draw_table(HEADINGS, cells, WIDEST)]
    return lines


def count_facts(lists: Mapping[str, Sequence[ListRow]]) -> str:
    """Return how many matters went to departments, were overdue and were done again, as the lists say."""
    departments = {row.case_no for row in lists["task"] if row.data.get("path") == "order"}
    overdue = [row for row in lists["problem"] if row.data.get("overdue_level")]
    reopened = [row for row in lists["problem"] if row.data.get("reopened")]
    return f"派给部门或企业 {len(departments)} 件，超期 {len(overdue)} 件，重办 {len(reopened)} 件"


def _find_remarks(row: ListRow) -> Iterator[str]:
    data = row.data
    if data.get("overdue_level"):
        yield "曾超期"
    if data.get("reopened"):
        yield f"重办 {data['reopened']} 次"
    if data.get("round") not in (None, 1):
        yield f"第 {data['round']} 轮"
    if data.get("satisfied"):
        yield RATINGS.get(str(data["satisfied"]), str(data["satisfied"]))
