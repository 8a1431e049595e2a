"""How long what is kept, what is due, and certificates of what was erased."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from marshmallow import fields, validate

from server.api.authentication import current_actor, current_context
from server.api.blueprint import CHANGING, READING, READING_ONE, Blueprint
from server.api.fields import Key, Moment, WireSchema
from server.api.responses import format_key, format_time, render_json
from server.errors import NotFound
from server.model import RetentionKind
from server.service import retention

if TYPE_CHECKING:
    from flask import Response

    from server.model import RetentionRule, RetentionRun

blueprint = Blueprint("retention", prefix="/api", description="How long what is kept.")


class RetentionRuleSchema(WireSchema):
    """For how many days something is kept; `due` rows would be erased now."""

    kind = fields.String(required=True, validate=validate.OneOf(tuple(RetentionKind)))
    days = fields.Integer(required=True)
    variables = fields.List(fields.String(), required=True, metadata={"description": "with answers of residents"})
    changed_by = fields.String(required=True, allow_none=True)
    changed_at = Moment(required=True, allow_none=True)
    due = fields.Integer(required=True, allow_none=True)


class RetentionRulesSchema(WireSchema):
    """Every rule."""

    items = fields.List(fields.Nested(RetentionRuleSchema), required=True)


class RetentionChangeSchema(WireSchema):
    """For how many days; `variables` for feedback only, and only if they change."""

    days = fields.Integer(required=True, strict=True, validate=validate.Range(1, retention.LONGEST_DAYS))
    variables = fields.List(
        fields.String(validate=validate.Length(1, 200)),
        load_default=list,
        validate=validate.Length(max=retention.MOST_NAMES),
    )


class RetentionRunSchema(WireSchema):
    """A certificate: when was erased, by which rules, and how much of each kind; nothing about anybody."""

    run_key = Key(required=True)
    schedule = fields.String(required=True)
    tick = fields.String(required=True)
    actor = fields.String(required=True)
    begun_at = Moment(required=True)
    ended_at = Moment(required=True, allow_none=True, metadata={"description": "null while it goes on"})
    days = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class RetentionRunsSchema(WireSchema):
    """Certificates, the newest first."""

    items = fields.List(fields.Nested(RetentionRunSchema), required=True)


class FeedbackCountSchema(WireSchema):
    """How often residents gave an answer about cases that were closed in a month and are unlinked from it now."""

    month = fields.String(required=True)
    question = fields.String(required=True)
    answer = fields.String(required=True)
    count = fields.Integer(required=True)


class FeedbackCountsSchema(WireSchema):
    """Every count, by month, question and answer."""

    items = fields.List(fields.Nested(FeedbackCountSchema), required=True)


@blueprint.endpoint("GET", "/retention/rules", answer=RetentionRulesSchema(), refusals=READING)
def list_retention_rules() -> Response:
    """List how long what is kept, and how much is due to be erased now."""
    found = retention.count_due(current_context(), current_actor())
    return render_json({"items": [_render_rule(rule, due) for rule, due in found]})


@blueprint.endpoint(
    "PUT",
    "/retention/rules/<string:kind>",
    body=RetentionChangeSchema(),
    answer=RetentionRuleSchema(),
    refusals=CHANGING,
)
def change_retention_rule(body: dict[str, Any], kind: str) -> Response:
    """Say how long something is kept, from the next run on."""
    if kind not in list(RetentionKind):
        raise NotFound(f"there is no rule for {kind!r:.60}; there is one for {', '.join(RetentionKind)}")
    changed = retention.change_rule(
        current_context(), current_actor(), RetentionKind(kind), body["days"], body["variables"]
    )
    return render_json(_render_rule(changed, None))


@blueprint.endpoint("GET", "/retention/runs", answer=RetentionRunsSchema(), refusals=READING)
def list_retention_runs() -> Response:
    """List the certificates of what was erased, the newest first."""
    runs = retention.list_runs(current_context(), current_actor())
    return render_json({"items": [_render_run(one) for one in runs]})


@blueprint.endpoint("GET", "/retention/runs/<key:key>", answer=RetentionRunSchema(), refusals=READING_ONE)
def get_retention_run(key: int) -> Response:
    """Get a certificate."""
    return render_json(_render_run(retention.get_run(current_context(), current_actor(), key)))


@blueprint.endpoint("GET", "/retention/feedback-counts", answer=FeedbackCountsSchema(), refusals=READING)
def list_feedback_counts() -> Response:
    """List how often residents gave which answer, of cases that are unlinked from it already."""
    found = retention.list_feedback_counts(current_context(), current_actor())
    told = [
        {"month": month, "question": question, "answer": answer, "count": n} for month, question, answer, n in found
    ]
    return render_json({"items": told})


def _render_rule(rule: RetentionRule, due: int | None) -> dict[str, object]:
    return {
        "kind": rule.kind,
        "days": rule.days,
        "variables": list(rule.variables),
        "changedBy": rule.changed_by,
        "changedAt": format_time(rule.changed_at),
        "due": due,
    }


def _render_run(run: RetentionRun) -> dict[str, object]:
    return {
        "runKey": format_key(run.key),
        "schedule": run.schedule,
        "tick": run.tick,
        "actor": run.actor,
        "begunAt": format_time(run.begun_at),
        "endedAt": format_time(run.ended_at),
        "days": dict(run.days),
        "counts": dict(run.counts),
    }
