"""Who I am: the actor behind the credentials."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marshmallow import fields

from server.api.authentication import current_actor, current_session
from server.api.blueprint import Blueprint
from server.api.fields import WireSchema
from server.api.responses import TENANT, render_json

if TYPE_CHECKING:
    from flask import Response

blueprint = Blueprint("authentication", prefix="/v2", description="Who I am.")


class TenantSchema(WireSchema):
    """A tenant; there is one."""

    tenant_id = fields.String(required=True)
    name = fields.String(required=True)
    description = fields.String(required=True, allow_none=True)


class MeSchema(WireSchema):
    """Who asks."""

    username = fields.String(required=True)
    display_name = fields.String(required=True, allow_none=True)
    email = fields.String(required=True, allow_none=True)
    authorized_components = fields.List(fields.String(), required=True)
    tenants = fields.List(fields.Nested(TenantSchema), required=True)
    groups = fields.List(fields.String(), required=True)
    roles = fields.List(fields.String(), required=True)
    sales_plan_type = fields.String(required=True, allow_none=True)
    c8_links = fields.Dict(required=True, data_key="c8Links")
    can_logout = fields.Boolean(required=True)


@blueprint.endpoint("GET", "/authentication/me", answer=MeSchema(), refusals=(401, 403, 500, 503))
def get_authentication() -> Response:
    """Tell who you are, with your groups."""
    actor, session = current_actor(), current_session()
    return render_json(
        {
            "username": actor.name,
            "displayName": actor.name if session is None else session.display_name,
            "email": None,
            "authorizedComponents": ["*"],
            "tenants": [{"tenantId": TENANT, "name": "Default", "description": None}],
            "groups": sorted(actor.groups),
            "roles": ["admin"] if actor.admin else [],
            "salesPlanType": None,
            "c8Links": {},
            "canLogout": session is not None,
        }
    )
