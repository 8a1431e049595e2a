"""People, managed by administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, READING, READING_ONE, Blueprint
from server.api.fields import Moment, WireSchema
from server.api.preconditions import IF_MATCH, TAGGED, add_tag, read_precondition
from server.api.responses import format_time, render_json
from server.service import identity, people
from server.service.preconditions import make_tag

if TYPE_CHECKING:
    from flask import Response

    from server.model import UserAccount

blueprint = Blueprint("users", prefix="/api", description="People who can sign in.")
MOST_GROUPS = 200


class UserSchema(WireSchema):
    """A person."""

    username = fields.String(required=True)
    display_name = fields.String(required=True)
    admin = fields.Boolean(required=True)
    disabled = fields.Boolean(required=True)
    groups = fields.List(fields.String(), required=True)
    has_password = fields.Boolean(required=True)
    leaves_at = Moment(required=True, allow_none=True)
    created_at = Moment(required=True)


class UsersSchema(WireSchema):
    """Everybody, by name."""

    items = fields.List(fields.Nested(UserSchema), required=True)


class NewUserSchema(WireSchema):
    """A person to be added; without a password they sign in by the provider, or set one by a reset."""

    username = fields.String(required=True)
    display_name = fields.String(load_default=None, validate=validate.Length(1, people.LONGEST_DISPLAY_NAME))
    password = fields.String(load_default=None)
    admin = fields.Boolean(load_default=False)
    groups = fields.List(fields.String(), load_default=list, validate=validate.Length(max=MOST_GROUPS))


class ChangedUserSchema(WireSchema):
    """What changes; what is left out stays."""

    display_name = fields.String()
    admin = fields.Boolean()
    disabled = fields.Boolean()
    groups = fields.List(fields.String(), validate=validate.Length(max=MOST_GROUPS))


@blueprint.endpoint("GET", "/users", answer=UsersSchema(), refusals=READING)
def list_users() -> Response:
    """List everybody with their groups."""
    return render_json({"items": [_render(*one) for one in people.list_people(current_context(), current_actor())]})


@blueprint.endpoint("POST", "/users", body=NewUserSchema(), answer=UserSchema(), status=201, refusals=CHANGING)
def create_user(body: dict[str, Any]) -> Response:
    """Add a person."""
    context, actor, name = current_context(), current_actor(), body["username"]
    identity.add_user(
        context,
        actor,
        name,
        body["password"],
        admin=body["admin"],
        groups=body["groups"],
        display_name=body["display_name"],
    )
    return render_json(_render(*people.get_person(context, actor, name)), 201)


@blueprint.endpoint(
    "GET",
    "/users/<string:name>",
    answer=UserSchema(),
    refusals=READING_ONE,
    documentation={"responses": {200: TAGGED}},
)
def get_user(name: str) -> Response:
    """Get one person."""
    account, groups = people.get_person(current_context(), current_actor(), name)
    return add_tag(render_json(_render(account, groups)), make_tag(account, groups))


@blueprint.endpoint(
    "PATCH",
    "/users/<string:name>",
    body=ChangedUserSchema(),
    answer=UserSchema(),
    refusals=(*CHANGING, 412),
    documentation={"parameters": [IF_MATCH], "responses": {200: TAGGED}},
)
def update_user(body: dict[str, Any], name: str) -> Response:
    """Change a person: name, groups, administrator or not, let in or not."""
    groups = tuple(body.pop("groups")) if "groups" in body else None
    changes = people.PersonChanges(**body, groups=groups)
    people.change_person(current_context(), current_actor(), name, changes, read_precondition())
    return get_user(name)


def _render(account: UserAccount, groups: tuple[str, ...]) -> dict[str, object]:
    return {
        "username": account.name,
        "displayName": account.display_name,
        "admin": account.admin,
        "disabled": account.disabled,
        "groups": list(groups),
        "hasPassword": account.password_hash is not None,
        "leavesAt": format_time(account.leaves_at),
        "createdAt": format_time(account.created_at),
    }
