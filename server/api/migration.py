"""Migration: a running instance moves to another definition, or a dry run says what cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, Blueprint
from server.api.fields import Key, WireSchema
from server.api.responses import format_key, render_json, render_nothing
from server.model import MappingInstruction
from server.service import migration
from server.service.migration import MigrationRequest

if TYPE_CHECKING:
    from flask import Response

    from server.model import MigrationFinding

blueprint = Blueprint("migration", prefix="", description="Running instances move to another definition.")
_MOST_INSTRUCTIONS = 10_000


class InstructionSchema(WireSchema):
    """What stands at the one element goes to the other."""

    source_element_id = fields.String(required=True, validate=validate.Length(1, 256))
    target_element_id = fields.String(required=True, validate=validate.Length(1, 256))


class MigrationSchema(WireSchema):
    """Where to, and what goes where."""

    target_process_definition_key = Key(required=True)
    mapping_instructions = fields.List(
        fields.Nested(InstructionSchema), required=True, validate=validate.Length(max=_MOST_INSTRUCTIONS)
    )
    operation_reference = fields.Integer(strict=True, metadata={"description": "accepted, without meaning here"})


class PlanRequestSchema(WireSchema):
    """Where to, and what goes where."""

    target_process_definition_key = Key(required=True)
    mapping_instructions = fields.List(
        fields.Nested(InstructionSchema), load_default=list, validate=validate.Length(max=_MOST_INSTRUCTIONS)
    )
    map_same_ids = fields.Boolean(
        truthy={True},
        falsy={False},
        load_default=True,
        metadata={"description": "map what has the same id and kind where no instruction says otherwise"},
    )


class FindingSchema(WireSchema):
    """One thing that cannot move."""

    element_id = fields.String(required=True)
    element_instance_key = Key(required=True, allow_none=True)
    reason = fields.String(required=True)
    advice = fields.String(required=True)


class PlanSchema(WireSchema):
    """What a migration would do."""

    movable = fields.Boolean(required=True)
    findings = fields.List(fields.Nested(FindingSchema), required=True)
    mapping_instructions = fields.List(
        fields.Nested(InstructionSchema),
        required=True,
        metadata={"description": "what the plan followed: to be sent to `/v2/process-instances/{key}/migration`"},
    )


@blueprint.endpoint(
    "POST", "/v2/process-instances/<key:key>/migration", body=MigrationSchema(), status=204, refusals=CHANGING
)
def migrate_process_instance(body: dict[str, Any], key: int) -> Response:
    """Move a running instance to another definition; refused as a whole, with `errors`, when anything cannot move."""
    migration.migrate_process_instance(current_context(), current_actor(), key, read_migration(body))
    return render_nothing()


@blueprint.endpoint(
    "POST",
    "/api/process-instances/<key:key>/migration-plan",
    body=PlanRequestSchema(),
    answer=PlanSchema(),
    refusals=CHANGING,
)
def plan_migration(body: dict[str, Any], key: int) -> Response:
    """Say what a migration would do and what cannot move, changing nothing."""
    plan = migration.plan_migration(current_context(), current_actor(), key, read_migration(body))
    return render_json(
        {
            "movable": plan.movable,
            "findings": [_render_finding(finding) for finding in plan.findings],
            "mappingInstructions": [
                {"sourceElementId": one.source, "targetElementId": one.target} for one in plan.mappings
            ],
        }
    )


def read_migration(body: dict[str, Any]) -> MigrationRequest:
    """Return the request of a loaded body."""
    instructions = tuple(
        MappingInstruction(one["source_element_id"], one["target_element_id"]) for one in body["mapping_instructions"]
    )
    return MigrationRequest(body["target_process_definition_key"], instructions, body.get("map_same_ids", False))


def _render_finding(finding: MigrationFinding) -> dict[str, object]:
    return {
        "elementId": finding.element_id,
        "elementInstanceKey": format_key(finding.element_instance_key),
        "reason": finding.reason,
        "advice": finding.advice,
    }
