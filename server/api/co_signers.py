"""Co-signers: whose agreement a task waits for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, Blueprint
from server.api.fields import WireSchema
from server.api.hand_offs import NAME, reason_field
from server.api.queries import Choice
from server.api.responses import render_nothing
from server.model import SigningRule, Stage
from server.service import co_signers
from server.service.co_signers import MOST_CO_SIGNERS, CoSignerRequest

if TYPE_CHECKING:
    from flask import Response

blueprint = Blueprint("co-signers", prefix="/api", description="Who signs along.")


class NewCoSignersSchema(WireSchema):
    """Who shall sign, when, and whether all or one of them."""

    names = fields.List(fields.String(validate=NAME), required=True, validate=validate.Length(1, MOST_CO_SIGNERS))
    stage = Choice((Stage.BEFORE, Stage.AFTER), load_default=Stage.BEFORE)
    rule = Choice(tuple(SigningRule), load_default=SigningRule.ALL)
    reason = reason_field()


class RemovalSchema(WireSchema):
    """Why; in the query string, since a DELETE has no body."""

    reason = reason_field(required=False)


class SignatureSchema(WireSchema):
    """Whether one agrees, and what one thinks."""

    agrees = fields.Boolean(truthy={True}, falsy={False}, load_default=True)
    opinion = reason_field(required=False)


@blueprint.endpoint(
    "POST", "/user-tasks/<key:key>/co-signers", body=NewCoSignersSchema(), status=204, refusals=CHANGING
)
def add_co_signers(body: dict[str, Any], key: int) -> Response:
    """Have further people sign a task before it can be completed (加签).

    For who holds it, the lead of its unit and administrators. A multi-instance task gets an instance for each of them.
    """
    request = CoSignerRequest(tuple(body["names"]), Stage(body["stage"]), SigningRule(body["rule"]))
    co_signers.add_co_signers(current_context(), current_actor(), key, request, body["reason"])
    return render_nothing()


@blueprint.endpoint(
    "DELETE",
    "/user-tasks/<key:key>/co-signers/<string:name>",
    query=RemovalSchema(),
    status=204,
    refusals=CHANGING,
)
def remove_co_signer(query: dict[str, Any], key: int, name: str) -> Response:
    """No longer wait for the agreement of a person who has not given it (减签).

    For who holds the task, the lead of its unit and administrators.
    """
    co_signers.remove_co_signer(current_context(), current_actor(), key, name, query["reason"])
    return render_nothing()


@blueprint.endpoint("POST", "/user-tasks/<key:key>/signature", body=SignatureSchema(), status=204, refusals=CHANGING)
def sign_user_task(body: dict[str, Any], key: int) -> Response:
    """Sign a task: as a co-signer whose turn it is, or as its holder before those who sign after them.

    With `agrees: false` the task waits until you sign once more, or are no longer asked.
    """
    co_signers.sign_user_task(current_context(), current_actor(), key, agrees=body["agrees"], opinion=body["opinion"])
    return render_nothing()
