"""Element instances: each visit of a token at an element, put together from the history's lines."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import BigInteger, and_, case, exists, func, literal, null, select, type_coerce

from server.errors import InvalidArgument
from server.model import ElementInstance, ElementState, ElementStatistics, ElementTimes, HistoryEvent, IncidentState
from server.store.columns import Instant, literally
from server.store.connected import Connected
from server.store.filters import FlagField, instant_field, key_field, text_field, word_field
from server.store.places import place_fields, to_place
from server.store.search import Searchable
from server.store.tables.instances import history, process_instance
from server.store.tables.work import incident

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import ColumnElement, Label, Row, Table

    from server.model import Condition, Page, Query

_entered = history.alias("entered")
_left = history.alias("departed")
_moved = history.alias("moved")
_line = history.alias("line")
_ENDINGS = (HistoryEvent.COMPLETED.value, HistoryEvent.CANCELED.value)
_STATE = case(
    (_left.c.event == literally(HistoryEvent.COMPLETED), literal(ElementState.COMPLETED.value)),
    (_left.c.event == literally(HistoryEvent.CANCELED), literal(ElementState.TERMINATED.value)),
    else_=literal(ElementState.ACTIVE.value),
)
_INCIDENT = (
    select(func.max(incident.c.key))
    .where(
        incident.c.element_instance_key == _entered.c.element_instance_key,
        incident.c.state == literally(IncidentState.ACTIVE),
    )
    .scalar_subquery()
)

_LAST_MOVE = (
    select(func.max(_line.c.key))
    .where(
        _line.c.element_instance_key == _entered.c.element_instance_key,
        _line.c.event == literally(HistoryEvent.MIGRATED),
    )
    .scalar_subquery()
)


def _present(name: str) -> Label[Any]:
    """Select a column of the place: of the last migration, if there was one."""
    return func.coalesce(_moved.c[name], _entered.c[name]).label(name)


# The searches of this package take a table; a named selection has columns just as well.
_visit = cast(
    "Table",
    select(
        _entered.c.element_instance_key.label("key"),
        _present("element_id"),
        _entered.c.element_instance_key,
        _entered.c.process_instance_key,
        _entered.c.root_key,
        _present("process_definition_key"),
        _present("process_id"),
        _entered.c.scope_key,
        _entered.c.element_type,
        _entered.c.at.label("start_date"),
        type_coerce(_left.c.at, Instant()).label("end_date"),  # absent while the token is there
        _STATE.label("state"),
        _INCIDENT.label("incident_key"),
    )
    .select_from(
        _entered.outerjoin(
            _left,
            and_(_left.c.element_instance_key == _entered.c.element_instance_key, _left.c.event.in_(_ENDINGS)),
        ).outerjoin(_moved, _moved.c.key == _LAST_MOVE)
    )
    .where(_entered.c.event == literally(HistoryEvent.ENTERED))
    .subquery("visit"),
)
_c = _visit.c


def _to_record(row: Row[Any]) -> ElementInstance:
    return ElementInstance(
        key=row.key,
        place=to_place(row),
        element_type=row.element_type,
        state=ElementState(row.state),
        start_date=row.start_date,
        end_date=row.end_date,
        incident_key=row.incident_key,
    )


@dataclass(frozen=True, slots=True)
class _ScopeField:
    """What the visit was entered in; found among the visits of the same process instance, which have an index."""

    def compare(self, condition: Condition, dialect: str) -> ColumnElement[bool]:
        """Return the condition as SQL; only `eq` makes sense."""
        if condition.operator != "eq":
            raise InvalidArgument(f"Expected eq for {condition.name!r}, found {condition.operator!r}.")
        instance = select(_line.c.process_instance_key).where(
            key_field(_line.c.element_instance_key).compare(condition, dialect)
        )
        itself = select(process_instance.c.key).where(key_field(process_instance.c.key).compare(condition, dialect))
        owner = func.coalesce(instance.limit(1).scalar_subquery(), itself.scalar_subquery())
        return and_(_c.process_instance_key == owner, key_field(_c.scope_key).compare(condition, dialect))


_SEARCHABLE = Searchable(
    "element instances",
    _visit,
    place_fields(_visit)
    | {
        "key": key_field(_c.key),
        "element_type": text_field(_c.element_type),
        "scope_key": _ScopeField(),
        "state": word_field(_c.state, ElementState),
        "start_date": instant_field(_c.start_date),
        "end_date": instant_field(_c.end_date),
        "incident_key": key_field(_c.incident_key),
        "has_incident": FlagField(_c.incident_key.is_not(None)),
    },
    _to_record,
)


def has_visit(
    process_instance_key: ColumnElement[int], conditions: Sequence[Condition], dialect: str
) -> ColumnElement[bool]:
    """Say that one element instance of a process instance matches all of these conditions."""
    return exists().where(_c.process_instance_key == process_instance_key, *_SEARCHABLE.compare(conditions, dialect))


class ElementInstanceReads(Connected):
    """Reads element instances."""

    def element_instance(self, key: int) -> ElementInstance | None:
        """Find by key."""
        row = self._row(select(_visit).where(_c.key == key))
        return None if row is None else _to_record(row)

    def search_element_instances(self, query: Query) -> Page[ElementInstance]:
        """Search by any of the record's fields, and by `has_incident`."""
        return _SEARCHABLE.search(self._connection, query)

    def element_statistics_of_instance(self, process_instance_key: int) -> tuple[ElementStatistics, ...]:
        """Count the tokens at each element of one process instance."""
        return self._count("process_instance_key", process_instance_key)

    def element_statistics_of_definition(self, process_definition_key: int) -> tuple[ElementStatistics, ...]:
        """Count the tokens at each element in all instances of one process definition."""
        return self._count("process_definition_key", process_definition_key)

    def element_times_of_definition(self, process_definition_key: int, instances: int) -> tuple[ElementTimes, ...]:
        """Return how long elements took in so many of the latest instances of a process definition, in one statement.

        The median is the mean of the one or two in the middle.
        """
        own, line = process_instance.c, history.c
        latest = select(own.key).where(own.process_definition_key == process_definition_key)
        latest = latest.order_by(own.key.desc()).limit(instances)
        at = type_coerce(line.at, BigInteger)
        left = func.max(case((line.event == literally(HistoryEvent.COMPLETED), at)))
        length = left - func.min(case((line.event == literally(HistoryEvent.ENTERED), at)))
        stays = (
            select(line.element_id, length.label("length"))
            .where(line.process_instance_key.in_(latest), line.process_definition_key == process_definition_key)
            .group_by(line.element_id, line.element_instance_key)
            .having(length.is_not(null()))
            .subquery("stays")
        )
        each = stays.c.element_id
        ranked = select(
            stays,
            func.row_number().over(order_by=stays.c.length, partition_by=each).label("place"),
            func.count().over(partition_by=each).label("number"),
            func.avg(stays.c.length).over(partition_by=each).label("mean"),
        ).subquery("ranked")
        r = ranked.c
        found = select(r.element_id, r.number, r.mean, func.avg(r.length).label("median"))
        found = found.where(2 * r.place >= r.number, 2 * r.place <= r.number + 2)
        rows = self._rows(found.group_by(r.element_id, r.number, r.mean).order_by(r.element_id))
        return tuple(
            ElementTimes(
                row.element_id,
                row.number,
                mean=timedelta(milliseconds=float(row.mean)),
                median=timedelta(milliseconds=float(row.median)),
            )
            for row in rows
        )

    def taken_flows(self, process_instance_key: int) -> tuple[str, ...]:
        """Return the ids of the sequence flows that an instance has taken, each once."""
        lines = select(history.c.element_id).distinct()
        lines = lines.where(
            history.c.process_instance_key == process_instance_key, history.c.event == literally(HistoryEvent.TAKEN)
        )
        return tuple(row.element_id for row in self._rows(lines.order_by(history.c.element_id)))

    def _count(self, column: str, key: int) -> tuple[ElementStatistics, ...]:
        def counted(event: HistoryEvent) -> ColumnElement[int]:
            return func.count(case((history.c.event == literally(event), 1)))

        events = (event for event in HistoryEvent if event is not HistoryEvent.TAKEN)
        lines = select(history.c.element_id, *(counted(event).label(event.value.lower()) for event in events))
        rows = self._rows(
            lines.where(history.c[column] == key, history.c.event != literally(HistoryEvent.TAKEN))
            .group_by(history.c.element_id)
            .order_by(history.c.element_id)
        )
        stopped = self._stopped(column, key)
        counts = (
            ElementStatistics(
                element_id=row.element_id,
                active=row.entered + row.migrated - row.moved_away - row.completed - row.canceled,
                incidents=stopped.get(row.element_id, 0),
                completed=row.completed,
                canceled=row.canceled,
            )
            for row in rows
        )
        return tuple(one for one in counts if one.active or one.completed or one.canceled)

    def _stopped(self, column: str, key: int) -> dict[str, int]:
        rows = self._rows(
            select(incident.c.element_id, func.count().label("stopped"))
            .where(incident.c.state == literally(IncidentState.ACTIVE), incident.c[column] == key)
            .group_by(incident.c.element_id)
        )
        return {row.element_id: row.stopped for row in rows}
