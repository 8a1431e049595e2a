"""The audit log: in our own words under `/api`, with CSV, and in Camunda's under `/v2`."""

from __future__ import annotations

from copy import copy
from typing import TYPE_CHECKING, Any

from flask import request
from marshmallow import fields, post_load, validate

from server.api import audit_words, queries
from server.api.authentication import current_actor, current_context
from server.api.blueprint import READING, READING_ONE, SEARCHING, Blueprint
from server.api.fields import Key, Moment, WireSchema, list_schema, to_model_name
from server.api.responses import TENANT, format_key, format_time, parse_cursor, render_file, render_json, render_page
from server.api.spreadsheets import write_csv
from server.model import Condition, Query, Sort
from server.service import audit

if TYPE_CHECKING:
    from flask import Response
    from marshmallow import Schema

    from server.model import AuditEntry

blueprint = Blueprint("audit", prefix="/api", description="Who did what, for administrators.")
logs = Blueprint("audit-logs", prefix="/v2", description="Who did what, as Camunda's clients ask for it.")
CSV = "text/csv"
_UNTOLD = (
    *("batchOperationKey", "batchOperationType", "actorType", "agentElementId", "processDefinitionId"),
    *("processDefinitionKey", "elementInstanceKey", "decisionRequirementsId"),
    *("decisionRequirementsKey", "decisionDefinitionId", "decisionDefinitionKey", "decisionEvaluationKey"),
    *("formKey", "resourceKey", "relatedEntityKey", "relatedEntityType", "inboundChannelType"),
    "inboundChannelToolName",
)
"""What Camunda's clients expect and the log does not say: null in every line."""


class AuditLineSchema(WireSchema):
    """One line: who did what to which record, and whether it was let through."""

    key = Key(required=True)
    at = Moment(required=True)
    actor = fields.String(required=True)
    operation = fields.String(required=True)
    entity_type = fields.String(required=True)
    entity_key = fields.String(required=True)
    root_process_instance_key = Key(required=True, allow_none=True)
    result = fields.String(required=True)
    acting_for = fields.String(
        required=True, allow_none=True, metadata={"description": "the absent person whom the actor stood in for"}
    )
    payload_hash = fields.String(required=True, allow_none=True)
    batch = fields.Integer(
        required=True, allow_none=True, metadata={"description": "of the chain; null until the line is sealed"}
    )


class AuditQuerySchema(WireSchema):
    """Which lines, newest first: all that is given holds. Loads to a `Query` and the format."""

    actor = fields.String()
    acting_for = fields.String()
    operation = fields.String()
    entity_type = fields.String()
    entity_key = fields.String()
    result = fields.String()
    root_process_instance_key = Key()
    since = Moment(metadata={"description": "at this moment or later"})
    before_moment = Moment(data_key="until", metadata={"description": "before this moment"})
    format = queries.Choice(("json", "csv"))
    after = fields.String(validate=validate.Length(max=2048), metadata={"description": "cursor of the page before"})
    limit = fields.Integer(load_default=queries.DEFAULT_LIMIT, validate=validate.Range(1, queries.LARGEST_LIMIT))

    @post_load
    def make_query(self, data: dict[str, Any], **_: object) -> tuple[Query, str | None]:
        """Put the parts together."""
        form, limit, after = data.pop("format", None), data.pop("limit"), parse_cursor(data.pop("after", None))
        bounds = {"since": "gte", "before_moment": "lt"}
        conditions = tuple(
            Condition("at", bounds[name], value)
            if name in bounds
            else Condition("root_key" if name == "root_process_instance_key" else name, "eq", value)
            for name, value in data.items()
        )
        newest_first = (Sort("at", descending=True), Sort("key", descending=True))
        return Query(conditions, sort=newest_first, limit=limit, after=after), form


@blueprint.endpoint(
    "GET",
    "/audit",
    query=AuditQuerySchema(),
    answer=list_schema("AuditPage", AuditLineSchema),
    refusals=READING,
    documentation={"responses": {200: {"content": {CSV: {"schema": {"type": "string"}}}}}},
)
def search_audit(asked: tuple[Query, str | None]) -> Response:
    """Search the audit log, newest first, as JSON or CSV.

    For administrators. CSV comes with `format=csv` or `Accept: text/csv`: UTF-8 with a byte order mark, and no text in
    it is a formula; that somebody took it is itself a line of the log.
    """
    query, form = asked
    if form == "csv" or (form is None and request.accept_mimetypes.best_match(["application/json", CSV]) == CSV):
        page = audit.export_audit(current_context(), current_actor(), query)
        lines = [_render(entry) for entry in page.items]
        header = [str(field.data_key) for field in AuditLineSchema().fields.values()]
        return render_file(write_csv(header, [[line[name] for name in header] for line in lines]), CSV, "audit.csv")
    page = audit.search_audit(current_context(), current_actor(), query)
    return render_page(page, [_render(entry) for entry in page.items])


