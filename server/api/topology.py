"""What the server is: topology and status. Public, because Camunda Modeler takes a 401 here for another protocol."""

from __future__ import annotations

from typing import TYPE_CHECKING

from marshmallow import fields

from server.api.blueprint import Blueprint
from server.api.fields import WireSchema
from server.api.responses import render_json, render_nothing

if TYPE_CHECKING:
    from flask import Response

GATEWAY_VERSION = "8.9.0"
"""The version of the API that is spoken; clients choose their behaviour by it."""

blueprint = Blueprint("cluster", prefix="/v2", description="What the server is, and whether it is up.", public=True)


class TopologySchema(WireSchema):
    """One node without brokers, partitions or replicas."""

    brokers = fields.List(fields.Dict(), required=True)
    cluster_id = fields.String(required=True, allow_none=True)
    cluster_size = fields.Integer(required=True)
    partitions_count = fields.Integer(required=True)
    replication_factor = fields.Integer(required=True)
    gateway_version = fields.String(required=True)
    last_completed_change_id = fields.String(required=True)


@blueprint.endpoint("GET", "/topology", answer=TopologySchema(), refusals=(500,))
def get_topology() -> Response:
    """Get the topology: one node without brokers, and the version of the API that is spoken."""
    return render_json(
        {
            "brokers": [],
            "clusterId": "muster",
            "clusterSize": 1,
            "partitionsCount": 1,
            "replicationFactor": 1,
            "gatewayVersion": GATEWAY_VERSION,
            "lastCompletedChangeId": "-1",
        }
    )


@blueprint.endpoint("GET", "/status", status=204, refusals=(500, 503))
def get_status() -> Response:
    """Tell whether the server is up."""
    return render_nothing()
