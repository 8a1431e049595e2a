"""What the clocks, lists and states of the shipped processes are called; words of other processes stay as they are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.pages.languages import gettext, mark

if TYPE_CHECKING:
    from collections.abc import Mapping

CLOCKS: Mapping[str, str] = {
    "respond": mark("First response"),
    "finish": mark("Result"),
    "verify": mark("Verification"),
    "routing": mark("Routing"),
}
LISTS: Mapping[str, str] = {
    "problem": mark("Problem list"),
    "task": mark("Task list"),
    "result": mark("Result list"),
    "whistle": mark("Whistles"),
    "inspection": mark("Inspection list"),
    "whistle_catalogue": mark("Whistle catalogue"),
    "project": mark("Project list"),
    "meeting": mark("Meeting list"),
    "supervision": mark("Supervision list"),
    "exemption": mark("Exemption list"),
    "performance": mark("Performance list"),
}
STATUSES: Mapping[str, str] = {
    "open": mark("open"),
    "done": mark("done"),
    "partial": mark("partly done"),
    "closed": mark("closed"),
    "resolved": mark("resolved"),
    "reopened": mark("reopened"),
    "returned": mark("returned"),
    "recalled": mark("recalled"),
    "parked": mark("parked"),
    "overdue": mark("overdue"),
    "expired": mark("expired"),
    "joined": mark("joined"),
    "merged": mark("joined"),
    "referred": mark("passed on"),
    "not_accepted": mark("not accepted"),
    "withdrawn": mark("withdrawn"),
    "held": mark("held"),
    "not_held": mark("not held"),
    "breach": mark("late"),
    "closed_resolved": mark("resolved"),
    "closed_explained": mark("explained"),
    "closed_unconfirmed": mark("closed, nobody reached"),
}


def tell_clock(name: str) -> str:
    """Return what a clock is called."""
    return _tell(CLOCKS, name)


def tell_list(name: str) -> str:
    """Return what a list is called."""
    return _tell(LISTS, name)


def tell_status(name: str) -> str:
    """Return the state of a row of a list."""
    return _tell(STATUSES, name)


def _tell(words: Mapping[str, str], name: str) -> str:
    return gettext(words[name]) if name in words else name