def _render(entry: AuditEntry) -> dict[str, object]:
    return {
        "key": format_key(entry.key),
        "at": format_time(entry.at),
        "actor": entry.actor,
        "operation": entry.operation,
        "entityType": entry.entity_type,
        "entityKey": entry.entity_key,
        "rootProcessInstanceKey": format_key(entry.root_key),
        "result": entry.result,
        "actingFor": entry.acting_for,
        "payloadHash": entry.payload_hash,
        "batch": entry.batch,
    }


class ToldSchema(WireSchema):
    """What the log says of one line, in Camunda's words."""

    audit_log_key = Key(required=True)
    entity_key = fields.String(required=True)
    entity_type = fields.String(required=True, validate=validate.OneOf(audit_words.ENTITY_TYPE_NAMES))
    operation_type = fields.String(required=True, validate=validate.OneOf(audit_words.OPERATION_NAMES))
    timestamp = Moment(required=True)
    actor_id = fields.String(required=True, allow_none=True)
    tenant_id = fields.String(required=True, allow_none=True)
    result = fields.String(required=True)
    category = fields.String(required=True)
    process_instance_key = Key(required=True, allow_none=True)
    root_process_instance_key = Key(required=True, allow_none=True)
    job_key = Key(required=True, allow_none=True)
    user_task_key = Key(required=True, allow_none=True)
    deployment_key = Key(required=True, allow_none=True)
    entity_description = fields.String(
        required=True, allow_none=True, metadata={"description": "operation and entity type as they are called here"}
    )


_always_null = fields.String(required=True, allow_none=True, metadata={"description": "always null"})
AuditLogSchema: type[Schema] = type(
    "AuditLogSchema", (ToldSchema,), {to_model_name(name): copy(_always_null) for name in _UNTOLD}
)
_FILTERS = {
    "auditLogKey": queries.key("key"),
    "entityKey": queries.text(),
    "entityType": audit_words.TranslatedFilter(
        audit_words.ENTITY_TYPES, audit_words.ENTITY_TYPE_NAMES, audit_words.OTHER_ENTITY_TYPE, "entity_type"
    ),
    "operationType": audit_words.TranslatedFilter(
        audit_words.OPERATIONS, audit_words.OPERATION_NAMES, audit_words.OTHER_OPERATION, "operation"
    ),
    "result": audit_words.TranslatedFilter(
        audit_words.RESULTS, ("SUCCESS", audit_words.OTHER_RESULT), audit_words.OTHER_RESULT, "result"
    ),
    "timestamp": queries.moment("at"),
    "actorId": queries.text("actor"),
    "processInstanceKey": queries.key("root_key"),
    "category": audit_words.TranslatedFilter(
        audit_words.CATEGORIES, audit_words.CATEGORY_NAMES, audit_words.OTHER_CATEGORY, "entity_type"
    ),
    **{name: queries.fixed(None) for name in _UNTOLD},
}
_SORTS = {
    **dict.fromkeys(_UNTOLD),
    "auditLogKey": "key",
    "timestamp": "at",
    "actorId": "actor",
    "entityKey": "entity_key",
    "processInstanceKey": "root_key",
}


@logs.endpoint(
    "POST",
    "/audit-logs/search",
    body=queries.search_schema("AuditLog", _FILTERS, _SORTS),
    answer=list_schema("AuditLogPage", AuditLogSchema),
    refusals=SEARCHING,
)
def search_audit_logs(query: Query) -> Response:
    """Search the audit log in Camunda's words; for administrators. `processInstanceKey` means the root instance."""
    page = audit.search_audit(current_context(), current_actor(), query)
    return render_page(page, [_translate(entry) for entry in page.items])


@logs.endpoint("GET", "/audit-logs/<key:key>", answer=AuditLogSchema(), refusals=READING_ONE)
def get_audit_log(key: int) -> Response:
    """Get one line of the audit log; for administrators."""
    return render_json(_translate(audit.get_audit_entry(current_context(), current_actor(), key)))


def _translate(entry: AuditEntry) -> dict[str, object]:
    entity_type = audit_words.ENTITY_TYPES.get(entry.entity_type, audit_words.OTHER_ENTITY_TYPE)
    keys = {"JOB": "jobKey", "USER_TASK": "userTaskKey", "DEPLOYMENT": "deploymentKey"}
    own = {name: entry.entity_key if kind == entry.entity_type else None for kind, name in keys.items()}
    return {
        **dict.fromkeys(_UNTOLD),
        **own,
        "auditLogKey": format_key(entry.key),
        "entityKey": entry.entity_key,
        "entityType": entity_type,
        "operationType": audit_words.OPERATIONS.get(entry.operation, audit_words.OTHER_OPERATION),
        "timestamp": format_time(entry.at),
        "actorId": entry.actor,
        "tenantId": TENANT,
        "result": audit_words.RESULTS.get(entry.result, audit_words.OTHER_RESULT),
        "category": audit_words.name_category(entity_type),
        "processInstanceKey": format_key(entry.root_key),
        "rootProcessInstanceKey": format_key(entry.root_key),
        "entityDescription": f"{entry.operation} {entry.entity_type}",
    }
