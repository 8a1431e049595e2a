"""Batch operations: the same done to many process instances or incidents in the background."""

from __future__ import annotations

from functools import wraps
from typing import TYPE_CHECKING, Any

from marshmallow import Schema, fields, validate

from server.api import queries
from server.api.audit_words import TranslatedFilter
from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, READING_ONE, SEARCHING, Blueprint
from server.api.fields import Key, Moment, WireSchema, list_schema
from server.api.migration import MigrationSchema, read_migration
from server.api.process_instances import FILTER, ReferenceSchema
from server.api.responses import format_key, format_time, render_json, render_nothing, render_page
from server.model import BatchItemState, BatchState, BatchType, Query
from server.service import batch_operations as batches

if TYPE_CHECKING:
    from collections.abc import Callable

    from flask import Response

    from server.access import Actor
    from server.api.blueprint import View
    from server.model import BatchItem, BatchOperation
    from server.service.context import Context

blueprint = Blueprint("batch-operations", prefix="/v2", description="The same done to many, in the background.")
_FOREIGN_TYPES = (
    *("ADD_VARIABLE", "DELETE_DECISION_DEFINITION", "DELETE_DECISION_INSTANCE", "DELETE_PROCESS_DEFINITION"),
    *("DELETE_PROCESS_INSTANCE", "UPDATE_JOB", "UPDATE_VARIABLE"),
)
_FOREIGN_STATES = ("CREATED", "FAILED", "PARTIALLY_COMPLETED")
_ACTOR_TYPES = {"user": "USER", "client": "CLIENT"}


class BatchRequestSchema(ReferenceSchema):
    """To which process instances it is to be done."""

    filter = fields.Nested(FILTER, required=True)


class OptionalBatchRequestSchema(ReferenceSchema):
    """To which process instances it is to be done; to all when nothing is said."""

    filter = fields.Nested(FILTER, allow_none=True, load_default=None)


class BatchMigrationSchema(BatchRequestSchema):
    """Which process instances move, and where to."""

    migration_plan = fields.Nested(MigrationSchema, required=True)


class BatchMoveSchema(WireSchema):
    """Every token at the one element goes to the other, in the same scope."""

    source_element_id = fields.String(required=True, validate=validate.Length(1, 256))
    target_element_id = fields.String(required=True, validate=validate.Length(1, 256))


class BatchModificationSchema(BatchRequestSchema):
    """In which process instances tokens move, and where to."""

    move_instructions = fields.List(fields.Nested(BatchMoveSchema), required=True, validate=validate.Length(1, 1000))


class BatchBegunSchema(WireSchema):
    """The batch operation that the worker goes about now."""

    batch_operation_key = Key(required=True)
    batch_operation_type = fields.String(required=True)


class BatchErrorSchema(WireSchema):
    """What kept a batch operation as a whole from being done: nothing here."""

    partition_id = fields.Integer(required=True)
    type = fields.String(required=True)
    message = fields.String(required=True)


class BatchOperationSchema(WireSchema):
    """A batch operation and how far it is."""

    batch_operation_key = Key(required=True)
    batch_operation_type = fields.String(required=True)
    state = fields.String(required=True)
    start_date = Moment(required=True)
    end_date = Moment(required=True, allow_none=True)
    actor_type = fields.String(required=True)
    actor_id = fields.String(required=True)
    operations_total_count = fields.Integer(required=True)
    operations_failed_count = fields.Integer(required=True)
    operations_completed_count = fields.Integer(required=True)
    errors = fields.List(fields.Nested(BatchErrorSchema), required=True)


class BatchItemSchema(WireSchema):
    """What came of one item."""

    batch_operation_key = Key(required=True)
    operation_type = fields.String(required=True)
    item_key = Key(required=True)
    process_instance_key = Key(required=True)
    root_process_instance_key = Key(required=True)
    state = fields.String(required=True)
    processed_date = Moment(required=True, allow_none=True)
    error_message = fields.String(required=True, allow_none=True)


