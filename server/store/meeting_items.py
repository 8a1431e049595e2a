"""Items that committees are to decide on, and their history."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, exists, func, insert, not_, select, update

from server.errors import NotFound
from server.model import InstanceState, ItemState, MeetingItem, MeetingItemEvent, MeetingState
from server.store.connected import Connected, Values, Writing
from server.store.tables.instances import process_instance
from server.store.tables.meetings import meeting, meeting_item, meeting_item_event

if TYPE_CHECKING:
    from datetime import datetime

    from sqlalchemy import Row

_c = meeting_item.c
_e = meeting_item_event.c
_m = meeting.c
_WAITING = [state.value for state in ItemState if state.is_waiting]
_WITH_AGENDA = [state.value for state in MeetingState if state.has_agenda]
# What was put on the agenda of a meeting that then was cancelled, or ended without coming to it, stands on none.
_STANDS_ON_AGENDA = and_(
    _c.state == ItemState.SCHEDULED.value,
    exists()
    .where(_m.meeting_no == _c.meeting_no, _m.state.in_(_WITH_AGENDA))
    .where(process_instance.c.key == _m.root_key, process_instance.c.state == InstanceState.ACTIVE.value),
)


def to_item(row: Row[Any]) -> MeetingItem:
    """Make the record of a row."""
    values = dict(row._mapping)  # noqa: SLF001 - the documented way to a row's names and values
    return MeetingItem(**(values | {"state": ItemState(row.state)}))


def _values(record: MeetingItem) -> Values:
    return asdict(record) | {"state": record.state.value}


class MeetingItemReads(Connected):
    """Reads items."""

    def meeting_item(self, item_key: str) -> MeetingItem | None:
        """Find by number."""
        row = self._row(select(meeting_item).where(_c.item_key == item_key))
        return None if row is None else to_item(row)

    def meeting_backlog(self, committee: str, limit: int) -> tuple[MeetingItem, ...]:
        """Return what a committee has still to decide on, oldest first."""
        waiting = select(meeting_item).where(_c.committee == committee, _c.state.in_(_WAITING))
        return tuple(to_item(row) for row in self._rows(waiting.order_by(_c.key).limit(limit)))

    def meeting_items_to_schedule(self, committee: str, limit: int) -> tuple[MeetingItem, ...]:
        """Return those of the backlog that stand on no agenda of a meeting that is under way, oldest first."""
        free = select(meeting_item).where(_c.committee == committee, _c.state.in_(_WAITING), not_(_STANDS_ON_AGENDA))
        return tuple(to_item(row) for row in self._rows(free.order_by(_c.key).limit(limit)))

    def agenda_of_meeting_item(self, item_key: str) -> str | None:
        """Return the number of the meeting under way on whose agenda an item stands, None where there is none."""
        row = self._row(select(_c.meeting_no).where(_c.item_key == item_key, _STANDS_ON_AGENDA))
        return None if row is None else str(row.meeting_no)

    def meeting_items(self, meeting_no: str) -> tuple[MeetingItem, ...]:
        """Return the items that stand on the agenda of a meeting, or that it decided last, by number."""
        rows = self._rows(select(meeting_item).where(_c.meeting_no == meeting_no).order_by(_c.item_key))
        return tuple(to_item(row) for row in rows)

    def meeting_item_events(self, item_key: str) -> tuple[MeetingItemEvent, ...]:
        """Return what happened to an item, first to last."""
        rows = self._rows(select(meeting_item_event).where(_e.item_key == item_key).order_by(_e.number))
        return tuple(MeetingItemEvent(**row._mapping) for row in rows)  # noqa: SLF001 - as above


class MeetingItemWrites(Writing):
    """Writes items."""

    def add_meeting_item(self, record: MeetingItem) -> None:
        """Add an item."""
        self._write(insert(meeting_item), _values(record))

    def lock_meeting_item(self, item_key: str) -> MeetingItem | None:
        """Lock an item and return it."""
        row = self._row(select(meeting_item).where(_c.item_key == item_key).with_for_update())
        return None if row is None else to_item(row)

    def update_meeting_item(self, record: MeetingItem) -> None:
        """Replace the item with this key; raises NotFound."""
        values = _values(record)
        del values["key"]
        if not self._write(update(meeting_item).where(_c.key == record.key).values(values)):
            raise NotFound(f"There is no item {record.item_key}.")

    def add_meeting_item_event(
        self,
        item: MeetingItem,
        at: datetime,
        verb: str,
        actor: str,
        *,
        decision: str | None = None,
        note: str | None = None,
    ) -> None:
        """Note what happened to an item, after those before."""
        known = self._row(select(func.count().label("number")).where(_e.item_key == item.item_key))
        event = MeetingItemEvent(
            item_key=item.item_key,
            number=(known.number if known else 0) + 1,
            at=at,
            verb=verb,
            committee=item.committee,
            actor=actor,
            meeting_no=item.meeting_no,
            decision=decision,
            note=note,
        )
        self._write(insert(meeting_item_event), asdict(event))
