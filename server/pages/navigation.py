"""The way around: what stands in the head of every page."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from server import access
from server.pages.languages import mark

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from server.access import Actor


@dataclass(frozen=True, slots=True)
class Entry:
    """A place one can go to: the address that its pages begin with, and who may see it at all."""

    path: str
    label: str
    shown: Callable[[Actor], bool] = lambda _: True


ENTRIES = (
    Entry("/tasks", mark("Tasks")),
    Entry("/start", mark("New request")),
    Entry("/cases", mark("Cases"), access.may_see_cases),
    Entry("/meetings", mark("Meetings"), access.may_see_cases),
    Entry("/processes", mark("Processes")),
    Entry("/incidents", mark("Incidents"), access.may_administer),
)


def list_entries(actor: Actor | None) -> Sequence[Entry]:
    """Return where a person can go; nobody signed in goes nowhere."""
    return () if actor is None else [entry for entry in ENTRIES if entry.shown(actor)]
