"""Process instances, running and ended."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from sqlalchemy import bindparam, exists, or_, select, union_all

from server.model import IncidentState, InstanceState, Labels, ProcessInstance, Selected
from server.store.columns import literally
from server.store.connected import Connected, Values
from server.store.element_instances import has_visit
from server.store.filters import (
    FlagField,
    Kind,
    PlainField,
    RelatedField,
    instant_field,
    key_field,
    number_field,
    text_field,
    word_field,
)
from server.store.jobs import FAILED_WITH_RETRIES
from server.store.search import Searchable
from server.store.tables.batches import batch_operation_item
from server.store.tables.definitions import process_definition
from server.store.tables.hand_offs import copied
from server.store.tables.instances import process_instance, process_instance_tag
from server.store.tables.work import incident, job, user_task
from server.store.user_tasks import visible_tasks
from server.store.variables import VariableFields

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sqlalchemy import Column, ColumnElement, CompoundSelect, Row

    from server.model import Condition, Page, Query
    from server.store.user_tasks import Viewer

ELEMENT = "element."
_c = process_instance.c
_item = batch_operation_item.c


def _to_record(row: Row[Any]) -> ProcessInstance:
    return ProcessInstance(
        key=row.key,
        root_key=row.root_key,
        process_definition_key=row.process_definition_key,
        process_id=row.process_id,
        version=row.version,
        state=InstanceState(row.state),
        start_date=row.start_date,
        end_date=row.end_date,
        parent_key=row.parent_key,
        parent_element_instance_key=row.parent_element_instance_key,
        business_id=row.business_id,
        tags=tuple(row.tags),
        started_by=row.started_by,
        start_correlation_key=row.start_correlation_key,
        suspended_date=row.suspended_date,
    )


def process_instance_values(record: ProcessInstance) -> Values:
    """Return the columns of a process instance."""
    return {
        "key": record.key,
        "root_key": record.root_key,
        "process_definition_key": record.process_definition_key,
        "process_id": record.process_id,
        "version": record.version,
        "state": record.state.value,
        "start_date": record.start_date,
        "end_date": record.end_date,
        "parent_key": record.parent_key,
        "parent_element_instance_key": record.parent_element_instance_key,
        "business_id": record.business_id,
        "tags": record.tags,
        "started_by": record.started_by,
        "start_correlation_key": record.start_correlation_key,
        "suspended_date": record.suspended_date,
    }


_HAS_INCIDENT = exists().where(
    incident.c.state == literally(IncidentState.ACTIVE),
    or_(incident.c.process_instance_key == _c.key, incident.c.root_key == _c.key),
)


def _of_definition(column: Column[str]) -> RelatedField:
    owner, said = process_definition.c.key, column.is_not(None)
    return RelatedField(_c.process_definition_key, owner, text_field(column), said)


def _text_of_definition(column: Column[str]) -> PlainField:
    """Sort by a text of the definition."""
    shown = select(column).where(process_definition.c.key == _c.process_definition_key).scalar_subquery()
    return PlainField(shown.label(f"shown_{column.name}"), Kind.TEXT)


class _Instances(Searchable[ProcessInstance]):
    """Process instances; conditions on `element.…` are about one and the same element instance."""

    def compare(self, conditions: Sequence[Condition], dialect: str) -> list[ColumnElement[bool]]:
        """Return conditions that have to hold side by side as SQL."""
        inside = [one for one in conditions if one.name.startswith(ELEMENT)]
        found = super().compare([one for one in conditions if one not in inside], dialect)
        if inside:
            of_element = [replace(one, name=one.name.removeprefix(ELEMENT)) for one in inside]
            found.append(has_visit(_c.key, of_element, dialect))
        return found


_SEARCHABLE = _Instances(
    "process instances",
    process_instance,
    VariableFields(
        {
            "key": key_field(_c.key),
            "root_key": key_field(_c.root_key),
            "process_definition_key": key_field(_c.process_definition_key),
            "process_id": text_field(_c.process_id),
            "version": number_field(_c.version),
            "state": word_field(_c.state, InstanceState),
            "start_date": instant_field(_c.start_date),
            "end_date": instant_field(_c.end_date),
            "suspended_date": instant_field(_c.suspended_date),
            "parent_key": key_field(_c.parent_key),
            "parent_element_instance_key": key_field(_c.parent_element_instance_key),
            "business_id": text_field(_c.business_id),
            "started_by": text_field(_c.started_by),
            "tag": RelatedField(
                _c.key, process_instance_tag.c.process_instance_key, text_field(process_instance_tag.c.name)
            ),
            "definition_name": _of_definition(process_definition.c.name),
            "version_tag": _of_definition(process_definition.c.version_tag),
            "incident_message": RelatedField(
                _c.key,
                incident.c.process_instance_key,
                text_field(incident.c.message),
                incident.c.state == literally(IncidentState.ACTIVE),
            ),
            "has_incident": FlagField(_HAS_INCIDENT),
            "incident_hash": RelatedField(
                _c.key,
                incident.c.process_instance_key,
                number_field(incident.c.message_hash),
                incident.c.state == literally(IncidentState.ACTIVE),
            ),
            "has_retries_left": FlagField(exists().where(job.c.process_instance_key == _c.key, FAILED_WITH_RETRIES)),
            "shown_name": _text_of_definition(process_definition.c.name),
            "shown_version_tag": _text_of_definition(process_definition.c.version_tag),
            "shown_incident": PlainField(_HAS_INCIDENT.label("shown_incident"), Kind.FLAG),
            "batch_key": RelatedField(_c.key, _item.process_instance_key, key_field(_item.batch_key)),
        },
        _c.key,
    ),
    _to_record,
)


def visible_roots(viewer: Viewer) -> CompoundSelect[Any]:
    """Select the keys of the root instances that a viewer started, has tasks in or got a copy of."""
    person = replace(viewer, task_processes=())  # a program is not involved in what it sees the tasks of
    roots = select(user_task.c.root_key).where(user_task.c.key.in_(visible_tasks(person)))
    started = select(_c.root_key).where(_c.started_by == viewer.user)
    shown = select(copied.c.root_key).where(copied.c.recipient.in_((viewer.user, *viewer.absent)))
    return union_all(roots, started, shown)


def _concerns(viewer: Viewer) -> ColumnElement[bool]:
    concerned = _c.root_key.in_(visible_roots(viewer))
    if viewer.instance_processes:
        return or_(concerned, _c.process_id.in_(viewer.instance_processes))
    return concerned


_LABELS = select(_c.key, _c.business_id, _c.tags).where(_c.key.in_(bindparam("wanted", expanding=True)))


class ProcessInstanceReads(Connected):
    """Reads process instances."""

    def process_instance(self, key: int) -> ProcessInstance | None:
        """Find by key."""
        row = self._row(select(process_instance).where(_c.key == key))
        return None if row is None else _to_record(row)

    def instance_labels(self, keys: Collection[int]) -> dict[int, Labels]:
        """Return business id and tags of these instances, by key."""
        rows = self._rows(_LABELS, {"wanted": list(keys)})
        return {row.key: Labels(row.business_id, tuple(row.tags)) for row in rows}

    def process_instance_with_business_id(self, process_id: str, business_id: str) -> ProcessInstance | None:
        """Find the newest instance of a process that has not ended with this business id."""
        row = self._row(
            select(process_instance)
            .where(_c.business_id == business_id, _c.process_id == process_id, _c.end_date.is_(None))
            .order_by(_c.key.desc())
            .limit(1)
        )
        return None if row is None else _to_record(row)

    def is_started_by_message(self, process_id: str, correlation_key: str) -> bool:
        """Tell whether an instance of this process that has not ended began with a message of this correlation key."""
        found = select(_c.key).where(
            _c.start_correlation_key == correlation_key,
            _c.process_id == process_id,
            _c.end_date.is_(None),
        )
        return self._row(found.limit(1)) is not None

    def called_process_instances(self, parent_key: int) -> tuple[ProcessInstance, ...]:
        """Return the instances that this instance's call activities started, oldest first."""
        rows = self._rows(select(process_instance).where(_c.parent_key == parent_key).order_by(_c.key))
        return tuple(_to_record(row) for row in rows)

    def instance_has_incident(self, keys: Collection[int]) -> set[int]:
        """Return which of these instances have an active incident, in themselves or, for a root, in any it called."""
        if not keys:
            return set()
        rows = self._rows(
            select(incident.c.process_instance_key, incident.c.root_key).where(
                incident.c.state == literally(IncidentState.ACTIVE),
                or_(incident.c.process_instance_key.in_(keys), incident.c.root_key.in_(keys)),
            )
        )
        stopped = {key for row in rows for key in (row.process_instance_key, row.root_key)}
        return stopped & set(keys)

    def search_process_instances(self, query: Query, viewer: Viewer | None = None) -> Page[ProcessInstance]:
        """Search by any of the record's fields, and by `tag`, `has_incident` and `variable.<name>` (JSON text).

        With a viewer only instances are found and counted that this person started or has tasks in.
        """
        if viewer is None:
            return _SEARCHABLE.search(self._connection, query)
        return _SEARCHABLE.search(self._connection, query, [_concerns(viewer)])

    def select_process_instances(self, query: Query, limit: int) -> tuple[Selected, ...]:
        """Return those that match the filters of a query, the oldest first."""
        found = _SEARCHABLE.select(self._connection, query, (_c.key, _c.root_key)).order_by(_c.key).limit(limit)
        return tuple(Selected(row.key, row.key, row.root_key) for row in self._rows(found))

    def select_incidents_of_instances(self, query: Query, limit: int) -> tuple[Selected, ...]:
        """Return the active incidents of the process instances that match the filters of a query, the oldest first."""
        instances = _SEARCHABLE.select(self._connection, query, (_c.key,))
        found = select(incident.c.key, incident.c.process_instance_key, incident.c.root_key).where(
            incident.c.state == literally(IncidentState.ACTIVE), incident.c.process_instance_key.in_(instances)
        )
        rows = self._rows(found.order_by(incident.c.key).limit(limit))
        return tuple(Selected(row.key, row.process_instance_key, row.root_key) for row in rows)

    def is_process_instance_visible(self, key: int, viewer: Viewer) -> bool:
        """Tell whether this person started the instance, or has tasks in it."""
        return self._row(select(_c.key).where(_c.key == key, _concerns(viewer))) is not None
