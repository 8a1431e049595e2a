"""Evaluated decisions: added when they were made, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import insert, select

from server.model import (
    DecisionDefinition,
    DecisionInstance,
    DecisionKind,
    DecisionState,
    EvaluatedPart,
    MatchedRow,
    Requirements,
)
from server.store.connected import Connected, Values, Writing
from server.store.filters import instant_field, key_field, number_field, text_field, word_field
from server.store.places import place_fields, place_values, to_place
from server.store.search import Searchable
from server.store.tables.decisions import decision_instance
from server.store.tables.definitions import decision_definition

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sqlalchemy import Row, Table

    from server.model import Page, Query

ADD_DECISION = insert(decision_instance)
_NOWHERE: Values = dict.fromkeys(
    ("element_id", "element_instance_key", "process_instance_key", "root_key", "process_definition_key", "process_id")
)
_defined = [column for column in decision_definition.c if column.name not in {"key", "deleted_at"}]
# The searches of this package take a table; a named selection has columns just as well.
_listed = cast(
    "Table",
    select(decision_instance, *_defined)
    .join_from(decision_instance, decision_definition, decision_definition.c.key == decision_instance.c.decision_key)
    .subquery("listed"),
)
_c = _listed.c


def _to_record(row: Row[Any]) -> DecisionInstance:
    definition = DecisionDefinition(
        key=row.decision_key,
        decision_id=row.decision_id,
        version=row.version,
        name=row.name,
        version_tag=row.version_tag,
        resource_name=row.resource_name,
        content_hash=row.content_hash,
        deployment_key=row.deployment_key,
        requirements=Requirements(
            row.requirements_key, row.requirements_id, row.requirements_name, row.requirements_version
        ),
    )
    inputs = tuple((name, value) for name, value in row.inputs)
    rules = tuple(MatchedRow(id_, number, dict(outputs)) for id_, number, outputs in row.rules)
    return DecisionInstance(
        key=row.key,
        evaluation_key=row.evaluation_key,
        number=row.number,
        part=EvaluatedPart(definition, row.output, row.table_id, inputs, rules),
        root_decision_key=row.root_decision_key,
        evaluated_at=row.evaluated_at,
        failure=row.failure,
        place=None if row.process_instance_key is None else to_place(row),
        actor=row.actor,
    )


def decision_instance_values(record: DecisionInstance) -> Values:
    """Return the columns of an evaluated decision; outputs of a rule stay in their order."""
    part = record.part
    return (_NOWHERE if record.place is None else place_values(record.place)) | {
        "key": record.key,
        "id": record.id,
        "evaluation_key": record.evaluation_key,
        "number": record.number,
        "decision_key": part.definition.key,
        "root_decision_key": record.root_decision_key,
        "evaluated_at": record.evaluated_at,
        "kind": record.kind.value,
        "state": record.state.value,
        "failure": record.failure,
        "output": part.output,
        "table_id": part.table_id,
        "inputs": [list(one) for one in part.inputs],
        "rules": [[rule.id, rule.number, [list(one) for one in rule.outputs.items()]] for rule in part.rules],
        "actor": record.actor,
    }


_SEARCHABLE = Searchable(
    "decision instances",
    _listed,
    place_fields(_listed)
    | {
        "key": key_field(_c.key),
        "id": text_field(_c.id),
        "evaluation_key": key_field(_c.evaluation_key),
        "decision_key": key_field(_c.decision_key),
        "decision_id": text_field(_c.decision_id),
        "name": text_field(_c.name),
        "version": number_field(_c.version),
        "requirements_key": key_field(_c.requirements_key),
        "root_decision_key": key_field(_c.root_decision_key),
        "evaluated_at": instant_field(_c.evaluated_at),
        "kind": word_field(_c.kind, DecisionKind),
        "state": word_field(_c.state, DecisionState),
        "failure": text_field(_c.failure),
    },
    _to_record,
)


class DecisionInstanceReads(Connected):
    """Reads evaluated decisions."""

    def decision_instance(self, id_: str) -> DecisionInstance | None:
        """Find by id."""
        row = self._row(select(_listed).where(_c.id == id_))
        return None if row is None else _to_record(row)

    def search_decision_instances(self, query: Query) -> Page[DecisionInstance]:
        """Search by any of the record's fields, and by `decision_id`, `name`, `version` and `requirements_key`."""
        return _SEARCHABLE.search(self._connection, query)


class DecisionInstanceWrites(Writing):
    """Adds decisions that were evaluated outside any process; those of a step are saved with it."""

    def add_decision_instances(self, records: Sequence[DecisionInstance]) -> None:
        """Add them, in one statement."""
        self._write_each(ADD_DECISION, [decision_instance_values(one) for one in records])
