"""Modification of running process instances: elements activated, moved and terminated by operators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import ValidationError, fields, post_load, validate, validates_schema

from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, Blueprint
from server.api.fields import Key, Variables, WireSchema
from server.api.process_instances import ReferenceSchema
from server.api.responses import render_nothing
from server.model import (
    ActivateInstruction,
    AncestorRule,
    Modification,
    MoveInstruction,
    Selection,
    VariableInstruction,
)
from server.service import modification

if TYPE_CHECKING:
    from flask import Response

blueprint = Blueprint("modification", prefix="/v2", description="Mending what has gone another way than it should.")
NO_ANCESTOR = -1
"""Camunda's word for: the only flow scope there is."""
_FEW = validate.Length(max=1000)


class VariableInstructionSchema(WireSchema):
    """Variables to be written before an element is activated."""

    variables = Variables(required=True)
    scope_id = fields.String(
        load_default="",
        metadata={"description": "the element, or a sub-process around it; empty: the process instance"},
    )

    @post_load
    def make(self, data: dict[str, Any], **_: object) -> VariableInstruction:
        """Return the instruction."""
        return VariableInstruction(data["variables"], data["scope_id"] or None)


def _variable_instructions() -> fields.Field[Any]:
    return fields.List(fields.Nested(VariableInstructionSchema), load_default=list, validate=_FEW)


class ActivateSchema(WireSchema):
    """An element to be activated."""

    element_id = fields.String(required=True)
    ancestor_element_instance_key = Key(
        load_default=NO_ANCESTOR,
        metadata={"description": "a running scope around the element; -1: the only one there is, or a new one"},
    )
    variable_instructions = _variable_instructions()

    @post_load
    def make(self, data: dict[str, Any], **_: object) -> ActivateInstruction:
        """Return the instruction."""
        ancestor = _ancestor(data["ancestor_element_instance_key"])
        return ActivateInstruction(data["element_id"], ancestor, tuple(data["variable_instructions"]))


class TerminateSchema(WireSchema):
    """Element instances to be terminated: one, or all of an element."""

    element_instance_key = Key()
    element_id = fields.String()

    @post_load
    def make(self, data: dict[str, Any], **_: object) -> Selection:
        """Return which are meant."""
        if len(data) != 1:
            raise ValidationError("expected either elementInstanceKey or elementId")
        return Selection(**data)


class SourceSchema(WireSchema):
    """What is moved: one element instance, or all of an element."""

    source_type = fields.String(required=True, validate=validate.OneOf(("byId", "byKey")))
    source_element_id = fields.String()
    source_element_instance_key = Key()

    @post_load
    def make(self, data: dict[str, Any], **_: object) -> Selection:
        """Return which are meant."""
        name = {"byId": "source_element_id", "byKey": "source_element_instance_key"}[data.pop("source_type")]
        if data.keys() != {name}:
            raise ValidationError(
                "expected sourceElementId with the sourceType byId, sourceElementInstanceKey with byKey"
            )
        return Selection(**{name.removeprefix("source_"): data[name]})


class AncestorScopeSchema(WireSchema):
    """In which flow scope the target of a move is activated."""

    ancestor_scope_type = fields.String(required=True, validate=validate.OneOf(tuple(AncestorRule)))
    ancestor_element_instance_key = Key()

    @validates_schema
    def check_key(self, data: dict[str, Any], **_: object) -> None:
        """Expect a key where, and only where, the scope is told by one."""
        is_direct = data["ancestor_scope_type"] == AncestorRule.DIRECT
        if is_direct != ("ancestor_element_instance_key" in data):
            raise ValidationError("expected ancestorElementInstanceKey with ancestorScopeType direct, and only there")


class MoveSchema(WireSchema):
    """Element instances to be terminated, and a target to be activated for each of them."""

    source_element_instruction = fields.Nested(SourceSchema, required=True)
    target_element_id = fields.String(required=True)
    ancestor_scope_instruction = fields.Nested(AncestorScopeSchema)
    variable_instructions = _variable_instructions()

    @post_load
    def make(self, data: dict[str, Any], **_: object) -> MoveInstruction:
        """Return the instruction."""
        scope = data.get("ancestor_scope_instruction", {"ancestor_scope_type": AncestorRule.DIRECT})
        return MoveInstruction(
            data["source_element_instruction"],
            data["target_element_id"],
            AncestorRule(scope["ancestor_scope_type"]),
            _ancestor(scope.get("ancestor_element_instance_key", NO_ANCESTOR)),
            tuple(data["variable_instructions"]),
        )


class ModificationSchema(ReferenceSchema):
    """What is to be done: everything is activated first and terminated then, and all of it happens or nothing."""

    activate_instructions = fields.List(fields.Nested(ActivateSchema), load_default=list, validate=_FEW)
    move_instructions = fields.List(fields.Nested(MoveSchema), load_default=list, validate=_FEW)
    terminate_instructions = fields.List(fields.Nested(TerminateSchema), load_default=list, validate=_FEW)


@blueprint.endpoint(
    "POST", "/process-instances/<key:key>/modification", body=ModificationSchema(), status=204, refusals=CHANGING
)
def modify_process_instance(body: dict[str, Any], key: int) -> Response:
    """Activate, move and terminate elements of a running instance. For administrators."""
    wanted = Modification(
        tuple(body["activate_instructions"]), tuple(body["move_instructions"]), tuple(body["terminate_instructions"])
    )
    modification.modify_process_instance(current_context(), current_actor(), key, wanted)
    return render_nothing()


def _ancestor(key: int) -> int | None:
    return None if key == NO_ANCESTOR else key
