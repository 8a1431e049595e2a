"""Cases: found by number, by instance, and by what is near."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import and_, insert, or_, select, update

from server.errors import NotFound
from server.model import Case, CasePlace, CaseState
from server.store.connected import Connected, Values, Writing
from server.store.filters import instant_field, key_field, number_field, text_field
from server.store.search import Searchable
from server.store.tables.cases import case_record

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from datetime import datetime

    from sqlalchemy import ColumnElement, Row

    from server.model import Page, Query

_c = case_record.c
PARTS = 1_000_000
"""Of a degree."""


def _to_record(row: Row[Any]) -> Case:
    return Case(
        key=row.key,
        case_no=row.case_no,
        root_key=row.root_key,
        title=row.title,
        received_at=row.received_at,
        text=row.text,
        state=CaseState(row.state),
        category=row.category,
        urgency=row.urgency,
        channel=row.channel,
        place=CasePlace(
            text=row.place,
            building=row.building,
            grid_code=row.grid_code,
            latitude=None if row.latitude is None else row.latitude / PARTS,
            longitude=None if row.longitude is None else row.longitude / PARTS,
            street=row.street,
            community=row.community,
        ),
        lead_unit=row.lead_unit,
        conflict_unit=row.conflict_unit,
        identity=row.identity,
        reporters=row.reporters,
        recurrence_of=row.recurrence_of,
        joined_to=row.joined_to,
        outcome=row.outcome,
        reply=row.reply,
        reopened=row.reopened,
        review_at=row.review_at,
        parked_reason=row.parked_reason,
        closed_at=row.closed_at,
        secret_hash=row.secret_hash,
        erasure_asked_at=row.erasure_asked_at,
    )


def _values(record: Case) -> Values:
    place = record.place
    return {
        "case_no": record.case_no,
        "root_key": record.root_key,
        "title": record.title,
        "text": record.text,
        "state": record.state.value,
        "category": record.category,
        "urgency": record.urgency,
        "channel": record.channel,
        "place": place.text,
        "building": place.building,
        "grid_code": place.grid_code,
        "latitude": _to_parts(place.latitude),
        "longitude": _to_parts(place.longitude),
        "street": place.street,
        "community": place.community,
        "lead_unit": record.lead_unit,
        "conflict_unit": record.conflict_unit,
        "identity": record.identity,
        "reporters": record.reporters,
        "recurrence_of": record.recurrence_of,
        "joined_to": record.joined_to,
        "outcome": record.outcome,
        "reply": record.reply,
        "reopened": record.reopened,
        "received_at": record.received_at,
        "review_at": record.review_at,
        "parked_reason": record.parked_reason,
        "closed_at": record.closed_at,
        "secret_hash": record.secret_hash,
    }


def _to_parts(degrees: float | None) -> int | None:
    return None if degrees is None else round(degrees * PARTS)


_SEARCHABLE = Searchable(
    "cases",
    case_record,
    {
        "key": key_field(_c.key),
        "case_no": text_field(_c.case_no),
        "root_key": key_field(_c.root_key),
        "title": text_field(_c.title),
        "state": text_field(_c.state),
        "category": text_field(_c.category),
        "urgency": text_field(_c.urgency),
        "channel": text_field(_c.channel),
        "grid_code": text_field(_c.grid_code),
        "street": text_field(_c.street),
        "community": text_field(_c.community),
        "lead_unit": text_field(_c.lead_unit),
        "reporters": number_field(_c.reporters),
        "recurrence_of": text_field(_c.recurrence_of),
        "joined_to": text_field(_c.joined_to),
        "outcome": text_field(_c.outcome),
        "received_at": instant_field(_c.received_at),
        "review_at": instant_field(_c.review_at),
        "closed_at": instant_field(_c.closed_at),
    },
    _to_record,
)


class CaseReads(Connected):
    """Reads cases."""

    def case(self, case_no: str) -> Case | None:
        """Find by number."""
        row = self._row(select(case_record).where(_c.case_no == case_no))
        return None if row is None else _to_record(row)

    def case_of_root(self, root_key: int) -> Case | None:
        """Return the case that a root instance handles."""
        row = self._row(select(case_record).where(_c.root_key == root_key))
        return None if row is None else _to_record(row)

    def search_cases(self, query: Query, hidden_from: Collection[str] = ()) -> Page[Case]:
        """Search by any of the record's fields; cases about one of these units are left out."""
        return _SEARCHABLE.search(self._connection, query, _restrict(hidden_from))

    def cases_closed(self, since: datetime, until: datetime) -> tuple[Case, ...]:
        """Return the cases that ended in a period, in the order of time."""
        ended = (_c.closed_at >= since, _c.closed_at < until)
        rows = self._rows(select(case_record).where(*ended).order_by(_c.closed_at, _c.key))
        return tuple(_to_record(row) for row in rows)

    def cases_near(
        self, box: tuple[float, float, float, float] | None, building: str | None, since: datetime, limit: int
    ) -> tuple[Case, ...]:
        """Return cases in a box of degrees (south, west, north, east) or at the same place by its text.

        Only those that were received or closed at or after a moment, or are not closed, newest first; at most `limit`
        by either way.
        """
        found: dict[int, Case] = {}
        for condition in _near(box, building):
            fresh = or_(_c.closed_at.is_(None), _c.closed_at >= since, _c.received_at >= since)
            statement = select(case_record).where(condition, fresh)
            rows = self._rows(statement.order_by(_c.received_at.desc(), _c.key.desc()).limit(limit))
            found.update((row.key, _to_record(row)) for row in rows)
        return tuple(found.values())


def _restrict(hidden_from: Collection[str]) -> list[ColumnElement[bool]]:
    return [or_(_c.conflict_unit.is_(None), _c.conflict_unit.not_in(sorted(hidden_from)))] if hidden_from else []


def _near(box: tuple[float, float, float, float] | None, building: str | None) -> Iterable[ColumnElement[bool]]:
    if box is not None:
        south, west, north, east = (_to_parts(side) for side in box)
        yield and_(_c.latitude.between(south, north), _c.longitude.between(west, east))
    if building:
        yield _c.building == building


class CaseWrites(Writing):
    """Writes cases."""

    def add_case(self, record: Case) -> None:
        """Add a case."""
        self._write(insert(case_record), _values(record) | {"key": record.key})

    def update_case(self, record: Case) -> None:
        """Replace the case with this key; raises NotFound. How many report it, `add_reporters` alone changes."""
        values = _values(record)
        del values["reporters"]
        if not self._write(update(case_record).where(_c.key == record.key).values(values)):
            raise NotFound(f"There is no case {record.case_no}.")

    def add_reporters(self, case_no: str, number: int) -> None:
        """Count more reporters of a case; others may do so at the same time."""
        self._write(update(case_record).where(_c.case_no == case_no).values(reporters=_c.reporters + number))

    def cancel_case(self, root_key: int, now: datetime) -> None:
        """End the case of a root instance that was cancelled, unless it has ended."""
        running = [CaseState.OPEN.value, CaseState.PARKED.value]
        ended = update(case_record).where(_c.root_key == root_key, _c.state.in_(running))
        self._write(ended.values(state=CaseState.CANCELLED.value, closed_at=now))
