"""Incidents: tokens that stopped at a technical failure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import literal, or_, select, union_all

from server.model import HistoryEvent, Incident, IncidentState, IncidentType
from server.store.columns import Key, literally
from server.store.connected import Connected, Values
from server.store.filters import instant_field, key_field, text_field, word_field
from server.store.places import place_fields, place_values, to_place
from server.store.search import Searchable
from server.store.tables.instances import history, process_instance
from server.store.tables.work import incident

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement, Row

    from server.model import Page, Query

_c = incident.c


def _to_record(row: Row[Any]) -> Incident:
    return Incident(
        key=row.key,
        place=to_place(row),
        type=IncidentType(row.type),
        message=row.message,
        state=IncidentState(row.state),
        creation_date=row.creation_date,
        job_key=row.job_key,
        expression=row.expression,
    )


def incident_values(record: Incident) -> Values:
    """Return the columns of an incident."""
    return place_values(record.place) | {
        "key": record.key,
        "type": record.type.value,
        "message": record.message,
        "state": record.state.value,
        "creation_date": record.creation_date,
        "job_key": record.job_key,
        "expression": record.expression,
        "message_hash": record.hash_code,
    }


_SEARCHABLE = Searchable(
    "incidents",
    incident,
    place_fields(incident)
    | {
        "key": key_field(_c.key),
        "type": word_field(_c.type, IncidentType),
        "message": text_field(_c.message),
        "state": word_field(_c.state, IncidentState),
        "creation_date": instant_field(_c.creation_date),
        "job_key": key_field(_c.job_key),
        "expression": text_field(_c.expression),
    },
    _to_record,
)


def _is_within(key: int, root_key: int) -> ColumnElement[bool]:
    """Say that an incident is at or below a process or element instance: what is inside is found from the outside in.

    Lines of history of earlier servers do not say what they are inside of; the calls of their elements are still found.
    """
    entered = select(history.c.element_instance_key.label("inner"), history.c.scope_key.label("outer")).where(
        history.c.root_key == root_key, history.c.event == literally(HistoryEvent.ENTERED)
    )
    calling = select(process_instance.c.key, process_instance.c.parent_element_instance_key)
    called = select(process_instance.c.key, process_instance.c.parent_key)
    in_root = process_instance.c.root_key == root_key
    edge = union_all(entered, calling.where(in_root), called.where(in_root)).cte("edge")
    within = select(literal(key, Key()).label("key")).cte("within", recursive=True)
    within = within.union(select(edge.c.inner).where(edge.c.outer == within.c.key))
    found = select(within.c.key)
    return or_(_c.element_instance_key.in_(found), _c.process_instance_key.in_(found))


class IncidentReads(Connected):
    """Reads incidents."""

    def incident(self, key: int) -> Incident | None:
        """Find by key."""
        row = self._row(select(incident).where(_c.key == key))
        return None if row is None else _to_record(row)

    def search_incidents(self, query: Query) -> Page[Incident]:
        """Search by any of the record's fields."""
        return _SEARCHABLE.search(self._connection, query)

    def search_incidents_within(self, key: int, root_key: int, query: Query) -> Page[Incident]:
        """Search those of a process or element instance of a root, of the elements inside, and of what they called."""
        return _SEARCHABLE.search(self._connection, query, [_c.root_key == root_key, _is_within(key, root_key)])