_BATCH_FILTERS = {
    "batchOperationKey": queries.key("key"),
    "operationType": queries.choice(tuple(BatchType), _FOREIGN_TYPES, "type"),
    "state": queries.choice(tuple(BatchState), _FOREIGN_STATES),
    "actorType": TranslatedFilter(_ACTOR_TYPES, ("ANONYMOUS", "CLIENT", "UNKNOWN", "USER"), "UNKNOWN", "actor_kind"),
    "actorId": queries.text("actor"),
}
_BATCH_SORTS = {
    "batchOperationKey": "key",
    "operationType": "type",
    "state": "state",
    "startDate": "start_date",
    "endDate": "end_date",
    "actorType": "actor_kind",
    "actorId": "actor",
}
_ITEM_FILTERS = {
    "batchOperationKey": queries.key("batch_key"),
    "itemKey": queries.key(),
    "processInstanceKey": queries.key(),
    "state": queries.choice(tuple(BatchItemState), ("SKIPPED",)),
    "operationType": queries.choice(tuple(BatchType), _FOREIGN_TYPES, "type"),
}
_ITEM_SORTS = {
    "batchOperationKey": "batch_key",
    "itemKey": "item_key",
    "processInstanceKey": "process_instance_key",
    "processedDate": "processed_date",
    "state": "state",
}


def _begins(path: str, body: Schema | None = None) -> Callable[[Callable[..., BatchOperation]], View]:
    """Register a request that begins a batch operation, below the process instances; the view returns that one."""

    def decorate(begin: Callable[..., BatchOperation]) -> View:
        @wraps(begin)
        def view(*args: object, **kwargs: object) -> Response:
            begun = begin(*args, **kwargs)
            return render_json({"batchOperationKey": format_key(begun.key), "batchOperationType": str(begun.type)})

        register = blueprint.endpoint(
            "POST", f"/process-instances/{path}", body=body, answer=BatchBegunSchema(), refusals=CHANGING
        )
        return register(view)

    return decorate


def _begin(kind: BatchType, body: dict[str, Any]) -> BatchOperation:
    return batches.begin_batch(current_context(), current_actor(), kind, _read_query(body))


def _read_query(body: dict[str, Any]) -> Query:
    conditions, any_of = body["filter"] or ((), ())
    return Query(conditions=conditions, any_of=any_of)


@_begins("cancellation", BatchRequestSchema())
def cancel_process_instances_batch_operation(body: dict[str, Any]) -> BatchOperation:
    """Cancel many root instances, active or suspended ones."""
    return _begin(BatchType.CANCEL_PROCESS_INSTANCE, body)


@_begins("suspension", BatchRequestSchema())
def suspend_process_instances_batch_operation(body: dict[str, Any]) -> BatchOperation:
    """Let many active root instances stand still."""
    return _begin(BatchType.SUSPEND_PROCESS_INSTANCE, body)


@_begins("resumption", BatchRequestSchema())
def resume_process_instances_batch_operation(body: dict[str, Any]) -> BatchOperation:
    """Let many suspended root instances go on."""
    return _begin(BatchType.RESUME_PROCESS_INSTANCE, body)


@_begins("incident-resolution", OptionalBatchRequestSchema())
def resolve_incidents_batch_operation(body: dict[str, Any]) -> BatchOperation:
    """Resolve the incidents of many active instances; each incident is an item."""
    return _begin(BatchType.RESOLVE_INCIDENT, body)


@_begins("<key:key>/incident-resolution")
def resolve_process_instance_incidents(key: int) -> BatchOperation:
    """Resolve the incidents of one process instance."""
    return batches.begin_resolution(current_context(), current_actor(), key)


@_begins("migration", BatchMigrationSchema())
def migrate_process_instances_batch_operation(body: dict[str, Any]) -> BatchOperation:
    """Move many active instances to another definition."""
    request = read_migration(body["migration_plan"])
    return batches.begin_migration(current_context(), current_actor(), _read_query(body), request)


