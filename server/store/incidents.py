"""Incidents: tokens that stopped at a technical failure."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlalchemy import select

from server.model import Incident, IncidentState, IncidentType
from server.store.connected import Connected, Values
from server.store.filters import instant_field, key_field, text_field, word_field
from server.store.places import place_fields, place_values, to_place
from server.store.search import Searchable
from server.store.tables.work import incident

if TYPE_CHECKING:
    from sqlalchemy import Row

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


class IncidentReads(Connected):
    """Reads incidents."""

    def incident(self, key: int) -> Incident | None:
        """Find by key."""
        row = self._row(select(incident).where(_c.key == key))
        return None if row is None else _to_record(row)

    def search_incidents(self, query: Query) -> Page[Incident]:
        """Search by any of the record's fields."""
        return _SEARCHABLE.search(self._connection, query)
