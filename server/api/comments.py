"""Comments on user tasks and process instances."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from server.api import queries
from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, SEARCHING, Blueprint
from server.api.fields import Key, Moment, WireSchema, list_schema
from server.api.responses import format_key, format_time, render_json, render_nothing, render_page
from server.service import comments

if TYPE_CHECKING:
    from flask import Response

    from server.model import Comment, Query

blueprint = Blueprint("comments", prefix="/api", description="What people write to each other.")


class CommentTextSchema(WireSchema):
    """What is said; `@name` mentions people who may see what it is about. No names or numbers of residents."""

    text = fields.String(required=True, validate=validate.Length(1, comments.LONGEST))


class CommentSchema(WireSchema):
    """A comment; `userTaskKey` is null where it is about the whole process instance."""

    comment_key = Key(required=True)
    process_instance_key = Key(required=True)
    user_task_key = Key(required=True, allow_none=True)
    author = fields.String(required=True)
    text = fields.String(required=True, metadata={"description": "empty when it was deleted"})
    mentions = fields.List(fields.String(), required=True)
    created_at = Moment(required=True)
    edited_at = Moment(required=True, allow_none=True)
    deleted_at = Moment(required=True, allow_none=True)


class EarlierTextSchema(WireSchema):
    """A text that a comment had until a time."""

    text = fields.String(required=True)
    until = Moment(required=True)


class EarlierTextsSchema(WireSchema):
    """What a comment said before."""

    items = fields.List(fields.Nested(EarlierTextSchema), required=True)


@blueprint.endpoint(
    "POST",
    "/user-tasks/<key:key>/comments",
    body=CommentTextSchema(),
    answer=CommentSchema(),
    status=201,
    refusals=CHANGING,
)
def comment_user_task(body: dict[str, Any], key: int) -> Response:
    """Comment on a user task; everybody who sees the task reads it."""
    return render_json(_render(comments.comment_user_task(current_context(), current_actor(), key, body["text"])), 201)


@blueprint.endpoint(
    "POST",
    "/process-instances/<key:key>/comments",
    body=CommentTextSchema(),
    answer=CommentSchema(),
    status=201,
    refusals=CHANGING,
)
def comment_process_instance(body: dict[str, Any], key: int) -> Response:
    """Comment on a process instance; everybody who sees the instance reads it."""
    made = comments.comment_process_instance(current_context(), current_actor(), key, body["text"])
    return render_json(_render(made), 201)


@blueprint.endpoint(
    "POST",
    "/comments/search",
    body=queries.search_schema(
        "Comment",
        {
            "commentKey": queries.key("key"),
            "processInstanceKey": queries.key(),
            "rootProcessInstanceKey": queries.key("root_key"),
            "userTaskKey": queries.key(),
            "author": queries.text(),
            "text": queries.text(),
            "mention": queries.text(),
            "createdAt": queries.moment(),
        },
        {"commentKey": "key", "author": "author", "createdAt": "created_at"},
    ),
    answer=list_schema("CommentPage", CommentSchema),
    refusals=SEARCHING,
)
def search_comments(query: Query) -> Response:
    """Search comments on the tasks and instances that you may see."""
    page = comments.search_comments(current_context(), current_actor(), query)
    return render_page(page, [_render(one) for one in page.items])


@blueprint.endpoint("PATCH", "/comments/<key:key>", body=CommentTextSchema(), answer=CommentSchema(), refusals=CHANGING)
def edit_comment(body: dict[str, Any], key: int) -> Response:
    """Replace the text of your own comment, within a quarter of an hour."""
    return render_json(_render(comments.edit_comment(current_context(), current_actor(), key, body["text"])))


@blueprint.endpoint("DELETE", "/comments/<key:key>", status=204, refusals=CHANGING)
def delete_comment(key: int) -> Response:
    """Delete your own comment within a quarter of an hour, or as an administrator anybody's at any time."""
    comments.delete_comment(current_context(), current_actor(), key)
    return render_nothing()


@blueprint.endpoint("GET", "/comments/<key:key>/earlier-texts", answer=EarlierTextsSchema(), refusals=CHANGING)
def list_earlier_texts(key: int) -> Response:
    """List what a comment said before it was changed or deleted. For administrators; the audit log notes it."""
    found = comments.list_earlier_texts(current_context(), current_actor(), key)
    return render_json({"items": [{"text": one.text, "until": format_time(one.until)} for one in found]})


def _render(one: Comment) -> dict[str, object]:
    return {
        "commentKey": format_key(one.key),
        "processInstanceKey": format_key(one.process_instance_key),
        "userTaskKey": format_key(one.user_task_key),
        "author": one.author,
        "text": one.text,
        "mentions": list(one.mentions),
        "createdAt": format_time(one.created_at),
        "editedAt": format_time(one.edited_at),
        "deletedAt": format_time(one.deleted_at),
    }
