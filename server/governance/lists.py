"""The lists of governance: what they are called, what a row of each must have, and which follow from which.

Source: domain.md §2.2; article S0 「每一步环节都有部门负责、都能量化」: no row without owner, measure and date where
the list is one of work; the six linked lists 任务, 绩效, 督导, 会议, 督查, 问责.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from server.model import ListRow

_FIXED = ("owner", "measure", "due_at")
REQUIRED: Mapping[str, tuple[str, ...]] = {
    "problem": (),
    "task": _FIXED,
    "result": (),
    "meeting": _FIXED,
    "performance": _FIXED,
    "supervision": _FIXED,
    "inspection": _FIXED,
    "accountability": _FIXED,
    "need": ("owner", "measure"),
    "resource": ("owner", "measure"),
    "project": _FIXED,
    "duty": ("owner",),
    "power": ("owner",),
    "community_work": ("owner",),
    "negative": ("owner",),
    "whistle": _FIXED,
    "whistle_catalogue": ("owner",),
    "indicator_tree": _FIXED,
    "points_ledger": ("measure",),
    "pairing": ("owner",),
    "exemption": ("owner", "due_at"),
}
"""List to the columns that its rows must have besides a title."""
SIX_LISTS = ("task", "performance", "supervision", "meeting", "inspection", "accountability")
"""Lists whose rows may follow from a row of any of them (六联清单)."""
AHEAD = frozenset({"task"})
"""Lists whose rows are due at a time to come when they are added (定时)."""


def check_row(row: ListRow) -> str | None:
    """Return what a row lacks, for whoever draws or fills in; None when it is complete."""
    missing = [name for name in REQUIRED[row.list_name] if getattr(row, name) is None]
    if missing:
        needed = ", ".join(REQUIRED[row.list_name])
        four = " (四定)" if row.list_name == "task" else ""
        return f"a {row.list_name} needs {needed}{four}, missing: {', '.join(missing)}"
    if row.list_name in AHEAD and row.due_at is not None and row.due_at <= row.created_at:
        return (
            f"a {row.list_name}'s due_at lies in the future, found {row.due_at.isoformat()}, now is "
            f"{row.created_at.isoformat()}; correct the date and resolve the incident"
        )
    return None


def check_link(row: ListRow, earlier: ListRow | None) -> str | None:
    """Return why a row cannot follow from another one, or None when it can."""
    if earlier is None:
        return f"expected the key of a list row in 'prev_row_key', found {row.prev_row_key}, which is none"
    if row.list_name not in SIX_LISTS or earlier.list_name not in SIX_LISTS:
        return (
            f"only rows of {', '.join(SIX_LISTS)} follow from one another, found {row.list_name}, {earlier.list_name}"
        )
    return None
