"""Meetings of committees, and the plans by which they begin."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import func, insert, or_, select, update

from server.errors import NotFound
from server.model import Meeting, MeetingPlan, MeetingState, Period
from server.store.connected import Connected, Values, Writing
from server.store.filters import instant_field, key_field, text_field
from server.store.search import Searchable
from server.store.tables.meetings import meeting, meeting_plan

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import datetime

    from sqlalchemy import Row

    from server.model import Page, Query

_c = meeting.c
_p = meeting_plan.c


def _to_meeting(row: Row[Any]) -> Meeting:
    return Meeting(**(dict(row._mapping) | {"state": MeetingState(row.state)}))  # noqa: SLF001 - documented


def _to_plan(row: Row[Any]) -> MeetingPlan:
    return MeetingPlan(**(dict(row._mapping) | {"period": Period(row.period)}))  # noqa: SLF001 - documented


def _meeting_values(record: Meeting) -> Values:
    return asdict(record) | {"state": record.state.value}


def _plan_values(record: MeetingPlan) -> Values:
    return asdict(record) | {"period": record.period.value}


_SEARCHABLE = Searchable(
    "meetings",
    meeting,
    {
        "key": key_field(_c.key),
        "meeting_no": text_field(_c.meeting_no),
        "committee": text_field(_c.committee),
        "kind": text_field(_c.kind),
        "root_key": key_field(_c.root_key),
        "state": text_field(_c.state),
        "opened_at": instant_field(_c.opened_at),
        "session_at": instant_field(_c.session_at),
        "held_at": instant_field(_c.held_at),
    },
    _to_meeting,
)


class MeetingReads(Connected):
    """Reads meetings and plans."""

    def meeting(self, meeting_no: str) -> Meeting | None:
        """Find by number."""
        row = self._row(select(meeting).where(_c.meeting_no == meeting_no))
        return None if row is None else _to_meeting(row)

    def last_held_meeting(self, committee: str, kind: str) -> Meeting | None:
        """Return the latest meeting of a kind that a committee has held."""
        held = select(meeting).where(_c.committee == committee, _c.kind == kind, _c.held_at.is_not(None))
        row = self._row(held.order_by(_c.held_at.desc(), _c.key.desc()).limit(1))
        return None if row is None else _to_meeting(row)

    def count_meetings(self, committee: str, since: datetime, until: datetime) -> tuple[int, int]:
        """Return how many sessions of a committee are fixed for a span of time, and how many were held in it.

        A session that was held counts as fixed; one that came to nothing as neither.
        """
        held = (_c.held_at >= since) & (_c.held_at < until)
        fixed = (_c.session_at >= since) & (_c.session_at < until) & (_c.state != MeetingState.NOT_HELD.value)
        counted = select(
            func.count().filter(or_(held, fixed)).label("fixed"), func.count().filter(held).label("held")
        ).where(_c.committee == committee)
        row = self._connection.execute(counted).one()
        return row.fixed, row.held

    def search_meetings(self, query: Query, committees: Collection[str] | None = None) -> Page[Meeting]:
        """Search by any of the record's fields but the content; with `committees` only those of these."""
        restrictions = [] if committees is None else [_c.committee.in_(sorted(committees))]
        return _SEARCHABLE.search(self._connection, query, restrictions)

    def meeting_plans(self, committee: str | None = None) -> tuple[MeetingPlan, ...]:
        """Return the plans of a committee, or all of them, by committee and kind."""
        chosen = select(meeting_plan) if committee is None else select(meeting_plan).where(_p.committee == committee)
        return tuple(_to_plan(row) for row in self._rows(chosen.order_by(_p.committee, _p.kind)))

    def meeting_plan(self, key: int) -> MeetingPlan | None:
        """Find a plan by key."""
        row = self._row(select(meeting_plan).where(_p.key == key))
        return None if row is None else _to_plan(row)

    def due_meeting_plans(self, now: datetime, limit: int) -> tuple[MeetingPlan, ...]:
        """Return plans by which a meeting is to begin, longest overdue first; candidates without locks."""
        due = select(meeting_plan).where(_p.next_start_at <= now).order_by(_p.next_start_at, _p.key)
        return tuple(_to_plan(row) for row in self._rows(due.limit(limit)))

    def next_meeting_start_at(self) -> datetime | None:
        """Return when the next meeting is, or was, to begin by plan."""
        row = self._row(select(func.min(_p.next_start_at).label("at")))
        return None if row is None else row.at


class MeetingWrites(Writing):
    """Writes meetings and plans."""

    def add_meeting(self, record: Meeting) -> None:
        """Add a meeting."""
        self._write(insert(meeting), _meeting_values(record))

    def update_meeting(self, record: Meeting) -> None:
        """Replace the meeting with this key; raises NotFound."""
        values = _meeting_values(record)
        del values["key"]
        if not self._write(update(meeting).where(_c.key == record.key).values(values)):
            raise NotFound(f"There is no meeting {record.meeting_no}.")

    def lock_meeting(self, meeting_no: str) -> Meeting | None:
        """Lock a meeting and return it."""
        row = self._row(select(meeting).where(_c.meeting_no == meeting_no).with_for_update())
        return None if row is None else _to_meeting(row)

    def add_meeting_plan(self, record: MeetingPlan) -> None:
        """Add a plan."""
        self._write(insert(meeting_plan), _plan_values(record))

    def update_meeting_plan(self, record: MeetingPlan) -> None:
        """Replace the plan with this key; raises NotFound."""
        values = _plan_values(record)
        del values["key"]
        if not self._write(update(meeting_plan).where(_p.key == record.key).values(values)):
            raise NotFound(f"There is no meeting plan {record.key}.")

    def lock_meeting_plan(self, key: int) -> MeetingPlan | None:
        """Lock a plan and return it."""
        row = self._row(select(meeting_plan).where(_p.key == key).with_for_update())
        return None if row is None else _to_plan(row)

    def lock_meeting_plans_without_tick(self) -> tuple[MeetingPlan, ...]:
        """Lock the active plans that nobody has said a next meeting of, but for those that begin nothing themselves."""
        waiting = (_p.active, _p.period != Period.NONE.value, _p.next_start_at.is_(None))
        rows = self._rows(select(meeting_plan).where(*waiting).order_by(_p.key).with_for_update(skip_locked=True))
        return tuple(_to_plan(row) for row in rows)

    def lock_due_meeting_plan(self, key: int, now: datetime) -> MeetingPlan | None:
        """Lock a plan; None when it is not due (any more) or somebody else has it."""
        due = select(meeting_plan).where(_p.key == key, _p.next_start_at <= now)
        row = self._row(due.with_for_update(skip_locked=True))
        return None if row is None else _to_plan(row)
