"""Drafts of user tasks, and their forms as JSON Schema: what Camunda has no word for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, READING_ONE, Blueprint
from server.api.fields import Key, Moment, Variables, WireSchema
from server.api.preconditions import IF_MATCH, IF_NONE_MATCH, TAGGED, add_tag, read_precondition
from server.api.responses import format_key, format_time, render_json, render_nothing
from server.service import drafts, user_tasks
from server.service.preconditions import make_tag

if TYPE_CHECKING:
    from flask import Response

    from server.model import Draft

blueprint = Blueprint("drafts", prefix="/api", description="What people have typed and not yet sent.")


class DraftSchema(WireSchema):
    """A person's draft of a task; nobody else sees it."""

    user_task_key = Key(required=True)
    variables = Variables(required=True)
    updated_at = Moment(required=True)


class DraftBodySchema(WireSchema):
    """What was typed so far, whether it fits the form or not."""

    variables = Variables(required=True)


@blueprint.endpoint(
    "GET",
    "/user-tasks/<key:key>/draft",
    answer=DraftSchema(),
    refusals=READING_ONE,
    documentation={"responses": {200: TAGGED}},
)
def get_draft(key: int) -> Response:
    """Get one's own draft of a task."""
    return _render(drafts.get_draft(current_context(), current_actor(), key))


@blueprint.endpoint(
    "PUT",
    "/user-tasks/<key:key>/draft",
    body=DraftBodySchema(),
    answer=DraftSchema(),
    refusals=(*CHANGING, 412),
    documentation={"parameters": [IF_MATCH, IF_NONE_MATCH], "responses": {200: TAGGED}},
)
def put_draft(body: dict[str, Any], key: int) -> Response:
    """Keep what one has typed; it takes the place of one's earlier draft."""
    variables, precondition = body["variables"], read_precondition()
    return _render(drafts.put_draft(current_context(), current_actor(), key, variables, precondition))


@blueprint.endpoint(
    "DELETE",
    "/user-tasks/<key:key>/draft",
    status=204,
    refusals=(*READING_ONE, 412),
    documentation={"parameters": [IF_MATCH]},
)
def delete_draft(key: int) -> Response:
    """Throw one's own draft away."""
    drafts.remove_draft(current_context(), current_actor(), key, read_precondition())
    return render_nothing()


@blueprint.endpoint(
    "GET",
    "/user-tasks/<key:key>/form.schema.json",
    answer=None,
    refusals=READING_ONE,
    documentation={
        "responses": {
            200: {"content": {"application/schema+json": {"schema": {"type": "object"}}}},
            204: {"description": "The task has no form"},
        }
    },
)
def get_form_schema(key: int) -> Response:
    """Get the task's form as JSON Schema 2020-12; `$comment` says what it cannot express."""
    schema = user_tasks.get_form_schema(current_context(), current_actor(), key)
    return render_nothing() if schema is None else render_json(schema)


def _render(draft: Draft) -> Response:
    told = {
        "userTaskKey": format_key(draft.user_task_key),
        "variables": draft.data,
        "updatedAt": format_time(draft.updated_at),
    }
    return add_tag(render_json(told), make_tag(draft))