@_begins("modification", BatchModificationSchema())
def modify_process_instances_batch_operation(body: dict[str, Any]) -> BatchOperation:
    """Move tokens in many active instances."""
    moves = [(one["source_element_id"], one["target_element_id"]) for one in body["move_instructions"]]
    return batches.begin_modification(current_context(), current_actor(), _read_query(body), moves)


@blueprint.endpoint(
    "POST",
    "/batch-operations/search",
    body=queries.search_schema("BatchOperation", _BATCH_FILTERS, _BATCH_SORTS),
    answer=list_schema("BatchOperationPage", BatchOperationSchema),
    refusals=SEARCHING,
)
def search_batch_operations(query: Query) -> Response:
    """Search batch operations: all, or for others those that they have begun."""
    page = batches.search_batches(current_context(), current_actor(), query)
    return render_page(page, [_render(batch) for batch in page.items])


@blueprint.endpoint(
    "POST",
    "/batch-operation-items/search",
    body=queries.search_schema("BatchOperationItem", _ITEM_FILTERS, _ITEM_SORTS),
    answer=list_schema("BatchOperationItemPage", BatchItemSchema),
    refusals=SEARCHING,
)
def search_batch_operation_items(query: Query) -> Response:
    """Search what came of the items of batch operations."""
    page = batches.search_items(current_context(), current_actor(), query)
    return render_page(page, [_render_item(item) for item in page.items])


@blueprint.endpoint("GET", "/batch-operations/<key:key>", answer=BatchOperationSchema(), refusals=READING_ONE)
def get_batch_operation(key: int) -> Response:
    """Get a batch operation."""
    return render_json(_render(batches.get_batch(current_context(), current_actor(), key)))


def _steers(path: str) -> Callable[[Callable[[Context, Actor, int], None]], View]:
    """Register a request that steers a batch operation as the function does."""

    def decorate(steer: Callable[[Context, Actor, int], None]) -> View:
        @wraps(steer)
        def view(body: dict[str, Any], key: int) -> Response:
            del body
            steer(current_context(), current_actor(), key)
            return render_nothing()

        register = blueprint.endpoint(
            "POST", f"/batch-operations/<key:key>/{path}", body=Schema(), status=204, refusals=CHANGING
        )
        return register(view)

    return decorate


@_steers("cancellation")
def cancel_batch_operation(context: Context, actor: Actor, key: int) -> None:
    """Give up the items that still wait; what is done stays done."""
    batches.cancel_batch(context, actor, key)


@_steers("suspension")
def suspend_batch_operation(context: Context, actor: Actor, key: int) -> None:
    """Let the items that still wait stand still."""
    batches.suspend_batch(context, actor, key)


@_steers("resumption")
def resume_batch_operation(context: Context, actor: Actor, key: int) -> None:
    """Let a suspended batch operation go on."""
    batches.resume_batch(context, actor, key)


def _render(batch: BatchOperation) -> dict[str, object]:
    return {
        "batchOperationKey": format_key(batch.key),
        "batchOperationType": str(batch.type),
        "state": str(batch.state),
        "startDate": format_time(batch.start_date),
        "endDate": format_time(batch.end_date),
        "actorType": _ACTOR_TYPES.get(batch.actor_kind, "UNKNOWN"),
        "actorId": batch.actor,
        "operationsTotalCount": batch.total,
        "operationsFailedCount": batch.failed,
        "operationsCompletedCount": batch.completed,
        "errors": [],
    }


def _render_item(item: BatchItem) -> dict[str, object]:
    return {
        "batchOperationKey": format_key(item.batch_key),
        "operationType": str(item.type),
        "itemKey": format_key(item.item_key),
        "processInstanceKey": format_key(item.process_instance_key),
        "rootProcessInstanceKey": format_key(item.root_key),
        "state": str(item.state),
        "processedDate": format_time(item.processed_date),
        "errorMessage": item.error_message,
    }
